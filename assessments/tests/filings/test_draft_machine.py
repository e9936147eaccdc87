"""A random walk of two people over one draft against a model: nothing is lost, nothing is overwritten unseen."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from assessments.filings.fact_fields import field_name
from assessments.models import Answer
from assessments.rulebooks.cache import forget
from assessments.tests.filings.world import World, build, person, post_fields
from banks.models import FactEntry, User
from banks.selectors.facts import current_facts
from scorecard.access.decisions import Stale
from scorecard.tests.drawn import examples

_codes: Iterator[int] = count(1)
# Typed text → what is stored; None where it is wrong.
TYPED: dict[str, dict[str, str | None]] = {
    "f-bal": {"1": "1", "2,000": "2000", "3亿元": "30000", "": "", "x": None, "-1": None},
    "f-rate": {"50": "0.5", "50%": "0.5", "0.1": "0.001", "101": None, "": ""},
    "f-policy": {"1": "1", "2": "2", "9": None, "": ""},
    "n-A1": {"甲": "甲", "乙": "乙", "": ""},
    "s-A1": {"1": "1", "1.50": "1.5", "9": None, "": ""},
}
FIELDS = st.sampled_from(sorted(TYPED)).flatmap(
    lambda name: st.tuples(st.just(name), st.sampled_from(sorted(TYPED[name])))
)


class Drafts(RuleBasedStateMachine):
    """Two preparers, each with the revision that they have seen; ``stored`` is what the draft must hold."""

    @initialize()
    def begin(self) -> None:
        self.world: World = build(f"M{next(_codes):04d}")
        self.people: list[User] = [
            self.world.preparer,
            person(f"two-{self.world.bank.code}", self.world.bank, "bank_preparer"),
        ]
        self.seen = [0, 0]
        self.stored = dict.fromkeys(TYPED, "")
        self.touched = dict.fromkeys(TYPED, 0)
        self.revision = 0
        self.rows = 0

    @rule(who=st.integers(0, 1), typed=st.lists(FIELDS, min_size=1, max_size=4, unique_by=lambda item: item[0]))
    def save(self, who: int, typed: list[tuple[str, str]]) -> None:
        facts = {name[2:]: text for name, text in typed if name[0] == "f"}
        parts: dict[str, dict[str, Any]] = {}
        for name, text in typed:
            if name[0] != "f":
                parts.setdefault("A1", {})["narrative" if name[0] == "n" else "self_points"] = text
        good = {name: TYPED[name][text] for name, text in typed if TYPED[name][text] is not None}
        changed = {name: value for name, value in good.items() if value != self.stored[name]}
        conflicts = sorted(name for name in changed if self.touched[name] > self.seen[who])
        try:
            saved = post_fields(self.people[who], self.world.assessment, self.seen[who], facts=facts, answers=parts)
        except Stale as stale:
            assert sorted(field_name(conflict.key) for conflict in stale.current) == conflicts != []
            return
        assert not conflicts
        assert sorted(saved.written) == sorted(changed)
        assert sorted(saved.errors) == sorted(name for name, text in typed if TYPED[name][text] is None)
        if changed:
            self.revision += 1
            self.rows += sum(name[0] == "f" for name in changed) + any(name[0] != "f" for name in changed)
        for name, value in changed.items():
            self.stored[name] = value or ""
            self.touched[name] = self.revision
        assert saved.revision == self.revision
        self.seen[who] = saved.revision

    @rule(who=st.integers(0, 1))
    def reload(self, who: int) -> None:
        self.seen[who] = self.revision

    @invariant()
    def holds(self) -> None:
        if not hasattr(self, "world"):
            return
        entries = current_facts(self.world.bank.pk, ["2017"])["2017"]
        answers = Answer.objects.filter(assessment=self.world.assessment).order_by("revision")
        last = answers.last()
        held = {name: entries[name[2:]].value if name[2:] in entries else "" for name in TYPED if name[0] == "f"}
        held |= {"n-A1": last.narrative if last else "", "s-A1": last.self_points if last else ""}
        assert held == self.stored
        assert FactEntry.objects.filter(bank=self.world.bank).count() + answers.count() == self.rows


@pytest.mark.django_db
def test_random_walks_of_two_people() -> None:
    forget()
    run_state_machine_as_test(
        Drafts,
        settings=settings(
            max_examples=examples(25),
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        ),
    )
