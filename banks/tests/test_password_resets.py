"""A password that somebody else sets: two administrators where it opens a signature, a decision or the register of
people, and the person reads who has set it."""

import pytest
from django.test import Client
from django.urls import reverse

from banks.models import PasswordReset, User
from banks.services.passwords import decide_reset, set_password
from banks.tests.factories import make_bank, make_person
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.models import Event
from scorecard.ui.links import Link

pytestmark = pytest.mark.django_db

OLD, NEW, OWN = "the-old-long-word-1", "another-long-word-2", "my-own-long-word-3"


def sign_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    client.cookies["django_language"] = "zh-hans"
    return client


def fits(person: User, password: str) -> bool:
    return User.objects.get(pk=person.pk).check_password(password)


def holder(role: str) -> User:
    person = make_person(role, bank=make_bank() if role.startswith("bank_") else None)
    set_password(actor=None, person=person, password=OLD)
    return person


@pytest.mark.parametrize("role", [Role.BANK_SIGNATORY, Role.DECISION_MAKER, Role.ADMINISTRATOR])
def test_one_administrator_alone_opens_no_signature_no_decision_and_no_register(role: str) -> None:
    first, second = make_person(Role.ADMINISTRATOR), make_person(Role.ADMINISTRATOR)
    person = holder(role)
    url = reverse("person-password", args=[person.pk])
    assert sign_in(first).post(url, {"password": NEW}).status_code == 302
    assert fits(person, OLD) and not fits(person, NEW)
    asked = PasswordReset.objects.get()
    decide = reverse("password-request", args=[asked.pk])
    page = reverse("person-edit", args=[person.pk])
    assert 'value="agree"' not in sign_in(first).get(page).content.decode()
    assert sign_in(first).post(decide, {"decision": "agree"}).status_code == 409
    assert fits(person, OLD)
    assert Link("person-edit", (person.pk,)) in [
        task.link for task in sign_in(second).get(reverse("home")).context["tasks"]
    ]
    assert 'value="agree"' in sign_in(second).get(page).content.decode()
    assert sign_in(second).post(decide, {"decision": "agree"}).status_code == 302
    assert fits(person, NEW)
    asked.refresh_from_db()
    assert asked.encoded == "" and asked.done
    names = list(
        Event.objects.filter(event__startswith="banks.password.").order_by("seq").values_list("event", "actor")
    )
    assert names[-2:] == [("banks.password.requested", first.pk), ("banks.password.set", second.pk)]


def test_nobody_agrees_to_their_own_and_a_refusal_keeps_the_old_one() -> None:
    first, second = make_person(Role.ADMINISTRATOR), holder(Role.ADMINISTRATOR)
    assert not set_password(actor=first, person=second, password=NEW)
    with pytest.raises(Refused):
        decide_reset(actor=second, reset_id=PasswordReset.objects.get().pk, agree=True)
    decide_reset(actor=second, reset_id=PasswordReset.objects.get().pk, agree=False)
    assert fits(second, OLD) and PasswordReset.objects.get().encoded == ""
    with pytest.raises(Refused):
        decide_reset(actor=make_person(Role.ADMINISTRATOR), reset_id=PasswordReset.objects.get().pk, agree=True)


def test_a_newer_request_takes_the_place_of_the_one_that_waits() -> None:
    first, second = make_person(Role.ADMINISTRATOR), make_person(Role.ADMINISTRATOR)
    person = holder(Role.BANK_SIGNATORY)
    set_password(actor=first, person=person, password=NEW)
    old = PasswordReset.objects.get()
    set_password(actor=second, person=person, password=OWN)
    with pytest.raises(Refused):
        decide_reset(actor=second, reset_id=old.pk, agree=True)
    decide_reset(actor=first, reset_id=PasswordReset.objects.get(decided_at=None).pk, agree=True)
    assert fits(person, OWN)


@pytest.mark.parametrize("role", [Role.BANK_PREPARER, Role.BANK_SIGNATORY])
def test_the_person_reads_on_the_next_page_who_has_set_it_and_when(role: str) -> None:
    first, second = make_person(Role.ADMINISTRATOR), make_person(Role.ADMINISTRATOR)
    person = holder(role)
    before = sign_in(person)
    if not set_password(actor=first, person=person, password=NEW):
        decide_reset(actor=second, reset_id=PasswordReset.objects.get().pk, agree=True)
    assert before.get(reverse("home")).headers["Location"].startswith(reverse("login"))
    client = Client()
    client.cookies["django_language"] = "zh-hans"
    assert client.login(username=person.username, password=NEW)
    page = client.get(reverse("home"), follow=True).content.decode()
    assert str(first) in page and "设置了您的密码" in page
    assert (str(second) in page) == (role == Role.BANK_SIGNATORY)
    sent = {"current": NEW, "new": OWN, "again": OWN}
    assert client.post(reverse("password-change"), sent).status_code == 302
    assert str(first) in client.get(reverse("profile")).content.decode()
