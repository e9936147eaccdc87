"""The demonstration is built by the product's own steps, and what comes of it is what the story says."""

import html
import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import override

from assessments.demo import banks as demo
from assessments.demo.build import build, is_there
from assessments.demo.clock import Clock, told_by
from assessments.demo.generator import generate
from assessments.demo.loans import CITY
from assessments.demo.stages import NAMED, SENT_BACK, stages
from assessments.demo.tech import FIGURE
from assessments.meetings.selectors import visible_meetings
from assessments.models import (
    Assessment,
    Circular,
    Filing,
    FollowUp,
    FollowUpState,
    Meeting,
    MeetingKind,
    MeetingState,
    Ranking,
    ReadingPeriod,
    Review,
    Round,
    RoundSnapshot,
    RoundState,
    StepRecord,
    Trial,
)
from assessments.readings.city_goal import city_goal
from assessments.reporting.selectors import draft_of
from assessments.rulebooks.cache import forget
from assessments.scoring.runs import explain_run
from assessments.tests.demo.walk import ROWS, WALK, addresses, states
from assessments.workflow import TRANSITIONS
from banks.models import Bank, User
from banks.selectors.facts import current_facts_of
from banks.tests.factories import make_bank
from scorecard.audit.models import Event
from scorecard.audit.services import verify
from scorecard.demo import demo_logins, password
from scorecard.engine.values.rational import Fraction
from scorecard.jobs.models import Job, JobState

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(scope="class")
def story(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The demonstration, built once for this class and rolled back after it."""
    where = settings.MEDIA_ROOT
    settings.MEDIA_ROOT = str(tmp_path_factory.mktemp("evidence"))
    with django_db_blocker.unblock(), transaction.atomic():
        forget()
        build()
        yield
        transaction.set_rollback(True)
    settings.MEDIA_ROOT = where
    forget()


def round_of(year: int) -> Round:
    return Round.objects.get(code=f"sh-{year}")


@pytest.mark.usefixtures("story")
class TestStory:
    """One built demonstration, looked at from every side."""

    def test_readings_of_a_year_were_asked_for_before_its_round_opened(self) -> None:
        opened = {}
        for period in ReadingPeriod.objects.order_by("year", "month"):
            opened.setdefault(period.year, []).append(period.opened_at)
            assert period.due_on > timezone.localdate(period.opened_at)
        assert all(moments == sorted(moments) for moments in opened.values())
        for year in demo.YEARS:
            assert max(opened[year]) < round_of(year).opens_at
        assert max(opened[demo.YEARS[-1]]) < min(opened[demo.YEARS[-1] + 1])

    def test_three_rounds_one_of_them_open(self) -> None:
        states = dict(Round.objects.values_list("year", "state"))
        assert states == {2015: RoundState.CLOSED, 2016: RoundState.CLOSED, 2017: RoundState.OPEN}
        now = timezone.now()
        running = round_of(2017)
        assert running.opens_at < now < running.filing_deadline < running.review_deadline
        assert not Event.objects.filter(at__gt=now).exists()

    def test_every_bank_of_2016_is_decided_and_told(self) -> None:
        cases = Assessment.objects.filter(round=round_of(2016)).select_related("rating__notice")
        assert len(cases) >= 60
        assert all(case.review_state == Review.ACKNOWLEDGED and case.rating.grade for case in cases)
        assert all(case.rating.notice.acknowledged_at for case in cases)
        assert {case.rating.grade for case in cases} == {"excellent", "good", "pass", "fail"}

    def test_every_state_of_the_workflow_has_banks(self) -> None:
        pairs = set(Assessment.objects.filter(round=round_of(2017)).values_list("filing_state", "review_state"))
        reachable = {(row.filing[1], row.review[1]) for row in TRANSITIONS.values() if row.review[1] is not None}
        # The day of the open round is ahead: nobody is rated as one that filed nothing.
        assert pairs == {pair for pair in reachable if pair[0] != Filing.NOT_FILED}
        assert {filing for filing, _review in pairs} == set(Filing.values) - {Filing.NOT_FILED}
        assert {review for _filing, review in pairs} == set(Review.values)

    def test_every_step_was_taken_by_somebody(self) -> None:
        assert set(StepRecord.objects.values_list("transition", flat=True)) == set(TRANSITIONS) - {
            "rate_unfiled",
            "let_file",
        }

    def test_each_bank_stands_where_the_story_says(self) -> None:
        cases = Assessment.objects.filter(round=round_of(2017)).select_related("bank")
        where = stages([bank.code for bank in generate() if bank.active_in(2017)])
        assert {case.bank.code for case in cases} == set(where)
        assert set(NAMED) | set(SENT_BACK) <= set(where)
        visitor = cases.get(bank__code=demo.VISITOR)
        assert (visitor.filing_state, visitor.review_state, visitor.revision) == (Filing.PREPARING, Review.NONE, 0)

    def test_the_citys_figures_stand_in_the_database(self) -> None:
        """Report, 1-2-1-1: 13,270.79 and 11,463.65 亿元, 34.20 and 23.59 万户, 91.78 and 82.06 %, 0.87 and 1.27 %."""
        entries = current_facts_of(Bank.objects.values_list("pk", flat=True), ["2016", "2017"])
        for year in (2016, 2017):
            for fact, totals in CITY.items():
                found = [periods[str(year)][fact] for periods in entries.values() if fact in periods[str(year)]]
                assert sum(Fraction(entry.value) for entry in found) == totals[year], (fact, year)

    def test_ninety_three_points_with_a_missed_target_is_a_pass(self) -> None:
        case = Assessment.objects.get(round=round_of(2017), bank__code=demo.CAPPED)
        assert case.reviewed_run is not None
        assert (case.reviewed_run.total, case.reviewed_run.grade_before, case.reviewed_run.grade) == (
            "93",
            "excellent",
            "pass",
        )
        assert case.reviewed_run.targets == "xmm" and case.rating.grade == "pass"
        result = explain_run(case.reviewed_run)
        assert [cap.id for cap in result.grade.applied] == ["three-targets"]

    def test_the_rounds_figures_are_the_reports_own(self) -> None:
        """What the page of the city's figures shows for 2017: growth 15.76 and 11.64 %, and all three targets met."""
        snapshot = RoundSnapshot.objects.filter(round=round_of(2017)).latest("pk")
        targets = snapshot.content["targets"]
        assert {name: targets[name]["city"]["state"] for name in ("T1", "T2", "T3")} == dict.fromkeys(
            ("T1", "T2", "T3"), "met"
        )
        rates = {side: Fraction(targets["T1"]["city"][side]) for side in ("left", "right")}
        assert (round(rates["left"] * 100, 2), round(rates["right"] * 100, 2)) == (
            Fraction("15.76"),
            Fraction("11.64"),
        )
        rate = snapshot.content["weighted"]["sme_rate"]
        assert round(Fraction(rate["sum"]) / Fraction(rate["weight"]) * 100, 2) == Fraction("5.11")
        assert Ranking.objects.filter(assessment__round=round_of(2016)).count() >= 60

    def test_the_draft_of_the_report_prints_the_reports_own_figures(self) -> None:
        """Chapters 1, 5-4 and 7-1 of 2017; the bank-tax loans of one bank alone are not on file yet."""
        with transaction.atomic():
            call_command("load_report", str(settings.BASE_DIR / "fixtures" / "report_2017"), stdout=io.StringIO())
            with override("zh-hans"):
                draft = draft_of(User.objects.get(username="decider"), round_of(2017).pk, ["1", "5-4", "7-1"])
            transaction.set_rollback(True)
        assert {(one.label, one.text, one.reported) for one in draft.differing} == {
            ("银税合作贷款余额", "164.59亿元", "166.65亿元"),
            ("银税合作贷款余额为上年的倍数", "2.84倍", "2.88倍"),
        }
        assert len([one for one in draft.numbers if one.text and one.figure is not None]) == 215
        assert len([one for one in draft.numbers if one.reported and not one.differs]) == 23
        assert {one.label for one in draft.gaps} == {"通报期数", "例会次数"}

    def test_a_meeting_was_held_and_two_decisions_are_signed_by_its_minutes(self) -> None:
        committee, regular = Meeting.objects.order_by("starts_at")
        assert (committee.kind, regular.kind) == (MeetingKind.COMMITTEE, MeetingKind.REGULAR)
        assert {committee.state, regular.state} == {MeetingState.SIGNED}
        results = list(committee.points.order_by("place").values_list("result", flat=True))
        assert results == ["agree", "agree", "put_off", "noted"]
        decided = [point.assessment for point in committee.points.filter(result="agree")]
        put_off = committee.points.get(result="put_off").assessment
        assert put_off is not None and put_off.review_state == Review.DECISION
        for case in decided:
            assert case is not None and case.review_state == Review.DECIDED
            assert committee.minutes.number in case.rating.reason
        assert committee.points.filter(dissents__isnull=False).count() == 1
        states = FollowUp.objects.values_list("state", flat=True)
        assert Counter(states) == {FollowUpState.OPEN: 3, FollowUpState.DONE: 1}
        assert [one for one in FollowUp.objects.all() if one.is_overdue]
        invited = User.objects.get(username="dc02-preparer")
        assert [one.pk for one in visible_meetings(invited)] == [regular.pk]
        assert not visible_meetings(User.objects.get(username="dc01-preparer")).exists()

    def test_a_circular_is_out_and_each_bank_has_its_copy(self) -> None:
        letter = Circular.objects.get()
        assert (letter.period.year, letter.period.month) == (demo.YEARS[-1] + 1, 3)
        copies = letter.copies.all()
        assert {copy.bank_id for copy in copies} == {row["id"] for row in letter.body["rows"]}
        assert [copy.bank.code for copy in copies if copy.read_at] == ["DC02"]

    def test_loans_to_sci_tech_firms_are_the_citys_own(self) -> None:
        """Report, 1-2-4-1: 2071.27 亿元 at the end of 2017, 570.91 more than a year before."""
        entries = current_facts_of(Bank.objects.values_list("pk", flat=True), ["2016", "2017"])
        sums = {
            year: sum(Fraction(periods[year][FIGURE].value) for periods in entries.values() if FIGURE in periods[year])
            for year in ("2016", "2017")
        }
        assert (sums["2017"], sums["2017"] - sums["2016"]) == (20_712_700, 5_709_100)
        period = ReadingPeriod.objects.get(year=2018, month=6)
        found = city_goal(User.objects.get(username="decider"), period)
        assert found is not None and found.filed - found.banks == 1, "one bank gave no figure"
        assert [year for year, _value in found.years] == [2015, 2016, 2017]
        assert 0 < found.needed < found.goal

    def test_a_trial_of_two_weights_stands_beside_last_years_scores(self) -> None:
        trial = Trial.objects.select_related("round").get()
        assert trial.round.year == 2016 and trial.result is not None and not trial.result["failures"]
        assert trial.scored == Assessment.objects.filter(round=trial.round, version__isnull=False).count()
        assert trial.moved and trial.regraded
        by_rules = {row["assessment"]: row["before"]["total"] for row in trial.result["banks"]}
        for case in Assessment.objects.filter(pk__in=by_rules).select_related("reviewed_run"):
            assert case.reviewed_run is not None and case.reviewed_run.total == by_rules[case.pk]

    def test_equality_in_all_three_targets_passes(self) -> None:
        case = Assessment.objects.get(round=round_of(2017), bank__code="DV03")
        assert case.reviewed_run is not None and case.reviewed_run.targets == "mmm"

    def test_duties_are_segregated_in_every_case(self) -> None:
        for case in Assessment.objects.filter(version__isnull=False).select_related("version", "rating"):
            version = case.version
            assert version is not None
            assert len({version.prepared_by_id, version.checked_by_id, version.signed_by_id}) == 3
            if case.second_by_id:
                assert case.second_by_id != case.reviewed_by_id

    def test_the_trail_is_whole_and_no_work_is_left_over(self) -> None:
        assert not list(verify())
        assert Counter(Job.objects.values_list("state", flat=True)).keys() == {JobState.DONE}

    def test_each_login_that_is_shown_opens_its_home(self, settings: Any) -> None:
        for login in demo_logins():
            user = User.objects.get(username=login["username"])
            assert user.check_password(login["password"])
            client = Client()
            client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
            assert client.get(reverse("home"), follow=True).status_code == 200, user.username

    @pytest.mark.parametrize("row", ROWS)
    def test_the_pages_that_the_mission_names_open_and_say_so(self, row: str, settings: Any) -> None:
        stops = list(WALK[row]())
        assert addresses()[row] <= {stop.shape for stop in stops}, "the mission names a page that nobody opened"
        for stop in stops:
            client = Client()
            client.force_login(User.objects.get(username=stop.who), backend=settings.AUTHENTICATION_BACKENDS[0])
            client.cookies["django_language"] = "zh-hans"
            answer = client.get(stop.url)
            assert answer.status_code == stop.status, stop
            page = re.sub(r"\s+", "", html.unescape(strip_tags(answer.content.decode())))
            missing = [words for words in stop.words if re.sub(r"\s+", "", words) not in page]
            assert not missing, (stop.who, stop.url, missing)

    def test_every_row_of_the_walk_is_one_that_the_mission_says_is_there(self) -> None:
        assert set(WALK) == set(ROWS) <= set(states())
        assert {states()[row] for row in ROWS} <= {"in the system", "in part"}

    def test_again_changes_nothing(self, settings: Any) -> None:
        settings.DEMO = True
        before = Event.objects.count()
        out = io.StringIO()
        call_command("demo", stdout=out)
        assert "nothing was changed" in out.getvalue() and password() in out.getvalue()
        assert Event.objects.count() == before and is_there()


def test_never_without_being_asked(settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("demo")
    assert not User.objects.exists()


def test_never_into_a_database_that_is_in_use(settings: Any) -> None:
    settings.DEMO = True
    make_bank()
    with pytest.raises(CommandError, match="empty"):
        call_command("demo")
    assert Bank.objects.count() == 1 and not Round.objects.exists()


def test_the_clock_moves_on_and_never_back() -> None:
    start = timezone.now()
    with told_by(Clock(start)) as clock:
        first, second = timezone.now(), timezone.now()
        assert start < first < second
        clock.reach(start)
        assert timezone.now() > second
    assert abs((timezone.now() - start).total_seconds()) < 60
