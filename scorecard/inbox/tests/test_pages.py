"""The pages of messages: the own inbox, what reaches whom, and the administrator's list of mails."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from banks.models import RoleGrant, User
from scorecard.access.roles import Role
from scorecard.audit.models import Event
from scorecard.inbox import sending, services
from scorecard.inbox.checks import mail_is_whole
from scorecard.inbox.models import Mail, MailState, Message, Wishes
from scorecard.inbox.tests.fakes import KIND, mail_on

pytestmark = pytest.mark.django_db


def person(name: str, *roles: str) -> User:
    found = User.objects.create(username=name, name=name, email=f"{name}@example.com")
    RoleGrant.objects.bulk_create(RoleGrant(user=found, role=role) for role in roles)
    return found


def tell(*people: User, title: str = "甲") -> None:
    services.tell(KIND, key=title, data={"people": [one.pk for one in people], "title": title})
    services.send_due(timezone.now())


def page(client: Client, name: str, *args: Any, **query: str) -> str:
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_bell_counts_and_opening_a_message_marks_it(client: Client) -> None:
    officer = person("officer", Role.CASE_OFFICER)
    tell(officer, title="甲")
    tell(officer, title="乙")
    client.force_login(officer)
    shown = page(client, "inbox")
    assert "甲" in shown and "乙" in shown and '<span class="bell-count" aria-hidden="true">2</span>' in shown
    first = Message.objects.get(data__title="甲")
    answer = client.get(reverse("inbox-open", args=[first.pk]))
    assert answer["Location"] == reverse("profile")
    shown = page(client, "inbox", show="unread")
    assert "甲" not in shown and "乙" in shown and ">1</span>" in shown
    client.post(reverse("inbox-read"))
    assert "bell-count" not in page(client, "inbox")


def test_nobody_opens_or_marks_the_message_of_another(client: Client) -> None:
    officer, other = person("officer", Role.CASE_OFFICER), person("other", Role.CASE_OFFICER)
    tell(officer)
    client.force_login(other)
    assert client.get(reverse("inbox-open", args=[Message.objects.get().pk])).status_code == 404
    client.post(reverse("inbox-read"))
    assert Message.objects.get().read_at is None
    assert "甲" not in page(client, "inbox")


def test_what_is_obligatory_cannot_be_switched_off(client: Client) -> None:
    officer = person("officer", Role.CASE_OFFICER)
    client.force_login(officer)
    url = reverse("inbox-wishes")
    chosen = {"work": "never", "answers": "daily", "progress": "daily", "digest": "never", "account": "never"}
    answer = client.post(url, chosen)
    assert answer.status_code == 422 and not Wishes.objects.exists()
    answer = client.post(url, chosen | {"account": "daily", "language": "en"})
    assert answer.status_code == 302
    assert Event.objects.filter(event="inbox.wishes.changed").count() == 1
    tell(officer)
    assert not Message.objects.exists(), "work is switched off"
    shown = page(client, "inbox-wishes")
    assert "deadlines" not in shown, "what concerns banks alone is not asked of a supervisor"


def test_an_administrator_has_a_refused_mail_sent_again(client: Client, settings: Any) -> None:
    mail_on(settings)
    officer, admin = person("officer", Role.CASE_OFFICER), person("admin", Role.ADMINISTRATOR)
    tell(officer)
    Mail.objects.update(state=MailState.FAILED, error="550 unknown")
    User.objects.filter(pk=officer.pk).update(email="new@example.com")
    client.force_login(admin)
    assert "550 unknown" in page(client, "mail-list", state="failed")
    assert client.post(reverse("mail-again", args=[Mail.objects.get().pk])).status_code == 302
    mail = Mail.objects.get()
    assert (mail.state, mail.address) == (MailState.DUE, "new@example.com")
    assert Event.objects.filter(event="inbox.mail.again").count() == 1
    assert client.post(reverse("mail-again", args=[mail.pk])).status_code == 409, "it waits already"


def test_a_reminder_that_cannot_be_sent_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    officer = person("officer", Role.CASE_OFFICER)
    services.tell(KIND, key="broken", data={})  # its kind asks for people
    services.tell(KIND, key="whole", data={"people": [officer.pk]})
    now = timezone.now()
    assert services.send_due(now) == 1
    assert Message.objects.get().reminder.key == "whole"
    assert not services.due(now).exists() and services.due(now + services.SHORTEST).count() == 1


def test_the_checks_ask_for_what_e_mail_needs(settings: Any) -> None:
    assert mail_is_whole(None) == []
    settings.EMAIL_HOST, settings.SITE_URL, settings.DEFAULT_FROM_EMAIL = "smtp.example", "", ""
    assert [error.id for error in mail_is_whole(None)] == ["inbox.E001", "inbox.E002"]
    mail_on(settings)
    assert mail_is_whole(None) == []


def test_claims_of_a_mail_exclude_each_other(settings: Any) -> None:
    mail_on(settings)
    tell(person("officer", Role.CASE_OFFICER))
    [pk] = Mail.objects.values_list("pk", flat=True)
    assert sending.claim(pk, timezone.now()) is not None
    assert sending.claim(pk, timezone.now()) is None
