"""Segregation of duties, whoever holds which roles: random walks through the whole workflow, hunted for a breach."""

from typing import Any

import pytest
from django.db import transaction
from django.http import Http404
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from assessments import workflow
from assessments.models import Filing, Review, StepRecord
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.models import Event
from scorecard.audit.services import verify
from scorecard.tests.drawn import examples

from .test_every_step import EXPECTED
from .world import PAYLOADS, build, without_content

NAMES = sorted(workflow.TRANSITIONS)
WHO = sorted(
    [f"{role}-{number}" for role in Role.values for number in "12"] + ["all-bank", "all-supervisor"],
)


REVIEWERS_BARRED = (
    "send_back_undecided",
    "decide",
    "ask_taking_back",
    "ask_correction",
    "send_correction_back",
    "decide_correction",
    "close_unchanged",
)
# Whoever does one of these has a part in the case, and decides no objection in it.
BEFORE_THE_NOTICE = (
    "accept",
    "pass_to_second",
    "send_back_to_officer",
    "confirm",
    "send_back_undecided",
    "decide",
    "ask_taking_back",
    "take_back",
    "keep_decision",
    "issue_notice",
)
# What only the person who is assigned does, and who may be, in the order in which they are asked.
OF_THE_SECOND = ("send_back_to_officer", "confirm")
OF_THE_DECIDER = (
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
)
SECONDS = ("second_reviewer-1", "second_reviewer-2", "all-supervisor")
DECIDERS = ("decision_maker-1", "decision_maker-2", "all-supervisor")


class Walk(RuleBasedStateMachine):
    """Anybody tries anything, again and again; a model of a few lines says what must come of it."""

    def __init__(self) -> None:
        super().__init__()
        self.outer = transaction.atomic()
        self.outer.__enter__()
        self.case = build()
        self.state = ("preparing", "none", "none")
        self.taken: list[tuple[str, str]] = []  # (who, step) since the last submission or return
        self.steps = self.versions = 0
        self.acted: dict[str, str] = {}
        self.assigned: dict[str, str] = {}
        self.parts: set[str] = set()  # who took part in the case of this version for the supervisor

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.outer.__exit__(None, None, None)

    def _roles(self, who: str) -> frozenset[str]:
        return self.case.people[who].roles

    def _barred(self, who: str, name: str) -> bool:
        """docs/workflow.md, Roles: who signs own work, checks it, takes its second review or decides it."""
        here = self.acted
        if name == "rate_unfiled":  # the day is ahead all the time here
            return True
        if name in ("accept", "refuse", "return_for_correction", "pass_to_second", "propose_correction"):
            return here.get("officer", who) != who
        if name in OF_THE_SECOND and self.assigned.get("second", who) != who:
            return True
        if name in OF_THE_DECIDER and self.assigned.get("decider", who) != who:
            return True
        if name == "pass_to_signatory":
            return who == here.get("prepared") or (who, "pass_to_reviewer") in self.taken
        if name == "submit":
            return who in (here.get("prepared"), here.get("checked")) or (who, "pass_to_reviewer") in self.taken
        if name in ("send_back_to_officer", "confirm"):
            return who in (here.get("officer"), here.get("reviewed"))
        if name in ("take_back", "confirm_correction"):
            return who == here.get("asked")
        if name in ("uphold_objection", "refuse_objection"):
            return who in self.parts
        if name in REVIEWERS_BARRED:
            return who in (here.get("officer"), here.get("reviewed"), here.get("second"))
        return False

    def _try(self, who: str, name: str) -> None:
        targets = {EXPECTED[key] for key in ((*self.state, role, name) for role in self._roles(who)) if key in EXPECTED}
        expected = targets.pop() if targets and not self._barred(who, name) else None
        try:
            with transaction.atomic():
                workflow.perform(
                    name,
                    actor=self.case.people[who],
                    assessment_id=self.case.assessment.pk,
                    reason="理由",
                    payload=PAYLOADS.get(name),
                )
        except (Refused, Http404) as refusal:
            assert expected is None, f"{who} may {name} in {self.state}, and was refused: {refusal}"
            return
        assert expected is not None, f"{who} must not {name} in {self.state}, and did"
        self.state = expected
        self.steps += 1
        self._remember(who, name)

    def _remember(self, who: str, name: str) -> None:
        self.taken.append((who, name))
        if name in BEFORE_THE_NOTICE:
            self.parts.add(who)
        here = self.acted
        if name == "pass_to_reviewer":
            here |= {"prepared": who, "checked": "", "signed": ""}
        elif name == "pass_to_signatory":
            here["checked"] = who
        elif name in ("send_back_to_preparer", "refuse_signature"):
            here["checked"] = ""
        elif name == "submit":
            here["signed"] = who
            self.taken = []
            self.parts = set()
            self.versions += 1
        elif name == "accept":
            here["officer"] = who
        elif name == "pass_to_second":
            here |= {"reviewed": who, "second": ""}
        elif name == "confirm":
            here["second"] = who
        elif name in ("ask_taking_back", "ask_correction"):
            here["asked"] = who
        elif name in ("send_back_to_officer", "send_back_undecided"):
            here |= {"reviewed": "", "second": ""}
        elif name in ("refuse", "return_for_correction"):
            here |= {"prepared": "", "checked": "", "signed": "", "reviewed": "", "second": ""}

        if name == "pass_to_second":
            self._assign("second", SECONDS, {here["officer"], here["reviewed"]})
        elif name in ("confirm", "take_back", "propose_correction"):
            self._assign("decider", DECIDERS, {here["officer"], here["reviewed"], here["second"]})
        elif name == "lodge_objection":
            self._assign("decider", DECIDERS, self.parts)

    def _assign(self, part: str, people: tuple[str, ...], kept_from: set[str]) -> None:
        """docs/workflow.md, Whose case it is: there is one case, so nobody has more to do than the others."""
        able = [who for who in people if who not in kept_from]
        if self.assigned.get(part) not in able:
            self.assigned.pop(part, None)
            if able:
                self.assigned[part] = able[0]

    @rule(who=st.sampled_from(WHO), name=st.sampled_from(NAMES))
    def anybody_tries_anything(self, who: str, name: str) -> None:
        self._try(who, name)

    @rule(data=st.data())
    def somebody_of_the_right_role_goes_on(self, data: Any) -> None:
        """Mostly a sensible step, so that walks reach the end of the year and come back on the way."""
        steps = sorted({key[3:] for key in EXPECTED if key[:3] == self.state})
        role, name = data.draw(st.sampled_from(steps))
        who = data.draw(st.sampled_from([person for person in WHO if role in self._roles(person)]))
        self._try(who, name)

    @invariant()
    def the_row_is_where_the_model_is(self) -> None:
        here = self.case.again()
        assert (here.filing_state, here.review_state, here.correction_state) == self.state
        assert here.filing_state in Filing.values
        assert here.review_state in Review.values
        assert here.versions.count() == self.versions
        assert StepRecord.objects.filter(assessment=here).count() == self.steps

    @invariant()
    def nobody_did_two_duties_that_exclude_each_other(self) -> None:
        here = self.case.again()
        if here.checked_by_id:
            assert here.checked_by_id != here.prepared_by_id
        if here.signed_by_id:
            assert here.signed_by_id not in (here.prepared_by_id, here.checked_by_id)
        if here.second_by_id:
            assert here.second_by_id not in (here.reviewed_by_id, here.officer_id)
        decision = StepRecord.objects.filter(assessment=here, transition="decide").last()
        if decision is not None:
            assert decision.actor_id not in (here.reviewed_by_id, here.second_by_id, here.officer_id)

    @invariant()
    def the_trail_has_one_event_per_step_and_holds(self) -> None:
        assert Event.objects.filter(object_type="assessments.assessment").count() == self.steps
        # The people of this test came without events: a trail that is still empty is one of its own.
        assert [broken for broken in verify() if broken.kind != "empty"] == []


@pytest.mark.django_db
def test_random_walks(monkeypatch: pytest.MonkeyPatch) -> None:
    without_content(monkeypatch)
    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=examples(30),
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
