"""Second reviewers and decision makers are assigned: by rule, by a step of its own, and only they or a stand-in act."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from assessments import workflow
from assessments.models import HANDED_DECISION, HANDED_SECOND, Assessment, Review, StepRecord
from assessments.reviews import queue
from assessments.reviews.services.assigning import assign_reviewer
from assessments.reviews.services.handover import hand_over
from assessments.reviews.staff import left_work, open_work
from assessments.workflow.assigned import choose
from banks.models import Bank, StandIn, User
from banks.services.stand_ins import name_stand_in
from scorecard.access.decisions import Refused, Stale
from scorecard.access.roles import Role
from scorecard.audit.models import Event

from .test_every_step import EXPECTED, State, _attempt, _put
from .world import Case, build, without_content

SECOND, DECIDER = Role.SECOND_REVIEWER.value, Role.DECISION_MAKER.value
# Written apart from the table: what only the person who is assigned does, in each role.
OWN = {
    SECOND: {"send_back_to_officer", "confirm"},
    DECIDER: {
        "let_file",
        "send_back_undecided",
        "decide",
        "issue_notice",
        "uphold_objection",
        "refuse_objection",
        "send_correction_back",
        "decide_correction",
        "close_unchanged",
        "issue_correction",
    },
}


@pytest.fixture
def case(db: None, monkeypatch: pytest.MonkeyPatch) -> Case:
    without_content(monkeypatch)
    return build()


def assign(case: Case, number: str) -> None:
    people = {
        "second_reviewer": case.people[f"{SECOND}-{number}"],
        "decision_maker": case.people[f"{DECIDER}-{number}"],
    }
    Assessment.objects.filter(pk=case.assessment.pk).update(**people)


def away(case: Case, role: str) -> None:
    today = timezone.localdate()
    absent, person = case.people[f"{role}-2"], case.people[f"{role}-1"]
    StandIn.objects.create(absent=absent, person=person, since=today, until=today, reason="休假", named_by=absent)


def _rows() -> Iterator[Any]:
    for *state, role, name in EXPECTED:
        if role in OWN:
            yield pytest.param(tuple(state), role, name, id="-".join([*state, role, name]))


@pytest.mark.parametrize(("state", "role", "name"), list(_rows()))
def test_only_who_is_assigned_or_stands_in_acts(case: Case, state: State, role: str, name: str) -> None:
    """Each state × role × step in which the role acts: assigned to oneself, to another, to one who is away."""
    expected = EXPECTED[(*state, role, name)]
    _put(case, *state)
    Assessment.objects.filter(pk=case.assessment.pk).update(second_by=None)
    assign(case, "1")
    assert _attempt(case, role, name) == expected
    assign(case, "2")
    assert _attempt(case, role, name) == (None if name in OWN[role] else expected)
    away(case, role)
    assert _attempt(case, role, name) == expected


@pytest.mark.parametrize(("role", "name", "review"), [(SECOND, "confirm", "second"), (DECIDER, "decide", "decision")])
def test_a_stand_in_s_step_says_for_whom(case: Case, role: str, name: str, review: str) -> None:
    _put(case, "submitted", review)
    assign(case, "2")
    away(case, role)
    from .world import PAYLOADS

    workflow.perform(
        name,
        actor=case.people[f"{role}-1"],
        assessment_id=case.assessment.pk,
        reason="同意。",
        payload=PAYLOADS.get(name),
    )
    record = StepRecord.objects.latest("pk")
    assert record.stood_in_for == case.people[f"{role}-2"]
    event = Event.objects.filter(event=workflow.TRANSITIONS[name].event).latest("seq")
    assert f'"stands_in_for":{case.people[f"{role}-2"].pk}' in event.data


def test_passing_on_assigns_by_rule_and_says_so(case: Case) -> None:
    _put(case, "submitted", "first")
    workflow.perform("pass_to_second", actor=case.people["case_officer-1"], assessment_id=case.assessment.pk)
    here = case.again()
    assert here.second_reviewer == case.people[f"{SECOND}-1"]
    record = StepRecord.objects.latest("pk")
    assert (record.transition, record.handed_to) == ("pass_to_second", here.second_reviewer)
    workflow.perform("confirm", actor=here.second_reviewer, assessment_id=here.pk)
    assert case.again().decision_maker == case.people[f"{DECIDER}-1"]


def more(case: Case, count: int, **fields: Any) -> None:
    """Other cases of the same round."""
    for number in range(count):
        bank = Bank.objects.create(
            code=f"M{number}-{Bank.objects.count()}",
            name_zh=f"多例银行{number}-{Bank.objects.count()}",
            category="city",
            entity_kind="legal_entity",
            active_from="2000-01-01",
        )
        Assessment.objects.create(round=case.assessment.round, bank=bank, **fields)


def test_the_rule_spreads_and_never_takes_who_is_excluded_or_away(case: Case) -> None:
    _put(case, "submitted", "second")
    Assessment.objects.update(reviewed_by=case.people["all-supervisor"], second_by=None)
    one, two = case.people[f"{SECOND}-1"], case.people[f"{SECOND}-2"]
    more(case, 1, review_state=Review.SECOND, second_reviewer=one)
    assert choose(case.again(), SECOND) == two, "the fewest wait"
    more(case, 1, review_state=Review.SECOND, second_reviewer=two)
    more(case, 1, review_state=Review.DECIDED, second_reviewer=one)
    assert choose(case.again(), SECOND) == two, "as many wait, and fewer in all"
    today = timezone.localdate()
    StandIn.objects.create(absent=two, person=one, since=today, until=today, reason="休假", named_by=two)
    assert choose(case.again(), SECOND) == one, "who is away is asked only where nobody else may"
    User.objects.filter(pk=one.pk).update(is_active=False)
    assert choose(case.again(), SECOND) == two
    Assessment.objects.update(officer=two)
    assert choose(case.again(), SECOND) is None, "four eyes: the others took part in the first review"


def test_sixty_cases_are_spread_evenly(case: Case) -> None:
    people = [case.people[name] for name in (f"{DECIDER}-1", f"{DECIDER}-2", "all-supervisor")]
    more(case, 60, filing_state="submitted", review_state=Review.DECISION)
    for here in Assessment.objects.exclude(pk=case.assessment.pk):
        Assessment.objects.filter(pk=here.pk).update(decision_maker=choose(here, DECIDER))
    assert [Assessment.objects.filter(decision_maker=person).count() for person in people] == [20, 20, 20]


@pytest.mark.parametrize(("role", "review"), [(SECOND, "second"), (DECIDER, "decision")])
def test_handing_over_and_taking_over_are_a_step_of_their_own(case: Case, role: str, review: str) -> None:
    _put(case, "submitted", review)
    Assessment.objects.update(second_by=None)
    assign(case, "1")
    one, two = case.people[f"{role}-1"], case.people[f"{role}-2"]
    given: dict[str, Any] = {"assessment_id": case.assessment.pk, "role": role, "reason": "工作安排"}
    for actor, person, seen in (
        (case.people["case_officer-2"], two, one),  # holds neither
        (two, case.people["case_officer-1"], one),  # not of the role
        (one, one, one),  # has it
        (one, None, one),
    ):
        with pytest.raises(Refused), transaction.atomic():
            assign_reviewer(actor=actor, person_id=person.pk if person else None, seen=seen.pk, **given)
    with pytest.raises(Refused), transaction.atomic():
        assign_reviewer(actor=two, person_id=two.pk, seen=one.pk, **given | {"reason": " "})
    with pytest.raises(Stale), transaction.atomic():
        assign_reviewer(actor=two, person_id=two.pk, seen=None, **given)
    before = Event.objects.count()
    assign_reviewer(actor=two, person_id=two.pk, seen=one.pk, **given)
    here = case.again()
    assert {SECOND: here.second_reviewer, DECIDER: here.decision_maker}[role] == two
    record = StepRecord.objects.latest("pk")
    wanted = {SECOND: HANDED_SECOND, DECIDER: HANDED_DECISION}[role]
    assert (record.transition, record.handed_to, record.reason) == (wanted, two, "工作安排")
    assert Event.objects.count() == before + 1
    _put(case, "submitted", "first")
    with pytest.raises(Refused):  # it waits for nobody of the role now
        assign_reviewer(actor=one, person_id=one.pk, seen=two.pk, **given)


def test_nobody_takes_over_what_four_eyes_exclude(case: Case) -> None:
    _put(case, "submitted", "decision")
    Assessment.objects.update(second_by=case.people["all-supervisor"])
    assign(case, "1")
    both = case.people["all-supervisor"]
    with pytest.raises(Refused, match="earlier part"):
        assign_reviewer(
            actor=both,
            assessment_id=case.assessment.pk,
            role=DECIDER,
            person_id=both.pk,
            seen=case.people[f"{DECIDER}-1"].pk,
            reason="接办",
        )


def test_taking_over_an_objection_is_no_part_in_the_case(case: Case) -> None:
    _put(case, "submitted", "notified", "lodged")
    assign(case, "1")
    two = case.people[f"{DECIDER}-2"]
    assign_reviewer(
        actor=two,
        assessment_id=case.assessment.pk,
        role=DECIDER,
        person_id=two.pk,
        seen=case.people[f"{DECIDER}-1"].pk,
        reason="接办",
    )
    assert workflow.check("uphold_objection", actor=two, assessment=case.again()).allowed


def test_the_queue_and_the_lists_hold_what_is_assigned_or_nobodys(case: Case) -> None:
    from assessments.many.steps import STEPS

    _put(case, "submitted", "decision")
    one, two = case.people[f"{DECIDER}-1"], case.people[f"{DECIDER}-2"]

    def of(person: User) -> tuple[bool, bool]:
        return queue.own_work(person).exists(), STEPS["decide"].candidates(person).exists()

    assert (of(one), of(two)) == ((True, True), (True, True)), "nobody is assigned: as it was"
    assign(case, "2")
    assert (of(one), of(two)) == ((False, False), (True, True))
    away(case, DECIDER)
    assert of(one) == (True, True), "a stand-in"


def test_work_that_is_assigned_is_handed_over_when_somebody_leaves(case: Case) -> None:
    _put(case, "submitted", "decision")
    Assessment.objects.update(second_by=None)
    assign(case, "1")
    leaver, other, admin = (case.people[name] for name in (f"{DECIDER}-1", f"{DECIDER}-2", "administrator-1"))
    assert [(work.cases, work.assigned) for work in open_work(leaver, {DECIDER})] == [(1, 1)]
    User.objects.filter(pk=leaver.pk).update(is_active=False)
    assert [(left.person, left.parts) for left in left_work()] == [(leaver, 1)]
    hand_over(actor=admin, person_id=leaver.pk, successors={DECIDER: other.pk}, reason="离任")
    assert case.again().decision_maker == other
    assert left_work() == []


def test_a_successor_who_took_part_does_not_get_the_case(case: Case) -> None:
    _put(case, "submitted", "decision")
    both, leaver = case.people["all-supervisor"], case.people[f"{DECIDER}-1"]
    Assessment.objects.update(second_by=both)
    assign(case, "1")
    hand_over(actor=case.people["administrator-1"], person_id=leaver.pk, successors={DECIDER: both.pk}, reason="离任")
    assert case.again().decision_maker == case.people[f"{DECIDER}-2"], "who is next by rule"


def test_stand_ins_share_a_role(case: Case) -> None:
    today = timezone.localdate()
    given: dict[str, Any] = {"since": today, "until": today + timedelta(days=1), "reason": "休假"}
    one, two = case.people[f"{SECOND}-1"], case.people[f"{SECOND}-2"]
    with pytest.raises(Refused):
        name_stand_in(actor=one, absent_id=one.pk, person_id=case.people[f"{DECIDER}-1"].pk, **given)
    assert name_stand_in(actor=one, absent_id=one.pk, person_id=two.pk, **given).person == two
