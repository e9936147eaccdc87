"""Points by the outcome of a target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scorecard.engine.declarations.forms import POINTS, TARGET, Scores
from scorecard.engine.declarations.keys import Key, Reading, key, ref
from scorecard.engine.language.exact import Context
from scorecard.engine.lowering.builder import Builder
from scorecard.engine.lowering.program import Value
from scorecard.engine.rules.base import Explainer, Improvements, Measured, Wording, rule_kind
from scorecard.engine.values.facts import Missing
from scorecard.engine.values.rational import ZERO, Fraction
from scorecard.engine.values.results import Node
from scorecard.engine.values.text import Text

MET, MISSED = Text("完成得分", "Points when met"), Text("未完成得分", "Points when missed")


class YearsMissed(Scores):
    """Years running -> points, most years first."""

    def read(self, r: Reading, name: str, key: Key) -> tuple[tuple[int, Fraction], ...]:
        f, years = r.fields, []
        for id, value in f.mapping(r.at, name).items():
            points = f.scalar_number(value)
            if not id.isdigit() or not 2 <= int(id) <= 5:
                said = Text("年数应为 2 至 5。", "The years must be from 2 to 5.")
                f.report(value, "number", said, Text("请改正年数。", "Correct the years."))
                continue
            years.append((int(id), Fraction(points or 0)))
        return tuple(sorted(years, reverse=True))


YEARS_MISSED = YearsMissed(
    {
        "type": "object",
        "patternProperties": {"^[2-5]$": ref("number")},
        "additionalProperties": False,
        "description": "years running from 2 to 5 -> points",
    },
    lambda t, raw, years: Text(f"连续 {years} 年未完成得分", f"Points when missed {years} years running"),
    (),
)


@rule_kind("target", "目标完成情况", "outcome of a target", place=9)
@dataclass(frozen=True, slots=True)
class TargetOutcome(Measured[int]):
    """Points by the outcome of a target. `years_missed` gives other points when it was missed so many years running."""

    title = Text("目标完成计分", "Outcome of a target")
    target: str = key(TARGET, required=True, label=Text("目标", "Target"))
    met: Fraction = key(POINTS, default=lambda r: r.high, label=MET, tune=MET)
    missed: Fraction = key(POINTS, default=ZERO, label=MISSED, tune=MISSED)
    years_missed: tuple[tuple[int, Fraction], ...] = key(
        YEARS_MISSED, label=Text("连续未完成年数", "Missed years running"), worded=False
    )

    def measure(self, c: Context) -> int | Missing:
        """Return for how many years running the target is missed."""
        missed = c.target_missed(self.target)
        return missed if isinstance(missed, Missing) else c.missed_years(self.target) if missed else 0

    def at(self, found: int) -> Fraction:
        longest = (points for least, points in self.years_missed if found >= least)
        return next(longest, self.missed) if found else self.met

    def lower(self, b: Builder) -> Value:
        missed = b.outcome(self.target)
        conditions = [(missed, self.missed)]
        if self.years_missed:
            years = b.missed_years(self.target)
            for least, points in reversed(self.years_missed):
                running = b.compare(">=", years, b.constant(Fraction(least)))
                conditions.append((b.every(missed, running), points))
        return b.nested(self.met, conditions)

    def nodes(self, c: Explainer) -> tuple[Node, ...]:
        return (c.target_node(self.target),)

    def reason(self, c: Explainer, found: int) -> Text:
        if found == 0:
            return Text("目标完成", "the target is met")
        if found == 1:
            return Text("目标未完成", "the target is missed")
        return Text(f"目标连续 {found} 年未完成", f"the target is missed {found} years running")

    def bounds(self) -> tuple[Fraction, Fraction]:
        values = [self.met, self.missed, *(p for _, p in self.years_missed)]
        return min(values), max(values)

    def lines(self, w: Wording) -> Iterator[str]:
        name, met, missed = w.name(self.target), w.points(self.met), w.points(self.missed)
        yield w.either(f"{name}：完成 {met}，未完成 {missed}", f"{name}: met {met}, missed {missed}")
        for years, points in self.years_missed:
            given = w.points(points)
            yield w.either(f"连续 {years} 年未完成 {given}", f"missed {years} years running {given}")

    def better(self, c: Explainer, found: int) -> Improvements:
        gain = self.met - self.at(found)
        if gain <= 0:
            return ()
        need = c.target_need(self.target)
        if need is None:
            return (self.gain(c, Text("完成该目标", "Meeting the target"), gain),)
        how = Text(f"{need.text.zh.rstrip('。')}，", f"{need.text.en} This")
        return (self.gain(c, how, gain, need.fact, need.now, need.then),)
