"""The city's figures of a round, out of its newest snapshot, beside what the 2017 report states."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.models import Round, RoundSnapshot
from banks.models import User
from scorecard.engine.values.rational import Fraction
from scorecard.figures.models import Figure
from scorecard.figures.selectors import figures_by_ident
from scorecard.words import formats
from scorecard.words.language import screen_language

Sums = Mapping[str, Fraction]
YUAN = 10_000  # facts are kept in 万元, the report's normalised amounts in yuan
# The year that the report tells about; figures of other rounds have nothing to stand beside.
REPORT_YEAR = 2017


def _growth(now: str, before: str) -> Callable[[Sums], Fraction]:
    return lambda s: s[now] / s[before] - 1


@dataclass(frozen=True)
class Line:
    """One figure that a round and the report both state: how it follows from the city's sums, and the report's record.

    ``value`` gives yuan, counts, ratios, or for a difference of ratios that difference: the base units of the report's
    records. ``unit`` is the screen's.
    """

    id: str
    label: Any
    needs: tuple[str, ...]
    value: Callable[[Sums], Fraction]
    unit: str
    figure: str = ""


LINES = (
    Line(
        "sme_balance",
        _("SME loan balance"),
        ("sme_bal_end",),
        lambda s: s["sme_bal_end"] * YUAN,
        "元",
        "r2017-1-2-1-1-001",
    ),
    Line(
        "sme_increase",
        _("SME loan balance, increase on the year"),
        ("sme_bal_end", "sme_bal_prev"),
        lambda s: (s["sme_bal_end"] - s["sme_bal_prev"]) * YUAN,
        "元",
        "r2017-1-2-1-1-002",
    ),
    Line(
        "sme_growth",
        _("SME loan growth"),
        ("sme_bal_end", "sme_bal_prev"),
        _growth("sme_bal_end", "sme_bal_prev"),
        "fraction",
        "r2017-1-2-1-1-003",
    ),
    Line(
        "all_growth",
        _("Growth of all loans"),
        ("all_bal_end", "all_bal_prev"),
        _growth("all_bal_end", "all_bal_prev"),
        "fraction",
    ),
    Line(
        "growth_above",
        _("SME loan growth above growth of all loans"),
        ("sme_bal_end", "sme_bal_prev", "all_bal_end", "all_bal_prev"),
        lambda s: s["sme_bal_end"] / s["sme_bal_prev"] - s["all_bal_end"] / s["all_bal_prev"],
        "pp",
        "r2017-1-2-1-1-004",
    ),
    Line("borrowers", _("SME borrowers"), ("sme_hh_end",), lambda s: s["sme_hh_end"], "户", "r2017-1-2-1-1-005"),
    Line(
        "borrowers_increase",
        _("SME borrowers, increase on the year"),
        ("sme_hh_end", "sme_hh_prev"),
        lambda s: s["sme_hh_end"] - s["sme_hh_prev"],
        "户",
        "r2017-1-2-1-1-006",
    ),
    Line(
        "approval_rate",
        _("SME loan approval rate"),
        ("approved", "applied"),
        lambda s: s["approved"] / s["applied"],
        "fraction",
        "r2017-1-2-1-1-007",
    ),
    Line(
        "approval_change",
        _("Approval rate, change on the year"),
        ("approved", "applied", "approved_prev", "applied_prev"),
        lambda s: s["approved"] / s["applied"] - s["approved_prev"] / s["applied_prev"],
        "pp",
        "r2017-1-2-1-1-008",
    ),
    Line(
        "npl_ratio",
        _("SME non-performing loan ratio"),
        ("sme_npl_end", "sme_bal_end"),
        lambda s: s["sme_npl_end"] / s["sme_bal_end"],
        "fraction",
        "r2017-1-2-1-1-010",
    ),
    Line(
        "tax_balance", _("Bank-tax loan balance"), ("tax_bal",), lambda s: s["tax_bal"] * YUAN, "元", "r2017-4-1-1-002"
    ),
    Line(
        "tax_multiple",
        _("Bank-tax loan balance as a multiple of last year's"),
        ("tax_bal", "tax_bal_prev"),
        lambda s: s["tax_bal"] / s["tax_bal_prev"],
        "倍",
        "r2017-4-1-1-003",
    ),
    Line(
        "mean_rate",
        _("Mean rate of SME loans, weighted with the balance"),
        ("sme_rate · weight", "weight of sme_rate"),
        lambda s: s["sme_rate · weight"] / s["weight of sme_rate"],
        "fraction",
        "r2017-1-2-2-1-009",
    ),
    Line(
        "mean_balance",
        _("Mean loan balance per SME borrower"),
        ("sme_bal_end", "sme_hh_end"),
        lambda s: s["sme_bal_end"] * YUAN / s["sme_hh_end"],
        "元",
        "r2017-1-2-1-1-012",
    ),
)


@dataclass(frozen=True)
class CityFigure:
    """One of the city's figures, with the report's record where there is one.

    ``agrees`` tells whether the figure lies within what the printed record stands for; None without a record.
    ``banks`` is the smallest number of banks that any of its parts comes from.
    """

    label: Any
    value: Fraction
    unit: str
    banks: int
    figure: Figure | None
    agrees: bool | None

    @property
    def shown(self) -> formats.WrittenFigure | None:
        """As the page writes it; differences of rates in percentage points."""
        if self.unit == "pp":
            return formats.show(self.value * 100, "pp", sign=True)
        if self.unit == "元" and abs(self.value) >= YUAN:
            return formats.show(self.value / YUAN, "万元")
        if self.unit == "户" and abs(self.value) >= YUAN and screen_language() == "zh":
            return formats.show(self.value / YUAN, "万户", 2)
        return formats.show(self.value, self.unit)


def city_values(snapshot: RoundSnapshot) -> dict[str, tuple[Fraction, int]]:
    """By the id of each line whose facts the round has: its value in base units, and the smallest number of banks that
    any of its parts comes from.
    """
    facts = dict(snapshot.content["facts"])
    for rate, item in snapshot.content.get("weighted", {}).items():  # none in older snapshots
        facts[f"{rate} · weight"] = item
        facts[f"weight of {rate}"] = {"sum": item["weight"], "banks": item["banks"]}
    sums = {fact: Fraction(item["sum"]) for fact, item in facts.items()}
    found = {}
    for line in LINES:
        if sums.keys() >= set(line.needs):
            try:
                found[line.id] = line.value(sums), min(facts[fact]["banks"] for fact in line.needs)
            except ZeroDivisionError:
                continue
    return found


def city_figures(actor: User, round_: Round, snapshot: RoundSnapshot, *, beside: bool = True) -> list[CityFigure]:
    """Every line whose facts the round has, in order; one query for the report's records, which stand beside the
    figures of the whole city alone.
    """
    values = city_values(snapshot)
    beside = beside and round_.year == REPORT_YEAR
    records = figures_by_ident(actor, [line.figure for line in LINES if line.figure]) if beside else {}
    found = []
    for line in LINES:
        if line.id in values:
            value, banks = values[line.id]
            figure = records.get(line.figure)
            agrees = None if figure is None else _within(value, figure)
            found.append(CityFigure(line.label, value, line.unit, banks, figure, agrees))
    return found


def _within(value: Fraction, figure: Figure) -> bool:
    stands_for = figure.interval
    low_holds = stands_for.low is None or stands_for.low <= value
    return low_holds and (stands_for.high is None or value <= stands_for.high)
