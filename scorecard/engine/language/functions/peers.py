"""Comparisons with the peer group, over values frozen for the score run (`language/peers.py`)."""

from __future__ import annotations

from typing import Any

from scorecard.engine.language.exact import Compiled, Context, compiled
from scorecard.engine.language.function import Function
from scorecard.engine.language.peers import peer_key, peer_statistic
from scorecard.engine.language.syntax import Call
from scorecard.engine.language.types import PLAIN, Checker, Type, number_of
from scorecard.engine.values.facts import Missing, Value
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import Text


class OfPeers(Function):
    of_peers = True
    result = PLAIN

    def type(self, checker: Checker, call: Call) -> Type:
        checker.number(call.args[0])
        return self.result

    def compile(self, call: Call) -> Compiled:
        own, key, name = compiled(call.args[0]), peer_key(call.args[0]), self.name

        def compared(c: Context) -> Value:
            values = c.peer_values(key)
            return values if isinstance(values, Missing) else peer_statistic(name, own(c), values)

        return compared

    def lower(self, builder: Any, call: Call, years: int) -> Any:
        return builder.peers(self.name, call.args[0], years)


class Rank(OfPeers):
    name, unit, result = "rank", "名", number_of("名")
    said = Text("{0}在同组中的名次", "the rank of {0} within the peer group")

    def span(self, rulebook: Any, call: Call) -> tuple[Any, Any, bool]:
        return Fraction(1), None, True


class Percentile(OfPeers):
    name, said = "percentile", Text("{0}在同组中的百分位", "the percentile of {0} within the peer group")


class Median(OfPeers):
    name, passes = "median", True
    said = Text("同组{0}的中位数", "the peer group's median of {0}")

    def type(self, checker: Checker, call: Call) -> Type:
        return checker.number(call.args[0])


class Peers(OfPeers):
    name, unit, result = "peers", "家", number_of("家")
    said = Text("同组有{0}的家数", "the number of peers with {0}")

    def span(self, rulebook: Any, call: Call) -> tuple[Any, Any, bool]:
        return Fraction(0), None, True
