"""Uploads wait until they are found free of malware: nobody opens them before, and never where some is found."""

import ast
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.filings.evidence import open_evidence, reuse_evidence
from assessments.filings.scanning import JOB, ask_unasked
from assessments.filings.selectors import get_draft, reasons_of
from assessments.models import ContentScan, Evidence, ScanState
from assessments.probes import scanning
from assessments.tests.filings.test_drafts import PDF, add, media, world
from assessments.tests.filings.world import World, signed_with
from scorecard import scanner
from scorecard.access.decisions import NotShown, Refused
from scorecard.audit.models import Event
from scorecard.inbox import services as inbox
from scorecard.inbox.models import Message
from scorecard.jobs import services as jobs
from scorecard.jobs.models import Job, JobState
from scorecard.operations.probes import BAD, GOOD
from scorecard.tests.clamd import FOUND, MARK, FakeClamd, fake_clamd

__all__ = ["media", "world"]
pytestmark = pytest.mark.django_db
BAD_PDF = PDF + b"\n% " + MARK


@pytest.fixture
def clamd(tmp_path: Path, settings: Any, media: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeClamd]:
    (tmp_path / "clamd").mkdir()
    with fake_clamd(tmp_path / "clamd") as found:
        settings.CLAMD = str(found.path)
        monkeypatch.setattr(scanner, "SECONDS", 1.0)
        yield found


def scan() -> str:
    """Let the worker do the check that waits."""
    return jobs.run(Job.objects.filter(kind=JOB, state=JobState.QUEUED).earliest("pk").pk)


def content_of(who: Any, row: Evidence) -> bytes:
    """What this person is handed out."""
    with open_evidence(actor=who, evidence_id=row.pk).stream as stream:
        return stream.read()


def page(who: Any, name: str, *args: Any) -> str:
    client = Client()
    client.force_login(who)
    client.cookies["django_language"] = "zh-hans"
    return client.get(reverse(name, args=args)).content.decode()


def test_without_a_scanner_nothing_is_asked_and_every_file_opens(world: World, media: Any, settings: Any) -> None:
    assert not settings.CLAMD
    row = add(world, "a.pdf", BAD_PDF)
    assert row.scan is None and not Job.objects.filter(kind=JOB).exists() and not ContentScan.objects.exists()
    assert content_of(world.preparer, row) == BAD_PDF
    assert ask_unasked() == 0 and scanning().state == GOOD
    with pytest.raises(CommandError, match="CLAMD"):
        call_command("scan_evidence")


def test_a_file_waits_and_opens_once_it_is_found_clean(world: World, clamd: FakeClamd) -> None:
    row = add(world, "授权书.pdf", PDF)
    signed_with(world, row.pk)
    for who in (world.preparer, world.officer):
        with pytest.raises(NotShown, match="恶意程序"):
            open_evidence(actor=who, evidence_id=row.pk)
        text = page(who, "evidence-view", row.pk)
        assert "正在进行恶意程序检测" in text and "<iframe" not in text
    section = page(world.preparer, "filing-section", world.assessment.pk, "A")
    assert "正在检测恶意程序" in section and f'href="{reverse("evidence-download", args=[row.pk])}"' not in section
    reasons = list(reasons_of(get_draft(world.again())))
    assert not [one for one in reasons if "恶意" in one], "a deadline waits for no scanner"
    assert scan() == "done"
    assert content_of(world.officer, row)
    assert "正在检测" not in page(world.preparer, "filing-section", world.assessment.pk, "A")
    event = Event.objects.get(event="assessments.evidence.scanned")
    assert event.bank_id == world.bank.pk and json.loads(event.data)["outcome"] == "clean"


def test_a_file_with_malware_is_never_opened_and_cannot_be_signed(world: World, clamd: FakeClamd) -> None:
    row = add(world, "授权书.pdf", BAD_PDF)
    assert scan() == "done"
    for who in (world.preparer, world.officer):
        if who == world.officer:
            signed_with(world, row.pk)
        with pytest.raises(NotShown, match=FOUND):
            open_evidence(actor=who, evidence_id=row.pk)
    assert f"检出恶意程序：{FOUND}" in page(world.preparer, "filing-section", world.assessment.pk, "A")
    (reason,) = [reason for reason in reasons_of(get_draft(world.again())) if "恶意" in reason]
    assert "撤回" in reason and "授权书.pdf" in reason
    assert "检出恶意程序" in page(world.preparer, "filing-check", world.assessment.pk)
    inbox.send_due(timezone.now())
    told = Message.objects.filter(kind="assessments.file_refused")
    assert {one.person for one in told} == {world.preparer, world.reviewer, world.signatory}
    assert FOUND in page(world.preparer, "inbox")
    with pytest.raises(Refused, match=FOUND):
        add(world, "再来.pdf", BAD_PDF, indicator="A2")
    with pytest.raises(Refused, match=FOUND):
        reuse_evidence(actor=world.preparer, assessment_id=world.assessment.pk, evidence_id=row.pk, indicator="A2")
    assert Evidence.objects.count() == 1 and len(list(clamd.path.parents[1].rglob("*.pdf"))) == 1


def test_one_content_is_looked_through_once(world: World, clamd: FakeClamd) -> None:
    row = add(world, "a.pdf", PDF)
    again = reuse_evidence(actor=world.preparer, assessment_id=world.assessment.pk, evidence_id=row.pk, indicator="A2")
    assert again.scan_id == row.scan_id
    assert scan() == "done" and clamd.scanned == 1
    assert add(world, "b.pdf", PDF, indicator="B1").held == ""
    assert not Job.objects.filter(kind=JOB, state=JobState.QUEUED).exists() and clamd.scanned == 1


def test_a_scanner_that_is_away_costs_no_attempt_and_is_named_on_the_page_of_the_service(
    world: World, clamd: FakeClamd
) -> None:
    row = add(world, "a.pdf", PDF)
    clamd.mood = "odd"
    for _time in range(8):
        assert scan() == "retry"
    assert Job.objects.get(kind=JOB).attempt == 0
    clamd.mood = "fine"
    assert scanning().state == GOOD
    ContentScan.objects.update(asked_at=timezone.now() - timedelta(hours=2))
    assert scanning().state == BAD
    assert scan() == "done" and scanning().state == GOOD
    row.refresh_from_db()
    assert row.held == ""
    clamd.close()
    assert scanning().state == BAD


def test_a_file_beyond_the_scanners_limit_stays_closed_and_its_job_says_why(world: World, clamd: FakeClamd) -> None:
    row = add(world, "a.pdf", PDF + b"\n% " + b"x" * 2000)
    clamd.mood = "small"
    assert scan() == "failed"
    assert "StreamMaxLength" in Job.objects.get(kind=JOB).error
    row.refresh_from_db()
    assert row.held == ScanState.WAITING and ask_unasked() == 0


def test_a_check_whose_job_is_lost_is_asked_for_again(world: World, clamd: FakeClamd) -> None:
    add(world, "a.pdf", PDF)
    Job.objects.filter(kind=JOB).delete()
    assert ask_unasked() == 1 and ask_unasked() == 0
    assert Job.objects.filter(kind=JOB).count() == 1


def test_a_content_is_looked_through_in_the_copy_that_is_there(world: World, clamd: FakeClamd) -> None:
    gone = add(world, "a.pdf", PDF)
    add(world, "b.pdf", PDF, indicator="A2")
    gone.file.storage.delete(gone.file.name)
    assert scan() == "done"
    call_command("scan_evidence")
    Evidence.objects.get(name="b.pdf").file.storage.delete(Evidence.objects.get(name="b.pdf").file.name)
    assert scan() == "failed" and "不再保存" in Job.objects.latest("pk").error


def test_a_refused_file_is_no_evidence(world: World, clamd: FakeClamd) -> None:
    row = add(world, "a.pdf", BAD_PDF)
    assert row.counts
    scan()
    assert not Evidence.objects.get().counts
    assert "A1" in page(world.preparer, "filing-detail", world.assessment.pk).split("尚无材料")[-1][:400]


def test_every_kept_file_can_be_looked_through_with_a_newer_list(
    world: World, clamd: FakeClamd, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, settings.CLAMD = settings.CLAMD, ""
    before = add(world, "before.pdf", BAD_PDF)
    settings.CLAMD = place
    clean = add(world, "clean.pdf", PDF, indicator="A2")
    assert scan() == "done"
    call_command("scan_evidence")
    before.refresh_from_db()
    clean.refresh_from_db()
    assert (before.held, clean.held) == ("waiting", ""), "what was found clean stays open meanwhile"
    monkeypatch.setattr("scorecard.tests.clamd.MARK", b"%PDF")
    while Job.objects.filter(kind=JOB, state=JobState.QUEUED).exists():
        assert scan() == "done"
    for row in (before, clean):
        row.refresh_from_db()
        assert row.held == "refused"


def test_a_complete_file_leaves_out_what_is_not_found_clean(world: World, clamd: FakeClamd) -> None:
    from assessments.archives import writing

    add(world, "a.pdf", PDF)

    class Kept:
        names: list[str] = []

        def put(self, name: str, content: Any) -> None:
            self.names.append(name)

    assert list(writing._evidence(Kept(), world.assessment.pk)) == []  # type: ignore[arg-type]
    scan()
    assert len(list(writing._evidence(Kept(), world.assessment.pk))) == 1  # type: ignore[arg-type]


def test_a_workbook_is_looked_through_before_it_is_read(world: World, clamd: FakeClamd) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("xl/workbook.xml", MARK)
    client = Client()
    client.force_login(world.preparer)
    client.cookies["django_language"] = "zh-hans"
    for name in ("filing-workbook", "filing-returns"):
        upload = SimpleUploadedFile("a.xlsx", made.getvalue() + MARK)
        response = client.post(reverse(name, args=[world.assessment.pk]), {"file": upload})
        assert response.status_code == 422 and FOUND in response.content.decode()


#: Who opens the stored content of an upload, and what holds them to the check.
READERS = {
    ("assessments/filings/evidence.py", "open_evidence"): "require_open",
    ("assessments/archives/writing.py", "_evidence"): "row.held",
    ("assessments/filings/scanning.py", "scan_content"): "the check itself",
    ("assessments/filings/copies/taking.py", "_add"): "a copy, which is checked as an upload",
    ("scorecard/audit/comparison.py", "_compare_files"): "a digest alone",
    ("scorecard/operations/backup/making.py", "_files"): "a set of the backup, which nobody opens",
}


def _opens(node: ast.AST) -> bool:
    """``row.file.open`` or ``storage.open``."""
    if not isinstance(node, ast.Attribute) or node.attr != "open":
        return False
    return ast.unparse(node.value).endswith((".file", "storage"))


def test_whoever_opens_a_stored_content_is_named_here() -> None:
    root = Path(__file__).resolve().parents[3]
    found = set()
    for path in [one for app in ("assessments", "banks", "scorecard") for one in (root / app).rglob("*.py")]:
        if "tests" not in path.parts:
            for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(function, ast.FunctionDef) and any(map(_opens, ast.walk(function))):
                    found.add((str(path.relative_to(root)), function.name))
    assert found == set(READERS)
