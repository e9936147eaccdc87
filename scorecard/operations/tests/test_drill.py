"""The restore drill as an office runs it: another process, another folder, another database."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.db import connection

from assessments import workflow
from assessments.models import Evidence
from assessments.tests.reviews.world import World, build
from scorecard.audit.services import record
from scorecard.tests.processes.conftest import database_url

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def world(tmp_path: Path, settings: Any) -> World:
    """Cases up to the letter, with evidence, sealed; checkpoints in a file."""
    settings.AUDIT_KEY_FILE = str(tmp_path / "audit-key")
    settings.AUDIT_KEYS_FILE = str(tmp_path / "audit-keys.txt")
    settings.AUDIT_CHECKPOINT_FILE = str(tmp_path / "audit-checkpoints.txt")
    settings.AUDIT_DRAW_KEY = True
    settings.MEDIA_ROOT = tmp_path / "evidence"
    made = build()
    case = made.notified("AAA")
    made.submitted("BBB", sme_npl_end="9000")
    workflow.perform("acknowledge", actor=made.people[case.bank_id]["signatory"], assessment_id=case.pk)
    content = "银行材料".encode()
    import hashlib

    paper = Evidence.objects.create(
        assessment=case, indicator="A1", name="a.pdf", size=len(content), content_type="application/pdf",
        sha256=hashlib.sha256(content).hexdigest(), uploaded_by=made.people[case.bank_id]["preparer"],
        file=ContentFile(content, "a.pdf"),
    )  # fmt: skip
    record("signout", actor=None, seals=[paper])
    from scorecard.audit.comparison import seal_unknown

    seal_unknown(None)
    return made


def _drill(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "scorecard.settings.dev",
        "SCORECARD_DATA_DIR": str(tmp_path),
        "DATABASE_URL": database_url(),
        "AUDIT_CHECKPOINT_FILE": django_settings.AUDIT_CHECKPOINT_FILE,
    }
    return subprocess.run(
        [sys.executable, "scripts/restore_drill.py", *words], cwd=django_settings.BASE_DIR, env=env,
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip


def test_the_drill_restores_verifies_and_scores_to_equal_bytes(world: World, tmp_path: Path) -> None:
    done = _drill(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The data is what the trail says" in done.stdout
    assert "checkpoint(s) fit" in done.stdout
    assert "scored again to equal bytes" in done.stdout


@pytest.mark.skipif(connection.vendor != "sqlite", reason="The same steps; one database is enough to fail in.")
def test_the_drill_fails_for_a_score_and_for_a_file_that_is_another_one(
    world: World, tmp_path: Path, past_the_triggers: None
) -> None:
    Path(Evidence.objects.get().file.path).write_bytes(b"forged")
    done = _drill(tmp_path)
    assert done.returncode == 1 and "1 file(s) are missing or not what their rows say" in done.stderr
