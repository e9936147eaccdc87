"""A lost second factor takes two administrators, whoever it is about; an account for emergencies cries."""

import json
import stat
from pathlib import Path
from typing import Any

import pyotp
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse

from banks.models import FactorReset, User
from banks.services.factors import ask_for_reset, decide_factor_reset
from banks.tests.factories import make_bank, make_person
from scorecard.access.decisions import Refused
from scorecard.access.models import Session
from scorecard.access.roles import Role
from scorecard.audit.models import Event
from scorecard.identity import emergency, services, totp
from scorecard.identity.models import EmergencyUse, Factor, RecoveryCode
from scorecard.jobs.models import Job
from scorecard.jobs.services import Retry
from scorecard.ui.links import Link

pytestmark = pytest.mark.django_db
WORD = "eight kind whales 17"


def with_app(person: User) -> User:
    secret = totp.new_secret()
    made = services.new_app(person, secret, pyotp.TOTP(secret).now())
    assert made is not None
    services.add_factor(actor=person, factor=made, name="电话")
    return person


def sign_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.mark.parametrize("role", [Role.BANK_PREPARER, Role.BANK_SIGNATORY, Role.ADMINISTRATOR])
def test_a_reset_takes_two_administrators(role: str) -> None:
    first, second = make_person(Role.ADMINISTRATOR), make_person(Role.ADMINISTRATOR)
    person = with_app(make_person(role, bank=make_bank() if role.startswith("bank_") else None))
    session = sign_in(person)
    page, ask = reverse("person-edit", args=[person.pk]), reverse("person-factors", args=[person.pk])
    assert sign_in(first).post(ask, {"reason": " "}).status_code == 409
    assert sign_in(first).post(ask, {"reason": "本人持证件到场，称手机遗失"}).status_code == 302
    assert sign_in(second).post(ask, {"reason": "再来"}).status_code == 409, "asked for twice"
    decide = reverse("factor-request", args=[FactorReset.objects.get().pk])
    assert 'value="agree"' not in sign_in(first).get(page).content.decode()
    assert sign_in(first).post(decide, {"decision": "agree"}).status_code == 409
    assert Factor.objects.filter(person=person).exists()
    home = sign_in(second).get(reverse("home"))
    assert Link("person-edit", (person.pk,)) in [task.link for task in home.context["tasks"]]
    assert "本人持证件到场" in sign_in(second).get(page).content.decode()
    assert sign_in(second).post(decide, {"decision": "agree"}).status_code == 302
    assert not Factor.objects.filter(person=person).exists() and not RecoveryCode.objects.filter(person=person).exists()
    assert not Session.objects.filter(person=person).exists()
    assert session.get(reverse("profile")).status_code == 302
    events = Event.objects.filter(event__startswith="banks.factors.").order_by("seq")
    assert [(row.event, row.actor) for row in events] == [
        ("banks.factors.requested", first),
        ("banks.factors.reset", second),
    ]
    assert str(second) in sign_in(person).get(reverse("profile")).content.decode()


def test_nobody_agrees_for_themselves_and_nobody_else_decides() -> None:
    first, second = make_person(Role.ADMINISTRATOR), with_app(make_person(Role.ADMINISTRATOR))
    asked = ask_for_reset(actor=first, person=second, reason="遗失")
    for actor in (first, second, make_person(Role.DECISION_MAKER)):
        with pytest.raises(Refused):
            decide_factor_reset(actor=actor, reset_id=asked.pk, agree=True)
    decide_factor_reset(actor=second, reset_id=asked.pk, agree=False)
    assert Factor.objects.filter(person=second).exists()
    with pytest.raises(Refused):
        decide_factor_reset(actor=make_person(Role.ADMINISTRATOR), reset_id=asked.pk, agree=True)


def test_the_command_line_resets_alone_and_the_trail_says_so() -> None:
    person = with_app(make_person(Role.CASE_OFFICER))
    call_command("reset_factors", person.username.upper())
    assert not Factor.objects.exists()
    assert Event.objects.get(event="banks.factors.reset").actor is None


# --- Break glass -----------------------------------------------------------------------------------------------------
@pytest.fixture
def envelope(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What the command has printed."""
    call_command("break_glass")
    return read(capsys)


def read(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    lines = capsys.readouterr().out.splitlines()
    password = next(line.removeprefix("Password: ") for line in lines if line.startswith("Password: "))
    return {"password": password, "codes": [line.strip() for line in lines if line.startswith("  ")]}


def break_glass(envelope: dict[str, Any], code: int = 0) -> Client:
    client = Client(REMOTE_ADDR="10.9.9.9", HTTP_USER_AGENT="Firefox Linux")
    client.post(reverse("login"), {"username": "emergency", "password": envelope["password"]})
    assert "_auth_user_id" not in client.session, "the password alone opens nothing"
    client.post(reverse("login"), {"code": envelope["codes"][code]})
    assert "_auth_user_id" in client.session
    return client


def test_the_account_for_emergencies_cries(envelope: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    first = make_person(Role.ADMINISTRATOR)
    assert not list(sign_in(first).get(reverse("home")).context["emergencies"])
    glass = break_glass(envelope)
    assert [record.levelname for record in caplog.records if "emergency" in record.getMessage()] == ["CRITICAL"]
    event = Event.objects.get(event="emergency.used")
    assert (event.actor_name, event.ip) == ("应急账户", "10.9.9.9")
    for actor in (first, make_person(Role.ADMINISTRATOR)):
        text = sign_in(actor).get(reverse("home")).content.decode()
        assert "10.9.9.9" in text and "Firefox · Linux" in text
    close = reverse("emergency-close", args=[EmergencyUse.objects.get().pk])
    assert glass.post(close, {"words": "没事"}).status_code == 409, "the account closes its own alarm"
    assert sign_in(first).post(close, {"words": ""}).status_code == 409
    assert sign_in(first).post(close, {"words": "两名管理员同时出差，值班负责人启用"}).status_code == 302
    assert not list(sign_in(first).get(reverse("home")).context["emergencies"])
    assert json.loads(Event.objects.get(event="emergency.closed").data)["words"].startswith("两名")


def test_it_alone_is_no_two_administrators(envelope: dict[str, Any]) -> None:
    account = User.objects.get(username="emergency")
    person = with_app(make_person(Role.CASE_OFFICER))
    asked = ask_for_reset(actor=account, person=person, reason="应急")
    with pytest.raises(Refused):
        decide_factor_reset(actor=account, reset_id=asked.pk, agree=True)


def test_sealing_it_anew_closes_what_the_envelope_opened(
    envelope: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    client = break_glass(envelope)
    call_command("break_glass")
    fresh = read(capsys)
    assert client.get(reverse("profile")).status_code == 302
    assert not set(fresh["codes"]) & set(envelope["codes"])
    assert not User.objects.get(username="emergency").check_password(envelope["password"])
    assert break_glass(fresh, 9)
    make_person(Role.ADMINISTRATOR, username="li")
    with pytest.raises(CommandError):
        call_command("break_glass", "li")


def test_the_alarm_is_given_and_tried_again(envelope: dict[str, Any], settings: Any, tmp_path: Path) -> None:
    heard, program = tmp_path / "heard.json", tmp_path / "alarm"
    program.write_text(f"#!/bin/sh\ncat > {heard}\n", encoding="utf-8")
    settings.EMERGENCY_ALERT = str(program)
    break_glass(envelope)
    job = Job.objects.get(kind=emergency.ALERT)
    with pytest.raises(Retry):
        emergency.alert(job.params["use"])  # it may not be started yet
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    emergency.alert(job.params["use"])
    said = json.loads(heard.read_text(encoding="utf-8"))
    assert (said["event"], said["username"], said["address"]) == ("emergency.used", "emergency", "10.9.9.9")
