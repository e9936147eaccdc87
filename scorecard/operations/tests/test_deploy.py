"""The files of ``deploy/``: units that systemd reads, compose and alerts that are well formed, names that agree."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from scorecard.jobs.registry import queues

DEPLOY: Path = settings.BASE_DIR / "deploy"


def test_systemd_reads_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("There is no systemd-analyze here.")
    for path in (DEPLOY / "systemd").iterdir():
        text = re.sub(r"/opt/scorecard/current/\.venv/bin/\w+", "/bin/true", path.read_text(encoding="utf-8"))
        text = text.replace("User=scorecard", "User=root").replace("Group=scorecard", "Group=root")
        (tmp_path / path.name).write_text(text.replace("/opt/scorecard/current", "/"), encoding="utf-8")
    names = ["scorecard.target", "scorecard-web@8001.service", "scorecard-worker@default.service",
             "scorecard-beat.service", "scorecard-backup.service", "scorecard-backup.timer"]  # fmt: skip
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / name) for name in names)],
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    ours = [line for line in done.stderr.splitlines() if "scorecard" in line]
    assert not ours, "\n".join(ours)


def test_every_queue_has_a_worker() -> None:
    target = (DEPLOY / "systemd/scorecard.target").read_text(encoding="utf-8")
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    for queue in queues():
        assert f"scorecard-worker@{queue}.service" in target
        assert queue in services[f"worker-{queue}"]["command"]
    assert {"web", "beat", "db", "redis", "proxy", "migrate", "backup"} <= set(services)
    assert services["proxy"]["ports"] and not any(one.get("ports") for name, one in services.items() if name != "proxy")


@pytest.mark.parametrize("name", ["upgrade.sh", "rollback.sh"])
def test_scripts_are_well_formed(name: str) -> None:
    subprocess.run(["bash", "-n", str(DEPLOY / name)], check=True)
    assert (DEPLOY / name).stat().st_mode & 0o100


def test_the_example_names_settings_that_there_are() -> None:
    table = (settings.BASE_DIR / "docs/settings.md").read_text(encoding="utf-8")
    example = (DEPLOY / "scorecard.env.example").read_text(encoding="utf-8")
    for line in example.splitlines():
        if "=" in line and not line.startswith("#"):
            assert f"| `{line.split('=')[0]}`" in table, line


def test_an_image_holds_no_history_and_no_secrets() -> None:
    """``deploy/.env`` holds the passwords of compose, and the Dockerfile copies everything that is not left out."""
    left_out = (settings.BASE_DIR / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {".git", "**/.env", "var", ".venv"} <= set(left_out)
    assert "COPY . ." in (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
