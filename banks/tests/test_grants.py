"""What one administrator cannot do alone: give out a signature, a decision, the register of people."""

import pytest
from django.test import Client
from django.urls import reverse

from banks.access import open_requests
from banks.models import RoleRequest, User
from banks.services.grants import TWO_ADMINISTRATORS, decide_request
from banks.services.passwords import set_password
from banks.services.people import create_person, set_roles
from banks.tests.factories import make_bank, make_person
from scorecard.access.decisions import Refused
from scorecard.access.roles import BANK_ROLES, Role
from scorecard.audit.models import Event
from scorecard.links import Link

pytestmark = pytest.mark.django_db
WORD = "a-long-enough-word-1"


def fresh(person: User) -> User:
    return User.objects.get(pk=person.pk)


@pytest.mark.parametrize("role", sorted(TWO_ADMINISTRATORS))
def test_one_asks_and_another_one_grants(role: str) -> None:
    first, second = make_person(Role.ADMINISTRATOR), make_person(Role.ADMINISTRATOR)
    bank = make_bank() if role in BANK_ROLES else None
    person = create_person(actor=first, username="new", name="新人", roles=[role], bank=bank, password=WORD)
    assert not fresh(person).roles
    asked = open_requests(second).get()
    assert (asked.user, asked.role, asked.asked_by) == (person, role, first)
    for actor in (first, make_person(Role.CASE_OFFICER)):
        with pytest.raises(Refused):
            decide_request(actor=actor, request_id=asked.pk, grant=True)
    assert not fresh(person).roles
    decide_request(actor=second, request_id=asked.pk, grant=True)
    assert fresh(person).roles == {role}
    with pytest.raises(Refused):
        decide_request(actor=second, request_id=asked.pk, grant=True)
    grant = fresh(person).grants.get()
    assert grant.granted_by == second
    assert Event.objects.filter(event="banks.role.requested").count() == 1
    assert Event.objects.filter(event="banks.roles.changed").count() == 1


def test_nobody_grants_a_role_to_themselves() -> None:
    first, second = make_person(Role.ADMINISTRATOR), make_person(Role.ADMINISTRATOR)
    set_roles(actor=None, person=second, roles=[Role.ADMINISTRATOR])
    RoleRequest.objects.create(user=second, role=Role.ADMINISTRATOR, asked_by=first)
    with pytest.raises(Refused):
        decide_request(actor=second, request_id=RoleRequest.objects.get().pk, grant=True)


def test_other_roles_are_granted_at_once_and_asking_twice_asks_once() -> None:
    first = make_person(Role.ADMINISTRATOR)
    person = make_person()
    for _ in range(2):
        set_roles(actor=first, person=person, roles=[Role.CASE_OFFICER, Role.DECISION_MAKER])
    assert fresh(person).roles == {Role.CASE_OFFICER} and RoleRequest.objects.count() == 1
    decide_request(actor=first, request_id=RoleRequest.objects.get().pk, grant=False)
    assert not open_requests(first).exists() and fresh(person).roles == {Role.CASE_OFFICER}


def sign_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_the_pages_of_two_administrators() -> None:
    first, second = make_person(Role.ADMINISTRATOR), make_person(Role.ADMINISTRATOR)
    bank = make_bank()
    sent = {"username": "signer", "name": "签字人", "roles": [Role.BANK_SIGNATORY], "bank": bank.code}
    assert sign_in(first).post(reverse("person-create"), sent).status_code == 302
    person = User.objects.get(username="signer")
    asked = RoleRequest.objects.get()
    page, url = reverse("person-edit", args=[person.pk]), reverse("role-request", args=[asked.pk])
    assert 'value="grant"' not in sign_in(first).get(page).content.decode()
    assert sign_in(first).post(url, {"decision": "grant"}).status_code == 409
    tasks = sign_in(second).get(reverse("home")).context["tasks"]
    assert Link("person-edit", (person.pk,)) in [task.link for task in tasks]
    assert 'value="grant"' in sign_in(second).get(page).content.decode()
    assert sign_in(second).post(url, {"decision": "grant"}).status_code == 302
    assert fresh(person).roles == {Role.BANK_SIGNATORY}
    # The bank's own page names who did it, and when.
    preparer = make_person(Role.BANK_PREPARER, bank=bank)
    text = sign_in(preparer).get(reverse("bank-detail", args=[bank.pk])).content.decode()
    assert "签字人" in text and str(second) in text and str(first) in text


def test_a_password_that_somebody_else_set_is_changed_first(client: Client) -> None:
    administrator = make_person(Role.ADMINISTRATOR)
    bank = make_bank()
    person = create_person(
        actor=administrator, username="prep", name="填报人", roles=[Role.BANK_PREPARER], bank=bank, password=WORD
    )
    change = reverse("password-change")

    def signed_in(password: str) -> None:
        assert client.login(username="prep", password=password)
        for page in (reverse("home"), reverse("my-bank"), reverse("profile")):
            assert client.get(page).headers["Location"] == change
        assert client.post(reverse("table-settings"), {}).headers["Location"] == change

    signed_in(WORD)
    same = {"current": WORD, "new": WORD, "again": WORD}
    assert client.post(change, same).status_code == 200 and fresh(person).must_change_password
    own = "my-own-long-word-2"
    assert client.post(change, same | {"new": own, "again": own}).status_code == 302
    assert client.get(reverse("home")).status_code == 200
    set_password(actor=administrator, person=person, password="another-long-word-3")
    signed_in("another-long-word-3")
