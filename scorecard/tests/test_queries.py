"""Every list makes the same number of queries for few rows and for many, and no more than was agreed.

``query_counts.json`` is the agreed number; a review sees every change of it.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from assessments.models import (
    Assessment,
    FollowUp,
    LiveMeasure,
    Measure,
    Meeting,
    Minutes,
    MoneyClaim,
    Notice,
    Objection,
    Reading,
    ReadingPeriod,
    Trial,
)
from assessments.readings.services import save_reading
from assessments.tests.api.world import token_for
from assessments.tests.readings.world import confirmed, period_of
from assessments.tests.reviews.world import World, build, person
from banks.models import Bank, User
from scorecard.access.roles import Role
from scorecard.audit.services import record
from scorecard.figures.models import Figure, Load, LoadState, Relation
from scorecard.inbox.models import Mail, Message, Reminder
from scorecard.jobs.models import Job
from scorecard.tables import FilteredListView
from scorecard.tests.queries import holds

pytestmark = pytest.mark.django_db


def _more_cases(world: World) -> None:
    for number in range(6):
        world.submitted(f"MORE{number}")


def _more_people(world: World) -> None:
    for number in range(8):
        person(f"more-{number}", Role.CASE_OFFICER, Role.AUDITOR)


def _more_events(world: World) -> None:
    for number in range(12):
        record("assessments.assessment.viewed", actor=world.officer, data={"number": number})


def _more_jobs(world: World) -> None:
    for number in range(10):
        Job.objects.create(kind="assessments.score_version", key=f"q{number}", created_by=world.officer, state="done")


def _more_notices(world: World) -> None:
    begin = Notice.objects.count()
    for number in range(begin, begin + 3):
        world.notified(f"NOTE{number}")


def _more_objections(world: World) -> None:
    begin = Notice.objects.count()
    _more_notices(world)
    for notice in Notice.objects.order_by("pk")[begin:]:
        bank = world.people[notice.rating.assessment.bank_id]
        now = timezone.now()
        Objection.objects.create(
            notice=notice,
            number=f"R-{notice.pk}",
            statement="请复核。",
            digest="0" * 64,
            saved_by=bank["preparer"],
            saved_at=now,
            lodged_by=bank["signatory"],
            lodged_at=now,
        )


def _more_drafts(world: World) -> None:
    begin = Assessment.objects.count()
    for number in range(begin, begin + 4):
        Assessment.objects.create(round=world.round, bank=world.bank(f"DRAFT{number}"))


def _more_messages(world: World) -> None:
    """Messages to whoever looks, and a mail of each."""
    looker = User.objects.get(username="looker")
    begin, now = Reminder.objects.count(), timezone.now()
    for number in range(begin, begin + 6):
        reminder = Reminder.objects.create(kind="banks.password", key=f"m{number}", due_at=now)
        mail = Mail.objects.create(person=looker, address="a@example.com", language="en", made_at=now, try_at=now)
        data, told = {"by": "甲"}, {"kind": reminder.kind, "group": "account", "at": now, "sent_at": now}
        Message.objects.create(reminder=reminder, person=looker, mail=mail, data=data, **told)


def _more_measures(world: World) -> None:
    """Notices whose measures are in the register, in the order of their banks."""
    known = set(LiveMeasure.objects.values_list("measure", flat=True))
    _more_notices(world)
    for measure in Measure.objects.exclude(pk__in=known).select_related("rating__assessment").order_by("pk"):
        case = measure.rating.assessment
        day = timezone.localdate()
        LiveMeasure.objects.create(assessment=case, measure=measure, owner=case.officer, from_day=day)


def _more_claims(world: World) -> None:
    begin = MoneyClaim.objects.count()
    amount = {"id": "a", "label": {"zh": "金额", "en": "Amount"}, "unit": "万元", "value": "1", "basis": "sourced"}
    for number in range(begin, begin + 4):
        bank = world.bank(f"CLAIM{number}")
        MoneyClaim.objects.create(
            rulebook=world.round.rulebook,
            bank=bank,
            period="2017",
            number=f"C-{number}",
            amounts=[amount],
            filed_by=world.people[bank.pk]["signatory"],
            filed_at=timezone.now(),
        )


def _more_trials(world: World) -> None:
    for number in range(6):
        Trial.objects.create(
            name=f"Trial {number}", round=world.round, rulebook=world.round.rulebook, created_by=world.officer
        )


def _more_figures(world: World) -> None:
    """A load, and figures of it that each stand in a relation."""
    load = Load.objects.create(source="report", state=LoadState.LOADED, created_by=world.officer)
    begin = Figure.objects.count()
    for place in range(begin, begin + 6):
        figure = Figure.objects.create(
            ident=f"f{place}",
            position=place,
            chapter=1,
            section="1-2",
            topic="loans",
            indicator_zh="贷款余额",
            indicator_en="Loans",
            value="1",
            unit="亿元",
            normalised_value="100000000",
            normalised_unit="CNY",
            as_of="2017",
            kind="level",
            dimension="none",
            added_by=load,
        )
        ends = dict.fromkeys(("left_value", "left_low", "left_high", "right_value", "right_low", "right_high"), "1")
        relation = Relation.objects.create(
            ident=f"r{place}", position=place, kind="sum", strength="stated", main=figure, holds=True, **ends
        )
        relation.members.create(role="total", position=0, figure=figure)


def _more_meetings(world: World) -> None:
    """Signed meetings, each with a follow-up."""
    begin = Meeting.objects.count()
    for number in range(begin, begin + 4):
        made = Meeting.objects.create(
            kind="committee",
            title=f"评审会{number}",
            place="三楼",
            starts_at=timezone.now(),
            secretary=world.officer,
            chair=world.decider,
            state="signed",
        )
        Minutes.objects.create(
            meeting=made, number=f"M{number}", body={}, digest="0" * 64, signed_by=made.chair, signed_at=timezone.now()
        )
        day = timezone.localdate()
        FollowUp.objects.create(meeting=made, text="跟进", owner=world.officer, due_on=day, state="open")


def _more_tokens(world: World) -> None:
    for officer in (world.officer, world.officer_2) * 4:
        token_for(officer)


def _more_periods(world: World) -> None:
    begin = ReadingPeriod.objects.count()
    for place in range(begin, begin + 4):
        period = period_of(world, year=2010 + place // 12, month=place % 12 + 1)
        for bank in Bank.objects.order_by("pk")[:2]:
            confirmed(period, bank)


def _more_readings(world: World) -> None:
    """Banks that have a reading of the one period, and one whose reading is being corrected."""
    period = ReadingPeriod.objects.first() or period_of(world)
    begin = Reading.objects.count()
    for number in range(begin, begin + 4):
        bank = world.bank(f"READ{number}")
        confirmed(period, bank)
        save_reading(
            actor=world.people[bank.pk]["preparer"], period_id=period.pk, typed={"applied": "7"}, note="", saves=0
        )


LISTS: dict[str, tuple[str, Callable[[World], None]]] = {
    "bank-list": (Role.ADMINISTRATOR, _more_cases),
    "person-list": (Role.ADMINISTRATOR, _more_people),
    "job-list": (Role.ADMINISTRATOR, _more_jobs),
    "review-queue": (Role.CASE_OFFICER, _more_cases),
    "round-list": (Role.DECISION_MAKER, _more_cases),
    "round-detail": (Role.DECISION_MAKER, _more_cases),
    "round-drafts": (Role.CASE_OFFICER, _more_drafts),
    "round-workbook": (Role.DECISION_MAKER, _more_cases),
    "round-figures": (Role.CASE_OFFICER, _more_cases),
    "round-figures-file": (Role.CASE_OFFICER, _more_cases),
    "round-heat": (Role.CASE_OFFICER, _more_cases),
    "audit-list": (Role.AUDITOR, _more_events),
    "inbox": (Role.CASE_OFFICER, _more_messages),
    "mail-list": (Role.ADMINISTRATOR, _more_messages),
    "home": (Role.CASE_OFFICER, _more_cases),
    "notice-list": (Role.DECISION_MAKER, _more_notices),
    "objection-list": (Role.DECISION_MAKER, _more_objections),
    "measure-list": (Role.DECISION_MAKER, _more_measures),
    "adjustment-list": (Role.DECISION_MAKER, _more_measures),
    "reward-list": (Role.DECISION_MAKER, _more_measures),
    "inspection-list": (Role.DECISION_MAKER, _more_measures),
    "claim-list": (Role.DECISION_MAKER, _more_claims),
    "reading-list": (Role.DECISION_MAKER, _more_periods),
    "reading-period": (Role.DECISION_MAKER, _more_readings),
    "reading-sheet": (Role.DECISION_MAKER, _more_readings),
    "meeting-list": (Role.DECISION_MAKER, _more_meetings),
    "follow-up-list": (Role.DECISION_MAKER, _more_meetings),
    "token-list": (Role.AUDITOR, _more_tokens),
    "trial-list": (Role.DECISION_MAKER, _more_trials),
    "figures:list": (Role.DECISION_MAKER, _more_figures),
    "figures:relations": (Role.DECISION_MAKER, _more_figures),
    "figures:loads": (Role.ADMINISTRATOR, _more_figures),
}


OF_A_ROUND = ("round-detail", "round-drafts", "round-workbook", "round-figures", "round-figures-file", "round-heat")


def _lists(patterns: Any, prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _lists(pattern.url_patterns, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
        elif issubclass(getattr(pattern.callback, "view_class", object), FilteredListView):
            yield f"{prefix}{pattern.name}"


def test_every_list_has_its_baseline() -> None:
    assert set(_lists(get_resolver().url_patterns)) <= set(LISTS)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_makes_a_constant_number_of_queries(name: str, client: Client) -> None:
    world = build()
    world.submitted("FIRST")
    world.submitted("SECOND")
    _more_events(world)
    _more_jobs(world)
    role, grow = LISTS[name]
    client.force_login(person("looker", role))
    if grow in (
        _more_notices,
        _more_objections,
        _more_measures,
        _more_claims,
        _more_trials,
        _more_figures,
        _more_messages,
        _more_drafts,
        _more_tokens,
        _more_meetings,
        _more_periods,
        _more_readings,
    ):  # empty asks for less
        grow(world)
    args: list[Any] = [world.round.pk] if name in OF_A_ROUND else []
    if name in ("reading-period", "reading-sheet"):
        args = [ReadingPeriod.objects.get().pk]
    holds(name, client, reverse(name, args=args), lambda: grow(world))
