"""Receipts: downloaded by who signed, checked by the stand-alone script, refused once a byte of them is another."""

import copy
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from assessments import workflow
from assessments.models import Assessment, Notice, StepRecord
from assessments.tests.reviews.world import World, build
from assessments.tests.reviews.world import person as make_person
from scorecard.audit.models import Event
from scorecard.audit.notes import Signer
from scorecard.audit.services import record
from scorecard.audit.tests.attacks import without_triggers
from scorecard.audit.tests.conftest import log

__all__ = ["log"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def world(log: Path) -> World:
    return build()


def _step(case: Assessment, name: str) -> StepRecord:
    return StepRecord.objects.get(assessment=case, transition=name)


def _download(person: Any, step: StepRecord) -> Any:
    client = Client()
    client.force_login(person)
    return client.get(reverse("step-receipt", args=[step.pk]))


def _check(folder: Path, receipt: Any, key: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run the script where there is nothing but itself, the receipt and the public key."""
    away = folder / "away"
    away.mkdir(exist_ok=True)
    script = shutil.copy(settings.BASE_DIR / "scripts" / "check_receipt.py", away)
    (away / "receipt.json").write_text(json.dumps(receipt, ensure_ascii=False), encoding="utf-8")
    key = key or (folder / "keys.txt").read_text(encoding="utf-8").strip()
    return subprocess.run(
        [sys.executable, "-I", script, "receipt.json", "--key", key],
        cwd=away, env={"PYTHONUTF8": "1"}, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip


def _acknowledged(world: World) -> Assessment:
    case = world.notified("AAA")
    workflow.perform("acknowledge", actor=world.people[case.bank_id]["signatory"], assessment_id=case.pk)
    return world.again(case)


def test_the_script_checks_a_receipt_without_the_product(world: World, log: Path) -> None:
    case = _acknowledged(world)
    signatory = world.people[case.bank_id]["signatory"]
    answer = _download(signatory, _step(case, "acknowledge"))
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith('attachment; filename="sh-2017-AAA-acknowledge-')
    done = _check(log, answer.json())
    assert done.returncode == 0, done.stderr
    assert "VALID" in done.stdout and "assessments.notice" in done.stdout and "AAA-signatory" in done.stdout
    event = Event.objects.get(event="assessments.receipt.downloaded")
    assert event.actor == signatory and event.bank_id == case.bank_id


def test_a_decision_and_a_notice_have_receipts_with_what_was_signed(world: World, log: Path) -> None:
    case = world.notified("AAA")
    for name, kind in (("decide", "assessments.rating"), ("issue_notice", "assessments.notice")):
        receipt = _download(world.decider, _step(case, name)).json()
        texts = {one["kind"]: json.loads(one["text"]) for one in receipt["documents"]}
        assert kind in texts
        done = _check(log, receipt)
        assert done.returncode == 0, done.stderr
    assert texts["assessments.notice"]["body"]["reason"] == "同意核评意见。"


def test_a_receipt_stays_valid_as_the_trail_goes_on(world: World, log: Path) -> None:
    case = world.notified("AAA")
    early = _download(world.decider, _step(case, "decide")).json()
    for number in range(600):
        record("signout", actor=None, data={"n": number})
    late = _download(world.decider, _step(case, "decide")).json()
    assert late["size"] > early["size"] and late["event"] == early["event"]
    for receipt in (early, late):
        assert _check(log, receipt).returncode == 0


FORGERIES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "format": lambda r: r.update(format="scorecard-receipt/2"),
    "details": lambda r: r.update(event=r["event"].replace("同意核评意见", "不同意")),
    "time": lambda r: r.update(event=r["event"].replace('"at":"2', '"at":"1')),
    "another number": lambda r: r.update(index=r["index"] - 1),
    "outside": lambda r: r.update(index=r["size"]),
    "size": lambda r: r.update(size=r["size"] + 1),
    "a part of the proof": lambda r: r["proof"].__setitem__(0, "A" * 43 + "="),
    "proof cut": lambda r: r["proof"].pop(),
    "proof longer": lambda r: r["proof"].append("A" * 43 + "="),
    "proof turned": lambda r: r["proof"].reverse(),
    "checkpoint's size": lambda r: r.update(checkpoint=r["checkpoint"].replace(f"\n{r['size']}\n", "\n99999\n")),
    "checkpoint's time": lambda r: r.update(checkpoint=r["checkpoint"].replace("time 20", "time 19")),
    "checkpoint's origin": lambda r: r.update(checkpoint=r["checkpoint"].replace("scorecard\n", "another\n", 1)),
    "signature": lambda r: r.update(checkpoint=r["checkpoint"][:-8] + "AAAAA==\n"),
    "no signature": lambda r: r.update(checkpoint=r["checkpoint"].split("\n\n")[0] + "\n\n"),
    "document": lambda r: r["documents"][0].update(text=r["documents"][0]["text"].replace(":", ": ", 1)),
    "another document": lambda r: r["documents"][0].update(id="999"),
    "kind of a document": lambda r: r["documents"][0].update(kind="assessments.round"),
    "more in a document": lambda r: r["documents"][0].update(note="x"),
    "more": lambda r: r.update(note="x"),
    "less": lambda r: r.pop("documents"),
}  # fmt: skip


@pytest.fixture
def honest(world: World) -> dict[str, Any]:
    case = world.notified("AAA")
    found: dict[str, Any] = _download(world.decider, _step(case, "decide")).json()
    return found


def test_a_forged_receipt_is_refused(honest: dict[str, Any], log: Path) -> None:
    assert len(honest["proof"]) > 2
    assert _check(log, honest).returncode == 0
    accepted = []
    for name, forge in FORGERIES.items():
        forged = copy.deepcopy(honest)
        forge(forged)
        assert forged != honest, name
        done = _check(log, forged)
        if done.returncode != 1 or "NOT VALID" not in done.stderr:
            accepted.append((name, done.stdout, done.stderr))
    assert not accepted


def test_a_receipt_of_another_key_is_refused(honest: dict[str, Any], log: Path) -> None:
    done = _check(log, honest, key=str(Signer.draw("scorecard").verifier))
    assert done.returncode == 1 and "no known key" in done.stderr
    assert _check(log, honest, key="scorecard+00+xx").returncode == 1


def test_who_may_have_a_receipt(world: World, log: Path) -> None:
    case = _acknowledged(world)
    other = world.bank("BBB")
    ours, theirs = world.people[case.bank_id], world.people[other.pk]
    step = _step(case, "acknowledge")
    assert _download(ours["preparer"], step).status_code == 200
    assert _download(world.officer, step).status_code == 200
    assert _download(theirs["signatory"], step).status_code == 404
    assert _download(ours["signatory"], _step(case, "decide")).status_code == 404
    assert _download(make_person("administrator", "administrator"), step).status_code == 403


def test_without_a_checkpoint_the_page_says_so(world: World, settings: Any) -> None:
    case = world.decided("AAA")
    settings.AUDIT_DRAW_KEY = False
    answer = _download(world.decider, _step(case, "decide"))
    assert answer.status_code == 409
    assert "检查点" in answer.content.decode()


def test_of_a_trail_that_was_changed_no_receipt_is_given(world: World, log: Path) -> None:
    case = world.decided("AAA")
    step = _step(case, "decide")
    assert _download(world.decider, step).status_code == 200
    without_triggers("DELETE FROM audit_event WHERE seq > 5")
    assert _download(world.decider, step).status_code in (404, 409)


def test_the_history_links_the_receipts_of_the_readers_side(world: World, log: Path) -> None:
    case = _acknowledged(world)
    client = Client()
    client.force_login(world.people[case.bank_id]["signatory"])
    page = client.get(reverse("assessment-history", args=[case.pk])).content.decode()
    assert reverse("step-receipt", args=[_step(case, "acknowledge").pk]) in page
    assert reverse("step-receipt", args=[_step(case, "decide").pk]) not in page


def test_the_letter_carries_the_number_of_the_checkpoint(world: World, log: Path) -> None:
    from scorecard.audit.checkpoints import make_checkpoint

    case = world.decided("AAA")
    known = make_checkpoint()
    workflow.perform("issue_notice", actor=world.decider, assessment_id=case.pk)
    body = Notice.objects.get().body
    assert known is not None and body["trail"]["checkpoint"] == {"size": known.size, "root": known.root.hex()}
    client = Client()
    client.force_login(world.decider)
    page = client.get(reverse("notice-detail", args=[case.pk])).content.decode()
    assert f"检查点 {known.size}" in page
