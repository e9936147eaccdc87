"""Letters on paper: golden text, signed, read by those whom they are for, and genuine by the public check."""

import io
import re
import shutil
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import docx
import pytest
from django.test import Client
from django.urls import reverse

from assessments.decisions.letters import notice_digest
from assessments.letters.notice_paper import notice_document
from assessments.letters.objection_paper import receipt_document, reply_document
from assessments.models import Assessment, Notice, Objection, ObjectionLetter
from assessments.objections.letters import letter_digest
from assessments.tests.corrections.world import Corrections, build
from assessments.tests.reviews.client import signed_in
from assessments.verification.selectors import is_genuine
from scorecard.audit.models import Event
from scorecard.documents.model import Document
from scorecard.documents.office import to_docx
from scorecard.documents.tests.paper import plain, same_as_golden, tags, text
from scorecard.documents.tests.test_signing import pdfsig
from scorecard.documents.typesetting import to_pdf
from scorecard.jobs.models import Job
from scorecard.jobs.services import run

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).with_name("golden")
AT = datetime(2018, 5, 2, 1, 30, tzinfo=UTC)
HEX = re.compile(r"[0-9a-f]{16,}")


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> Corrections:
    settings.SITE_URL, settings.DOCUMENT_DIR = "https://pj.example.gov.cn", tmp_path / "documents"
    settings.AUTHORITY_NAME, settings.LETTER_COPIES = "演示监管局", "演示市财政局"
    settings.LETTER_KEY_FILE, settings.LETTER_CRL_FILE = str(tmp_path / "k.p12"), str(tmp_path / "k.crl")
    settings.LETTER_DRAW_KEY = True
    return build()


def notice_of(case: Assessment) -> Notice:
    return Notice.objects.filter(rating__assessment=case).latest("pk")


def fixed(notice: Notice) -> Notice:
    """The notice with what differs from run to run fixed."""
    body = notice.body
    notice.issued_at = notice.appeal_until = AT
    body["version"] |= {"submitted_at": AT.isoformat(), "digest": "1" * 64}
    body["run"]["key"], body["decided_at"] = "2" * 64, AT.isoformat()
    body["trail"] = {"seq": 1843, "hash": "3" * 64}
    return notice


def test_the_notice_is_the_one_in_the_repository(world: Corrections, monkeypatch: pytest.MonkeyPatch) -> None:
    notice = fixed(notice_of(world.notified()))
    notice.number, notice.body["rulebook"]["hash"] = "普惠评通〔2018〕1号", "4" * 64
    monkeypatch.setattr("assessments.letters.notice_paper.notice_digest", lambda notice: "0123456789abcdef" * 4)
    content = to_pdf(notice_document(notice))
    found = text(content) + "--- tags ---\n" + "\n".join(tags(content)) + "\n"
    same_as_golden(found, GOLDEN / "notice.txt")


def test_a_notice_says_on_paper_what_it_says_on_its_page(world: Corrections) -> None:
    case = world.notified()
    notice = notice_of(case)
    content = plain(to_pdf(notice_document(notice)))
    body = notice.body
    said = [notice.number, body["bank"]["zh"], body["grade"]["decided"]["zh"], body["reason"], "演示监管局", "（印章）"]
    said += ["抄送：演示市财政局", *(one["label"]["zh"] for one in body["measures"])]
    said += [one["name"]["zh"] for one in (*body["sections"], *body["targets"], *body["items"])]
    lost = next(one for one in body["items"] if one["more"])
    assert next(one for one in body["items"] if one["id"] == "A1")["points"] == "1", "as the officer lowered it"
    said += [more["zh"] for more in lost["more"]]
    for words in said:
        assert "".join(words.split()) in content, words
    assert "推定" in content, "points that are not the supervisor's own are marked on paper as on the page"
    page = signed_in(world.people(case)["signatory"], "zh-hans").get(reverse("notice-detail", args=[case.pk]))
    for more in lost["more"]:
        assert more["zh"] in page.content.decode()


def test_nothing_of_a_letter_changes_after_it_was_sent(world: Corrections, settings: Any) -> None:
    notice = notice_of(world.notified())
    before = to_pdf(notice_document(notice))
    settings.AUTHORITY_NAME, settings.LETTER_COPIES, settings.LETTER_SEAL = "别的名称", "", ""
    bank = notice.rating.assessment.bank
    bank.name_zh = "更名银行"
    bank.save()
    assert to_pdf(notice_document(Notice.objects.get(pk=notice.pk))) == before


def ask(client: Client, kind: str, pk: int, form: str = "pdf") -> Any:
    """The file of a letter, made by the worker where it is not there yet."""
    url = reverse("letter-file", args=[kind, pk, form])
    answer = client.get(url)
    if answer.status_code == 302:
        job = Job.objects.filter(kind="assessments.letter_document").latest("pk")
        assert answer["Location"] == reverse("job-detail", args=[job.pk]) and run(job.pk) == "done"
        answer = client.get(url)
    return answer


def status(client: Client, kind: str, pk: int, form: str = "pdf") -> int:
    answer = ask(client, kind, pk, form)
    b"".join(answer.streaming_content if answer.streaming else [])
    return int(answer.status_code)


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="needs poppler-utils (pdfsig)")
def test_bank_and_office_have_the_same_signed_file(world: Corrections, tmp_path: Path) -> None:
    case = world.notified()
    notice = notice_of(case)
    files = []
    for person in (world.people(case)["signatory"], world.world.officer):
        answer = ask(signed_in(person), "notice", notice.pk)
        assert answer.status_code == 200
        files.append(b"".join(answer.streaming_content))
    assert files[0] == files[1]
    file = tmp_path / "notice.pdf"
    file.write_bytes(files[0])
    assert "Signature is Valid." in pdfsig(file)
    events = Event.objects.filter(event="assessments.letter.document")
    assert events.count() == 2 and events.filter(bank_id=case.bank_id).count() == 2


def test_who_reads_which_letter(world: Corrections) -> None:
    case = world.answered(world.lodged(), upheld=False)
    other = world.notified("B002")
    notice = notice_of(case)
    objection, reply = Objection.objects.get(), ObjectionLetter.objects.get()
    letters = [("notice", notice.pk), ("receipt", objection.pk), ("reply", reply.pk)]
    for kind, pk in letters:
        assert status(signed_in(world.people(case)["preparer"]), kind, pk) == 200, kind
        assert status(signed_in(world.people(other)["preparer"]), kind, pk) == 404, kind
        assert status(signed_in(world.world.officer), kind, pk, "docx") == 200, kind
        assert status(signed_in(world.people(case)["preparer"]), kind, pk, "docx") == 404, "the office's copy"
    client = signed_in(world.world.officer)
    assert client.get(reverse("letter-file", args=["other", 1, "pdf"])).status_code == 404
    assert client.get(reverse("letter-file", args=["notice", notice.pk, "txt"])).status_code == 404


def test_a_draft_of_an_objection_has_no_receipt(world: Corrections) -> None:
    case = world.drafted(world.notified())
    draft = Objection.objects.get()
    for person in (world.people(case)["preparer"], world.world.officer):
        assert signed_in(person).get(reverse("letter-file", args=["receipt", draft.pk, "pdf"])).status_code == 404


def test_the_letters_on_an_objection_say_what_was_asked_and_decided(world: Corrections) -> None:
    case = world.answered(world.lodged(), upheld=True)
    objection, reply = Objection.objects.get(), ObjectionLetter.objects.get()
    received = plain(to_pdf(receipt_document(objection)))
    for words in (objection.number, objection.statement, "材料已于当年报送。", objection.notice.number):
        assert words in received
    decided = plain(to_pdf(reply_document(reply)))
    for words in (reply.number, objection.number, "异议成立", "答复：已核。", reply.body["reason"]):
        assert words in decided, words
    case = world.corrected(case)
    after = notice_of(case)
    words = plain(to_pdf(notice_document(after)))
    assert after.replaces is not None and after.replaces.number in words and "更正" in words


def test_every_letter_is_genuine_by_its_own_number_and_digest(world: Corrections) -> None:
    case = world.answered(world.lodged(), upheld=False)
    notice, objection, reply = notice_of(case), Objection.objects.get(), ObjectionLetter.objects.get()
    papers: list[tuple[Document, str]] = [
        (notice_document(notice), notice_digest(notice)),
        (receipt_document(objection), objection.digest),
        (reply_document(reply), letter_digest(reply)),
    ]
    for paper, digest in papers:
        assert paper.check is not None and paper.check.digest == digest
        assert is_genuine(paper.check.number, digest) and is_genuine(paper.check.number, digest[:16])
        assert digest in paper.check.address
    assert not is_genuine(notice.number, reply_document(reply).check.digest)  # type: ignore[union-attr]


def test_the_offices_copy_says_the_same(world: Corrections) -> None:
    notice = notice_of(world.notified())
    book = docx.Document(io.BytesIO(to_docx(notice_document(notice))))
    said = [paragraph.text for paragraph in book.paragraphs]
    assert notice.number in said and "演示监管局" in said and any(notice.body["reason"] in line for line in said)
    assert (
        len(HEX.findall("".join(cell.text for table in book.tables for row in table.rows for cell in row.cells))) >= 3
    )


def test_all_letters_of_a_round_come_in_one_file(world: Corrections, settings: Any, tmp_path: Path) -> None:
    settings.EXPORT_DIR = tmp_path / "exports"
    corrected = world.corrected(world.answered(world.lodged(), upheld=True))
    other = world.notified("B002")
    client = signed_in(world.world.officer)
    for odd in ("²", "9" * 5000, "9" * 40, ""):
        assert client.post(reverse("letter-batch"), {"round": odd}).status_code == 409
    asked = client.post(reverse("letter-batch"), {"round": world.world.round.pk})
    job = Job.objects.get(kind="assessments.letters_of_round")
    assert asked["Location"] == reverse("job-detail", args=[job.pk]) and run(job.pk) == "done"
    Job.objects.filter(pk=job.pk).update(state="queued")
    assert run(job.pk) == "done", "doing it twice finds the letters made"
    answer = client.get(reverse("job-file", args=[job.pk]))
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as packed:  # type: ignore[attr-defined]
        names = sorted(packed.namelist())
        wanted = sorted(f"{case.bank.code} {notice_of(case).number}.pdf" for case in (corrected, other))
        assert names == wanted, "the notice that was replaced is not among them"
        assert all(packed.read(name).startswith(b"%PDF-") for name in names)
    assert signed_in(world.world.second).get(reverse("job-file", args=[job.pk])).status_code == 404, "the asker's alone"
    assert Event.objects.filter(event="assessments.letter.batch").count() == 1
