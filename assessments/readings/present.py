"""A standing in words, for the pages of a bank, of a period and of the city."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from assessments.readings.city_goal import GoalStanding
from assessments.readings.forecast import FEWEST, OF_CATEGORY, Spread
from assessments.readings.goals import goals, number
from assessments.scoring.results import TargetView, target_view
from scorecard.engine import Rulebook
from scorecard.engine.values.rational import Fraction
from scorecard.words import formats
from scorecard.words.language import in_language
from scorecard.words.sources import provenance

SEVERITY_KINDS = {"error": "bad", "warning": "attention"}


@dataclass(frozen=True)
class SpreadView:
    """A forecast in words: the spread of the margin with what it covers, or that there are too few to say."""

    cases: int
    met: int
    courses: str
    low: str
    middle: str
    high: str
    covers: str

    @property
    def said(self) -> bool:
        """Whether there are enough courses to say something."""
        return bool(self.low)


@dataclass(frozen=True)
class Line:
    """One target of a standing: on the day, at the year's end, and the forecast (None where there is none)."""

    day: TargetView
    end: TargetView | None
    spread: SpreadView | None


def gap_words(value: Fraction | str | None, unit: str) -> str:
    """A margin with its sign; of rates in percentage points; "" where there is none."""
    if value is None:
        return ""
    exact = Fraction(value)
    written = formats.show(exact * 100, "pp", sign=True) if unit == "%" else formats.show(exact, unit, 0, sign=True)
    return "" if written is None else str(written)


def outcome_words(state: str) -> str:
    """Whether a target is met, in a word."""
    words = {"met": _("met"), "missed": _("missed"), "not_filed": pgettext("reading", "not filed")}
    return words.get(state, _("not known"))


def percent_words(value: Fraction | str | None) -> str:
    """A share as a percentage; "" where there is none."""
    written = formats.show(Fraction(value), "fraction") if value is not None else None
    return "" if written is None else str(written)


def spread_view(found: Mapping[str, Any], unit: str) -> SpreadView:
    """A kept spread in words."""
    return SpreadView(
        found["cases"],
        found["met"],
        _("banks of its category") if found["courses"] == OF_CATEGORY else _("all banks"),
        gap_words(found["low"], unit),
        gap_words(found["middle"], unit),
        gap_words(found["high"], unit),
        percent_words(found["covers"]),
    )


def lines_of(
    rulebook: Rulebook, content: Mapping[str, Any], *, with_forecast: bool, part: str = "targets"
) -> list[Line]:
    """The targets of a standing; a bank reads no forecast, because its ends would tell a peer's figures."""
    found = []
    for id, one in content.get(part, {}).items():
        if id not in rulebook.targets:
            continue
        spread = one["forecast"] if with_forecast else None
        found.append(
            Line(
                target_view(rulebook, id, one["day"]),
                target_view(rulebook, id, one["end"]) if one["end"] else None,
                spread_view(spread, one["day"]["unit"]) if spread else None,
            )
        )
    return found


def goal_lines(content: Mapping[str, Any], *, with_forecast: bool) -> list[Line]:
    """The goal beside the targets; nothing in a standing that was kept before it was followed."""
    return lines_of(goals(), content, with_forecast=with_forecast, part="goals")


def goal_view(found: GoalStanding | None) -> dict[str, Any] | None:
    """How far the city is on the way to the goal: each number with its basis, blank where the system has counted it."""
    if found is None:
        return None
    parameters = goals().parameters

    def money(value: Fraction) -> str:
        return str(formats.show(value, "万元") or "")

    def missing(value: Fraction) -> str:
        return money(value) if value else _("reached")

    line = {"line": percent_words(number("growth_line"))}
    rows = [
        (_("Balance on the day"), money(found.total), ""),
        (in_language(parameters["goal"].label), money(found.goal), parameters["goal"].basis),
        (_("Part of the goal that is reached"), percent_words(found.share), ""),
        (_("Still needed for the goal"), missing(found.needed), ""),
        (_("Average growth a year since the goal began"), percent_words(found.average) or "—", "reconstructed"),
        (_("Growth a year that the goal still asks"), percent_words(found.still) or "—", ""),
        (_("This year-end on a path of %(line)s a year") % line, money(found.asked), "reconstructed"),
        (_("Still needed by this year-end on that path"), missing(found.needed_this_year), ""),
    ]
    if found.this_end is not None:
        rows.append((_("Forecast to this year-end"), spread_words(found.this_end), ""))
    until = {"year": int(number("goal_until"))}
    rows.append((_("Forecast to the end of %(year)s") % until, spread_words(found.at_goal), ""))
    rows += [
        (_("This year-end, going on as in %(year)s") % {"year": year}, money(value), "") for year, value in found.years
    ]
    return {"found": found, "rows": rows, "until": int(number("goal_until"))}


def spread_words(spread: Spread) -> str:
    """The spread of balances with what it covers; in words where there are too few years to say one."""
    if spread.low is None or spread.high is None or spread.middle is None or spread.covers is None:
        counts = {"count": spread.cases, "fewest": FEWEST}
        words = ngettext(
            "too few to say: %(count)d yearly figure, %(fewest)d are needed",
            "too few to say: %(count)d yearly figures, %(fewest)d are needed",
            spread.cases,
        )
        return words % counts
    low, middle, high = (str(formats.show(one, "万元") or "") for one in (spread.low, spread.middle, spread.high))
    return _("from %(low)s to %(high)s, middle %(middle)s (covers %(covers)s of cases)") % {
        "low": low,
        "high": high,
        "middle": middle,
        "covers": percent_words(spread.covers),
    }


def warnings_of(content: Mapping[str, Any], *, bank_side: bool) -> list[dict[str, Any]]:
    """The warnings as they are read, the serious ones first; a bank reads those that are for it."""
    rows = [one for one in content["warnings"] if one["bank_reads"] or not bank_side]
    rows.sort(key=lambda one: one["severity"] != "error")
    return [
        {
            "text": in_language(one["text"]),
            "word": _("serious") if one["severity"] == "error" else _("to be watched"),
            "kind": SEVERITY_KINDS[one["severity"]],
            "clause": provenance(one["source"]) if one["source"] else "",
            "basis": one["basis"],
        }
        for one in rows
    ]
