"""Rank, percentile and median of the peer group, over values frozen for the score run.

Peers are compared on the expression itself, evaluated for every bank of the group. The values are taken once
(:func:`scorecard.engine.exact.peergroup.peer_snapshot`) and stored with the run, so that a later filing moves no
earlier result.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Any

from scorecard.engine.language.exact import Compiled, Context, compiled
from scorecard.engine.language.function import Function
from scorecard.engine.language.syntax import Call, peer_key, reads_total
from scorecard.engine.language.types import PLAIN, Checker, Type, number_of
from scorecard.engine.values.facts import Absence, Missing, Value
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import Text

Figures = tuple[Fraction, ...]
NO_PEERS = Missing(Absence.UNDEFINED, Text("同组没有可比数据", "the peer group has no figures to compare with"))


class OfPeers(Function):
    """A comparison of a figure with those of the group, sorted from low to high, the bank's own among them."""

    of_peers = True
    result = PLAIN

    def of(self, own: Any, figures: Figures) -> Value:
        """Return its value."""
        raise NotImplementedError

    def type(self, checker: Checker, call: Call) -> Type:
        found = checker.number(call.args[0])
        return found if self.passes else self.result

    def compile(self, call: Call) -> Compiled:
        own, key, of = compiled(call.args[0]), peer_key(call.args[0]), self.of
        late = reads_total(call.args[0])

        def compared(c: Context) -> Value:
            figures = c.peer_values(key)
            return figures if isinstance(figures, Missing) else of(own(c.before_limits() if late else c), figures)

        return compared

    def lower(self, builder: Any, call: Call, years: int) -> Any:
        return builder.peers(self.name, call.args[0], years)


class Placed(OfPeers):
    """A place of the bank's own figure. A blank stays a blank, also where nobody has a figure."""

    def place(self, own: Fraction, figures: Figures) -> Fraction:
        raise NotImplementedError

    def of(self, own: Any, figures: Figures) -> Value:
        if isinstance(own, Missing):
            return own
        return self.place(own, figures) if figures else NO_PEERS


class Rank(Placed):
    """1 is the highest; ties share the better place."""

    name, unit, result = "rank", "名", number_of("名")
    said = Text("{0}在同组中的名次", "the rank of {0} within the peer group")

    def place(self, own: Fraction, figures: Figures) -> Fraction:
        return Fraction(len(figures) - bisect_right(figures, own) + 1)

    def span(self, rulebook: Any, call: Call) -> tuple[Any, Any, bool]:
        return Fraction(1), None, True


class Percentile(Placed):
    """The share of the others that lie below, 0 to 1."""

    name, said = "percentile", Text("{0}在同组中的百分位", "the percentile of {0} within the peer group")

    def place(self, own: Fraction, figures: Figures) -> Fraction:
        below, others = bisect_left(figures, own), len(figures) - 1
        return Fraction(min(below, others), others) if others > 0 else Fraction(1)


class Median(OfPeers):
    name, passes = "median", True
    said = Text("同组{0}的中位数", "the peer group's median of {0}")

    def of(self, own: Any, figures: Figures) -> Value:
        half, odd = divmod(len(figures), 2)
        if not figures:
            return NO_PEERS
        return figures[half] if odd else (figures[half - 1] + figures[half]) / 2


class Peers(OfPeers):
    name, unit, result = "peers", "家", number_of("家")
    said = Text("同组有{0}的家数", "the number of peers with {0}")

    def of(self, own: Any, figures: Figures) -> Value:
        return Fraction(len(figures))

    def span(self, rulebook: Any, call: Call) -> tuple[Any, Any, bool]:
        return Fraction(0), None, True
