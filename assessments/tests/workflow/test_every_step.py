"""Every state of the filing × of the review × of the correction × every role × every transition, against
``expected.csv``.

The table of expectations is written apart from the product's own; whatever it does not list must be refused and must
leave nothing behind.
"""

import csv
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.http import Http404

from assessments import workflow
from assessments.models import Assessment, Comment, Correction, Filing, Review, StepRecord
from assessments.workflow import machine
from banks.models import User
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.models import Event

from .world import PAYLOADS, Case, build, day_is_over, without_content

HERE = Path(__file__).parent
# Nothing is put right before a filing is submitted, or rated as not filed; there a correction could never begin.
RATED = [str(Filing.SUBMITTED), str(Filing.NOT_FILED)]
STATES = [
    *product(Filing.values, Review.values, [str(Correction.NONE)]),
    *product(RATED, Review.values, [state for state in Correction.values if state != "none"]),
]


def _rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


EXPECTED = {
    (row["filing"], row["review"], row["correction"], row["role"], row["transition"]): (
        row["filing_after"],
        row["review_after"],
        row["correction_after"],
    )
    for row in _rows("expected.csv")
}
CAPABLE = {
    (row["filing"], row["review"], row["correction"], row["role"], row["capability"])
    for row in _rows("capabilities.csv")
}


def test_the_table_and_the_expectations_name_the_same_steps() -> None:
    assert {key[4] for key in EXPECTED} == set(workflow.TRANSITIONS)
    assert {key[3] for key in EXPECTED} <= set(Role)


def test_every_state_but_the_last_has_a_way_on_and_every_state_a_way_in() -> None:
    left = {key[:3] for key in EXPECTED}
    entered = set(EXPECTED.values())
    assert entered - left == set()
    unreached = left - entered
    assert unreached == set(), "the first state is entered again by a return"


@pytest.fixture
def case(db: None, monkeypatch: pytest.MonkeyPatch) -> Case:
    without_content(monkeypatch)
    return build()


class _Undo(Exception):
    """Takes back what one step wrote."""


State = tuple[str, str, str]


def _states(here: Assessment) -> State:
    return here.filing_state, here.review_state, here.correction_state


def _attempt(case: Case, role: str, name: str) -> State | None:
    """The states after the step, or None where it was refused; what it wrote is taken back."""
    after = None
    try:
        with transaction.atomic():
            if name == "rate_unfiled":
                day_is_over(case)
            steps = StepRecord.objects.count()
            try:
                done = _perform(case, role, name)
            except (Refused, Http404):
                pass
            else:
                saved = case.again()
                after = _states(saved)
                assert after == _states(done)
                assert StepRecord.objects.count() == steps + 1
                event = Event.objects.order_by("-seq").first()
                assert event is not None
                assert (event.event, event.actor_id) == (
                    workflow.TRANSITIONS[name].event,
                    case.people[f"{role}-1"].pk,
                )
            raise _Undo
    except _Undo:
        pass
    return after


def _perform(case: Case, role: str, name: str) -> Assessment:
    return workflow.perform(
        name,
        actor=case.people[f"{role}-1"],
        assessment_id=case.assessment.pk,
        reason="理由",
        payload=PAYLOADS.get(name),
    )


def _written(case: Case) -> tuple[int, int, State]:
    return StepRecord.objects.count(), Event.objects.count(), _states(case.again())


def _put(case: Case, filing: str, review: str, correction: str = "none") -> None:
    """Put the case into a state, with people who are none of those who try."""
    who = {
        "prepared_by": case.people["bank_preparer-2"],
        "checked_by": case.people["bank_reviewer-2"],
        "officer": case.people["case_officer-1"],
        "reviewed_by": case.people["case_officer-2"],
        "second_by": case.people["second_reviewer-2"],
    }
    states = {"filing_state": filing, "review_state": review, "correction_state": correction}
    Assessment.objects.filter(pk=case.assessment.pk).update(**states, **who)


class _Reads:
    """What the access function gives one person of the case, asked once as long as nothing is written: 31 steps that
    are refused are 31 questions about the same row.
    """

    def __init__(self, ask: Callable[..., Assessment]) -> None:
        self.ask, self.kept = ask, dict[tuple[int, int], Assessment | Http404]()

    def __call__(self, actor: User, pk: int, *, lock: bool = False) -> Assessment:
        key = (actor.pk, pk)
        if key not in self.kept:
            try:
                self.kept[key] = self.ask(actor, pk, lock=lock)
            except Http404 as hidden:
                self.kept[key] = hidden
        found = self.kept[key]
        if isinstance(found, Http404):
            raise found
        return found

    def forget(self) -> None:
        """A step was taken, or is about to be."""
        self.kept.clear()


@pytest.mark.parametrize("state", STATES, ids="-".join)
def test_every_step_of_every_role(case: Case, state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    _put(case, *state)
    wrong = []
    before = _written(case)
    reads = _Reads(machine.get_assessment)
    monkeypatch.setattr(machine, "get_assessment", reads)
    for role, name in product(Role.values, workflow.TRANSITIONS):
        expected = EXPECTED.get((*state, role, name))
        if expected is None and name != "rate_unfiled":
            # Refused; that nothing was written is looked at once, after all of them.
            with suppress(Refused, Http404):
                _perform(case, role, name)
                wrong.append(f"{role} {name}: done where the table refuses it")
                reads.forget()
            continue
        reads.forget()
        if (after := _attempt(case, role, name)) != expected:
            wrong.append(f"{role} {name}: {after} where the table has {expected}")
        reads.forget()
    assert not wrong, "\n".join(wrong)
    assert _written(case) == before


@pytest.mark.parametrize("state", STATES, ids="-".join)
def test_what_pages_are_told_agrees(case: Case, state: State) -> None:
    """``available`` and ``capabilities``, which every page asks, say the same as the steps themselves."""
    _put(case, *state)
    here = case.again()
    for role in Role.values:
        actor = case.people[f"{role}-1"]
        offered = {row.name for row in workflow.available(actor=actor, assessment=here)}
        assert offered == {key[4] for key in EXPECTED if key[:4] == (*state, role)}, role
        for name in offered - {"rate_unfiled"}:  # the day is still ahead
            assert workflow.check(name, actor=actor, assessment=here).allowed
        capable = workflow.capabilities(actor=actor, assessment=here)
        assert capable == {key[4] for key in CAPABLE if key[:4] == (*state, role)}, role


@pytest.mark.parametrize("state", ["planned", "closed"])
def test_nothing_moves_in_a_round_that_is_not_open(case: Case, state: str) -> None:
    case.assessment.round.state = state
    case.assessment.round.save()
    for *here, role, name in EXPECTED:
        _put(case, *here)
        assert _attempt(case, role, name) is None, (*here, role, name)
        assert workflow.capabilities(actor=case.people[f"{role}-1"], assessment=case.again()) == frozenset()


def _needing_reason() -> Iterator[Any]:
    for *state, role, name in EXPECTED:
        if workflow.TRANSITIONS[name].reason:
            yield pytest.param(tuple(state), role, name, id=name)


@pytest.mark.parametrize(("state", "role", "name"), list(_needing_reason()))
def test_a_step_that_asks_for_a_reason_is_refused_without(case: Case, state: State, role: str, name: str) -> None:
    _put(case, *state)
    with pytest.raises(Refused, match="reason"), transaction.atomic():
        workflow.perform(
            name,
            actor=case.people[f"{role}-1"],
            assessment_id=case.assessment.pk,
            reason="  ",
            payload=PAYLOADS.get(name),
        )


REASONED = {
    "send_back_to_preparer",
    "refuse_signature",
    "refuse",
    "return_for_correction",
    "send_back_to_officer",
    "send_back_undecided",
    "let_file",
    "decide",
    "ask_taking_back",
    "take_back",
    "keep_decision",
    "uphold_objection",
    "refuse_objection",
    "ask_correction",
    "confirm_correction",
    "keep_notice",
    "send_correction_back",
    "decide_correction",
    "close_unchanged",
}


def test_every_step_back_and_each_decision_ask_for_a_reason() -> None:
    assert {name for name, row in workflow.TRANSITIONS.items() if row.reason} == REASONED


def test_what_binds_asks_for_the_password_again() -> None:
    assert {name for name, row in workflow.TRANSITIONS.items() if row.signature} == {
        "submit",
        "decide",
        "ask_taking_back",
        "take_back",
        "lodge_objection",
        "uphold_objection",
        "refuse_objection",
        "ask_correction",
        "confirm_correction",
        "decide_correction",
        "close_unchanged",
    }


OFFICERS_OWN = ("accept", "refuse", "return_for_correction", "pass_to_second", "propose_correction")


@pytest.mark.parametrize("name", OFFICERS_OWN)
def test_only_the_assigned_officer_acts_and_the_others_read(case: Case, name: str) -> None:
    row = workflow.TRANSITIONS[name]
    _put(case, row.filing[0], row.review[0], row.correction[0] if row.correction else "none")
    Assessment.objects.update(officer=case.people["case_officer-2"])
    actor, here = case.people["case_officer-1"], case.again()
    assert _attempt(case, "case_officer", name) is None
    reasons = workflow.check(name, actor=actor, assessment=here).reasons
    assert any("has this case" in str(why) for why in reasons)
    assert workflow.capabilities(actor=actor, assessment=here) == frozenset()
    Assessment.objects.update(officer=None)
    assert _attempt(case, "case_officer", name) is not None, "nobody has it: the first who comes"


@pytest.mark.parametrize(
    ("back", "receiver", "forward"),
    [
        ("send_back_to_preparer", "bank_preparer", "pass_to_reviewer"),
        ("refuse_signature", "bank_preparer", "pass_to_reviewer"),
        ("return_for_correction", "bank_preparer", "pass_to_reviewer"),
        ("refuse", "bank_preparer", "pass_to_reviewer"),
        ("send_back_to_officer", "case_officer", "pass_to_second"),
        ("send_back_undecided", "case_officer", "pass_to_second"),
        ("send_correction_back", "case_officer", "propose_correction"),
    ],
)
def test_what_was_sent_back_goes_on_only_changed_or_answered(
    case: Case, back: str, receiver: str, forward: str
) -> None:
    row = workflow.TRANSITIONS[back]
    _put(case, row.filing[0], row.review[0], row.correction[0] if row.correction else "none")
    sender, pk = case.people[f"{min(row.roles)}-1"], case.assessment.pk
    workflow.perform(back, actor=sender, assessment_id=pk, reason="口径有误")
    actor = case.people[f"{receiver}-1"]
    with pytest.raises(Refused, match="口径有误"), transaction.atomic():
        workflow.perform(forward, actor=actor, assessment_id=pk)
    with transaction.atomic():
        workflow.perform(forward, actor=actor, assessment_id=pk, reason="口径无误，见附件二。")
        transaction.set_rollback(True)
    Comment.objects.create(assessment=case.assessment, text="已改", author=actor)
    workflow.perform(forward, actor=actor, assessment_id=pk)
