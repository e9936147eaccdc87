"""A complete file opens without the product, has nothing of another bank, and can be checked."""

import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from assessments import workflow
from assessments.archives.contents import OF_CASE
from assessments.archives.services import make_archive, request_archive
from assessments.models import Assessment, Comment, Evidence, Notice, Objection, ObligationFiling
from assessments.tests.corrections.world import Corrections
from assessments.tests.measures.world import Register
from assessments.tests.reviews.world import PASSWORD, World, build, person
from scorecard.access.decisions import Refused
from scorecard.audit import checkpoints
from scorecard.audit.models import Event
from scorecard.jobs.models import Job, JobState

pytestmark = pytest.mark.django_db


# Derived from what is there; the draft's own workbook; and working papers inside the bank, whose pages it alone opens:
# who was to fill in which section, which sections its reviewer had looked at, and what it tried and kept.
LEFT_OUT = {"encodedfiling", "workbookupload", "sectionassignment", "sectioncheck", "keptwhatif"}


class Silent:
    """Takes the progress."""

    def update(self, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def world(tmp_path: Path, settings: Any) -> World:
    settings.AUDIT_KEY_FILE = str(tmp_path / "key")
    settings.AUDIT_KEYS_FILE = str(tmp_path / "keys.txt")
    settings.AUDIT_CHECKPOINT_FILE = str(tmp_path / "checkpoints.txt")
    settings.AUDIT_DRAW_KEY = True
    settings.MEDIA_ROOT = tmp_path / "evidence"
    settings.EXPORT_DIR = tmp_path / "exports"
    checkpoints._seen.clear()
    made = build()
    for code in ("AAA", "BBB"):
        case = made.notified(code)
        workflow.perform("acknowledge", actor=made.people[case.bank_id]["signatory"], assessment_id=case.pk)
        Evidence.objects.create(
            assessment=case, indicator="A1", name=f"材料{code}.pdf", size=3, content_type="application/pdf",
            sha256=hashlib.sha256(code.encode()).hexdigest(), uploaded_by=made.people[case.bank_id]["preparer"],
            file=ContentFile(code.encode(), f"{code}.pdf"),
        )  # fmt: skip
    return made


def _made(world: World, settings: Any, tmp_path: Path, **scope: Any) -> tuple[Path, Job]:
    job = request_archive(actor=world.auditor, **{"round_id": None, "bank_id": None, "language": "zh-hans", **scope})
    job.result = make_archive(job, Silent())  # type: ignore[arg-type]
    folder = tmp_path / f"out-{job.pk}"
    with zipfile.ZipFile(settings.EXPORT_DIR / job.result["file"]) as archive:
        assert archive.testzip() is None
        archive.extractall(folder)
    return folder, job


def _check(folder: Path, keys: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "check_archive.py", "--keys", keys], cwd=folder, capture_output=True, encoding="utf-8",
        check=False,
    )  # fmt: skip


def test_a_banks_file_is_whole_checks_out_and_has_nothing_of_another(
    world: World, settings: Any, tmp_path: Path
) -> None:
    bank = next(pk for pk, people in world.people.items() if people["signatory"].username == "AAA-signatory")
    folder, job = _made(world, settings, tmp_path, bank_id=bank)
    assert job.result["cases"] == 1 and job.result["files"] == 1
    versions = json.loads((folder / "data/assessments.filingversion.json").read_text(encoding="utf-8"))
    assert len(versions) == 1 and versions[0]["facts"]["sme_bal_end"]["value"] == "1200000"
    assert json.loads((folder / "data/assessments.scorerun.json").read_text(encoding="utf-8"))
    assert json.loads((folder / "data/assessments.notice.json").read_text(encoding="utf-8"))[0]["acknowledged_at"]
    assert next((folder / "evidence").iterdir()).read_bytes() == b"AAA"
    for path in folder.rglob("*"):
        if path.is_file():
            assert b"BBB" not in path.read_bytes(), path
            assert PASSWORD.encode() not in path.read_bytes()
    page = next((folder / "cases").iterdir()).read_text(encoding="utf-8")
    assert "材料AAA.pdf" in page and "http" not in page
    done = _check(folder, settings.AUDIT_KEYS_FILE)
    assert done.returncode == 0 and "VALID" in done.stdout, done.stderr
    told = json.loads(Event.objects.get(event="assessments.archive.made").data)
    made = (settings.EXPORT_DIR / job.result["file"]).read_bytes()
    assert told["digest"] == hashlib.sha256(made).hexdigest()


def test_the_register_goes_along_and_what_is_the_banks_own_does_not(
    world: World, settings: Any, tmp_path: Path
) -> None:
    """Measures, what was filed under them and claims were missing; remarks inside the bank, which no supervisor reads,
    and the draft of an objection stood in the auditor's hands."""
    base = Register(Corrections(world, person("decider-2", "decision_maker")))
    case = base.told(taken=("accountability",))
    live = base.running(base.live(case, "accountability"), proposal=5, report=9)
    base.filed(base.owed(live, "proposal"))
    people, bank = base.base.people(case), case.bank
    Comment.objects.create(assessment=case, text="行内商议之言", inside=True, author=people["preparer"])
    Comment.objects.create(assessment=case, text="请补充材料之言", for_bank=True, author=people["preparer"])
    report = base.owed(live, "report")
    ObligationFiling.objects.create(
        obligation=report, number=1, text="尚未报送之言", saved_by=people["preparer"], saved_at=timezone.now()
    )
    rating = Notice.objects.get(rating__assessment=case)
    Objection.objects.create(
        notice=rating, statement="尚未提出之言", saved_by=people["preparer"], saved_at=timezone.now()
    )
    folder, _job = _made(world, settings, tmp_path, bank_id=bank.pk)
    whole = "".join(path.read_text(encoding="utf-8", errors="replace") for path in folder.rglob("*") if path.is_file())
    for own in ("行内商议之言", "尚未报送之言", "尚未提出之言"):
        assert own not in whole, own
    assert "请补充材料之言" in whole
    for name in ("livemeasure", "obligation", "obligationfiling", "measurestep"):
        assert json.loads((folder / f"data/assessments.{name}.json").read_text(encoding="utf-8")), name
    assert (folder / "data/assessments.moneyclaim.json").exists()
    page = next((folder / "cases").iterdir()).read_text(encoding="utf-8")
    assert "拟问责结果。" in page and "确定期限" in page
    done = _check(folder, settings.AUDIT_KEYS_FILE)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("model", [m for m in apps.get_models() if m._meta.app_label == "assessments"])
def test_every_table_of_a_case_is_in_the_file_or_left_out_for_a_reason(model: type[Model]) -> None:
    """A room that comes must say whether its tables belong to the complete file."""
    ways = {Assessment, *(one for one, _way in OF_CASE)}
    leads = any(
        field.related_model in ways for field in model._meta.concrete_fields if field.is_relation and not field.null
    )
    assert not leads or model in ways or model._meta.model_name in LEFT_OUT


def test_a_changed_figure_and_a_changed_event_are_told(world: World, settings: Any, tmp_path: Path) -> None:
    folder, _job = _made(world, settings, tmp_path, round_id=world.round.pk)
    assert _check(folder, settings.AUDIT_KEYS_FILE).returncode == 0
    data = folder / "data/assessments.scorerun.json"
    data.write_text(data.read_text(encoding="utf-8").replace('"total": "', '"total": "9', 1), encoding="utf-8")
    trail = folder / "trail/receipts.jsonl"
    text = trail.read_text(encoding="utf-8")
    trail.write_text(text.replace("-signatory", "-preparer", 1), encoding="utf-8")
    manifest = folder / "manifest.json"
    listed = json.loads(manifest.read_text(encoding="utf-8"))
    listed["sha256"]["trail/receipts.jsonl"] = hashlib.sha256(trail.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(listed), encoding="utf-8")
    done = _check(folder, settings.AUDIT_KEYS_FILE)
    assert done.returncode == 1
    assert "scorerun.json is not the file" in done.stderr and "not in the log" in done.stderr


def test_only_the_auditor_and_only_once_at_a_time(world: World) -> None:
    with pytest.raises(Refused):
        request_archive(actor=world.decider, round_id=world.round.pk, bank_id=None, language="en")
    first = request_archive(actor=world.auditor, round_id=world.round.pk, bank_id=None, language="en")
    assert request_archive(actor=world.auditor, round_id=world.round.pk, bank_id=None, language="en") == first


def test_the_page_keeps_what_was_typed_and_leads_to_the_file(world: World, settings: Any, tmp_path: Path) -> None:
    client = Client()
    client.force_login(world.auditor)
    answer = client.post("/archives/", {"round": "", "bank": "nothing-like-it"})
    assert answer.status_code == 422 and "nothing-like-it" in answer.content.decode()
    assert client.post("/archives/", {"round": "", "bank": ""}).status_code == 422
    assert client.post("/archives/", {"round": "", "bank": "aaa"}).status_code == 302
    job = Job.objects.get(kind="assessments.make_archive")
    result = make_archive(job, Silent())  # type: ignore[arg-type]
    from django.utils import timezone

    Job.objects.filter(pk=job.pk).update(state=JobState.DONE, result=result, finished_at=timezone.now())
    assert result["digest"] in client.get("/archives/").content.decode()
    got = client.get(f"/jobs/{job.pk}/file/")
    assert got.status_code == 200 and got.getvalue()[:2] == b"PK"
    client.force_login(world.decider)
    assert client.get(f"/jobs/{job.pk}/file/").status_code == 404
