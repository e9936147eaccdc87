"""Mails with real processes: a worker that is killed while it hands one over, messages that nobody sent for days."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone

from banks.models import User
from scorecard.inbox import sending, services
from scorecard.inbox.models import Mail, MailState, Message

from .conftest import Processes, free_port, wait_for

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]


class Office:
    """A server that stops at a command, for as long as a test wants, before it answers."""

    def __init__(self) -> None:
        self.stops_at = ""
        self.stopped = threading.Event()
        self.kept: list[str] = []

    async def _stop(self, command: str) -> None:
        if self.stops_at == command:
            self.stops_at = ""
            self.stopped.set()
            await asyncio.sleep(30)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        await self._stop("RCPT")
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.kept.append(envelope.rcpt_tos[0])
        await self._stop("DATA")
        return "250 OK"


@pytest.fixture
def office(settings: Any) -> Iterator[Office]:
    """The server, and this process's settings that lead to it."""
    handler = Office()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    yield handler
    controller.stop()


def mail_settings(settings: Any) -> dict[str, str]:
    """The same for another process."""
    address = {"SITE_URL": "https://scorecard.example", "DEFAULT_FROM_EMAIL": "scorecard@example.com"}
    return {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(settings.EMAIL_PORT), "EMAIL_TIMEOUT": "60", **address}


def told(name: str) -> User:
    """Somebody whose password was set by an administrator: one message, one mail."""
    person = User.objects.create(username=name, name=name, email=f"{name}@example.com")
    services.tell("banks.password", key=f"password:{name}", data={"person": person.pk, "by": "甲"})
    return person


@pytest.mark.parametrize(("stops_at", "taken"), [("RCPT", False), ("DATA", True)])
def test_kill_9_while_a_mail_is_handed_over(
    processes: Processes, office: Office, settings: Any, stops_at: str, taken: bool
) -> None:
    """Before the content nothing is known to have gone out: it is sent. After it nobody knows: it is not sent again."""
    office.stops_at = stops_at
    told("li")
    processes.start("beat")
    worker = processes.worker(**mail_settings(settings))
    wait_for(office.stopped.is_set, seconds=30, says=f"the worker is at {stops_at}")
    processes.kill(worker)
    assert Message.objects.filter(read_at=None).count() == 1
    assert Mail.objects.get().state == MailState.IN_HAND
    sending.recover(timezone.now() + sending.CLAIM + timedelta(minutes=1))
    assert Mail.objects.get().state == (MailState.UNKNOWN if taken else MailState.DUE)
    told("wu")
    processes.worker(**mail_settings(settings))
    wait_for(lambda: "wu@example.com" in office.kept, seconds=30, says="the next mail is there")
    wait_for(
        lambda: not Mail.objects.filter(state__in=[MailState.DUE, MailState.IN_HAND]).exists(),
        seconds=30,
        says="every mail is sent or unknown",
    )
    assert sorted(office.kept) == ["li@example.com", "wu@example.com"], "each mail once"
    assert Message.objects.count() == 2


def test_what_was_due_while_nothing_ran_is_sent_once_by_two_workers(
    processes: Processes, office: Office, settings: Any
) -> None:
    for number in range(20):
        told(f"person{number}")
    processes.start("beat")
    for _number in range(2):
        processes.worker(**mail_settings(settings))
    wait_for(lambda: Mail.objects.filter(state=MailState.SENT).count() == 20, seconds=40, says="twenty mails are sent")
    assert sorted(office.kept) == sorted(f"person{number}@example.com" for number in range(20))
    assert Message.objects.count() == 20
