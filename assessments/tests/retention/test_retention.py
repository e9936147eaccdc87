"""What is too old goes, what is held stays, and verification knows the one from a file that somebody removed."""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from assessments.models import Evidence, FilingVersion, LegalHold, Round, RoundState
from assessments.retention.services import apply_retention, lift_hold, request_retention, set_hold
from assessments.tests.reviews.world import World, build
from scorecard.access.decisions import Refused
from scorecard.audit.comparison import compare
from scorecard.audit.models import Event
from scorecard.audit.services import record
from scorecard.jobs.models import Job, JobState

pytestmark = pytest.mark.django_db


class Silent:
    """Takes the progress."""

    def update(self, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def world(tmp_path: Path, settings: Any) -> World:
    settings.MEDIA_ROOT = tmp_path / "evidence"
    settings.RETENTION_EVIDENCE_DAYS = 3650
    made = build()
    for code in ("AAA", "BBB"):
        case = made.submitted(code)
        paper = Evidence.objects.create(
            assessment=case, indicator="A1", name=f"{code}.pdf", size=3, content_type="application/pdf",
            sha256=hashlib.sha256(code.encode()).hexdigest(), uploaded_by=made.people[case.bank_id]["preparer"],
            file=ContentFile(code.encode(), f"{code}.pdf"),
        )  # fmt: skip
        earlier = FilingVersion.objects.get(assessment=case)  # with a version before it, which names the file
        earlier.pk, earlier.number, earlier.evidence = None, 0, [paper.pk]
        earlier.save(force_insert=True)
        record("signout", actor=None, seals=[paper])
    _closed(made, 3651)
    return made


def _closed(world: World, days: int) -> None:
    Round.objects.filter(pk=world.round.pk).update(
        state=RoundState.CLOSED, closed_at=timezone.now() - timedelta(days=days)
    )


def _apply() -> dict[str, int]:
    job = request_retention()
    found: dict[str, int] = apply_retention(job, Silent())["removed"]  # type: ignore[arg-type]
    Job.objects.filter(pk=job.pk).update(state=JobState.DONE, finished_at=timezone.now())
    return found


def _there() -> set[str]:
    return {row.name for row in Evidence.objects.all() if Path(row.file.path).exists()}


def _files() -> set[str]:
    return {item.kind for item in compare() if item.label == "assessments.evidence" and "file" in item.kind}


def test_nothing_goes_by_default_or_a_day_too_early(world: World, settings: Any) -> None:
    settings.RETENTION_EVIDENCE_DAYS = 0
    assert _apply() == {} and len(_there()) == 2
    settings.RETENTION_EVIDENCE_DAYS = 3650
    _closed(world, 3649)
    assert _apply() == {"evidence": 0} and len(_there()) == 2
    Round.objects.update(state=RoundState.OPEN, closed_at=None)
    assert _apply() == {"evidence": 0} and len(_there()) == 2


def test_what_is_too_old_goes_once_and_leaves_its_digest(world: World) -> None:
    assert _apply() == {"evidence": 2} and _there() == set()
    assert Evidence.objects.count() == 2 and _files() == set()
    assert Event.objects.filter(event="assessments.evidence.destroyed").count() == 2
    assert _apply() == {"evidence": 0}
    client = Client()
    client.force_login(world.officer)
    answer = client.get(f"/evidence/{Evidence.objects.filter(name='AAA.pdf').get().pk}/")
    assert answer.status_code == 409 and Evidence.objects.get(name="AAA.pdf").sha256 in answer.content.decode()


def test_what_a_process_left_that_died_after_the_event_goes_the_next_night(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The event says that the content is destroyed: then no file of it may stay for ever."""
    with monkeypatch.context() as dying:
        dying.setattr(FileSystemStorage, "delete", lambda self, name: None)
        _apply()
    assert len(_there()) == 2
    assert _apply() == {"evidence": 0} and _there() == set()
    assert Event.objects.filter(event="assessments.evidence.destroyed").count() == 2


def test_a_file_that_somebody_removed_is_still_told(world: World) -> None:
    Path(Evidence.objects.get(name="AAA.pdf").file.path).unlink()
    assert _files() == {"no_file"}


@pytest.mark.parametrize("of", ["round", "bank", "both", "lifted", "another"])
def test_a_hold(world: World, of: str) -> None:
    bank = Evidence.objects.get(name="AAA.pdf").assessment.bank_id
    other = Evidence.objects.get(name="BBB.pdf").assessment.bank_id
    hold = set_hold(
        actor=world.decider,
        round_id=world.round.pk if of in ("round", "both") else None,
        bank_id={"bank": bank, "both": bank, "lifted": bank, "another": other}.get(of),
        reason="诉讼",
    )
    if of == "lifted":
        lift_hold(actor=world.decider, hold_id=hold.pk, reason="结案")
    _apply()
    kept = {"round": {"AAA.pdf", "BBB.pdf"}, "bank": {"AAA.pdf"}, "both": {"AAA.pdf"}, "another": {"BBB.pdf"}}
    assert _there() == kept.get(of, set())
    assert not [item for item in compare() if item.label == "assessments.legalhold"]


def test_who_holds_and_what_cannot_be_changed_afterwards(world: World) -> None:
    with pytest.raises(Refused):
        set_hold(actor=world.officer, round_id=world.round.pk, bank_id=None, reason="x")
    with pytest.raises(Refused):
        set_hold(actor=world.decider, round_id=None, bank_id=None, reason="x")
    with pytest.raises(Refused):
        set_hold(actor=world.decider, round_id=world.round.pk, bank_id=None, reason=" ")
    hold = set_hold(actor=world.decider, round_id=world.round.pk, bank_id=None, reason="x")
    for change in ({"reason": "y"}, {"round": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            LegalHold.objects.filter(pk=hold.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        LegalHold.objects.filter(pk=hold.pk).delete()
    lift_hold(actor=world.decider, hold_id=hold.pk, reason="y")
    with pytest.raises(Refused):
        lift_hold(actor=world.decider, hold_id=hold.pk, reason="y")


def test_jobs_that_something_refers_to_stay(world: World, settings: Any) -> None:
    settings.RETENTION_EVIDENCE_DAYS, settings.RETENTION_JOB_DAYS = 0, 30
    old = timezone.now() - timedelta(days=31)
    parent = Job.objects.create(kind="a", key="1", state=JobState.DONE, finished_at=old)
    Job.objects.create(kind="a", key="2", state=JobState.DONE, finished_at=timezone.now(), parent=parent)
    Job.objects.create(kind="a", key="3", state=JobState.RUNNING)
    gone = Job.objects.create(kind="a", key="4", state=JobState.FAILED, finished_at=old)
    assert _apply() == {"jobs": 1}
    assert not Job.objects.filter(pk=gone.pk).exists() and Job.objects.filter(pk=parent.pk).exists()


def test_the_page(world: World) -> None:
    client = Client()
    client.force_login(world.decider)
    bad = client.post("/retention/", {"round": "", "bank": "nothing-like-it", "reason": "诉讼"})
    assert bad.status_code == 422 and "nothing-like-it" in bad.content.decode() and "诉讼" in bad.content.decode()
    assert client.post("/retention/", {"round": world.round.pk, "bank": "", "reason": "诉讼"}).status_code == 302
    hold = LegalHold.objects.get()
    assert client.post("/retention/", {"hold": hold.pk, "reason": ""}).status_code == 422
    client.force_login(world.auditor)
    assert "诉讼" in client.get("/retention/").content.decode()
    assert client.post("/retention/", {"hold": hold.pk, "reason": "x"}).status_code == 403
    client.force_login(world.decider)
    assert client.post("/retention/", {"hold": hold.pk, "reason": "结案"}).status_code == 302
    assert LegalHold.objects.get().lifted_at is not None
