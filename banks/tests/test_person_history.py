"""The auditor opens people, their roles and their history, and changes none of it."""

import pytest
from django.test import Client
from django.urls import reverse

from banks.models import RoleRequest, User
from banks.services.grants import decide_request
from banks.services.passwords import set_password
from banks.services.people import set_roles
from banks.tests.factories import make_bank, make_person
from scorecard.access.roles import Role
from scorecard.audit.models import Event

pytestmark = pytest.mark.django_db


def sign_in(person: User, language: str = "zh-hans") -> Client:
    client = Client()
    client.force_login(person)
    client.cookies["django_language"] = language
    return client


def changed_person() -> tuple[User, User, User]:
    """A bank's signatory whom two administrators have made one, after a new password."""
    first, second = make_person(Role.ADMINISTRATOR, name="甲管理员"), make_person(Role.ADMINISTRATOR, name="乙管理员")
    person = make_person(Role.BANK_PREPARER, bank=make_bank(), name="张三")
    set_password(actor=first, person=person, password="another-long-word-2")
    set_roles(actor=first, person=person, roles=[Role.BANK_SIGNATORY])
    decide_request(actor=second, request_id=RoleRequest.objects.get().pk, grant=True)
    return person, first, second


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_auditor_reads_who_holds_what_since_when_and_by_whom(language: str) -> None:
    person, first, second = changed_person()
    client = sign_in(make_person(Role.AUDITOR), language)
    url = reverse("person-detail", args=[person.pk])
    people = client.get(reverse("person-list")).content.decode()
    assert f'href="{url}"' in people
    edit = reverse("person-edit", args=[person.pk])
    assert f'href="{edit}"' not in people and reverse("person-create") not in people
    page = client.get(url).content.decode()
    assert str(first) in page and str(second) in page
    events = Event.objects.filter(object_type="banks.user", object_id=str(person.pk), event__startswith="banks.")
    assert events.filter(event="banks.password.set").exists() and events.filter(event="banks.roles.changed").exists()
    for event in events:
        assert reverse("audit-event", args=[event.seq]) in page
    assert "<form" not in page.split("<main")[1].split("</main>")[0], "nothing to change"
    # And back: an event about a person leads to the person.
    assert f'href="{url}"' in client.get(reverse("audit-event", args=[events[0].seq])).content.decode()


def test_nobody_else_opens_the_history_and_the_auditor_changes_nobody() -> None:
    person, first, _second = changed_person()
    url = reverse("person-detail", args=[person.pk])
    for other in (first, person, make_person(Role.CASE_OFFICER)):
        User.objects.filter(pk=other.pk).update(must_change_password=False)
        assert sign_in(User.objects.get(pk=other.pk)).get(url).status_code == 403
    auditor = sign_in(make_person(Role.AUDITOR))
    for name in ("person-edit", "person-password"):
        assert auditor.get(reverse(name, args=[person.pk])).status_code == 403
        assert auditor.post(reverse(name, args=[person.pk]), {"password": "another-long-word-9"}).status_code == 403
    edit = reverse("person-edit", args=[person.pk])
    assert f'href="{edit}"' in sign_in(first).get(reverse("person-list")).content.decode()
