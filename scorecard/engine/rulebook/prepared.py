"""What is worked out once per rulebook, because it follows from the rulebook alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, cached_property, wraps
from typing import TypeVar

from scorecard.engine.language.function import FUNCTIONS
from scorecard.engine.language.syntax import E
from scorecard.engine.rulebook.dependencies import depends_on, entries_of, facts_of, functions_behind
from scorecard.engine.rulebook.rulebook import Rulebook

T = TypeVar("T")


def once(build: Callable[[Rulebook], T]) -> Callable[[Rulebook], T]:
    """Keep what `build` makes of a rulebook with that rulebook: made at the first call, dropped with it."""

    @wraps(build)
    def kept(rulebook: Rulebook) -> T:
        found: T | None = rulebook.kept.get(build)
        if found is None:
            found = rulebook.kept[build] = build(rulebook)
        return found

    return kept


class Prepared:
    """The dependencies of a rulebook's entries. :func:`prepared` returns the one of a rulebook."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self._functions = cache(lambda node: functions_behind(rulebook, node))
        #: Every entry whose change may change what an entry gives, itself among them.
        self.dependencies = cache(lambda entry: frozenset(depends_on(rulebook, (entry,))))

    def dependencies_of_expression(self, node: E) -> frozenset[str]:
        """Return every entry whose change may change the value of an expression."""
        return frozenset[str]().union(*(self.dependencies(entry) for entry in entries_of(self.rulebook, (node,))))

    def compares_peers(self, node: E) -> bool:
        """Return whether an expression compares with peers: what changes it would tell where a peer stands."""
        return any(FUNCTIONS[name].of_peers for name in self._functions(node))

    def shows_peers(self, node: E) -> bool:
        """Return whether the value of an expression is a figure of the peers, or shows one. A place, a percentile and
        the number of peers do not.
        """
        return "median" in self._functions(node)

    @cached_property
    def users_of_facts(self) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
        """Fact -> the indicators and the targets that use it, for facts that these, an estimate or a conclusion use."""
        book = self.rulebook
        targets = {t.id: facts_of(book, (t.left, t.right)) for t in book.targets.values()}
        estimated = facts_of(book, (e.expr for e in book.estimates.values()))
        cases = [case for adjustment in book.adjustments for case in adjustment.cases]
        conditions = [*(c.when for c in book.caps), *(c.when for c in cases), *(m.when for m in book.measures.values())]
        concluded = facts_of(book, conditions)
        found = {}
        for name in book.facts:
            indicators = tuple(i.id for i in book.indicators.values() if name in i.facts)
            used = tuple(t for t, facts in targets.items() if name in facts)
            if indicators or used or name in estimated or name in concluded:
                found[name] = (indicators, used)
        return found


@once
def prepared(rulebook: Rulebook) -> Prepared:
    """Return what is worked out of a rulebook."""
    return Prepared(rulebook)
