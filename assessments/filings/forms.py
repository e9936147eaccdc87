"""The fields of a filing page as they are drawn and as they come back. What they mean is the service's to say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from assessments.filings.drafts import NARRATIVE, NOT_APPLICABLE, SELF_POINTS, answer_field, fact_field
from assessments.filings.form_layout import Item, Page, may_be_not_applicable
from assessments.filings.selectors import Draft, fact_anchor, narrative_anchor, self_anchor
from assessments.models import REPORT, Comment, Evidence
from assessments.rounds.parameters.selectors import ParameterView, parameter_views
from assessments.rulebooks.parameters import users_of_parameters
from assessments.scoring.results import say, signed, unit_word
from banks.models import FactEntry, FactSource
from scorecard.engine import FactValue, Nothing, format_fact, input_text
from scorecard.engine.rulebook.model import FactSpec
from scorecard.engine.values.numbers import plain
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.results import IndicatorResult

NONE = "none"


@dataclass(frozen=True)
class Option:
    """One choice of a level or a checklist."""

    value: str
    label: str
    chosen: bool

    @property
    def numbered(self) -> bool:
        """Whether readers know the choice by its id (a level's number or letter) and not by its words alone."""
        return len(self.value) <= 2


@dataclass(frozen=True)
class FactField:
    """One fact on a page: how it is typed, what it was, where it comes from."""

    name: str
    id: str
    label: str
    kind: str
    unit: str
    value: str  # as it stands in the field
    shown: str  # as it is read
    blank: bool
    options: tuple[Option, ...]
    required: bool
    may_be_na: bool
    help: str
    form: str
    clause: str
    basis: str
    last: str | None
    change: str
    came_from: str
    error: str = ""


@dataclass(frozen=True)
class ItemField:
    """One indicator on its page."""

    item: Item
    id: str
    title: str
    guidance: str
    clause: str
    basis: str
    name_basis: str
    low: str
    high: str
    facts: tuple[FactField, ...]
    used: tuple[FactField, ...]
    narrative: str
    self_points: str
    claimed: bool
    points: str
    reason: str
    gain: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    wanted: tuple[str, ...]
    comments: tuple[Comment, ...]
    parameters: tuple[ParameterView, ...] = ()  # values of the year that its rule uses
    errors: Mapping[str, str] = field(default_factory=dict)


class PageFields:
    """A page with its fields. ``typed`` is what came back and was wrong or not taken: it stays in the fields."""

    def __init__(
        self,
        draft: Draft,
        page: Page,
        typed: Mapping[str, str] | None = None,
        errors: Mapping[str, str] | None = None,
        comments: Mapping[str, tuple[Comment, ...]] | None = None,
    ) -> None:
        self.draft, self.page = draft, page
        self.typed, self.errors, self.comments = typed or {}, errors or {}, comments or {}

    @cached_property
    def parameters(self) -> list[ParameterView]:
        """The values of the year of the round."""
        return parameter_views(self.draft.assessment.round)

    @property
    def groups(self) -> list[tuple[str, list[FactField]]]:
        """The groups of figures with their fields."""
        return [(say(group.title), [self.fact(spec) for spec in group.facts]) for group in self.page.groups]

    @property
    def items(self) -> list[ItemField]:
        """The indicators with their fields."""
        return [self.item(item) for item in self.page.items]

    @property
    def summary(self) -> list[tuple[str, str, str]]:
        """Errors for the summary on top: link, label, message."""
        labels = {fact_field(spec.id): (fact_anchor(spec.id), say(spec.label)) for spec in self.page.facts}
        for item in self.page.items:
            name = item.indicator.id
            labels[answer_field(name, NARRATIVE)] = (narrative_anchor(name), name)
            labels[answer_field(name, SELF_POINTS)] = (self_anchor(name), name)
        return [("#" + labels[n][0], labels[n][1], e) if n in labels else ("", "", e) for n, e in self.errors.items()]

    def fact(self, spec: FactSpec) -> FactField:
        """One fact."""
        draft, name = self.draft, fact_field(spec.id)
        value, entry = draft.value(spec), draft.entry(spec.id)
        last = draft.last_year(spec)
        return fact_field_of(
            spec,
            value,
            typed=self.typed.get(name),
            required=spec.required and not draft.excused(spec.id),
            may_be_na=spec.is_number and may_be_not_applicable(draft.rulebook, spec.id),
            last=format_fact(spec, last, get_language() or "") if last is not None else "",
            change=difference(spec, value, last) if spec.carries_from == "" else "",
            came_from=_came_from(entry),
            error=self.errors.get(name, ""),
        )

    def item(self, item: Item) -> ItemField:
        """One indicator with everything that is filed for it."""
        draft, indicator = self.draft, item.indicator
        answer, result = draft.answers.get(indicator.id), draft.result.indicators[indicator.id]
        names = {part: answer_field(indicator.id, part) for part in (NARRATIVE, SELF_POINTS, NOT_APPLICABLE)}
        claimed = bool(answer and answer.not_applicable)
        if names[NOT_APPLICABLE] in self.typed:
            claimed = self.typed[names[NOT_APPLICABLE]] == "on"
        return ItemField(
            item=item,
            id=indicator.id,
            title=say(indicator.name),
            guidance=say(indicator.guidance),
            clause=say(indicator.source.cite) if indicator.source else "",
            basis=indicator.basis,
            name_basis=indicator.name_basis,
            low=plain(indicator.min),
            high=plain(indicator.max),
            facts=tuple(self.fact(spec) for spec in item.own),
            used=tuple(self.fact(spec) for spec in item.used),
            narrative=self.typed.get(names[NARRATIVE], answer.narrative if answer else ""),
            self_points=self.typed.get(names[SELF_POINTS], answer.self_points if answer else ""),
            claimed=claimed,
            points=plain(result.points) if result.points is not None else "",
            reason=say(result.reason),
            gain=gains(result),
            evidence=tuple(draft.evidence.get(indicator.id, ())),
            wanted=tuple(say(text) for text in indicator.evidence),
            comments=self.comments.get(indicator.id, ()),
            parameters=tuple(
                view for view in self.parameters if indicator.id in users_of_parameters(draft.rulebook)[view.id]
            ),
            errors={part: self.errors[name] for part, name in names.items() if name in self.errors},
        )


def fact_field_of(
    spec: FactSpec,
    value: FactValue,
    *,
    typed: str | None = None,
    required: bool = True,
    may_be_na: bool = False,
    last: str | None = None,
    change: str = "",
    came_from: str = "",
    error: str = "",
) -> FactField:
    """One fact as a field. ``typed`` is what came back and stays in the field; without it ``value`` stands there.

    ``last`` is last year's value in words, "" where none is known, None on a page that compares with no other year.
    """
    text = typed if typed is not None else _stored_text(spec, value)
    chosen = set(text.replace(",", ";").split(";")) if spec.kind == "checklist" else {text}
    return FactField(
        name=fact_field(spec.id),
        id=fact_anchor(spec.id),
        label=say(spec.label),
        kind="number" if spec.is_number else spec.kind,
        unit=unit_word(spec.unit),
        value=text,
        shown=format_fact(spec, value, get_language() or ""),
        blank=value is Nothing.UNANSWERED,
        options=_options(spec, chosen),
        required=required,
        may_be_na=may_be_na,
        help=say(spec.help),
        form=say(spec.form),
        clause=say(spec.source.cite) if spec.source else "",
        basis=spec.basis,
        last=last,
        change=change,
        came_from=came_from,
        error=error,
    )


def gains(result: IndicatorResult) -> tuple[str, ...]:
    """What would change the points, each a sentence."""
    return tuple(say(step.text) for step in result.improve)


def _stored_text(spec: FactSpec, value: Any) -> str:
    if spec.kind == "checklist" and isinstance(value, frozenset):
        return ";".join(sorted(value)) or NONE
    if spec.kind == "bool" and isinstance(value, bool):
        return "true" if value else "false"
    if value is Nothing.NOT_APPLICABLE:
        return _("not applicable")
    return input_text(spec, value)


def _options(spec: FactSpec, chosen: set[str]) -> tuple[Option, ...]:
    if spec.kind == "bool":
        return (Option("true", _("Yes"), "true" in chosen), Option("false", _("No"), "false" in chosen))
    found = [Option(key, say(label), key in chosen) for key, label in spec.options.items()]
    if spec.kind == "checklist":
        found.append(Option(NONE, _("None of these"), NONE in chosen))
    return tuple(found)


def _came_from(entry: FactEntry | None) -> str:
    """Where a figure comes from, where nobody of the bank typed it."""
    if entry is None or entry.source in (FactSource.FORM, FactSource.DEMO):
        return ""
    return str(FactSource(entry.source).label)


def difference(spec: FactSpec, now: Any, before: Any) -> str:
    """The change since last year with its sign, in the fact's unit; of a ratio in percentage points.

    A change that is not zero is never shown as zero.
    """
    if not isinstance(now, Decimal) or not isinstance(before, Decimal):
        return ""
    change, unit = Fraction(now) - Fraction(before), spec.unit
    if spec.unit == "%":
        change, unit = change * 100, "pp"
    return signed(change, unit)


# --- What comes back -------------------------------------------------------------------------------------------------


@dataclass
class Typed:
    """A posted page, taken apart for the service; ``texts`` is the same by field, for showing again."""

    facts: dict[str, str] = field(default_factory=dict)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    def answer(self, name: str, part: str, value: Any, text: str) -> None:
        """Take one part of an answer."""
        self.answers.setdefault(name, {})[part] = value
        self.texts[answer_field(name, part)] = text


_PARTS = {"n": NARRATIVE, "s": SELF_POINTS, "x": NOT_APPLICABLE}


def read_sent(data: QueryDict) -> Typed:
    """Only the fields that were sent: an autosave sends what changed since the last one."""
    typed = Typed()
    for name in data:
        letter, dash, key = name.partition("-")
        if not dash or not key:
            continue
        # A group of choices sends an empty text of its own, so that choosing nothing is sent too.
        text = ";".join(filter(None, data.getlist(name))) if letter == "f" else data.get(name, "")
        if letter == "f":
            typed.facts[key] = text
            typed.texts[name] = text
        elif letter in _PARTS:
            part = _PARTS[letter]
            typed.answer(key, part, text in ("on", "True") if part == NOT_APPLICABLE else text, text)
    return typed


def read_page(data: QueryDict, page: Page) -> Typed:
    """A whole page: boxes that are not ticked are not sent, and are read as empty."""
    typed = read_sent(data)
    for spec in page.facts:
        name = fact_field(spec.id)
        if name not in data and not spec.is_number:
            typed.facts[spec.id] = typed.texts[name] = ""
    for item in page.items:
        if item.claim and answer_field(item.indicator.id, NOT_APPLICABLE) not in data:
            typed.answer(item.indicator.id, NOT_APPLICABLE, False, "")
    return typed


__all__ = [
    "REPORT",
    "FactField",
    "ItemField",
    "Option",
    "PageFields",
    "Typed",
    "fact_field_of",
    "read_page",
    "read_sent",
    "say",
]
