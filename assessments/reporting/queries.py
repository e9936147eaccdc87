"""The named queries of the draft: what each figure is, where it comes from, over whom, and how it is printed.

A query answers None where the system does not hold the figure; the draft prints a named gap then. Nothing is estimated.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from assessments.reporting.printing import in_unit, numeral
from assessments.reporting.sources import Sources
from assessments.scoring.city import LINES
from banks.models import EntityKind
from scorecard.engine.values.rational import Fraction
from scorecard.words.formats import moment
from scorecard.words.language import in_language

#: Where a figure comes from: what its page is called. Views name the address.
ROUND, REPORT, RULEBOOK = "round", "report", "rulebook"
RATINGS, MEASURES, READINGS, MEETINGS = "ratings", "measures", "readings", "meetings"
PLACES: Mapping[str, Any] = {
    ROUND: gettext_lazy("Sums of the round"),
    REPORT: gettext_lazy("Figures of the report"),
    RULEBOOK: gettext_lazy("Rulebook of the round"),
    RATINGS: gettext_lazy("Decided results of the round"),
    MEASURES: gettext_lazy("Register of measures"),
    READINGS: gettext_lazy("Readings through the year"),
    MEETINGS: gettext_lazy("Meetings"),
}


@dataclass(frozen=True)
class Answer:
    """What a query found: as printed, the exact value, and over whom. ``falls``: the value is below zero."""

    text: str
    value: Fraction
    scope: str

    @property
    def falls(self) -> bool:
        """Whether the word for a fall belongs before it."""
        return self.value < 0


@dataclass(frozen=True)
class Query:
    """A named selector: its name in words, the place that it reads, and what it finds in the sources."""

    id: str
    label: Any
    place: str
    read: Callable[[Sources], Answer | None]


def only_of(kind: str) -> str:
    """That institutions of one kind alone are counted."""
    return _("only institutions of the kind “%(kind)s”") % {"kind": EntityKind(kind).label}


def over_banks(sources: Sources, banks: int | None = None) -> str:
    """The scope of sums and counts of a round: which institutions, of which year, as of when."""
    entities = sources.entities
    words = _(
        "%(year)s assessment, %(banks)d institutions counted once: %(own)d as legal entities, %(here)d by their "
        "business in the city"
    ) % {
        "year": sources.round.year,
        "banks": sum(entities.values()),
        "own": entities.get(EntityKind.LEGAL_ENTITY, 0),
        "here": entities.get(EntityKind.BRANCH, 0),
    }
    if sources.kind:
        words += _("; ") + only_of(sources.kind)
    if banks is not None and banks != sum(entities.values()):
        words += _("; ") + ngettext("%(n)d of them has the figure", "%(n)d of them have the figure", banks) % {
            "n": banks
        }
    if sources.snapshot is not None:
        waiting = sum(entities.values()) - sources.submitted
        if waiting:
            words += _("; ") + ngettext(
                "%(n)d has not submitted and counts as it is on file",
                "%(n)d have not submitted and count as they are on file",
                waiting,
            ) % {"n": waiting}
        words += _("; ") + _("as of %(at)s") % {"at": moment(sources.snapshot.made_at)}
    return words


# --- Sums of the round ----------------------------------------------------------------------------------------------

#: How each sum is printed: unit and decimals of the report.
PRINTED: Mapping[str, tuple[str, int]] = {
    "sme_balance": ("亿元", 2),
    "sme_increase": ("亿元", 2),
    "sme_growth": ("%", 2),
    "all_growth": ("%", 2),
    "growth_above": ("个百分点", 2),
    "borrowers": ("万户", 2),
    "borrowers_increase": ("万户", 2),
    "approval_rate": ("%", 2),
    "approval_change": ("个百分点", 2),
    "npl_ratio": ("%", 2),
    "mean_balance": ("万元", 2),
    "mean_rate": ("%", 2),
    "tax_balance": ("亿元", 2),
    "tax_multiple": ("倍", 2),
}


def _city(line: str) -> Callable[[Sources], Answer | None]:
    unit, decimals = PRINTED[line]

    def read(sources: Sources) -> Answer | None:
        if line not in sources.city:
            return None
        value, banks = sources.city[line]
        return Answer(in_unit(value, unit, decimals), value, over_banks(sources, banks))

    return read


def _content(name: str) -> Callable[[Sources], Answer | None]:
    def read(sources: Sources) -> Answer | None:
        return None if sources.snapshot is None else _banks(sources, sources.snapshot.content[name])

    return read


def _banks(sources: Sources, count: int) -> Answer:
    return Answer(f"{count}家", Fraction(count), over_banks(sources))


def _all_met(sources: Sources) -> Answer | None:
    """Of the institutions with points: only of these the targets are known."""
    if sources.snapshot is None or not sources.snapshot.content["scored"]:
        return None
    met, scored = sources.snapshot.content["all_met"], sources.snapshot.content["scored"]
    scope = over_banks(sources) + _("; ") + _("known of the %(n)d with points") % {"n": scored}
    return Answer(f"{met}家", Fraction(met), scope)


def _targets_met(sources: Sources) -> Answer | None:
    """How many targets the city meets, its sums taken as one bank's; None while one of them is not known."""
    if sources.snapshot is None:
        return None
    states = [one["city"]["state"] for one in sources.snapshot.content["targets"].values()]
    if not states or not set(states) <= {"met", "missed"}:
        return None
    met = states.count("met")
    return Answer(numeral(met, "个"), Fraction(met), over_banks(sources))


# --- Rulebook -------------------------------------------------------------------------------------------------------


def _of_rulebook(sources: Sources, text: str, count: Any) -> Answer:
    version = sources.round.rulebook
    scope = _("rulebook “%(title)s”, version %(version)s") % {
        "title": in_language(sources.rulebook.title),
        "version": version.version,
    }
    return Answer(text, Fraction(count), scope)


def _sections(kinds: tuple[str, ...], measure: str) -> Callable[[Sources], Answer | None]:
    """How many top sections of these kinds the rulebook has."""

    def read(sources: Sources) -> Answer | None:
        count = sum(one.kind in kinds and not one.parent for one in sources.rulebook.sections.values())
        return _of_rulebook(sources, numeral(count, measure), count) if count else None

    return read


def _indicators(sources: Sources) -> Answer | None:
    own = {one.id for one in sources.rulebook.sections.values() if one.kind == "mechanism"}
    count = sum(one.section in own for one in sources.rulebook.indicators.values())
    return _of_rulebook(sources, f"{count}个", count) if count else None


def _targets(sources: Sources) -> Answer | None:
    count = len(sources.rulebook.targets)
    return _of_rulebook(sources, numeral(count, "个"), count) if count else None


def _deduction(end: int, unit: str) -> Callable[[Sources], Answer | None]:
    """An end of the range in which points are taken off: 0 the smallest, -1 the largest."""

    def read(sources: Sources) -> Answer | None:
        found = sorted(
            abs(Fraction(side))
            for adjustment in sources.rulebook.adjustments
            for case in adjustment.cases
            if case.range is not None
            for side in case.range
        )
        return _of_rulebook(sources, f"{found[end]}{unit}", found[end]) if found else None

    return read


# --- Decided results, measures, what is done through the year -------------------------------------------------------


def _told(name: str) -> Callable[[Sources], Answer | None]:
    """Of decided results whose notice is out; None while there is none."""

    def read(sources: Sources) -> Answer | None:
        told = sources.told
        if not told.told:
            return None
        scope = over_banks(sources) + _("; ") + _("%(n)d with a notice") % {"n": told.told}
        count = told.banks - told.told if name == "open" else getattr(told, name)
        return Answer(f"{count}家", Fraction(count), scope)

    return read


def _measures(sources: Sources, count: int, unit: str) -> Answer | None:
    if not sources.told.told:
        return None
    scope = _("register of measures, %(year)s assessment, entries under notices; legal entities and branches") % {
        "year": sources.round.year
    }
    if sources.kind:
        scope += _("; ") + only_of(sources.kind)
    return Answer(f"{count}{unit}", Fraction(count), scope)


def _through_the_year(name: str, unit: str) -> Callable[[Sources], Answer | None]:
    """How many of these the system has for the year of the round; None where it has none: it was not used then."""

    def read(sources: Sources) -> Answer | None:
        count: int = getattr(sources, name)
        scope = _("entries of %(year)s in this system") % {"year": sources.round.year}
        return Answer(f"{count}{unit}", Fraction(count), scope) if count else None

    return read


_LABELS = {line.id: line.label for line in LINES}
_ALL = (
    *(Query(f"city.{line}", _LABELS[line], ROUND, _city(line)) for line in PRINTED),
    Query("city.targets_met", gettext_lazy("Targets that the city meets"), ROUND, _targets_met),
    Query(
        "round.banks", gettext_lazy("Institutions that take part"), ROUND, lambda s: _banks(s, sum(s.entities.values()))
    ),
    Query(
        "round.legal_entities",
        gettext_lazy("Institutions counted as legal entities"),
        ROUND,
        lambda s: _banks(s, s.entities.get(EntityKind.LEGAL_ENTITY, 0)),
    ),
    Query(
        "round.branches",
        gettext_lazy("Institutions counted by their business in the city"),
        ROUND,
        lambda s: _banks(s, s.entities.get(EntityKind.BRANCH, 0)),
    ),
    Query("round.submitted", gettext_lazy("Institutions that have submitted"), ROUND, lambda s: _banks(s, s.submitted)),
    Query("round.scored", gettext_lazy("Institutions with points"), ROUND, _content("scored")),
    Query("round.all_met", gettext_lazy("Institutions that meet every target"), ROUND, _all_met),
    Query(
        "rulebook.mechanisms", gettext_lazy("Mechanisms that are assessed"), RULEBOOK, _sections(("mechanism",), "项")
    ),
    Query("rulebook.aspects", gettext_lazy("Aspects that are assessed"), RULEBOOK, _sections(("mechanism",), "个")),
    Query(
        "rulebook.boards",
        gettext_lazy("Boards beside the mechanisms"),
        RULEBOOK,
        _sections(("progress", "supervision"), "大"),
    ),
    Query("rulebook.indicators", gettext_lazy("Indicators of the mechanisms"), RULEBOOK, _indicators),
    Query("rulebook.targets", gettext_lazy("Targets of the year"), RULEBOOK, _targets),
    Query("rulebook.deduction_low", gettext_lazy("Points off the rating, from"), RULEBOOK, _deduction(0, "")),
    Query("rulebook.deduction_high", gettext_lazy("Points off the rating, to"), RULEBOOK, _deduction(-1, "分")),
    Query("ratings.told", gettext_lazy("Results decided and told"), RATINGS, _told("told")),
    Query("ratings.open", gettext_lazy("Results not told yet"), RATINGS, _told("open")),
    Query("ratings.capped", gettext_lazy("Grades that a limit lowers"), RATINGS, _told("capped")),
    Query("ratings.deducted", gettext_lazy("Ratings with points off"), RATINGS, _told("deducted")),
    Query("ratings.added", gettext_lazy("Ratings with points added"), RATINGS, _told("added")),
    Query(
        "measures.entries",
        gettext_lazy("Measures in the register"),
        MEASURES,
        lambda s: _measures(s, sum(one.entries for one in s.measures), "家次"),
    ),
    Query(
        "measures.banks",
        gettext_lazy("Institutions with a measure in the register"),
        MEASURES,
        lambda s: _measures(s, s.measured_banks, "家"),
    ),
    Query("readings.periods", gettext_lazy("Periods of readings"), READINGS, _through_the_year("periods", "期")),
    Query("readings.circulars", gettext_lazy("Circulars issued"), READINGS, _through_the_year("circulars", "期")),
    Query("meetings.regular", gettext_lazy("Regular meetings held"), MEETINGS, _through_the_year("meetings", "次")),
)
QUERIES: Mapping[str, Query] = {query.id: query for query in _ALL}
