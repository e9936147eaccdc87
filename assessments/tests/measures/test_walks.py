"""Whatever is tried on measures, obligations and the rating under them, in whatever order and on whatever day: each
decided measure of the notice that holds is in the register exactly once, it is in one state, and what has ended, is
fulfilled, lifted or replaced binds nobody and moves no more.
"""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from assessments.measures import machine
from assessments.measures.selectors import due_obligations, visible_measures
from assessments.measures.steps import Days, Handing
from assessments.measures.table import TABLE
from assessments.models import BINDING, Assessment, LiveMeasure, MeasureStep, Obligation
from banks.models import User
from scorecard.access.decisions import Refused
from scorecard.tests.drawn import examples

from .world import Register, build, later

CODES = ("access", "accountability", "inspection")
CORRECTION = ("ask_correction", "confirm_correction", "keep_notice", "propose_correction", "issue_correction")


def walk(world: Register, start: int) -> type[RuleBasedStateMachine]:
    """A machine that walks from the notice, and takes everything back at its end."""
    base = world.base

    class Walk(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.outer = transaction.atomic()
            self.outer.__enter__()
            self.day = 0
            self.real = timezone.now
            self.clock = patch.object(timezone, "now", lambda: self.real() + timedelta(days=self.day))
            self.clock.start()
            self.case = base.world.again(Assessment.objects.get(pk=start))
            self.over: dict[int, tuple[str, int]] = {}

        def teardown(self) -> None:
            self.clock.stop()
            transaction.set_rollback(True)
            self.outer.__exit__(None, None, None)

        def actor(self, name: str, other: bool) -> User:
            people = base.people(self.case)
            found: dict[str, User] = {
                "bank_signatory": people["signatory"],
                "case_officer": base.world.officer_2 if other else base.world.officer,
                "decision_maker": base.other if other else base.world.decider,
            }
            return found[sorted(TABLE[name].roles)[0]]

        @rule(
            name=st.sampled_from(sorted(TABLE)),
            code=st.sampled_from(CODES),
            kind=st.sampled_from(["plan", "proposal", "report"]),
            other=st.booleans(),
            due=st.integers(0, 40),
            ends=st.none() | st.integers(0, 60),
            days=st.lists(st.integers(0, 40), min_size=3, max_size=3),
        )
        def anybody_takes_a_step(
            self, name: str, code: str, kind: str, other: bool, due: int, ends: int | None, days: list[int]
        ) -> None:
            live = LiveMeasure.objects.filter(assessment=self.case, measure__code=code).order_by("pk").last()
            if live is None:
                return
            row = TABLE[name]
            told: Days | Handing | None = None
            if row.told is Days:
                each = {one.kind: later(n) for one, n in zip(live.obligations.all(), sorted(days), strict=False)}
                each = each or dict(zip(("plan", "proposal", "report"), map(later, sorted(days)), strict=True))
                told = Days(later(due), later(ends) if ends is not None else None, each)
            elif row.told is Handing:
                told = Handing(base.world.officer if other else base.world.officer_2)
            owed = live.obligations.filter(kind=kind).first()
            if row.obligation and owed is None:
                return
            try:
                with transaction.atomic():
                    machine.take(
                        name,
                        actor=self.actor(name, other),
                        live_id=live.pk,
                        obligation_id=owed.pk if row.obligation and owed else None,
                        reason="理由",
                        told=told,
                    )
            except Refused:
                return

        @rule(code=st.sampled_from(CODES))
        def the_days_are_set(self, code: str) -> None:
            live = LiveMeasure.objects.filter(assessment=self.case, measure__code=code).order_by("pk").last()
            if live is None or live.state != "unset" or not live.binds(timezone.localdate()):
                return
            told = Days(later(20), later(30), {"proposal": later(5), "report": later(20)})
            with transaction.atomic():
                machine.take("set_days", actor=live.owner or base.world.officer, live_id=live.pk, told=told)

        @rule(code=st.sampled_from(CODES), kind=st.sampled_from(["plan", "proposal", "report"]))
        def the_bank_writes(self, code: str, kind: str) -> None:
            owed = Obligation.objects.filter(live__assessment=self.case, live__measure__code=code, kind=kind).last()
            if owed is None:
                return
            try:
                with transaction.atomic():
                    world.drafted(owed)
            except Refused:
                return

        @rule(days=st.integers(1, 15))
        def days_go_by(self, days: int) -> None:
            self.day = min(self.day + days, 90)

        @rule(name=st.sampled_from(CORRECTION))
        def the_rating_is_put_right(self, name: str) -> None:
            who = {
                "ask_correction": base.world.decider,
                "propose_correction": base.world.officer,
            }.get(name, base.other)
            try:
                with transaction.atomic():
                    self.case = base.perform(who, name, self.case, "理由")
            except Refused:
                return

        @rule(taken=st.dictionaries(st.sampled_from(CODES), st.sampled_from(["same", "other"])))
        def the_correction_is_decided(self, taken: dict[str, str]) -> None:
            found = self.case.rating_in_hand
            if self.case.correction_state != "decision" or found is None:
                return
            said = {
                code: {} if how == "same" else {"content": "至年末止。", "outcome": "change"}
                for code, how in taken.items()
            }
            with transaction.atomic():
                world.measures(found, base.other, said)
                self.case = base.decide(base.other, "decide_correction", self.case, "更正。")

        @invariant()
        def each_measure_that_holds_is_there_once(self) -> None:
            rating = Assessment.objects.get(pk=start).rating
            assert rating is not None
            for measure in rating.measures.filter(state__in=["accepted", "changed"]):
                assert LiveMeasure.objects.filter(measure=measure).count() == 1
            gone = LiveMeasure.objects.exclude(measure__rating=rating)
            assert not gone.binding(timezone.localdate()).exists(), "a notice that was replaced binds nobody"

        @invariant()
        def what_is_over_binds_nobody_and_stays_over(self) -> None:
            today = timezone.localdate()
            binding = set(LiveMeasure.objects.binding(today).values_list("pk", flat=True))
            owed = set(due_obligations(later(9999), today).values_list("live", flat=True))
            assert owed <= binding
            for live in visible_measures(base.world.decider, today):
                state = live.state_on(today)
                assert live.shown_state == state
                assert (live.pk in binding) == (state in BINDING)
                assert not live.is_overdue or live.pk in binding
                steps = MeasureStep.objects.filter(live=live).exclude(name="carried").count()
                if live.pk in self.over:
                    assert self.over[live.pk] == (str(state), steps)
                elif live.pk not in binding:
                    self.over[live.pk] = (str(state), steps)

        @invariant()
        def every_step_has_left_its_record(self) -> None:
            for live in LiveMeasure.objects.filter(assessment=self.case):
                names = list(live.steps.values_list("name", flat=True))
                assert names[0] == "entered"
                assert ("fulfil" in names) == (live.state == "fulfilled")
                assert ("lift" in names or "not_held" in names) == (live.state == "lifted")

    return Walk


@pytest.mark.slow
@pytest.mark.django_db
def test_no_sequence_leaves_a_measure_in_two_minds() -> None:
    world = build()
    start = world.told(taken=CODES).pk
    run_state_machine_as_test(
        walk(world, start),
        settings=settings(
            max_examples=examples(12),
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
