"""What a frozen version holds, in words and in the order of the form. Page, PDF and .docx show the same."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from assessments.filings.form_layout import FormPages, Item, form_pages
from assessments.filings.scoring_input import build_input, may_claim
from assessments.models import Evidence, FilingVersion
from assessments.rulebooks.cache import engine_rulebook
from assessments.rulebooks.stored_values import to_engine
from banks.models import Category, EntityKind
from scorecard.engine import FactValue, Nothing, Rulebook, format_fact, run_checks
from scorecard.engine.rulebook.model import FactSpec, Indicator
from scorecard.engine.rulebook.typed import number_text
from scorecard.engine.values.numbers import plain
from scorecard.words.formats import BASES, unit_name
from scorecard.words.language import in_language, screen_language

Json = Mapping[str, Any]
# Properties of the bank whose words the register has.
_OF_BANK = {"category": Category, "entity": EntityKind}


@dataclass(frozen=True)
class Content:
    """What a signature freezes (``submission.draft_content``), of a version or of the draft that would be the next."""

    rulebook: Rulebook
    facts: Json
    history: Json
    properties: Json
    answers: Json
    files: tuple[Evidence, ...]
    report: str
    explanations: Json
    self_total: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)  # where figures came from that nobody typed

    @cached_property
    def pages(self) -> FormPages:
        """The pages of the form."""
        return form_pages(self.rulebook)

    def value(self, spec: FactSpec) -> FactValue:
        """What was filed for a fact."""
        return _value(self.facts, spec.id, spec)

    def last_year(self, spec: FactSpec) -> FactValue:
        """What was known of it for the year before, or of the figure that it repeats."""
        before = self.history.get("-1", {})
        found = _value(before, spec.carries_from or spec.id, spec)
        if found is not Nothing.UNANSWERED:
            return found
        repeated = next((s.id for s in self.rulebook.facts.values() if s.carries_from == spec.id), "")
        return _value(self.facts, repeated, spec)

    def files_of(self, indicator: str) -> list[Evidence]:
        """The evidence of an indicator."""
        return [file for file in self.files if file.indicator == indicator]

    def claimed(self, indicator: str) -> bool:
        """Whether the bank says that it does not apply, and may say so."""
        return bool(self.answers.get(indicator, {}).get("not_applicable")) and may_claim(self.rulebook, indicator)


def _value(stored: Json, fact: str, spec: FactSpec) -> FactValue:
    found = stored.get(fact)
    return to_engine(spec, found["state"], found["value"]) if found else Nothing.UNANSWERED


def content_of(version: FilingVersion) -> Content:
    """What was signed, by the rulebook of its round."""
    return frozen_content(
        engine_rulebook(version.assessment.round.rulebook),
        {
            "facts": version.facts,
            "history": version.history,
            "bank_properties": version.bank_properties,
            "answers": version.answers,
            "evidence": version.evidence,
            "report": version.report,
            "explanations": version.explanations,
            "self_total": version.self_total,
        },
    )


def frozen_content(rulebook: Rulebook, frozen: Json) -> Content:
    """What a signature freezes, with the rows of its files."""
    files = Evidence.objects.filter(pk__in=frozen["evidence"]).select_related("uploaded_by", "scan")
    order = {name: place for place, name in enumerate(rulebook.indicators)}
    return Content(
        rulebook,
        frozen["facts"],
        frozen["history"],
        frozen["bank_properties"],
        frozen["answers"],
        tuple(sorted(files, key=lambda file: (order.get(file.indicator, len(order)), file.pk))),
        frozen["report"],
        frozen["explanations"],
        frozen["self_total"],
    )


# --- In words --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FigureRow:
    """A figure with its unit, this year and the year before."""

    id: str
    name: str
    now: str
    unit: str
    before: str
    source: str = ""


@dataclass(frozen=True)
class ItemRow:
    """What a bank said of one indicator. ``points`` is its own score of the most that it can be given, with the basis
    of that number where it is not the supervisor's own."""

    id: str
    title: str
    answers: tuple[tuple[str, str], ...]
    points: str
    narrative: str
    files: tuple[Evidence, ...]


@dataclass(frozen=True)
class Part:
    """A page of the form: groups of figures, or indicators."""

    id: str
    title: str
    figures: tuple[tuple[str, tuple[FigureRow, ...]], ...] = ()
    items: tuple[ItemRow, ...] = field(default=())


def parts(content: Content) -> Iterator[Part]:
    """The filing, page by page; a section in which the bank answers nothing is left out."""
    for page in content.pages.pages:
        title = in_language(page.title)
        if page.groups:
            groups = tuple(
                (in_language(group.title), tuple(figure_row(content, spec) for spec in group.facts))
                for group in page.groups
            )
            yield Part(page.id, title, figures=groups)
        elif asked := [item for item in page.items if item.asked]:
            items = tuple(_item_row(content, item) for item in asked)
            yield Part(page.id, f"{page.id} {title}", items=items)


def figure_row(content: Content, spec: FactSpec) -> FigureRow:
    """A figure as it is read."""
    unit = unit_name(spec.unit) if spec.is_number and spec.unit else ""
    before = content.last_year(spec)
    words = "" if isinstance(before, Nothing) else bare_value(spec, before)
    now, source = bare_value(spec, content.value(spec)), content.sources.get(spec.id, "")
    return FigureRow(spec.id, in_language(spec.label), now, unit, words, source)


def bare_value(spec: FactSpec, value: FactValue) -> str:
    """A value without its unit; options by their words, nothing by the word for its kind."""
    if isinstance(value, Nothing) or not spec.is_number:
        return format_fact(spec, value, screen_language())
    return number_text(spec, value)  # type: ignore[arg-type]


def _item_row(content: Content, item: Item) -> ItemRow:
    indicator = item.indicator
    answer = content.answers.get(indicator.id, {})
    given = [(in_language(spec.label), format_fact(spec, content.value(spec), screen_language())) for spec in item.own]
    return ItemRow(
        indicator.id,
        f"{indicator.id} {in_language(indicator.name)}",
        tuple(given),
        own_points(content, indicator),
        str(answer.get("narrative", "")),
        tuple(content.files_of(indicator.id)),
    )


def own_points(content: Content, indicator: Indicator) -> str:
    """The bank's own score of an indicator in words."""
    if content.claimed(indicator.id):
        return _("not applicable")
    given = content.answers.get(indicator.id, {}).get("self_points", "")
    if not given:
        return "—"
    most = plain(indicator.max)
    if indicator.basis and indicator.basis != "sourced":
        most = _("%(points)s (%(basis)s)") % {"points": most, "basis": BASES[indicator.basis].word}
    return _("%(points)s of %(max)s") % {"points": given, "max": most}


def explained(content: Content) -> list[tuple[str, str]]:
    """Each warning with what the bank says to it."""
    given = build_input(
        content.rulebook,
        facts=content.facts,
        history=content.history,
        properties=content.properties,
        answers=content.answers,
    )
    found = {finding.id: in_language(finding.message) for finding in run_checks(content.rulebook, given)}
    return [(found.get(name, name), text) for name, text in content.explanations.items()]


def properties_words(content: Content) -> list[tuple[str, str]]:
    """What rules know of the bank itself, as it was at the signature."""
    found = []
    for name, value in content.properties.items():
        spec = content.rulebook.properties.get(name)
        if spec is not None:
            words = (_("Yes") if value else _("No")) if isinstance(value, bool) else str(value)
            known = _OF_BANK[name](value).label if name in _OF_BANK and value in _OF_BANK[name].values else words
            found.append((in_language(spec.label), in_language(spec.options.get(words)) or str(known)))
    return found
