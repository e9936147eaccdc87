"""So much of a plan, of last year or of another reference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scorecard.engine.declarations.forms import FIGURE, LEVER, POINTS, UNIT
from scorecard.engine.declarations.keys import key
from scorecard.engine.language.exact import Context, compute, number
from scorecard.engine.language.syntax import Expression
from scorecard.engine.lowering.builder import Builder
from scorecard.engine.lowering.program import Value
from scorecard.engine.rules.base import Explainer, Improvements, Measured, Wording, rule_kind
from scorecard.engine.rules.words import AMONG_PEERS, FLOOR, FULL, FULL_LABEL, points_texts
from scorecard.engine.values.facts import Missing
from scorecard.engine.values.rational import ZERO, Fraction
from scorecard.engine.values.results import Node
from scorecard.engine.values.text import Text
from scorecard.engine.values.units import quantities

WITHOUT = Text("没有基数时得分", "Points without a reference")


@rule_kind("share", "占基数比例", "share of a reference", place=4)
@dataclass(frozen=True, slots=True)
class Share(Measured[tuple[Fraction, Fraction]]):
    """`full` points times x over reference, at least `floor`, at most `full`. A reference that is zero or negative (no
    plan was made) gives `no_reference` points, or, when that is not set, is an outcome without points.
    """

    title = Text("完成比例计分", "Share of a reference")
    x: Expression = key(FIGURE, required=True, worded=False)
    reference: Expression = key(FIGURE, required=True, label=Text("基数", "Reference"))
    unit: str = key(UNIT, worded=False)
    full: Fraction = key(POINTS, default=lambda r: r.high, label=FULL_LABEL, tune=FULL)
    floor: Fraction = key(POINTS, default=ZERO, tune=FLOOR, worded=False)
    no_reference: Fraction | None = key(POINTS, label=WITHOUT, tune=WITHOUT)
    lever: str = key(LEVER, worded=False)

    def measure(self, c: Context) -> tuple[Fraction, Fraction] | Missing:
        x, reference = number(compute(self.x, c)), number(compute(self.reference, c))
        if isinstance(reference, Missing):
            return reference | x if isinstance(x, Missing) else reference
        if isinstance(x, Missing):
            # Without a plan the increment does not matter.
            return (ZERO, reference) if reference <= 0 and self.no_reference is not None and not x.blank else x
        return c.no_reference(self.reference) if reference <= 0 and self.no_reference is None else (x, reference)

    def at(self, found: tuple[Fraction, Fraction]) -> Fraction:
        x, reference = found
        if reference <= 0:
            return self.no_reference or ZERO
        return max(self.floor, min(self.full, self.full * x / reference))

    def lower(self, b: Builder) -> Value:
        x, reference = b.expression(self.x.node), b.expression(self.reference.node)
        return b.share(x, reference, self.full, self.floor, self.no_reference)

    def nodes(self, c: Explainer) -> tuple[Node, ...]:
        return c.expression_node(self.x, self.unit), c.expression_node(self.reference, self.unit)

    def reason(self, c: Explainer, found: tuple[Fraction, Fraction]) -> Text:
        x, reference = found
        name = c.render(self.reference)
        if c.shows_peers(self.x) or c.shows_peers(self.reference):
            return AMONG_PEERS
        if reference <= 0:
            plan = quantities(reference, self.unit)
            return Text(f"{name.zh}为 {plan.zh}，视为没有计划", f"{name.en} is {plan.en}: there is no plan")
        part, full = quantities(x / reference, "%"), points_texts(self.full)
        return Text(
            f"完成{name.zh}的 {part.zh}，满分 {full.zh}", f"{part.en} of {name.en}, with {full.en} for all of it"
        )

    def bounds(self) -> tuple[Fraction, Fraction]:
        if self.no_reference is None:
            return self.floor, self.full
        return min(self.floor, self.no_reference), max(self.full, self.no_reference)

    def limits(self) -> tuple[Fraction | None, Fraction | None]:
        return self.floor, self.full

    def lines(self, w: Wording) -> Iterator[str]:
        yield f"{w.points(self.full)} × ({w.words(self.x)}) ÷ ({w.words(self.reference)})"
        if self.no_reference is not None:
            none = w.points(self.no_reference)
            yield w.either(f"没有基数的 {none}", f"without a reference {none}")

    def better(self, c: Explainer, found: tuple[Fraction, Fraction]) -> Improvements:
        x, reference = found
        now = self.at(found)
        if now >= self.full or reference <= 0:
            return ()
        return c.improvement(self.x, self.unit, x, reference, self.full - now, self.lever, self.reference)
