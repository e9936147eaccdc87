"""Working days, and the last one for an objection."""

from datetime import date, datetime

import pytest
from django.utils.translation import override

from assessments.models import CalendarDay
from assessments.rounds.working_days import is_working, known, last_instant, objection_words, set_day, working_day_after
from assessments.tests.reviews.client import post, signed_in, text
from assessments.tests.reviews.world import person
from scorecard.access.decisions import Refused
from scorecard.audit.models import Event

pytestmark = pytest.mark.django_db
SOURCE = "国办发明电〔2026〕1号"


def test_announced_holidays_and_worked_weekends_count_as_announced() -> None:
    assert not is_working(date(2018, 2, 15), {})  # the eve of the spring festival, a Thursday
    assert is_working(date(2018, 2, 24), {})  # a Saturday that was worked instead
    assert not is_working(date(2018, 6, 2), {})


def test_the_last_instant_is_the_end_of_the_last_working_day_in_shanghai() -> None:
    issued = datetime.fromisoformat("2018-06-01T23:30:00+00:00")  # 2 June, 07:30 in Shanghai, a Saturday
    # 4 to 8, 11 to 15, then 19 to 22 June (the 18th is the dragon boat festival), and the 25th.
    assert last_instant(issued, 15) == datetime.fromisoformat("2018-06-25T23:59:59+08:00")


def test_a_year_that_nobody_knows_is_counted_by_weekends_until_days_are_entered() -> None:
    assert known(2018) and not known(2090)
    admin = person("admin", "administrator")
    assert working_day_after(date(2090, 1, 2), 1) == date(2090, 1, 3)  # a Tuesday
    set_day(actor=admin, day=date(2090, 1, 3), working=False, source=SOURCE)
    assert known(2090)
    assert working_day_after(date(2090, 1, 2), 1) == date(2090, 1, 4)
    set_day(actor=admin, day=date(2090, 1, 3), working=True, source=SOURCE)  # announced otherwise: the newest counts
    assert working_day_after(date(2090, 1, 2), 1) == date(2090, 1, 3)
    assert CalendarDay.objects.count() == 2
    assert Event.objects.filter(event="assessments.calendar.day").count() == 2


def test_what_is_kept_goes_before_what_the_library_knows() -> None:
    admin = person("admin", "administrator")
    with pytest.raises(Refused):
        set_day(actor=admin, day=date(2018, 6, 4), working=True, source=SOURCE)  # it is one already
    set_day(actor=admin, day=date(2018, 6, 4), working=False, source=SOURCE)
    issued = datetime.fromisoformat("2018-06-02T09:00:00+08:00")
    assert last_instant(issued, 1) == datetime.fromisoformat("2018-06-05T23:59:59+08:00")


def test_only_an_administrator_keeps_days_and_with_a_source() -> None:
    officer = person("officer", "case_officer")
    with pytest.raises(Refused):
        set_day(actor=officer, day=date(2090, 1, 3), working=False, source=SOURCE)
    with pytest.raises(Refused):
        set_day(actor=person("admin", "administrator"), day=date(2090, 1, 3), working=False, source=" ")
    assert not CalendarDay.objects.exists()


def test_the_page_shows_who_entered_what_and_loses_nothing_typed() -> None:
    client = signed_in(person("admin", "administrator"))
    page = post(client, "calendar", [], {"day": "2090-13-01", "working": "no", "source": SOURCE}, status=422)
    assert SOURCE in page
    post(client, "calendar", [], {"day": "2090-01-03", "working": "no", "source": SOURCE})
    page = text(client, "calendar")
    assert "2090-01-03" in page and SOURCE in page
    assert "Enter a day" not in text(signed_in(person("officer", "case_officer")), "calendar")


def test_the_last_day_is_said_in_the_same_words_and_that_it_is_over() -> None:
    until = datetime.fromisoformat("2018-06-25T23:59:59+08:00")
    after = datetime.fromisoformat("2018-06-26T00:00:00+08:00")
    with override("zh-hans"):
        assert (
            objection_words(until)
            == objection_words(until, until)
            == "如有异议，可于2018-06-25（异议期最后一日）24时前提出。"
        )
        assert objection_words(until, after) == "异议期最后一日为2018-06-25，现已届满。"
