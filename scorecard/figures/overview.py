"""What the overview shows for each of the three dimensions of the report: a few charts over its own figures.

A chart's title states a finding that is worked out from the figures themselves, so it never says what they do not. A
chart whose figures are not all loaded is left out. What the report prints is written with the decimals that it prints;
what it does not print (a value of the year before, a sum of two shares) is worked out here and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scorecard.charts import Bar, Bars, Chart, Lines, Series, said
from scorecard.words.formats import show

from . import codes
from .models import Figure
from .presenting import period, place
from .selectors import counts, figures_by_ident


@dataclass(frozen=True)
class ReportSection:
    """One dimension: its name, how many figures it has, and its charts."""

    code: str
    title: Any
    lead: str
    count: int
    charts: list[Chart]


def _source(figures: Sequence[Figure]) -> str:
    places = ", ".join(dict.fromkeys(place(figure) for figure in figures))
    return _("Report on inclusive finance in Shanghai 2017, {places}").format(places=places)


def _digits(figure: Figure) -> int:
    """How many decimals the report prints."""
    return len(figure.value.partition(".")[2])


def _share(figure: Figure) -> str:
    """A printed share or rate, with the decimals that the report prints."""
    return said(figure.number, "fraction", _digits(figure))


def _bar(figure: Figure, own: bool, label: str = "") -> Bar:
    return Bar(label or figure.indicator, figure.number, own=own, digits=_digits(figure))


def _points(value: Decimal) -> str:
    """A size in percentage points, without its sign: the sentence says rise or fall."""
    shown = show(abs(value), "pp")
    return shown.text if shown else ""


def _outlets(figures: Sequence[Figure]) -> Chart:
    outlets, townships, sme, _tech = figures
    return Bars(
        finding=_(
            "{part} of {all} bank outlets stand in townships; {sme} are dedicated to SMEs and communities"
        ).format(part=said(townships.number), all=said(outlets.number), sme=said(sme.number)),
        source=_source(figures),
        as_of=period(outlets.as_of),
        bars=[_bar(figure, figure is townships) for figure in figures],
    )


def _slope(finding: Callable[[Figure, Figure], str], label: Any) -> Callable[[Sequence[Figure]], Chart]:
    """A ratio and its change in percentage points, as last year (calculated) and this year."""

    def build(figures: Sequence[Figure]) -> Chart:
        now, change = figures
        before = now.number - change.number / 100
        return Lines(
            finding=finding(now, change),
            unit="fraction",
            source=_source([now]),
            as_of=period(now.as_of),
            places=[_("a year before (calculated)"), period(now.as_of)[:4]],
            series=[Series(label, [before, now.number], own=True)],
            zero=True,
        )

    return build


def _coverage(now: Figure, change: Figure) -> str:
    if change.number < 0:
        return _("{now} of SMEs have a bank loan, {points} percentage points less than a year before").format(
            now=_share(now), points=_points(change.number)
        )
    return _("{now} of SMEs have a bank loan, {points} percentage points more than a year before").format(
        now=_share(now), points=_points(change.number)
    )


def _approval(now: Figure, change: Figure) -> str:
    if change.number < 0:
        return _("{now} of SMEs that apply get a loan, {points} percentage points less than a year before").format(
            now=_share(now), points=_points(change.number)
        )
    return _("{now} of SMEs that apply get a loan, {points} percentage points more than a year before").format(
        now=_share(now), points=_points(change.number)
    )


def _growth(figures: Sequence[Figure]) -> Chart:
    ordered = sorted(figures, key=lambda figure: figure.number, reverse=True)
    sme = figures[0]
    return Bars(
        # The names of growth figures end in ", growth" in English, which the sentence says itself.
        finding=_("{name} grew fastest, by {rate}; the SME loan balance grew by {sme}").format(
            name=ordered[0].indicator.removesuffix(", growth"), rate=_share(ordered[0]), sme=_share(sme)
        ),
        unit="fraction",
        source=_source(figures),
        as_of=period(sme.as_of),
        bars=[_bar(figure, figure is sme) for figure in ordered],
    )


def _rates(figures: Sequence[Figure]) -> Chart:
    ordered = sorted(figures, key=lambda figure: figure.number)
    return Bars(
        finding=_("{name} is the lowest, at {rate}; that of all SME loans is {sme}").format(
            name=ordered[0].indicator, rate=_share(ordered[0]), sme=_share(figures[0])
        ),
        unit="fraction",
        source=_source(figures),
        as_of=period(figures[0].as_of),
        bars=[_bar(figure, figure is figures[0]) for figure in ordered],
    )


def _promises(figures: Sequence[Figure]) -> Chart:
    first, second = figures
    total = said(first.number + second.number, "fraction", max(map(_digits, figures)))
    return Bars(
        finding=_(
            "{first} of Chinese-funded banks promise SMEs an answer in one to three days and {second} in three to "
            "seven; together {total} within seven days (our sum, not printed in the report)"
        ).format(first=_share(first), second=_share(second), total=total),
        unit="fraction",
        source=_source(figures),
        as_of=period(figures[0].as_of),
        bars=[_bar(figure, figure is first) for figure in figures],
    )


def _outcomes(figures: Sequence[Figure]) -> Chart:
    satisfied = figures[0]
    return Bars(
        finding=_("{share} of SMEs are satisfied with bank products and services").format(share=_share(satisfied)),
        unit="fraction",
        source=_source(figures),
        as_of=period(satisfied.as_of),
        bars=[_bar(figure, figure is satisfied, f"{figure.indicator} · {period(figure.as_of)}") for figure in figures],
    )


_CHARTS: dict[str, list[tuple[Callable[[Sequence[Figure]], Chart], list[str]]]] = {
    "coverage": [
        (_outlets, ["r2017-1-1-2-001", "r2017-1-1-2-002", "r2017-1-1-2-006", "r2017-1-1-2-011"]),
        (_slope(_coverage, gettext_lazy("Loan coverage")), ["r2017-1-2-1-1-013", "r2017-1-2-1-1-014"]),
    ],
    "availability": [
        (
            _growth,
            ["r2017-1-2-1-1-003", "r2017-1-2-2-1-005", "r2017-1-2-4-1-007", "r2017-1-2-4-1-017", "r2017-3-1-2-1-010"],
        ),
        (_slope(_approval, gettext_lazy("Approval rate")), ["r2017-1-2-1-1-007", "r2017-1-2-1-1-008"]),
        (_rates, ["r2017-1-2-2-1-009", "r2017-1-2-2-1-007", "r2017-1-2-2-1-008"]),
    ],
    "satisfaction": [
        (_promises, ["r2017-1-3-2-003", "r2017-1-3-2-006"]),
        (
            _outcomes,
            [
                "r2017-1-3-2-009",
                "r2017-1-3-3-008",
                "r2017-8-3-3-006",
                "r2017-8-3-3-001",
                "r2017-8-3-3-002",
                "r2017-8-3-2-007",
            ],
        ),
    ],
}


def dimensions(actor: Any) -> list[ReportSection]:
    """The three dimensions with their charts; three queries whatever is loaded."""
    wanted = [ident for charts in _CHARTS.values() for _build, idents in charts for ident in idents]
    figures = figures_by_ident(actor, wanted)
    by_dimension = counts(actor)["by_dimension"]
    leads = {
        "coverage": _("Where service is: outlets, devices, and who is reached."),
        "availability": _("What is got: loans, cover and funds, and at what price."),
        "satisfaction": _("How it is found: time, complaints, disputes, opinion."),
    }
    return [
        ReportSection(
            code,
            codes.DIMENSIONS[code],
            leads[code],
            by_dimension.get(code, 0),
            [
                build([figures[ident] for ident in idents])
                for build, idents in charts
                if all(i in figures for i in idents)
            ],
        )
        for code, charts in _CHARTS.items()
    ]
