"""One question to every number: is it of the size that it can be, against last year and against what is possible?

Declared here once for all figures of all rulebooks. A wrong unit (亿元 for 万元, a fraction for a percentage) moves a
figure by a factor of a hundred or more; what a bank did in a year hardly moves one by twenty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from scorecard.engine.exact.context import Scoring
from scorecard.engine.rulebook.model import FactSpec
from scorecard.engine.rulebook.prepared import once
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.facts import FactValue
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.results import CheckFinding
from scorecard.engine.values.text import Text
from scorecard.engine.values.units import quantities

#: So many times last year's figure, or so small a part of it, is asked about.
FACTOR = 20
#: What no bank reaches, by unit: fifty trillion yuan, two billion borrowers, ten million people.
MOST = {"元": 5 * 10**13, "万元": 5 * 10**9, "亿元": 500_000, "户": 2 * 10**9, "人": 10**7, "人次": 10**8}
#: A percentage as small as this, with no figure of last year beside it, may be a fraction.
SMALL_SHARE = Decimal("0.01")


def magnitude_question(spec: FactSpec, now: FactValue | None, before: FactValue | None = None) -> Text | None:
    """Return the question to a figure of unlikely size, None where there is none. Zero is of any size."""
    if not spec.is_number or not isinstance(now, Decimal) or not now:
        return None
    most = MOST.get(spec.unit)
    if isinstance(before, Decimal) and before:
        high, low = max(abs(now), abs(before)), min(abs(now), abs(before))
        if high < FACTOR * low:
            return None
        shown = quantities(Fraction(now), spec.unit)
        times, then = f"{high / low:,.0f}", quantities(Fraction(before), spec.unit)
        ratio = Text(f"{times} 倍", f"{times} times") if abs(now) == high else Text(f"{times} 分之一", f"1/{times} of")
        return Text(
            f"“{spec.label.zh}”为 {shown.zh}，约为上年（{then.zh}）的 {ratio.zh}，请核对单位和数字。",
            f"“{spec.label.en}” is {shown.en}, about {ratio.en} last year's {then.en}: check the unit and the figure.",
        )
    if most is not None and abs(now) > most:
        shown, edge = quantities(Fraction(now), spec.unit), quantities(Fraction(most), spec.unit)
        return Text(
            f"“{spec.label.zh}”为 {shown.zh}，超过任何一家银行可能的 {edge.zh}，请核对单位和数字。",
            f"“{spec.label.en}” is {shown.en}, more than the {edge.en} that any bank can have: check the unit and the "
            "figure.",
        )
    if spec.unit == "%" and abs(now) <= SMALL_SHARE:
        shown, hundred = quantities(Fraction(now), "%"), quantities(Fraction(now) * 100, "%")
        return Text(
            f"“{spec.label.zh}”为 {shown.zh}，按百分数读取。如果是指 {hundred.zh}，请填百分数。",
            f"“{spec.label.en}” is {shown.en}, read as a percentage. If {hundred.en} is meant, give the percentage.",
        )
    return None


def magnitude_findings(c: Scoring, told: set[str]) -> Iterator[CheckFinding]:
    """Yield the questions to the figures of this year; a figure that another check has asked about is `told`."""
    given, history = c.inputs.facts, c.inputs.history
    past = history.get(-1, {})
    for id, spec, repeated, source, most in _numbers(c.rulebook):
        now = given.get(id)
        if now.__class__ is not Decimal or id in told:
            continue
        before = given.get(repeated)
        if before.__class__ is not Decimal:
            before = past.get(source)
        if before.__class__ is Decimal and before:  # what is in order, as nearly all that is filed is, is left at once
            if 0 < now < FACTOR * before < FACTOR * FACTOR * now:
                continue
        elif (now > SMALL_SHARE or spec.unit != "%") and 0 <= now <= most:
            continue
        question = magnitude_question(spec, now, before)
        if question is not None:
            yield CheckFinding(f"magnitude:{id}", "warning", question, (id,), spec.source, "proposed")


def year_before(
    rulebook: Rulebook, id: str, given: Mapping[str, FactValue], history: Mapping[str, FactValue]
) -> FactValue | None:
    """Return what a figure was a year ago: what is filed this year as last year's, else what was filed last year."""
    for known, _spec, repeated, source, _most in _numbers(rulebook):
        if known == id:
            before = given.get(repeated)
            return before if isinstance(before, Decimal) else history.get(source)
    return None


@once
def _numbers(rulebook: Rulebook) -> tuple[tuple[str, FactSpec, str, str, Decimal], ...]:
    """Return each figure that people give: its id, the figure that repeats its last year's, whose last year's it is
    compared with otherwise, and what no bank reaches."""
    repeats = {spec.carries_from: id for id, spec in rulebook.facts.items() if spec.carries_from}
    return tuple(
        (id, spec, repeats.get(id, ""), spec.carries_from or id, Decimal(MOST.get(spec.unit, 10**18)))
        for id, spec in rulebook.facts.items()
        if spec.is_number and spec.supplied_by != "system"
    )
