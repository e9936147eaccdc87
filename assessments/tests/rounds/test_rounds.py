"""Planning, changing, opening and closing rounds."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from assessments.models import Assessment, Filing, Notice, Review, Round, RoundState
from assessments.rounds.services import change_round, close_round, create_round, open_round
from assessments.workflow.duties import filing_window
from assessments.workflow.step import Step
from banks.models import FactEntry, FactSource, User
from banks.services.errors import Invalid
from banks.services.facts import record_facts
from banks.tests.factories import make_bank, make_person
from scorecard.access.decisions import Refused, Stale
from scorecard.access.roles import Role
from scorecard.audit.models import Event

from .world import administrator, at, notified, planned, values

pytestmark = pytest.mark.django_db


def wrong(**more: Any) -> dict[str, list[Any]]:
    with pytest.raises(Invalid) as caught:
        create_round(actor=None, **values(**more))
    assert not Round.objects.exists()
    return caught.value.fields


def test_planned_with_one_event() -> None:
    admin = administrator()
    made = create_round(actor=admin, **values(code=" sh-2017 "))
    assert (made.code, made.state, made.created_by) == ("sh-2017", RoundState.PLANNED, admin)
    event = Event.objects.get(event="assessments.round.created")
    assert (event.actor, event.object_id) == (admin, str(made.pk))
    assert '"rulebook":"mini/1"' in event.data


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR}))
def test_only_the_administrator_runs_rounds(role: str) -> None:
    bank = make_bank() if role.startswith("bank_") else None
    person = make_person(role, bank=bank)
    round_ = planned()
    for step in (
        lambda: create_round(actor=person, **values(code="x")),
        lambda: change_round(actor=person, round_id=round_.pk, values={"title_en": "Other"}),
        lambda: open_round(actor=person, round_id=round_.pk),
        lambda: close_round(actor=person, round_id=round_.pk, reason="x"),
    ):
        with pytest.raises(Refused):
            step()
    round_.refresh_from_db()
    assert round_.state == RoundState.PLANNED
    assert Round.objects.count() == 1


def test_every_fault_by_field_at_once() -> None:
    now = timezone.now()
    found = wrong(
        code="a b",
        year=1999,
        title_zh=" ",
        title_en="x" * 201,
        opens_at=now,
        filing_deadline=now,
        review_deadline=now,
        appeal_days=0,
    )
    assert set(found) == {"code", "year", "title_zh", "title_en", "filing_deadline", "review_deadline", "appeal_days"}


def test_the_code_is_taken_whatever_its_case() -> None:
    planned(code="SH-2017")
    with pytest.raises(Invalid) as caught:
        create_round(actor=None, **values(code="sh-2017"))
    assert set(caught.value.fields) == {"code"}


def test_a_change_counts_the_revision_and_traces_what_changed() -> None:
    round_ = planned()
    changed = change_round(actor=None, round_id=round_.pk, values={"title_en": "Other", "appeal_days": 20}, seen=0)
    assert (changed.title_en, changed.appeal_days, changed.revision) == ("Other", 20, 1)
    data = Event.objects.get(event="assessments.round.changed").data
    assert '"title_en":["Round of 2017","Other"]' in data
    assert "title_zh" not in data
    with pytest.raises(Stale):
        change_round(actor=None, round_id=round_.pk, values={"title_en": "Third"}, seen=0)
    change_round(actor=None, round_id=round_.pk, values={"title_en": "Other"}, seen=1)
    assert Event.objects.filter(event="assessments.round.changed").count() == 1


def test_an_open_round_keeps_what_banks_file_under() -> None:
    make_bank()
    round_ = planned()
    open_round(actor=None, round_id=round_.pk)
    with pytest.raises(Invalid) as caught:
        change_round(
            actor=None,
            round_id=round_.pk,
            values={"code": "other", "year": 2016, "filing_deadline": timezone.now() - timedelta(hours=1)},
        )
    assert set(caught.value.fields) == {"code", "year", "filing_deadline"}
    later = timezone.now() + timedelta(days=20)
    assert change_round(actor=None, round_id=round_.pk, values={"filing_deadline": later}).filing_deadline == later


def test_an_earlier_deadline_of_an_open_round_is_asked_about() -> None:
    make_bank()
    round_ = planned()
    open_round(actor=None, round_id=round_.pk)
    soon = timezone.now() + timedelta(minutes=2)
    with translation.override("en"), pytest.raises(Invalid) as asked:
        change_round(actor=None, round_id=round_.pk, values={"filing_deadline": soon})
    assert "1 bank has not submitted" in str(asked.value) and set(asked.value.fields) == {"filing_deadline"}
    # What was agreed to is this moment and no other one.
    other = soon + timedelta(minutes=1)
    with pytest.raises(Invalid):
        change_round(actor=None, round_id=round_.pk, values={"filing_deadline": other}, agreed_deadline=soon)
    done = change_round(actor=None, round_id=round_.pk, values={"filing_deadline": soon}, agreed_deadline=soon)
    assert done.filing_deadline == soon


def test_opening_makes_one_assessment_per_bank_on_the_register_at_the_years_end() -> None:
    officer = make_person(Role.CASE_OFFICER)
    gone_officer = make_person(Role.CASE_OFFICER)
    in_charge = make_bank(case_officer=officer)
    left = make_bank(case_officer=gone_officer)
    last_day = make_bank(active_from=date(2017, 12, 31), active_to=date(2017, 12, 31))
    make_bank(active_from=date(2018, 1, 1))
    make_bank(active_to=date(2017, 12, 30))
    gone_officer.is_active = False
    gone_officer.save()
    round_ = planned()
    opened = open_round(actor=None, round_id=round_.pk)
    assert opened.state == RoundState.OPEN
    assert opened.opened_at is not None
    assert {a.bank_id: a.officer_id for a in Assessment.objects.all()} == {
        in_charge.pk: officer.pk,
        left.pk: None,
        last_day.pk: None,
    }
    assert {(a.filing_state, a.review_state) for a in Assessment.objects.all()} == {(Filing.PREPARING, Review.NONE)}
    assert '"banks":3' in Event.objects.get(event="assessments.round.opened").data
    with pytest.raises(Refused):
        open_round(actor=None, round_id=round_.pk)
    assert Assessment.objects.count() == 3


def test_last_years_closing_figure_becomes_this_years_opening_one() -> None:
    admin = administrator()
    first, second, third = make_bank(), make_bank(), make_bank()
    for bank, bal in ((first, "10000.50"), (second, "777")):
        record_facts(actor=None, bank=bank, period="2016", values={"bal": ("value", bal)}, source=FactSource.DEMO)
    record_facts(actor=None, bank=third, period="2016", values={"bal": ("unanswered", "")}, source=FactSource.DEMO)
    record_facts(
        actor=None, bank=second, period="2017", values={"bal_prev": ("value", "778")}, source=FactSource.SUPERVISOR
    )
    open_round(actor=admin, round_id=planned().pk)
    rows = FactEntry.objects.filter(period="2017", fact="bal_prev").values_list(
        "bank", "value", "source", "revision", "source_note"
    )
    assert set(rows) == {(first.pk, "10000.50", "carried", 1, "2016"), (second.pk, "778", "supervisor", 1, "")}


def test_opening_takes_the_same_number_of_queries_for_more_banks() -> None:
    """SQLite takes 999 values at once, so 30 banks are inserted in two statements there; nothing else grows."""
    make_bank()
    open_round(actor=None, round_id=planned(code="r2015", year=2015).pk)  # reads the rulebook
    counts = []
    for year, more in ((2016, 3), (2017, 30)):
        for _ in range(more):
            bank = make_bank()
            record_facts(
                actor=None, bank=bank, period=str(year - 1), values={"bal": ("value", "5")}, source=FactSource.DEMO
            )
        round_ = planned(code=f"r{year}", year=year)
        with CaptureQueriesContext(connection) as queries:
            open_round(actor=None, round_id=round_.pk)
        inserts = sum('INSERT INTO "assessments_assessment"' in query["sql"] for query in queries)
        assert inserts <= (2 if connection.vendor == "sqlite" else 1)
        counts.append(len(queries) - inserts)
    assert counts[0] == counts[1]


def test_every_reason_against_opening() -> None:
    round_ = planned()
    at(round_, timezone.now() - timedelta(seconds=1))
    with pytest.raises(Refused) as caught:
        open_round(actor=None, round_id=round_.pk)
    assert len(caught.value.reasons) == 2
    bank = make_bank()
    other = planned(code="first")
    open_round(actor=None, round_id=other.pk)
    with pytest.raises(Refused) as caught:
        open_round(actor=None, round_id=round_.pk)
    assert any("Round of 2017" in str(r) or "2017年度评价" in str(r) for r in caught.value.reasons)
    assert Assessment.objects.get().bank == bank


def opened_with(*states: str) -> tuple[Round, list[Assessment]]:
    """An open round after its deadline, with one assessment in each review state."""
    for _ in states:
        make_bank()
    round_ = planned()
    open_round(actor=None, round_id=round_.pk)
    at(round_, timezone.now() - timedelta(seconds=1))
    cases = list(Assessment.objects.select_related("bank").order_by("pk"))
    for case, state in zip(cases, states, strict=True):
        case.review_state = state
        case.save()
    return round_, cases


@pytest.mark.parametrize("state", [Review.WAITING, Review.FIRST, Review.SECOND, Review.DECISION, Review.DECIDED])
def test_what_the_supervisor_still_owes_keeps_the_round_open_whatever_the_reason(state: str) -> None:
    round_, (case,) = opened_with(state)
    with pytest.raises(Refused) as caught:
        close_round(actor=None, round_id=round_.pk, reason="because")
    assert len(caught.value.reasons) == 1
    assert case.bank.name_zh in str(caught.value)


def test_banks_that_never_filed_need_a_reason() -> None:
    round_, cases = opened_with(*[Review.NONE] * 11)
    with pytest.raises(Refused) as caught:
        close_round(actor=None, round_id=round_.pk)
    words = str(caught.value)
    assert "11" in words
    assert [case.bank.name_zh in words for case in cases] == [True] * 8 + [False] * 3
    closed = close_round(actor=None, round_id=round_.pk, reason="They have ceased business.")
    assert closed.state == RoundState.CLOSED
    data = Event.objects.get(event="assessments.round.closed").data
    assert cases[0].bank.code in data
    assert "ceased business" in data
    with pytest.raises(Refused):
        change_round(actor=None, round_id=round_.pk, values={"title_en": "x"})


@pytest.mark.usefixtures("past_the_triggers")
def test_an_appeal_period_that_runs_keeps_the_round_open_and_one_that_is_over_does_not() -> None:
    round_, cases = opened_with(Review.NOTIFIED, Review.ACKNOWLEDGED)
    now = timezone.now()
    for case in cases:
        notified(case, now + timedelta(days=1))
    with pytest.raises(Refused) as caught:
        close_round(actor=None, round_id=round_.pk)
    assert all(case.bank.name_zh in str(caught.value) for case in cases)
    Notice.objects.update(appeal_until=now - timedelta(seconds=1))
    assert close_round(actor=None, round_id=round_.pk).state == RoundState.CLOSED


def test_closing_waits_for_the_filing_deadline_to_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    make_bank()
    round_ = planned()
    open_round(actor=None, round_id=round_.pk)
    deadline = round_.filing_deadline
    monkeypatch.setattr(timezone, "now", lambda: deadline)
    with pytest.raises(Refused):
        close_round(actor=None, round_id=round_.pk, reason="x")
    monkeypatch.setattr(timezone, "now", lambda: deadline + timedelta(microseconds=1))
    assert close_round(actor=None, round_id=round_.pk, reason="x").state == RoundState.CLOSED


def test_a_bank_may_file_at_the_instant_of_the_deadline_and_no_later() -> None:
    make_bank()
    round_ = open_round(actor=None, round_id=planned().pk)
    assessment, moment = round_.assessments.get(), timedelta(microseconds=1)
    times = (round_.opens_at - moment, round_.opens_at, round_.filing_deadline, round_.filing_deadline + moment)
    refused = [bool(list(filing_window(Step(User(), assessment, at)))) for at in times]
    assert refused == [True, False, False, True]
