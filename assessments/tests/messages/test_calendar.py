"""Reminders that follow from a calendar: planned again and again, sent once, to who has still to file."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from assessments.messages import calendar
from assessments.models import Assessment, CalendarDay, Filing, Review, Round
from assessments.rounds.working_days import working_day_before, working_days_left
from assessments.tests.reviews.world import World, build
from scorecard.inbox import selectors, services
from scorecard.inbox.models import Message, Reminder

pytestmark = pytest.mark.django_db
# Monday 2026-12-14 at five in the afternoon; the ten working days before it begin on Monday 2026-11-30.
LAST = timezone.make_aware(datetime(2026, 12, 14, 17))


def at(day: int, hour: int, month: int = 12) -> datetime:
    return timezone.make_aware(datetime(2026, month, day, hour))


@pytest.fixture
def world() -> World:
    found = build()
    Round.objects.filter(pk=found.round.pk).update(
        opens_at=at(2, 9, 11), filing_deadline=LAST, review_deadline=LAST + timedelta(days=60)
    )
    found.round.refresh_from_db()
    return found


def draft(world: World, code: str, **more: Any) -> Assessment:
    return Assessment.objects.create(round=world.round, bank=world.bank(code), officer=world.officer, **more)


def told(kind: str = calendar.DEADLINE) -> list[str]:
    return sorted(Message.objects.filter(kind=kind).values_list("person__username", flat=True))


def test_working_days_are_those_of_the_administrators_table(world: World) -> None:
    last = LAST.date()
    assert working_day_before(last, 0) == last
    assert working_day_before(last, 1) == at(11, 0).date()
    assert working_days_left(at(11, 0).date(), last) == 1
    CalendarDay.objects.create(day=at(11, 0).date(), working=False, source="通知")
    assert working_day_before(last, 1) == at(10, 0).date()
    assert working_days_left(at(10, 0).date(), last) == 1


def test_each_last_day_has_its_reminders_however_often_they_are_planned(world: World) -> None:
    draft(world, "B001"), draft(world, "B002", due_at=LAST + timedelta(days=7))
    for _times in range(3):
        services.plan(at(1, 10, 11))
    rows = Reminder.objects.filter(kind=calendar.DEADLINE)
    days = sorted(timezone.localtime(row.due_at).strftime("%m-%d %H") for row in rows)
    assert days == ["11-30 09", "12-07 09", "12-09 09", "12-11 09", "12-16 09", "12-18 09"]
    assert Reminder.objects.filter(kind=calendar.OVERDUE).count() == 2


def test_only_banks_that_have_still_to_file_are_told_and_those_with_a_later_day_of_that_one(world: World) -> None:
    draft(world, "B001")
    draft(world, "B002", filing_state=Filing.SUBMITTED, review_state=Review.WAITING)
    draft(world, "B003", due_at=LAST + timedelta(days=7))
    services.plan(at(1, 10, 11))
    services.send_due(at(30, 9, 11))
    assert told() == ["B001-preparer", "B001-reviewer", "B001-signatory"]
    [line] = selectors.lines(Message.objects.filter(person__username="B001-preparer"))
    assert line.words.title == "距报送截止（2026-12-14 17:00）还剩 10 个工作日"


def test_after_days_without_a_beat_the_latest_is_sent_and_no_other(world: World) -> None:
    draft(world, "B001")
    services.plan(at(1, 10, 11))
    services.send_due(at(11, 12))
    assert told() == ["B001-preparer", "B001-reviewer", "B001-signatory"]
    dropped = Reminder.objects.filter(kind=calendar.DEADLINE).order_by("due_at").values_list("dropped", flat=True)
    assert list(dropped) == ["overtaken", "overtaken", ""]
    services.send_due(at(15, 12))
    assert len(told()) == 3 and len(told(calendar.OVERDUE)) == 3


def test_a_planner_that_was_off_until_the_day_was_over_tells_that_it_is_over(world: World) -> None:
    draft(world, "B001")
    services.plan(at(20, 10))
    services.send_due(at(20, 10))
    assert told() == [] and len(told(calendar.OVERDUE)) == 3


def test_a_later_day_takes_the_place_of_the_first(world: World) -> None:
    case = draft(world, "B001")
    services.plan(at(1, 10, 11))
    Assessment.objects.filter(pk=case.pk).update(due_at=LAST + timedelta(days=7))
    services.plan(at(2, 10, 11))
    services.send_due(at(11, 12))
    assert told() == ["B001-preparer", "B001-reviewer", "B001-signatory"]
    [line] = selectors.lines(Message.objects.filter(kind=calendar.DEADLINE, person__username="B001-signatory"))
    assert "2026-12-21 17:00" in line.words.title and "6" in line.words.title


def test_the_overview_of_a_day_reaches_whoever_has_something_to_do_on_a_working_day(world: World) -> None:
    Assessment.objects.filter(pk=world.submitted("B001").pk).update(officer=world.officer)
    draft(world, "B002")
    saturday, monday = at(5, 9), at(7, 9)
    services.plan(saturday)
    assert not Reminder.objects.filter(kind=calendar.DIGEST).exists()
    services.plan(at(7, 7))
    assert not Reminder.objects.filter(kind=calendar.DIGEST).exists(), "its hour has not come"
    services.plan(monday)
    services.plan(monday + timedelta(hours=2))
    services.send_due(monday + timedelta(hours=2))
    assert told(calendar.DIGEST) == ["officer"]
    [line] = selectors.lines(Message.objects.filter(kind=calendar.DIGEST))
    assert line.words.text == "待您办理 1 件。\n您负责的银行中待报送 1 家。"
    services.plan(at(8, 9))
    services.send_due(at(9, 9))
    assert len(told(calendar.DIGEST)) == 1, "yesterday's overview is no use today"
