"""Drawn filings: figures at and around the edges of a rulebook, blanks, noughts, and far too large or small figures.

Drawing depends on ``random.Random.random`` alone, whose sequence for a seed Python promises to keep.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from decimal import Context, Decimal, localcontext
from random import Random
from typing import Any, TypeVar

import canonical_engine as engine

T = TypeVar("T")
#: Parts of a rulebook's text that hold no number of a rule.
WORDS = {"label", "name", "title", "source", "basis", "name_basis", "help", "because", "message", "guidance"}
WORDS |= {"evidence", "summary", "documents", "short", "form", "process", "tools", "years"}
NUMBER = re.compile(r"(?<![\w.@])-?\d+(?:\.\d+)?(?![\w.])")
COMMON = ("0", "1", "2", "3", "5", "10", "50", "100", "0.5", "0.1", "0.2", "0.05", "0.01")
EXTREMES = (
    "1E-12",
    "0.000001",
    "-0.000001",
    "-1",
    "-123456.78",
    "999999999999.99",
    "123456789012345678.123456",
    "9007199254740993",
    "0.1000000000000000055511151231257827",
    "1E+18",
    "33.33",
    "66.67",
)
SHARES = (Decimal(0), Decimal(0), Decimal("0.02"), Decimal("0.1"), Decimal("0.4"))  # of blanks in a filing
SHARES_VARIED = ((0.1, 0.0), (0.3, 0.02), (0.05, 0.05), (0.2, 0.2))  # of figures moved a little, and drawn anew
OTHER_TEXTS = ("大型", "城商行", "村镇银行", "village", "")


class Dice:
    """Choices out of one stream of ``random()``."""

    def __init__(self, seed: str) -> None:
        self.roll = Random(seed).random  # noqa: S311  # nosec B311 - drawn figures, nothing secret

    def below(self, limit: int) -> int:
        """A whole number from 0 up to, without, the limit."""
        return int(self.roll() * limit)

    def pick(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[self.below(len(items))]

    def chance(self, share: float) -> bool:
        """True for this share of the asks."""
        return self.roll() < share


def edges(text: str) -> list[Decimal]:
    """Every number in the rules of a rulebook, from its canonical JSON text, and some common ones."""
    found = {Decimal(number) for number in COMMON}

    def walk(data: Any) -> None:
        if isinstance(data, dict):
            for key, value in data.items():
                if key not in WORDS:
                    walk(value)
        elif isinstance(data, list):
            for value in data:
                walk(value)
        elif isinstance(data, str) and len(data) < 400:
            found.update(Decimal(number) for number in NUMBER.findall(data))

    walk(json.loads(text))
    return sorted(found)


class Drawing:
    """Filings for one rulebook: half of them from nothing, half out of worked cases, which reach every grade."""

    def __init__(self, book: engine.Rulebook, bases: Sequence[engine.ScoringInput]) -> None:
        self.bases = [engine.case_parts(case) for case in bases]
        self.facts = engine.fact_specs(book)
        self.properties = engine.property_specs(book)
        self.parameters = engine.parameter_kinds(book)
        self.indicators = engine.indicator_ranges(book)
        self.targets = engine.target_ids(book)
        self.edges = edges(engine.content_text(book))

    def filings(self, seed: str, count: int, *, credible: bool = False) -> list[engine.ScoringInput]:
        """So many filings; all have the same values of the year, as those of one round. Credible ones are worked cases
        with figures moved a little: far-fetched ones in one frame with thousands send all of them to exact evaluation.
        """
        dice = Dice(seed)
        with localcontext(Context(prec=80)):
            parameters = self._parameters(dice)
            if credible:
                drawn = [self._varied(dice, ((0.1, 0.0), (0.3, 0.0))) for _ in range(count)]
            else:
                drawn = [self._varied(dice) if dice.chance(0.5) else self._filing(dice) for _ in range(count)]
        return [engine.make_case({**filing, "parameters": parameters}) for filing in drawn]

    def _varied(self, dice: Dice, shares: Sequence[tuple[float, float]] = SHARES_VARIED) -> dict[str, Any]:
        """A worked case with a few of its figures moved a little, drawn anew, or left out."""
        if not self.bases:
            return self._filing(dice)
        base = dice.pick(self.bases)
        facts = dict(base["facts"])
        moved, anew = dice.pick(shares)
        figures = [value for value in facts.values() if isinstance(value, Decimal)]
        for spec in self.facts:
            name, value = spec["id"], facts.get(spec["id"])
            if isinstance(value, Decimal) and dice.chance(moved):
                step = Decimal(1).scaleb(-(0 if spec["whole"] else spec["places"]))
                by = dice.pick((step, -step, value / 100, -value / 100, value / 10, -value / 10))
                facts[name] = self._within(dice, (value + by).quantize(step), spec["low"], spec["high"])
            elif not spec["derived"] and dice.chance(anew):
                facts[name] = dice.pick(engine.NOTHINGS) if dice.chance(0.2) else self._value(dice, spec, figures)
        bank = {**base["bank"], **self._bank(dice)} if dice.chance(0.5) else base["bank"]
        return {**base, "facts": facts, "bank": bank}

    def _filing(self, dice: Dice) -> dict[str, Any]:
        blanks = float(dice.pick(SHARES))
        history: dict[int, dict[str, Any]] = {}
        for year in range(1, dice.pick((0, 0, 1, 1, 2, 3, 6)) + 1):
            history[-year] = self._facts(dice, 0.3)
            history[-year].update({target: dice.chance(0.5) for target in self.targets if dice.chance(0.4)})
        indicators = self.indicators
        own = dice.chance(0.4)
        return {
            "facts": self._facts(dice, blanks),
            "bank": self._bank(dice),
            "history": history,
            "self_points": {i: self._points(dice, low, high, 1) for i, low, high, _ in indicators if own},
            "judged": {i: self._points(dice, low, high, 2) for i, low, high, _ in indicators if dice.chance(0.02)},
            "not_applicable": [i for i, _, _, may in indicators if dice.chance(0.03 if may else 0.002)],
        }

    def _bank(self, dice: Dice) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, kind, options in self.properties:
            if dice.chance(0.95):
                found[name] = dice.chance(0.5) if kind == "bool" else dice.pick(options or OTHER_TEXTS)
        return found

    def _parameters(self, dice: Dice) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, kind in self.parameters:
            for year in ("", "@-1", "@-2"):
                if dice.chance(0.6):
                    found[name + year] = dice.chance(0.5) if kind == "bool" else dice.pick(self.edges)
        return found

    @staticmethod
    def _points(dice: Dice, low: Decimal, high: Decimal, places: int) -> Decimal:
        steps = int((high - low) * 10**places)
        return low + Decimal(dice.below(steps + 1)).scaleb(-places)

    def _facts(self, dice: Dice, blanks: float) -> dict[str, Any]:
        found: dict[str, Any] = {}
        figures: list[Decimal] = []
        for spec in self.facts:
            if dice.chance(blanks) or (spec["derived"] and dice.chance(0.9)):
                if dice.chance(0.7):
                    found[spec["id"]] = dice.pick(engine.NOTHINGS)
                continue
            found[spec["id"]] = self._value(dice, spec, figures)
        return found

    def _value(self, dice: Dice, spec: dict[str, Any], figures: list[Decimal]) -> Any:
        match spec["kind"]:
            case "number":
                value = self._number(dice, spec, figures)
                figures.append(value)
                return value
            case "bool":
                return dice.chance(0.6)
            case "level":
                return dice.pick(spec["options"])
            case "checklist":
                share = dice.pick((0.0, 0.5, 0.5, 1.0))
                return frozenset(option for option in spec["options"] if dice.chance(share))
        return dice.pick(("", "说明", "A text, with a comma"))

    def _number(self, dice: Dice, spec: dict[str, Any], figures: list[Decimal]) -> Decimal:
        """A figure: an edge, one in relation to a figure before it, any size, nought, an extreme."""
        places = 0 if spec["whole"] else spec["places"]
        step = Decimal(1).scaleb(-places)
        roll = dice.roll()
        if roll < 0.25:
            value = dice.pick(self.edges) + dice.pick((0, 0, 0, 1, -1)) * step
        elif roll < 0.6 and figures:
            value = self._related(dice, dice.pick(figures[-8:]))
            value = value if dice.chance(0.2) else value.quantize(step)
            value += dice.pick((0, 0, 0, 1, -1)) * step
        elif roll < 0.9:
            size = dice.below(7) + 1
            value = Decimal(dice.below(10 ** (size + places))).scaleb(-places)
        elif roll < 0.95:
            return Decimal(0)
        else:
            return Decimal(dice.pick(EXTREMES))
        if spec["whole"]:
            value = value.quantize(Decimal(1))
        return self._within(dice, value, spec["low"], spec["high"])

    def _related(self, dice: Dice, other: Decimal) -> Decimal:
        edge = dice.pick(self.edges)
        match dice.below(5):
            case 0:
                return other
            case 1:
                return other * (1 + edge)
            case 2:
                return other * edge
            case 3:
                return other + edge
        return other - edge

    @staticmethod
    def _within(dice: Dice, value: Decimal, low: Decimal | None, high: Decimal | None) -> Decimal:
        """Mostly brought back to the end of the fact's range, sometimes left beyond it."""
        if dice.chance(0.03):
            return value
        if low is not None and value < low:
            return low
        if high is not None and value > high:
            return high
        return value
