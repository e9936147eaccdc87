"""What is asked under a signature: wrong ones are counted, delayed and recorded; the event says what was given."""

import json
from typing import Any

import pyotp
import pytest
from django.conf import settings as project

from assessments.models import Review
from assessments.tests.reviews import world as worlds
from assessments.tests.reviews.client import post, seal, signed_in
from assessments.tests.reviews.world import PASSWORD
from assessments.workflow import TRANSITIONS
from assessments.workflow.shown import content_digest
from scorecard.audit.models import Event
from scorecard.identity import services, totp
from scorecard.ui.forms import ConfirmForm

pytestmark = pytest.mark.django_db


def test_guessing_at_a_signature_is_delayed_and_recorded() -> None:
    world = worlds.build()
    assessment = world.notified("B001")
    signatory = world.people[assessment.bank_id]["signatory"]
    client = signed_in(signatory)
    data = {"password": PASSWORD, "seen": seal(client, "notice-acknowledge", assessment.pk)}
    for number in range(project.LOGIN_MAX_FAILURES):
        post(client, "notice-acknowledge", [assessment.pk], data | {"password": f"guess-{number}"}, 422)
    assert Event.objects.filter(event="signature.failed", object_id=str(signatory.pk)).count() == (
        project.LOGIN_MAX_FAILURES
    )
    assert Event.objects.filter(event="signature.locked").count() == 1
    post(client, "notice-acknowledge", [assessment.pk], data, 429)  # the right one waits as well
    assert world.again(assessment).review_state == Review.NOTIFIED
    change = {"current": "guess", "new": "Another long phrase 1234", "again": "Another long phrase 1234"}
    post(client, "password-change", [], change, 429)  # one count for every form that asks again
    assert client.login(username=signatory.username, password=PASSWORD), "signing in is not closed by it"


def test_a_signature_asks_for_the_factor_and_its_event_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    """Person, role and time stand in every event; a signature's says with what it was proved, and what was shown."""
    now = [1_800_000_000.0]
    world = worlds.build()
    assessment = world.notified("B001")
    signatory = world.people[assessment.bank_id]["signatory"]
    monkeypatch.setattr("time.time", lambda: now[0])
    secret = totp.new_secret()
    app = pyotp.TOTP(secret)
    made = services.new_app(signatory, secret, app.at(now[0] - 30))
    assert made is not None
    services.add_factor(actor=signatory, factor=made, name="电话")
    client = signed_in(signatory)
    data = {"password": PASSWORD, "seen": seal(client, "notice-acknowledge", assessment.pk)}
    post(client, "notice-acknowledge", [assessment.pk], data, 422)
    post(client, "notice-acknowledge", [assessment.pk], data | {"code": "000000"}, 422)
    assert world.again(assessment).review_state == Review.NOTIFIED
    shown = content_digest(TRANSITIONS["acknowledge"].content(world.again(assessment), {}))  # type: ignore[misc]
    post(client, "notice-acknowledge", [assessment.pk], data | {"code": app.at(now[0])}, 302)
    event = Event.objects.get(event=TRANSITIONS["acknowledge"].event)
    assert (event.actor, event.roles) == (signatory, "bank_signatory")
    assert json.loads(event.data)["signature"] == {"factors": ["password", "totp"], "shown": shown}


def test_who_must_have_a_factor_signs_nothing_without(settings: Any) -> None:
    world = worlds.build()
    assessment = world.notified("B001")
    signatory = world.people[assessment.bank_id]["signatory"]
    client = signed_in(signatory)
    data = {"password": PASSWORD, "seen": seal(client, "notice-acknowledge", assessment.pk)}
    settings.REQUIRE_SECOND_FACTOR = True
    post(client, "notice-acknowledge", [assessment.pk], data, 302)  # to the page that sets one up
    assert world.again(assessment).review_state == Review.NOTIFIED
    assert not ConfirmForm({"password": PASSWORD}, user=signatory, signature=True).is_valid()
