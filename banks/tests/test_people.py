"""People: roles go with a bank or without, the last administrator stays, a stale page overwrites nothing."""

import pytest
from django.utils import timezone

from banks.models import User
from banks.services.errors import Invalid
from banks.services.passwords import set_password
from banks.services.people import change_person, create_person, person_token, set_roles
from banks.tests.factories import make_bank, make_person
from scorecard.access.decisions import Refused, Stale
from scorecard.access.roles import BANK_ROLES, SUPERVISOR_ROLES, Role
from scorecard.audit.models import Event
from scorecard.identity.models import EmergencyAccount

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", sorted(BANK_ROLES))
def test_bank_roles_need_a_bank(role: str) -> None:
    with pytest.raises(Invalid) as caught:
        create_person(actor=None, username="ab", name="人", roles=[role])
    assert set(caught.value.fields) == {"roles"}
    assert create_person(actor=None, username="ab", name="人", roles=[role], bank=make_bank()).roles == {role}


@pytest.mark.parametrize("role", sorted(SUPERVISOR_ROLES))
def test_a_person_of_a_bank_holds_no_role_of_the_supervisor(role: str) -> None:
    with pytest.raises(Invalid) as caught:
        create_person(actor=None, username="ab", name="人", roles=[role], bank=make_bank())
    assert set(caught.value.fields) == {"roles"}
    assert create_person(actor=None, username="ab", name="人", roles=[role]).roles == {role}


def test_roles_that_exclude_one_another() -> None:
    with pytest.raises(Invalid):
        make_person(Role.AUDITOR, Role.CASE_OFFICER)
    with pytest.raises(Invalid):
        make_person(Role.ADMINISTRATOR, Role.DECISION_MAKER)
    assert make_person(Role.CASE_OFFICER, Role.SECOND_REVIEWER).pk


def test_every_problem_at_once() -> None:
    make_person(username="taken")
    with pytest.raises(Invalid) as caught:
        create_person(actor=None, username="TAKEN", name=" ", email="x", roles=["odd"], password="short")
    assert set(caught.value.fields) == {"username", "name", "email", "roles", "password"}
    with pytest.raises(Invalid) as caught:
        create_person(actor=None, username="有空 格", name="人")
    assert set(caught.value.fields) == {"username"}


def test_without_a_password_nobody_signs_in() -> None:
    assert not make_person().has_usable_password()
    person = make_person(password="a-long-enough-word-1")
    assert person.check_password("a-long-enough-word-1")
    set_password(actor=None, person=person, password="another-long-word-2")
    person.refresh_from_db()
    assert person.check_password("another-long-word-2")
    assert "another" not in Event.objects.first().data  # type: ignore[union-attr]
    with pytest.raises(Invalid):
        set_password(actor=None, person=person, password="123")


def test_granting_and_withdrawing_is_one_event() -> None:
    person, administrator = make_person(Role.CASE_OFFICER), make_person(Role.ADMINISTRATOR)
    before = Event.objects.count()
    changed = set_roles(actor=administrator, person=person, roles=[Role.SECOND_REVIEWER])
    assert changed.roles == {Role.SECOND_REVIEWER}
    assert Event.objects.count() == before + 1
    assert '"granted":["second_reviewer"]' in Event.objects.first().data  # type: ignore[union-attr]
    set_roles(actor=administrator, person=person, roles=[Role.SECOND_REVIEWER])
    assert Event.objects.count() == before + 1


def test_the_last_administrator_stays() -> None:
    only = make_person(Role.ADMINISTRATOR)
    with pytest.raises(Invalid):
        set_roles(actor=None, person=only, roles=[])
    with pytest.raises(Invalid):
        change_person(actor=None, person=only, name=only.name, is_active=False)
    second = make_person(Role.ADMINISTRATOR)
    with pytest.raises(Invalid):
        set_roles(actor=only, person=only, roles=[])
    with pytest.raises(Invalid):
        change_person(actor=only, person=only, name=only.name, is_active=False)
    assert not change_person(actor=second, person=only, name=only.name, is_active=False).is_active


def test_an_account_for_emergencies_is_no_other_administrator() -> None:
    """It lies in a safe: with it alone nobody administers, and two who agree are never found."""
    only, sealed = make_person(Role.ADMINISTRATOR), make_person(Role.ADMINISTRATOR)
    EmergencyAccount.objects.create(person=sealed, sealed_at=timezone.now())
    with pytest.raises(Invalid):
        set_roles(actor=None, person=only, roles=[])
    with pytest.raises(Invalid):
        change_person(actor=None, person=only, name=only.name, is_active=False)


def test_a_stale_page_changes_nothing() -> None:
    person = make_person(Role.CASE_OFFICER)
    seen = person_token(person, person.roles)
    set_roles(actor=None, person=person, roles=[Role.SECOND_REVIEWER], seen=seen)
    with pytest.raises(Stale):
        change_person(actor=None, person=person, name="changed", seen=seen)
    with pytest.raises(Stale):
        set_roles(actor=None, person=person, roles=[Role.AUDITOR], seen=seen)
    person = User.objects.get(pk=person.pk)
    assert person.name != "changed" and person.roles == {Role.SECOND_REVIEWER}


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_only_the_administrator_keeps_people(role: Role) -> None:
    actor = make_person(role, bank=make_bank() if role in BANK_ROLES else None)
    other = make_person()
    with pytest.raises(Refused):
        create_person(actor=actor, username="new", name="人")
    with pytest.raises(Refused):
        change_person(actor=actor, person=other, name="x")
    with pytest.raises(Refused):
        set_roles(actor=actor, person=other, roles=[Role.AUDITOR])
    with pytest.raises(Refused):
        set_password(actor=actor, person=other, password="a-long-enough-word-1")
