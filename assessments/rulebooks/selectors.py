"""A rulebook in words, for everybody who is signed in: what a supervisor can read and sign, and a bank can look up.

Read out of the engine's parsed rulebook; nothing is computed and nothing is worded here that the rulebook does not say.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from assessments.rulebooks.parameters import shown_parameter, users_of_parameters
from scorecard.engine.rulebook.conclusions import Measure
from scorecard.engine.rulebook.labels import label, rendered, rule_lines
from scorecard.engine.rulebook.model import TEXTS_SEEN, FactSpec, Indicator, Section
from scorecard.engine.rulebook.prepared import prepared
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.numbers import plain
from scorecard.engine.values.results import Source
from scorecard.engine.values.text import EMPTY, Text
from scorecard.engine.values.units import UNIT_LABELS
from scorecard.words.language import screen_language


@dataclass(frozen=True)
class Entry:
    """One line of a rulebook: its id, its name, what it says, and where it comes from.

    ``low`` and ``high`` are points; ``lines`` say the rule, one sentence each; ``notes`` are pairs of a term (a code
    that the template words) and a text. ``name_basis`` is kept apart: a name may be the report's own while
    its number is not.
    """

    id: str
    name: str
    basis: str
    source: str = ""
    name_basis: str = ""
    low: str = ""
    high: str = ""
    kind: str = ""
    unit: str = ""
    lines: tuple[str, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    items: tuple[tuple[str, str], ...] = ()

    def holds(self, words: Iterable[str]) -> bool:
        """Whether every word stands somewhere in the entry, without regard to case."""
        parts = (self.id, self.name, self.source, self.unit, *self.lines)
        pairs = (text for pair in (*self.notes, *self.items) for text in pair)
        text = " ".join((*parts, *pairs)).lower()
        return all(word in text for word in words)


@dataclass(frozen=True)
class SectionView:
    """A section with its indicators; ``depth`` counts from 0 at the top."""

    entry: Entry
    depth: int
    indicators: tuple[Entry, ...]


@dataclass(frozen=True)
class RulebookView:
    """Everything of a rulebook, in its own order."""

    title: str
    summary: str
    basis: str
    sections: tuple[SectionView, ...]
    targets: tuple[Entry, ...]
    grades: tuple[Entry, ...]
    caps: tuple[Entry, ...]
    adjustments: tuple[Entry, ...]
    tools: tuple[tuple[Entry, tuple[Entry, ...]], ...]
    facts: tuple[Entry, ...]
    checks: tuple[Entry, ...]
    documents: tuple[Entry, ...]
    estimates: tuple[Entry, ...] = ()
    parameters: tuple[Entry, ...] = ()
    low: str = ""
    high: str = ""
    found: int = 0
    bases: Mapping[str, int] = field(default_factory=dict)


def rulebook_view(rulebook: Rulebook, query: str = "") -> RulebookView:
    """The rulebook in the language of the screen; with ``query`` only the entries that hold every word of it."""
    language = screen_language()
    whole = _present(rulebook, language)
    words = query.lower().split()
    return _only(whole, words) if words else whole


@lru_cache(maxsize=16)
def _present(rulebook: Rulebook, lang: str) -> RulebookView:
    say = _Words(rulebook, lang)
    sections = tuple(say.section(section) for section in rulebook.sections.values())
    indicators = [entry for section in sections for entry in section.indicators]
    bases: dict[str, int] = {}
    for entry in indicators:
        bases[entry.basis] = bases.get(entry.basis, 0) + 1
    return RulebookView(
        title=rulebook.title.get(lang),
        summary=rulebook.summary.get(lang),
        basis=rulebook.basis,
        sections=sections,
        targets=tuple(say.targets()),
        grades=tuple(say.grades()),
        caps=tuple(say.caps()),
        adjustments=tuple(say.adjustments()),
        tools=tuple(say.tools()),
        facts=tuple(say.fact(spec) for spec in rulebook.facts.values()),
        checks=tuple(say.checks()),
        documents=tuple(
            Entry(
                d.id,
                d.cite.get(lang),
                "",
                notes=say.pairs(issuer=d.issuer.get(lang), date=d.date, text=TEXTS_SEEN.get(d.text, EMPTY).get(lang)),
            )
            for d in rulebook.documents.values()
        ),
        estimates=tuple(say.estimates()),
        parameters=tuple(say.parameters()),
        low=plain(rulebook.min),
        high=plain(rulebook.max),
        bases=bases,
    )


def _only(view: RulebookView, words: list[str]) -> RulebookView:
    """What of the view holds the words; a section stays where it or one of its indicators does."""

    def some(entries: Iterable[Entry]) -> tuple[Entry, ...]:
        return tuple(entry for entry in entries if entry.holds(words))

    sections = []
    for section in view.sections:
        indicators = some(section.indicators)
        if indicators or section.entry.holds(words):
            sections.append(replace(section, indicators=indicators))
    tools = []
    for tool, measures in view.tools:
        kept = some(measures)
        if kept or tool.holds(words):
            tools.append((tool, kept))
    groups: dict[str, Any] = {
        name: some(getattr(view, name))
        for name in (
            "targets",
            "grades",
            "caps",
            "adjustments",
            "estimates",
            "parameters",
            "facts",
            "checks",
            "documents",
        )
    }
    found = sum(len(entries) for entries in groups.values())
    found += sum(len(section.indicators) or 1 for section in sections) + sum(len(kept) or 1 for _tool, kept in tools)
    return replace(view, sections=tuple(sections), tools=tuple(tools), found=found, **groups)


class _Words:
    """The wording of one rulebook in one language."""

    def __init__(self, rulebook: Rulebook, lang: str) -> None:
        self.rulebook, self.lang = rulebook, lang

    def text(self, text: Text | None) -> str:
        return text.get(self.lang) if text is not None else ""

    def unit(self, code: str) -> str:
        """A unit in the language of the page, as the filing names it."""
        return UNIT_LABELS.get(code, Text(code, code)).get(self.lang)

    def cite(self, source: Source | None) -> str:
        return source.told.get(self.lang) if source is not None else ""

    def expression(self, expression: Any) -> str:
        return rendered(self.rulebook, expression.node).get(self.lang)

    def named(self, id: str) -> str:
        return label(self.rulebook, id).get(self.lang)

    def listed(self, texts: Iterable[str]) -> str:
        return ("、" if self.lang == "zh" else ", ").join(texts)

    @staticmethod
    def pairs(**notes: str) -> tuple[tuple[str, str], ...]:
        return tuple((name, text) for name, text in notes.items() if text)

    def section(self, section: Section) -> SectionView:
        depth, parent = 0, section.parent
        while parent:
            depth, parent = depth + 1, self.rulebook.sections[parent].parent
        entry = Entry(
            section.id,
            section.name.get(self.lang),
            section.basis,
            self.cite(section.source),
            section.name_basis,
            plain(section.min),
            plain(section.max),
            section.kind,
        )
        return SectionView(
            entry, depth, tuple(self.indicator(self.rulebook.indicators[name]) for name in section.indicators)
        )

    def indicator(self, indicator: Indicator) -> Entry:
        return Entry(
            indicator.id,
            indicator.name.get(self.lang),
            indicator.basis,
            self.cite(indicator.source),
            indicator.name_basis,
            plain(indicator.min),
            plain(indicator.max),
            indicator.type,
            lines=tuple(line.strip() for line in rule_lines(self.rulebook, indicator.rule, self.lang)),
            notes=self.pairs(
                guidance=self.text(indicator.guidance),
                evidence=self.listed(text.get(self.lang) for text in indicator.evidence),
                facts=self.listed(self.named(fact) for fact in indicator.facts),
                judged="1" if indicator.judged_by and not self.rulebook.estimates else "",
                not_applicable=indicator.not_applicable if indicator.not_applicable != "none" else "",
            ),
        )

    def targets(self) -> Iterable[Entry]:
        for target in self.rulebook.targets.values():
            rule = f"{self.expression(target.left)} {_SIGNS.get(target.op, target.op)} {self.expression(target.right)}"
            yield Entry(
                target.id,
                target.name.get(self.lang),
                target.basis,
                self.cite(target.source),
                unit=target.unit,
                lines=(rule,),
            )

    def grades(self) -> Iterable[Entry]:
        above = ""
        for grade in self.rulebook.grades:
            low = plain(grade.min) if grade.min is not None else ""
            yield Entry(
                grade.id,
                grade.name.get(self.lang),
                grade.basis,
                self.cite(grade.source),
                grade.name_basis,
                low=low,
                high=above,
            )
            above = low

    def caps(self) -> Iterable[Entry]:
        for cap in self.rulebook.caps:
            grade = cap.to in self.rulebook.grade_order
            to = self.rulebook.grade(cap.to).name.get(self.lang) if grade else cap.to
            yield Entry(
                cap.id,
                cap.name.get(self.lang),
                cap.basis,
                self.cite(cap.source),
                kind=cap.effect,
                unit=to,
                lines=(self.expression(cap.when),),
            )

    def adjustments(self) -> Iterable[Entry]:
        for adjustment in self.rulebook.adjustments:
            for number, case in enumerate(adjustment.cases, start=1):
                low, high = case.range or (None, None)
                yield Entry(
                    f"{adjustment.id}-{number}",
                    adjustment.label.get(self.lang),
                    case.basis,
                    self.cite(case.source),
                    low=plain(low) if low is not None else "",
                    high=plain(high) if high is not None else "",
                    unit=plain(case.points),
                    lines=(self.expression(case.when),),
                )

    def tools(self) -> Iterable[tuple[Entry, tuple[Entry, ...]]]:
        for tool in self.rulebook.tools.values():
            entry = Entry(
                tool.id,
                tool.name.get(self.lang),
                tool.basis,
                self.cite(tool.source),
                lines=tuple(text for text in [tool.description.get(self.lang)] if text),
            )
            measures = (m for m in self.rulebook.measures.values() if m.tool == tool.id)
            yield entry, tuple(self.measure(measure) for measure in measures)

    def measure(self, measure: Measure) -> Entry:
        return Entry(
            measure.id,
            measure.name.get(self.lang),
            measure.basis,
            self.cite(measure.source),
            lines=(self.expression(measure.when),),
            notes=self.pairs(
                case_by_case="1" if measure.case_by_case else "", needs_filing="1" if measure.needs_filing else ""
            ),
            items=tuple((code, text.get(self.lang)) for code, text in measure.options.items()),
        )

    def fact(self, spec: FactSpec) -> Entry:
        indicators, targets = prepared(self.rulebook).users_of_facts.get(spec.id, ((), ()))
        return Entry(
            spec.id,
            spec.label.get(self.lang),
            spec.basis,
            self.cite(spec.source),
            kind=spec.kind,
            unit="%" if spec.kind in ("ratio", "rate") else self.unit(spec.unit),
            lines=tuple(text for text in [spec.help.get(self.lang)] if text),
            notes=self.pairs(
                form=spec.form.get(self.lang),
                supplied_by=spec.supplied_by,
                used_by=self.listed((*indicators, *(self.rulebook.targets[t].short.get(self.lang) for t in targets))),
                carries_from=self.named(spec.carries_from) if spec.carries_from else "",
                derived=self.expression(spec.derived) if spec.derived is not None else "",
            ),
            items=tuple((code, text.get(self.lang)) for code, text in spec.options.items()),
        )

    def estimates(self) -> Iterable[Entry]:
        for estimate in self.rulebook.estimates.values():
            yield Entry(
                estimate.id,
                estimate.label.get(self.lang),
                estimate.basis,
                self.cite(estimate.source),
                unit=self.unit(estimate.unit),
                lines=(self.expression(estimate.expr),),
                notes=self.pairs(years=estimate.years),
            )

    def parameters(self) -> Iterable[Entry]:
        used = users_of_parameters(self.rulebook)
        for parameter in self.rulebook.parameters.values():
            default = shown_parameter(parameter, parameter.default, self.lang)
            yield Entry(
                parameter.id,
                parameter.label.get(self.lang),
                parameter.basis,
                self.cite(parameter.source),
                unit="fraction" if parameter.kind in ("ratio", "rate") else parameter.unit,
                lines=(default,) if default else (),
                notes=self.pairs(used_by=self.listed(used[parameter.id])),
            )

    def checks(self) -> Iterable[Entry]:
        for check in self.rulebook.checks.values():
            yield Entry(
                check.id,
                self.expression(check.holds),
                check.basis,
                self.cite(check.source),
                kind=check.severity,
                notes=self.pairs(facts=self.listed(self.named(fact) for fact in check.facts)),
            )


_SIGNS = {">=": "≥", "<=": "≤", "==": "=", "!=": "≠"}
