"""Live, ready, degraded: what each probe says when its matter is bad, and who may ask."""

import json
import logging
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings as django_settings
from django.core.checks import ERROR
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils import timezone

from scorecard.audit import checkpoints
from scorecard.audit.context import Origin, origin
from scorecard.audit.services import record
from scorecard.jobs.context import doing
from scorecard.jobs.models import Job, JobState, SweepMark
from scorecard.operations import checks, logs, probes, readiness, start
from scorecard.operations.backup.restoring import unfinished
from scorecard.operations.probes import ATTENTION, BAD, GOOD

pytestmark = pytest.mark.django_db
TOKEN = "only-the-monitoring-knows-this"


@pytest.fixture
def log(tmp_path: Path, settings: Any) -> Path:
    """Checkpoints and keys of the test's own."""
    settings.AUDIT_KEY_FILE = str(tmp_path / "key")
    settings.AUDIT_KEYS_FILE = str(tmp_path / "keys.txt")
    settings.AUDIT_CHECKPOINT_FILE = str(tmp_path / "checkpoints.txt")
    settings.AUDIT_DRAW_KEY = True
    settings.DATA_DIR = tmp_path
    checkpoints._seen.clear()
    return tmp_path


def test_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    assert probes.clock().state == GOOD
    monkeypatch.setattr(probes, "database_now", lambda: timezone.now() - timedelta(seconds=7))
    found = probes.clock()
    assert found.state == BAD and found.number is not None and 6.9 < found.number < 7.1


def test_the_queue() -> None:
    assert probes.queue_age().state == GOOD
    job = Job.objects.create(kind="assessments.verify_audit", key="x")
    assert probes.queue_age().state == GOOD
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(minutes=10))
    found = probes.queue_age()
    assert found.state == BAD and "default" in found.mend and found.number is not None and found.number >= 600
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, finished_at=timezone.now())
    assert probes.queue_age().state == GOOD and probes.failed_jobs().state == ATTENTION


def test_the_scheduler() -> None:
    assert probes.sweep().state == BAD
    SweepMark.objects.create(pk=1, begun_at=timezone.now())
    assert probes.sweep().state == GOOD
    SweepMark.objects.update(begun_at=timezone.now() - timedelta(minutes=3))
    assert probes.sweep().state == BAD


def test_the_disk(settings: Any) -> None:
    settings.HEALTH_DISK_PERCENT = 0
    assert probes.disk().state == GOOD
    settings.HEALTH_DISK_PERCENT = 100.1
    assert probes.disk().state == BAD


def test_the_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    assert probes.broker().state == GOOD

    def away(**kwargs: Any) -> Any:
        raise OSError("Connection refused")

    monkeypatch.setattr(probes.current_app, "connection_for_write", away)
    assert probes.broker().state == BAD


def test_checkpoints_that_do_not_follow_and_a_trail_that_was_cut(log: Path, past_the_triggers: None) -> None:
    from scorecard.audit.models import Event

    record("signout", actor=None)
    checkpoints.make_checkpoint()
    assert probes.checkpoint().state == GOOD
    later = record("signout", actor=None)
    assert probes.checkpoint().state == GOOD, "a moment is no delay"
    Event.objects.filter(pk=later.pk).update(at=timezone.now() - timedelta(hours=1))
    assert probes.checkpoint().state == BAD
    Event.objects.all().delete()
    assert probes.checkpoint().state == BAD


def test_the_backup(settings: Any, past_the_triggers: None) -> None:
    from scorecard.audit.models import Event

    settings.HEALTH_BACKUP_HOURS = 26
    assert probes.backup().state == BAD
    made = record("operations.backup.made", actor=None)
    assert probes.backup().state == GOOD
    Event.objects.filter(pk=made.pk).update(at=timezone.now() - timedelta(hours=27))
    assert probes.backup().state == BAD


def test_a_probe_that_fails_is_bad_and_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Any:
        raise RuntimeError("no")

    monkeypatch.setitem(probes._probes, "disk_free_percent", probes.Probe("disk_free_percent", "Disk", broken))
    found = probes.examine()
    assert found["disk_free_percent"][1].state == BAD and found["clock_skew_seconds"][1].state == GOOD
    assert "trail_breaks" in found, "the business adds its own"


def test_ready_only_on_its_own_schema_and_never_on_half_a_restore(
    log: Path, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "_migrated", False)
    monkeypatch.setattr(readiness, "_asked", -1e9)
    monkeypatch.setattr(readiness.MigrationExecutor, "migration_plan", lambda *args: [("one", False)])
    assert client.get("/readyz").status_code == 503
    monkeypatch.undo()
    monkeypatch.setattr(readiness, "_migrated", True)
    assert client.get("/readyz").json() == {"database": True, "migrated": True}


def test_half_a_restore_is_not_ready(log: Path, client: Client) -> None:
    unfinished().touch()
    assert client.get("/readyz").status_code == 503
    assert [one.id for one in checks.nothing_is_half_restored(None)] == ["scorecard.E010"]


def test_status_and_metrics_for_the_token_alone(log: Path, client: Client, settings: Any) -> None:
    for given in (None, TOKEN, "", "another"):
        settings.METRICS_TOKEN = TOKEN if given != TOKEN else ""
        headers = {} if given is None else {"Authorization": f"Bearer {given}"}
        assert client.get("/metrics", headers=headers).status_code == 404, given
        assert client.get("/statusz", headers=headers).status_code == 404, given
    settings.METRICS_TOKEN = TOKEN
    headers = {"Authorization": f"Bearer {TOKEN}"}
    told = client.get("/statusz", headers=headers).json()
    assert told["state"] == "degraded" and told["probes"]["last_sweep_seconds"]["state"] == "bad"
    SweepMark.objects.create(pk=1, begun_at=timezone.now())
    assert client.get("/statusz", headers=headers).json()["state"] == "ready"


def test_alerts_name_metrics_that_there_are_and_no_label_names_a_bank(log: Path, client: Client, settings: Any) -> None:
    from assessments.tests.reviews.world import build

    settings.METRICS_TOKEN = TOKEN
    build().submitted("AAA")
    SweepMark.objects.create(pk=1, begun_at=timezone.now())
    client.get("/healthz")
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
    there = {line.split("{")[0].split(" ")[0] for line in text.splitlines() if not line.startswith("#")}
    rules = yaml.safe_load((django_settings.BASE_DIR / "deploy/prometheus/alerts.yaml").read_text(encoding="utf-8"))[
        "groups"
    ][0]["rules"]
    import re

    named = {name for rule in rules for name in re.findall(r"scorecard_[a-z_]+", rule["expr"])}
    assert named and named <= there
    asked = {name for rule in rules for name in re.findall(r'probe="([a-z_]+)"', rule["expr"])}
    assert asked <= set(probes.examine())
    assert 'scorecard_requests_total{answer="2xx",method="GET",view="health-live"}' in text
    assert "AAA" not in text and "银行" not in text


def test_lines_carry_the_numbers_of_request_and_job(monkeypatch: pytest.MonkeyPatch) -> None:
    token = origin.set(Origin(request_id="r-17"))
    try:
        with doing(42):
            made = logging.getLogger("x").makeRecord("x", logging.WARNING, "f", 1, "报送 %s", ("完成",), None)
            logs.NumbersFilter().filter(made)
            line = json.loads(logs.json_formatter().format(made))
    finally:
        origin.reset(token)
    assert vars(made)["numbers"] == " [request r-17] [job 42]"
    assert (line["message"], line["request"], line["job"], line["level"], line["logger"]) == (
        "报送 完成", "r-17", 42, "warning", "x",
    )  # fmt: skip
    assert line["time"].endswith("Z")
    try:
        raise ValueError("deep")
    except ValueError:
        failed = logging.getLogger("x").makeRecord("x", logging.ERROR, "f", 1, "no", (), sys.exc_info())
    assert "ValueError: deep" in json.loads(logs.json_formatter().format(failed))["exception"]


@pytest.mark.parametrize(
    ("url", "options", "wrong"),
    [
        ("db.example.cn", {}, True), ("db.example.cn", {"sslmode": "prefer"}, True),
        ("db.example.cn", {"sslmode": "verify-full"}, False), ("127.0.0.1", {}, False), ("/run/postgresql", {}, False),
        ("", {"host": "127.0.0.1,db2.example.cn"}, True), ("", {"host": "127.0.0.1,::1"}, False),
    ],
)  # fmt: skip
def test_the_database_speaks_tls(monkeypatch: pytest.MonkeyPatch, url: str, options: Any, wrong: bool) -> None:
    at = {"ENGINE": "django.db.backends.postgresql", "HOST": url, "OPTIONS": options}
    monkeypatch.setattr(django_settings, "DATABASES", {"default": at})
    assert bool(checks.database_speaks_tls(None)) is wrong


def test_the_broker_speaks_tls_or_the_network_is_private(settings: Any) -> None:
    settings.CELERY_BROKER_URL = "redis://redis.example.cn:6379/0"
    assert [one.id for one in checks.broker_speaks_tls(None)] == ["scorecard.E012"]
    settings.PRIVATE_NETWORK = True
    assert not checks.broker_speaks_tls(None)
    settings.PRIVATE_NETWORK = False
    settings.CELERY_BROKER_URL = "rediss://redis.example.cn:6379/0"
    assert not checks.broker_speaks_tls(None)


def test_an_installation_without_a_scanner_is_warned_and_starts(log: Path, settings: Any) -> None:
    settings.CLAMD = ""
    (warning,) = checks.uploads_are_scanned(None)
    assert warning.id == "scorecard.W016" and warning.level < ERROR and "CLAMD" in str(warning.hint)
    settings.CLAMD = "/run/clamav/clamd.ctl"
    assert not checks.uploads_are_scanned(None)


def test_a_process_with_unsafe_settings_does_not_start(log: Path, settings: Any) -> None:
    settings.START_CHECKS = True
    settings.METRICS_TOKEN = "short"
    (log / "key").touch(mode=0o644)
    with pytest.raises(ImproperlyConfigured) as said:
        start.check_at_start()
    assert "chmod 600" in str(said.value) and "METRICS_TOKEN has 5 characters" in str(said.value)
    with pytest.raises(SystemExit) as ended:
        start.check_or_end()
    assert ended.value.code == 78
