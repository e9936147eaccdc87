"""The password at a signature: wrong ones are counted, delayed and recorded."""

import pytest
from django.conf import settings as project

from assessments.models import Review
from assessments.tests.reviews import world as worlds
from assessments.tests.reviews.client import post, seal, signed_in
from assessments.tests.reviews.world import PASSWORD
from scorecard.audit.models import Event

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
