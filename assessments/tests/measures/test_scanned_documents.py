"""An objection, and what is filed under a measure, are held to the check for malware as a filing is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from assessments.demo.pdf import pdf
from assessments.filings.evidence import open_evidence
from assessments.filings.scanning import JOB
from assessments.measures.filings import add_document as file_under_measure
from assessments.measures.filings import withdraw_document as withdraw_from_measure
from assessments.models import Correction, Obligation, ObligationState
from assessments.objections.services import add_document, withdraw_document
from assessments.tests.corrections.world import build as build_corrections
from assessments.tests.measures.world import build
from scorecard import scanner
from scorecard.access.decisions import NotShown, Refused
from scorecard.jobs import services as jobs
from scorecard.jobs.models import Job, JobState
from scorecard.tests.clamd import MARK, FakeClamd, fake_clamd

pytestmark = pytest.mark.django_db


@pytest.fixture
def clamd(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeClamd]:
    settings.MEDIA_ROOT = str(tmp_path / "evidence")
    with fake_clamd(tmp_path) as found:
        settings.CLAMD = str(found.path)
        monkeypatch.setattr(scanner, "SECONDS", 1.0)
        yield found


def scan_all() -> None:
    """Let the worker do every check that waits."""
    while (job := Job.objects.filter(kind=JOB, state=JobState.QUEUED).first()) is not None:
        assert jobs.run(job.pk) == "done"


def malware() -> SimpleUploadedFile:
    return SimpleUploadedFile("说明.pdf", pdf("malware") + b"\n% " + MARK)


def test_an_objection_with_malware_is_not_lodged_and_one_that_waits_is(clamd: FakeClamd) -> None:
    case = build_corrections()
    assessment = case.drafted(case.notified())
    people = case.people(assessment)
    who: dict[str, Any] = {"actor": people["preparer"], "assessment_id": assessment.pk}
    bad = add_document(**who, upload=malware())
    scan_all()
    with pytest.raises(Refused, match=r"说明\.pdf") as refused:
        case.perform(people["signatory"], "lodge_objection", assessment)
    assert "恶意" in str(refused.value.reasons)
    withdraw_document(**who, evidence_id=bad.pk)
    waiting = add_document(**who, upload=SimpleUploadedFile("另一份.pdf", pdf("clean")))
    lodged = case.perform(people["signatory"], "lodge_objection", assessment)
    assert lodged.correction_state == Correction.LODGED, "a deadline waits for no scanner"
    with pytest.raises(NotShown, match="恶意"):
        open_evidence(actor=case.world.officer, evidence_id=waiting.pk)


def test_a_measure_is_not_answered_with_malware_and_is_with_a_file_that_waits(clamd: FakeClamd) -> None:
    world = build()
    live = world.running(world.live(world.told(), "accountability"), proposal=5)
    owed = world.drafted(world.owed(live, "proposal"))
    people = world.base.people(live.assessment)
    who: dict[str, Any] = {"actor": people["preparer"], "obligation_id": owed.pk}
    bad = file_under_measure(**who, upload=malware())
    scan_all()
    with pytest.raises(Refused, match=r"说明\.pdf") as refused:
        world.take("file_obligation", live, people["signatory"], obligation_id=owed.pk, reason="")
    assert "恶意" in str(refused.value.reasons)
    withdraw_from_measure(**who, evidence_id=bad.pk)
    waiting = file_under_measure(**who, upload=SimpleUploadedFile("另一份.pdf", pdf("clean")))
    world.take("file_obligation", live, people["signatory"], obligation_id=owed.pk, reason="")
    assert Obligation.objects.get(pk=owed.pk).state == ObligationState.FILED, "a deadline waits for no scanner"
    with pytest.raises(NotShown, match="恶意"):
        open_evidence(actor=world.base.world.officer, evidence_id=waiting.pk)
