"""The tables of the draft: targets, sections, grades, measures; each with its place and scope."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessments.reporting.queries import MEASURES, RATINGS, ROUND, only_of, over_banks
from assessments.reporting.sources import Sources
from scorecard.engine.values.rational import Fraction
from scorecard.words.formats import BASES, show
from scorecard.words.language import in_language

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Listed:
    """A table with its title, where it comes from and over whom; without rows it is a gap and says why."""

    name: str
    title: str
    place: str
    scope: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]
    figures: Sequence[int]
    note: str = ""
    why: str = ""


def listed(name: str, sources: Sources) -> Listed:
    """The table of this name."""
    return TABLES[name](sources)


def marked(words: str, basis: str) -> str:
    """Words with the basis of what they rest on, where it is not the supervisor's own."""
    return f"{words}（{BASES[basis].word}）" if basis and basis != "sourced" else words


def _not_computed(sources: Sources) -> str:
    return "" if sources.snapshot is not None else _("the round's figures have not been computed")


def _targets(sources: Sources) -> Listed:
    content: Json = sources.snapshot.content if sources.snapshot is not None else {"targets": {}}
    rows = []
    for name, target in sources.rulebook.targets.items():
        if name not in content["targets"]:
            continue
        one = content["targets"][name]
        city = one["city"]
        unit = "fraction" if target.unit in ("%", "fraction") else target.unit
        gap = "pp" if unit == "fraction" else unit
        margin = Fraction(city["margin"]) * (100 if gap == "pp" else 1) if city["margin"] is not None else None
        rows.append(
            (
                marked(in_language(target.name), target.basis),
                _written(city["left"], unit),
                _written(city["right"], unit),
                _written(margin, gap, sign=True),
                {"met": _("met"), "missed": _("missed")}.get(city["state"], _("not known")),
                str(one["met"]),
                str(one["missed"]),
                str(one["unknown"] + one.get("not_applicable", 0)),
            )
        )
    head = (
        _("Target"), _("Actual"), _("Required"), _("Margin"), _("The city"),
        _("Institutions that meet it"), _("Institutions that miss it"), _("Not known or not applicable"),
    )  # fmt: skip
    return Listed(
        "targets",
        _("The three targets: the city and the institutions"),
        ROUND,
        over_banks(sources),
        head,
        rows,
        (3, 1.3, 1.3, 1.5, 1, 1, 1, 1.1),
        (1, 2, 3, 5, 6, 7),
        _(
            "The city's sums are held against the targets as if they were one institution's; institutions as far as "
            "they have points."
        ),
        why=_not_computed(sources),
    )


def _written(value: Any, unit: str, *, sign: bool = False) -> str:
    found = show(value, unit, sign=sign, keep=True)
    return "—" if found is None else f"{found.text}{found.unit}"


def _sections(sources: Sources) -> Listed:
    found: Json = sources.snapshot.content["sections"] if sources.snapshot is not None else {}
    rows = []
    for section in sources.rulebook.sections.values():
        if section.parent:
            continue
        points = found.get(section.id, {})
        rows.append(
            (
                f"{section.id} {in_language(section.name)}",
                str(len(section.indicators)),
                marked(f"{section.max}", section.basis),
                points.get("mean", "—"),
                points.get("median", "—"),
            )
        )
    head = (pgettext("rulebook", "Section"), _("Indicators"), _("Maximum"), _("Mean"), _("Median"))
    return Listed(
        "sections",
        _("Mechanisms and boards: indicators and points"),
        ROUND,
        over_banks(sources),
        head,
        rows,
        (3.4, 1, 1.8, 1, 1),
        (1, 2, 3, 4),
        _("Mean and median of the institutions with finished totals."),
    )


def _grades(sources: Sources) -> Listed:
    told = sources.told
    computed: Json = sources.snapshot.content["grades"] if sources.snapshot is not None else {}
    rows = []
    for grade in sources.rulebook.grades:
        count = told.grades.get(grade.id, 0)
        share = show(Fraction(count, told.told), "fraction") if told.told else None
        rows.append(
            (
                marked(in_language(grade.name), grade.name_basis),
                str(count) if told.told else "—",
                f"{share.text}{share.unit}" if share is not None else "—",
                str(computed[grade.id]) if grade.id in computed else "—",
            )
        )
    rows.append((pgettext("grades", "Total"), str(told.told), "", str(sum(computed.values())) if computed else "—"))
    words = _("%(n)d of %(all)d results are decided and told.") % {"n": told.told, "all": told.banks}
    bands = next((grade.basis for grade in sources.rulebook.grades), "")
    if bands and bands != "sourced":
        words += _("Points and grade bands are not published; their basis: %(basis)s.") % {"basis": BASES[bands].word}
    by_points = _("By the points as they stand, undecided ones included")
    head = (_("Grade"), _("Decided and told"), _("Share of those told"), by_points)
    return Listed(
        "grades",
        _("Institutions by grade"),
        RATINGS,
        over_banks(sources),
        head,
        rows,
        (2, 1.2, 1.2, 2.4),
        (1, 2, 3),
        words,
    )


def _measures(sources: Sources) -> Listed:
    tools = {name: in_language(tool.name) for name, tool in sources.rulebook.tools.items()}
    order = list(tools)
    rows = []
    for one in sorted(sources.measures, key=lambda m: (order.index(m.tool) if m.tool in order else 99, m.code)):
        spec = sources.rulebook.measures.get(one.code)
        name = marked(in_language(spec.name), spec.basis) if spec is not None else one.code
        rows.append((tools.get(one.tool, one.tool), name, str(one.entries), str(one.banks)))
    head = (_("Tool"), _("Measure"), _("Times (institutions counted each time)"), pgettext("count", "Institutions"))
    scope = _("register of measures, %(year)s assessment, entries under notices; legal entities and branches")
    scope = scope % {"year": sources.round.year} + (_("; ") + only_of(sources.kind) if sources.kind else "")
    return Listed(
        "measures",
        _("Measures in the register, by tool"),
        MEASURES,
        scope,
        head,
        rows,
        (1.4, 3.6, 1.4, 1.2),
        (2, 3),
        why="" if rows else _("no measure of the round is in the register"),
    )


TABLES: Mapping[str, Callable[[Sources], Listed]] = {
    "targets": _targets,
    "sections": _sections,
    "grades": _grades,
    "measures": _measures,
}
