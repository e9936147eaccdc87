"""Mails over a real SMTP server: what it gets, and what becomes of a mail when it refuses, hangs up or is away."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from django.utils import timezone

from banks.models import User
from scorecard.inbox import sending, services
from scorecard.inbox.models import Mail, MailState, Message, Wishes
from scorecard.inbox.tests.fakes import KIND, mail_on

pytestmark = pytest.mark.django_db


class Office:
    """What the server does: the answers that it gives in turn, and what it keeps."""

    def __init__(self) -> None:
        self.kept: list[EmailMessage] = []
        self.to_recipient: list[str] = []
        self.to_content: list[str] = []

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        said = self.to_recipient.pop(0) if self.to_recipient else "250 OK"
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        said = self.to_content.pop(0) if self.to_content else "250 OK"
        if said == "hang up":  # the content is there, and no answer comes
            server.transport.abort()  # type: ignore[union-attr]
            return "250 OK"
        if said.startswith("250"):
            found = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(found, EmailMessage)
            self.kept.append(found)
        return said


@pytest.fixture
def office(settings: Any) -> Iterator[Office]:
    """A server on a port of its own, as the office's."""
    mail_on(settings)
    handler = Office()
    controller = Controller(handler, hostname="127.0.0.1", port=_free_port())
    controller.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", controller.port, 5
    yield handler
    controller.stop()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _person(name: str = "li", **more: Any) -> User:
    return User.objects.create(username=name, name=name, email=f"{name}@example.com", **more)


def _mail_to(*people: User, title: str = "监管部门已退回本行报送") -> list[Mail]:
    services.tell(KIND, key=f"t:{title}", data={"people": [person.pk for person in people], "title": title})
    services.send_due(timezone.now())
    return list(Mail.objects.order_by("pk"))


def test_a_mail_arrives_with_words_link_and_one_message_id(office: Office) -> None:
    [mail] = _mail_to(_person())
    assert sending.send_mails(timezone.now()) == 1
    assert sending.send_mails(timezone.now() + timedelta(days=2)) == 0
    [got] = office.kept
    assert got["Subject"].strip() == "[普惠金融监管评价系统] 监管部门已退回本行报送"
    assert got["Message-ID"] == f"<{mail.reference}@example.com>"
    assert got["To"] == "li@example.com"
    assert got["Auto-Submitted"] == "auto-generated"
    body = got.get_content()
    assert f"https://scorecard.example/messages/{Message.objects.get().pk}/" in body
    assert "https://scorecard.example/messages/choice/" in body
    mail.refresh_from_db()
    assert mail.state == MailState.SENT and mail.sent_at is not None


def test_a_line_that_begins_with_a_dot_arrives_whole(office: Office) -> None:
    _mail_to(_person(language="en"), title=".\r\nend")  # a title holds no break, the mail is refused before the server
    assert sending.send_mails(timezone.now()) == 0
    assert Mail.objects.get().state == MailState.FAILED
    _mail_to(_person("wu"), title=".hidden")
    assert sending.send_mails(timezone.now()) == 1
    assert office.kept[0].get_content().startswith(".hidden")


def test_the_language_is_the_one_that_the_person_chose(office: Office) -> None:
    person = _person(language="zh-hans")
    Wishes.objects.create(person=person, language="en")
    _mail_to(person)
    sending.send_mails(timezone.now())
    assert "This message was sent by the system" in office.kept[0].get_content()
    assert office.kept[0]["Content-Language"] == "en"


@pytest.mark.parametrize("where", ["to_recipient", "to_content"])
def test_a_server_that_refuses_for_now_is_asked_again_later(office: Office, where: str) -> None:
    getattr(office, where).extend(["451 try later", "451 try later"])
    [mail] = _mail_to(_person())
    now = timezone.now()
    assert sending.send_mails(now) == 0
    assert sending.send_mails(now + timedelta(seconds=30)) == 0, "before the pause is over nothing is tried"
    assert sending.send_mails(now + timedelta(seconds=61)) == 0
    assert sending.send_mails(now + timedelta(seconds=61 + 119)) == 0, "the pause has doubled"
    mail.refresh_from_db()
    assert (mail.state, mail.tries) == (MailState.DUE, 2) and "451" in mail.error
    assert sending.send_mails(now + timedelta(seconds=61 + 121)) == 1
    assert len(office.kept) == 1


@pytest.mark.parametrize("where", ["to_recipient", "to_content"])
def test_a_server_that_refuses_for_good_is_not_asked_again_and_the_others_go_on(office: Office, where: str) -> None:
    getattr(office, where).append("550 no such person")
    _mail_to(_person(), _person("wu"))
    assert sending.send_mails(timezone.now()) == 1
    assert sending.send_mails(timezone.now() + timedelta(days=2)) == 0
    states = list(Mail.objects.order_by("pk").values_list("state", flat=True))
    assert sorted(states) == [MailState.FAILED, MailState.SENT] and len(office.kept) == 1
    assert "550" in Mail.objects.get(state=MailState.FAILED).error


def test_a_server_that_hangs_up_after_the_content_gets_it_no_second_time(office: Office) -> None:
    office.to_content.append("hang up")
    _mail_to(_person(), _person("wu"))
    now = timezone.now()
    assert sending.send_mails(now) == 1, "the second mail has a connection of its own"
    assert sending.send_mails(now + timedelta(days=2)) == 0
    assert sorted(Mail.objects.values_list("state", flat=True)) == [MailState.SENT, MailState.UNKNOWN]
    assert Message.objects.filter(read_at=None).count() == 2, "the message itself is in the inbox"


def test_a_server_that_is_away_loses_nothing(office: Office, settings: Any) -> None:
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, _free_port()
    _mail_to(_person(), _person("wu"))
    now = timezone.now()
    assert sending.send_mails(now) == 0
    assert set(Mail.objects.values_list("state", flat=True)) == {MailState.DUE}
    assert sorted(Mail.objects.values_list("tries", flat=True)) == [0, 1], "one attempt, not one for each mail"
    settings.EMAIL_PORT = port
    assert sending.send_mails(now + timedelta(seconds=61)) == 2
    assert len(office.kept) == 2


def test_what_the_server_never_takes_is_given_up_and_shown(office: Office, settings: Any) -> None:
    settings.EMAIL_PORT = _free_port()
    _mail_to(_person())
    later = timezone.now() + timedelta(hours=settings.MAIL_GIVE_UP_HOURS + 1)
    assert sending.send_mails(later) == 0
    assert Mail.objects.get().state == MailState.FAILED


def test_the_digest_of_a_day_holds_what_is_unread(office: Office) -> None:
    person = _person()
    Wishes.objects.create(person=person, choices={"work": "daily"})
    evening = timezone.localtime().replace(hour=20, minute=0)
    for title in ("甲", "乙", "丙"):
        services.tell(KIND, key=title, due_at=evening, data={"people": [person.pk], "title": title})
    services.send_due(evening)
    assert sending.write_digests(evening) == 0, "today's hour was before"
    Message.objects.filter(data__title="乙").update(read_at=evening)
    morning = evening + timedelta(hours=12, minutes=5)
    assert sending.write_digests(morning) == 1 and sending.write_digests(morning) == 0
    assert sending.send_mails(morning) == 1
    [got] = office.kept
    assert "今日消息 2 条" in got["Subject"]
    body = got.get_content()
    assert "甲" in body and "丙" in body and "乙" not in body


def test_without_a_server_no_mail_is_written(settings: Any) -> None:
    settings.EMAIL_HOST = ""
    assert _mail_to(_person()) == []
    assert Message.objects.get().mailing == "none"
