"""Whatever is tried after the notice, in whatever order: the bank has one notice that holds, and nothing is lost."""

from itertools import pairwise
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from assessments import workflow
from assessments.models import Correction, Notice, Objection, ObjectionLetter, Rating
from assessments.workflow.payloads import DecisionPayload, GroundAnswer, ObjectionPayload
from assessments.workflow.step import Payload
from scorecard.access.decisions import Refused
from scorecard.tests.drawn import examples

from .world import GROUND, Corrections, build

STEPS = sorted(row.name for row in workflow.TRANSITIONS.values() if row.after_notice())


def machine(case: Corrections, start: int) -> type[RuleBasedStateMachine]:
    """A machine that walks from the notified case, and takes everything back at its end."""

    class Walk(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.outer = transaction.atomic()
            self.outer.__enter__()
            self.assessment = case.world.again(Rating.objects.get(pk=start).assessment)
            self.numbers: list[str] = list(Notice.objects.values_list("number", flat=True))
            self.letters = 0

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.outer.__exit__(None, None, None)

        def payload(self, name: str) -> Payload | None:
            if name in ("uphold_objection", "refuse_objection"):
                return ObjectionPayload({GROUND: GroundAnswer(name == "uphold_objection", "答复")})
            if name == "decide_correction":
                found = self.assessment.rating_in_hand
                assert found is not None
                return DecisionPayload.read(found.grade_proposed, found.adjustment_proposed)
            return None

        @rule(name=st.sampled_from(STEPS), other=st.booleans())
        def anybody_tries(self, name: str, other: bool) -> None:
            row = workflow.TRANSITIONS[name]
            people = case.people(self.assessment)
            actor: Any = {
                "bank_signatory": people["signatory"],
                "case_officer": case.world.officer,
                "decision_maker": case.other if other else case.world.decider,
            }[sorted(row.roles)[0]]
            try:
                case.perform(actor, name, self.assessment, "理由", payload=self.payload(name))
            except Refused:
                return
            finally:
                self.assessment = case.world.again(self.assessment)

        @rule()
        def the_bank_writes(self) -> None:
            try:
                with transaction.atomic():
                    self.assessment = case.drafted(self.assessment)
            except Refused:
                return

        @rule(points=st.sampled_from([None, "1", "2"]))
        def the_officer_looks_again(self, points: str | None) -> None:
            try:
                self.assessment = case.points(self.assessment, points, "再核。" if points else "")
            except Refused:
                return

        @rule()
        def the_measures_are_decided(self) -> None:
            if self.assessment.correction_state == Correction.DECISION:
                self.assessment = case.declined(self.assessment)

        @invariant()
        def one_notice_holds(self) -> None:
            here = self.assessment
            holding = Notice.objects.get(replaced_by=None)
            assert holding.rating == here.rating
            assert here.rating is not None and here.rating.decided_at is not None
            assert here.reviewed_run_id == here.rating.run_id

        @invariant()
        def every_letter_and_decision_stays(self) -> None:
            numbers = list(Notice.objects.order_by("pk").values_list("number", flat=True))
            assert numbers[: len(self.numbers)] == self.numbers
            self.numbers = numbers
            chain = list(Notice.objects.order_by("pk").select_related("rating"))
            for before, after in pairwise(chain):
                assert after.replaces == before and after.rating.replaces == before.rating
            for rating in Rating.objects.filter(decided_at__isnull=False):
                held = rating.pk == self.assessment.rating_id
                assert held or rating.replaces_id == self.assessment.rating_id or hasattr(rating, "replaced_by")
            letters = ObjectionLetter.objects.count()
            assert letters >= self.letters
            self.letters = letters
            decided = Objection.objects.exclude(outcome="").count()
            assert ObjectionLetter.objects.filter(kind="decision").count() == decided

    return Walk


@pytest.mark.slow
@pytest.mark.django_db
def test_no_sequence_leaves_a_bank_without_its_latest_letter() -> None:
    case = build()
    rating = case.notified().rating
    assert rating is not None
    run_state_machine_as_test(
        machine(case, rating.pk),
        settings=settings(
            max_examples=examples(12),
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
