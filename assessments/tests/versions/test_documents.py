"""The filing and its receipt on paper: golden text and tags, deterministic, by the worker, to those who may read it."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import docx
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from assessments.filings.versions import document as documents
from assessments.filings.versions.document import version_document
from assessments.filings.versions.receipts import Receipt, Signed, receipt_of
from assessments.models import FilingVersion
from assessments.tests.filings.world import PASSWORD, World, build
from assessments.tests.reviews.client import seal
from assessments.tests.versions.world import NARRATIVE, attach, fill, send_back, submit
from assessments.workflow import TRANSITIONS, perform
from banks.models import User
from scorecard.audit.models import Event
from scorecard.documents.office import to_docx
from scorecard.documents.tests.paper import plain, same_as_golden, tags, text
from scorecard.documents.typesetting import to_pdf
from scorecard.jobs.models import Job
from scorecard.jobs.services import run

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).with_name("golden")
AT = datetime(2018, 1, 20, 9, 30, tzinfo=UTC)


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:
    settings.SITE_URL, settings.DOCUMENT_DIR = "https://pj.example.gov.cn", tmp_path / "documents"
    settings.MEDIA_ROOT = tmp_path / "evidence"
    return build()


@pytest.fixture
def version(world: World) -> FilingVersion:
    attach(world)
    fill(world)
    return submit(world)


def status(client: Client, url: str) -> int:
    answer = client.get(url)
    b"".join(answer.streaming_content if answer.streaming else [])  # type: ignore[attr-defined]
    return answer.status_code


def at(person: User, language: str = "zh-hans") -> Client:
    client = Client()
    client.force_login(person)
    client.cookies["django_language"] = language
    return client


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("what", ["filing", "receipt"])
def test_the_paper_is_the_one_in_the_repository(
    version: FilingVersion, what: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What differs from run to run (numbers, times, digests) is fixed; every other word and tag is compared."""
    monkeypatch.setattr(documents, "receipt_of", lambda version: Receipt("1843", None))
    monkeypatch.setattr(documents, "times_of", lambda version: Signed(AT, AT))
    version.submitted_at, version.digest = AT, "0123456789abcdef" * 4
    with translation.override(language):
        content = to_pdf(version_document(version, what))
    found = text(content) + "--- tags ---\n" + "\n".join(tags(content)) + "\n"
    same_as_golden(found, GOLDEN / f"{what}.{language}.txt")


def test_the_paper_holds_what_was_signed(version: FilingVersion) -> None:
    content = plain(to_pdf(version_document(version, "filing")))
    number = receipt_of(version).number
    assert number == str(Event.objects.get(event=TRANSITIONS["submit"].event).seq)
    for said in (NARRATIVE, "12,000", "万元", "全年自评总结。", "定价办法.pdf", version.digest, number):
        assert "".join(said.split()) in content, said
    for person in (version.prepared_by, version.checked_by, version.signed_by):
        assert person.name in content


def test_the_same_version_gives_the_same_bytes_whoever_asks_and_whenever(version: FilingVersion) -> None:
    def made(number: int) -> tuple[bytes, bytes]:
        again = FilingVersion.objects.select_related("assessment__bank", "assessment__round__rulebook").get(pk=number)
        document = version_document(again, "filing")
        return to_pdf(document), to_docx(document)

    assert made(version.pk) == made(version.pk)


def test_the_copy_for_editing_says_the_same(version: FilingVersion) -> None:
    book = docx.Document(io.BytesIO(to_docx(version_document(version, "filing"))))
    cells = {cell.text for table in book.tables for row in table.rows for cell in row.cells}
    assert NARRATIVE in cells and "12,000" in cells and version.digest in cells


def test_the_worker_makes_the_file_and_the_page_of_its_work_leads_to_it(world: World, version: FilingVersion) -> None:
    client = at(world.preparer)
    url = reverse("filing-document", args=[world.assessment.pk, 1, "filing", "pdf"])
    asked = client.get(url)
    job = Job.objects.get(kind="assessments.filing_document")
    assert asked.status_code == 302 and asked["Location"] == reverse("job-detail", args=[job.pk])
    assert not Event.objects.filter(event="assessments.filing.document").exists()
    assert client.get(url).status_code == 302 and Job.objects.filter(kind=job.kind).count() == 1, "asked for once"
    assert run(job.pk) == "done"
    progress = client.get(reverse("job-progress", args=[job.pk]), {"then": "go"})
    assert progress["HX-Redirect"] == url
    file = client.get(url)
    assert file.status_code == 200 and file["Content-Type"] == "application/pdf"
    assert b"".join(file.streaming_content).startswith(b"%PDF-")  # type: ignore[attr-defined]
    assert "script-src 'none'; base-uri 'none'" in file["Content-Security-Policy"]
    event = Event.objects.get(event="assessments.filing.document")
    assert event.actor == world.preparer and event.bank_id == world.bank.pk
    assert status(at(world.officer), url) == 200, "kept: nobody waits for it again"
    assert status(at(build("B002").preparer), url) == 404


def test_making_it_twice_makes_it_once(world: World, version: FilingVersion) -> None:
    url = reverse("filing-document", args=[world.assessment.pk, 1, "receipt", "docx"])
    for _time in (1, 2):
        at(world.preparer).get(url)
        job = Job.objects.latest("pk")
        Job.objects.filter(pk=job.pk).update(state="queued")
        assert run(job.pk) == "done"
    answer = at(world.preparer).get(url)
    assert answer["Content-Disposition"].startswith("attachment;")
    assert b"".join(answer.streaming_content).startswith(b"PK")  # type: ignore[attr-defined]


def test_another_name_of_the_bank_is_another_document(world: World, version: FilingVersion) -> None:
    before = version_document(version, "filing")
    version.assessment.bank.name_zh = "更名银行"
    assert version_document(version, "filing") != before
    assert replace(before, title="x") != before


def test_the_receipt_is_told_and_shown(world: World) -> None:
    fill(world)
    perform("pass_to_reviewer", actor=world.preparer, assessment_id=world.assessment.pk)
    perform("pass_to_signatory", actor=world.reviewer, assessment_id=world.assessment.pk)
    client, sign = at(world.signatory), reverse("filing-sign", args=[world.assessment.pk])
    data = {"password": PASSWORD, "seen": seal(client, "filing-sign", world.assessment.pk)}
    page = client.post(sign, data, follow=True).content.decode()
    number = str(Event.objects.get(event=TRANSITIONS["submit"].event).seq)
    assert f"回执编号 {number}。" in page
    shown = client.get(reverse("filing-receipt", args=[world.assessment.pk, 1])).content.decode()
    version = FilingVersion.objects.get()
    assert number in shown and version.digest in shown and reverse("step-receipt", args=[_step(version)]) in shown


def _step(version: FilingVersion) -> int:
    found = receipt_of(version).step
    assert found is not None
    return found.pk


def test_every_earlier_version_is_read_whole(world: World, version: FilingVersion) -> None:
    send_back(world)
    fill(world, narrative="改写后的说明。", bal="13000")
    second = submit(world)
    assert second.number == 2
    for person in (world.reviewer, world.officer):
        first = at(person).get(reverse("filing-version", args=[world.assessment.pk, 1])).content.decode()
        assert NARRATIVE in first and "12,000" in first and "13,000" not in first and "改写后的说明" not in first
        newer = at(person).get(reverse("filing-version", args=[world.assessment.pk, 2])).content.decode()
        assert NARRATIVE not in newer and "13,000" in newer
    assert at(world.officer).get(reverse("filing-version", args=[world.assessment.pk, 3])).status_code == 404
    assert Event.objects.filter(event="assessments.assessment.viewed", actor=world.officer).count() == 2
