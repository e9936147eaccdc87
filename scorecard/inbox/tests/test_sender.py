"""The sender under every order of faults: each due message in the inbox once, each mail accepted once at most, and
none lost without a word.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck
from hypothesis import settings as drawing
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from banks.models import User
from scorecard.inbox import sending, services
from scorecard.inbox.models import Mail, MailState, Message, Reminder, Wishes
from scorecard.inbox.tests.fakes import HAPPENS, KIND, Died, Server, mail_on
from scorecard.tests.drawn import examples

pytestmark = pytest.mark.django_db

DEAD = sending.CLAIM + timedelta(minutes=1)
# After these nobody but the server knows whether it has the mail.
UNKNOWN = {"dies handing over", "hangs up in content", "answer lost", "dies after", "taken for dead after"}
PEOPLE = ("at_once", "daily", "never", "no_address")


def people() -> dict[str, User]:
    """One person for each way in which messages reach people."""
    found = {}
    for name in PEOPLE:
        address = "" if name == "no_address" else f"{name}@example.com"
        found[name], _made = User.objects.get_or_create(username=name, defaults={"name": name, "email": address})
        if name in ("daily", "never"):
            Wishes.objects.get_or_create(person=found[name], defaults={"choices": {"work": name}})
    return found


class Sender(RuleBasedStateMachine):
    """Reminders come, days pass, workers run and die; ``wanted`` is who must have which reminder in the inbox."""

    keys = count(1)

    @initialize()
    def begin(self) -> None:
        Message.objects.all().delete()
        Mail.objects.all().delete()
        Reminder.objects.all().delete()
        self.people = people()
        self.server = Server()
        self.now = timezone.make_aware(datetime(2026, 11, 30, 7))
        self.wanted: dict[str, tuple[datetime, set[str]]] = {}
        self.happened: list[str] = []

    # --- What comes ---

    @rule(who=st.sets(st.sampled_from(PEOPLE), min_size=1), hours=st.sampled_from([-30, 0, 5, 50]))
    def cause(self, who: set[str], hours: int) -> None:
        """A reminder, due then; asked for a second time it is still one."""
        key, due = f"test:{next(self.keys)}", self.now + timedelta(hours=hours)
        for _times in range(2):
            services.tell(KIND, key=key, due_at=due, data={"people": [self.people[name].pk for name in sorted(who)]})
        self.wanted[key] = (due, who)

    @rule(hours=st.sampled_from([0.02, 2, 30, 200]))
    def time_passes(self, hours: float) -> None:
        """Without a beat."""
        self.now += timedelta(hours=hours)

    @rule()
    def somebody_reads(self) -> None:
        services.mark_read(actor=self.people["daily"])

    # --- Who sends ---

    @rule(script=st.lists(st.sampled_from(HAPPENS), max_size=5))
    def run(self, script: list[str]) -> None:
        """A worker, to whom these things happen, with another one beside it where that is said."""
        self.server.script = list(script)
        self.server.meanwhile = lambda: self.work(self.now + DEAD)
        self.happened += script
        self.alive(lambda: self.work(self.now))
        self.server.script = []

    @rule(place=st.sampled_from(["before the messages", "before the commit"]))
    def die_writing(self, place: str) -> None:
        """A worker dies in the transaction that writes the messages."""

        def dies(*args: Any, **kwargs: Any) -> Any:
            if place == "before the commit":
                bulk_create(*args, **kwargs)
            raise Died

        bulk_create = Message.objects.bulk_create
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Message.objects, "bulk_create", dies)
            self.alive(lambda: services.send_due(self.now))

    def work(self, now: datetime) -> None:
        services.send_due(now)
        sending.write_digests(now)
        sending.send_mails(now, connect=self.server.connect)

    @staticmethod
    def alive(work: Callable[[], object]) -> None:
        with suppress(Died):
            work()

    # --- What holds at any moment ---

    @invariant()
    def once(self) -> None:
        if not hasattr(self, "server"):
            return
        assert all(times == 1 for times in self.server.accepted.values()), "a mail was accepted twice"
        told = list(Message.objects.values_list("reminder__key", "person__username"))
        assert len(told) == len(set(told))
        for key, name in told:
            due, who = self.wanted[key]
            assert due <= self.now + DEAD and name in who and name != "never"
        for mail in Mail.objects.all():
            times = self.server.accepted[f"<{mail.reference}@example.com>"]
            assert times == 1 if mail.state == MailState.SENT else True, "said to be sent, and was not"
            assert times == 0 if mail.state in (MailState.DUE, MailState.FAILED) else True, "would be sent twice"

    def teardown(self) -> None:
        """In the end a worker runs without a fault: what is due is there, and of each mail it is known how it is."""
        if not hasattr(self, "server"):
            return
        for _times in range(3):
            self.now += timedelta(days=1, hours=2)
            self.work(self.now)
        self.once()
        told = set(Message.objects.values_list("reminder__key", "person__username"))
        due = {key: who for key, (at, who) in self.wanted.items() if at <= self.now}
        assert told == {(key, name) for key, who in due.items() for name in who if name != "never"}
        states = set(Mail.objects.values_list("state", flat=True))
        assert states <= {MailState.SENT, MailState.FAILED, MailState.UNKNOWN}
        if not UNKNOWN & set(self.happened):
            assert MailState.UNKNOWN not in states
        at_once = Message.objects.filter(person__username="at_once")
        assert not at_once.filter(mail=None).exists(), "a message whose mail was lost"
        assert not Message.objects.filter(person__username="daily", mailing="daily", mail=None).exists()
        assert not Message.objects.filter(person__username="no_address").exclude(mail=None).exists()


def test_each_due_message_once_in_whatever_order_things_go_wrong(settings: Any) -> None:
    mail_on(settings)
    run_state_machine_as_test(Sender, settings=_drawn())


def _drawn() -> drawing:
    return drawing(
        max_examples=examples(150), stateful_step_count=25, suppress_health_check=list(HealthCheck), deadline=None
    )
