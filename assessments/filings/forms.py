"""The fields of a filing page as they are drawn and as they come back. What they mean is the service's to say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from assessments.filings.drafts import DraftChange, DraftValue
from assessments.filings.fact_fields import (
    FactField,
    anchor,
    fact_field_of,
    field_name,
    key_of,
    stored_text,
)
from assessments.filings.form_layout import Item, Page, may_be_not_applicable
from assessments.filings.keys import Key, Kind
from assessments.filings.remarks import Thread, threads
from assessments.filings.selectors import Draft
from assessments.filings.typed import read_points
from assessments.models import Comment, Evidence
from assessments.rounds.parameters.selectors import ParameterView, parameter_views
from assessments.rulebooks.parameters import users_of_parameters
from assessments.scoring.differences import signed
from banks.models import FactEntry, FactSource
from scorecard.engine import FactError, Rulebook, format_fact, parse_fact
from scorecard.engine.rulebook.labels import rule_lines
from scorecard.engine.rulebook.model import FactSpec
from scorecard.engine.values.numbers import plain
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.results import IndicatorResult
from scorecard.words.language import in_language, screen_language
from scorecard.words.sources import provenance


@dataclass(frozen=True)
class ItemField:
    """One indicator on its page."""

    item: Item
    id: str
    title: str
    rule: tuple[str, ...]  # the rule in words
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
    threads: tuple[Thread, ...]
    parameters: tuple[ParameterView, ...] = ()  # values of the year that its rule uses
    errors: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)  # of its fields


class PageFields:
    """A page with its fields. ``typed`` is what came back and was wrong or not taken: it stays in the fields."""

    def __init__(
        self,
        draft: Draft,
        page: Page,
        typed: Mapping[Key, str] | None = None,
        errors: Mapping[Key, str] | None = None,
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
        return [(in_language(group.title), [self.fact(spec) for spec in group.facts]) for group in self.page.groups]

    @property
    def items(self) -> list[ItemField]:
        """The indicators with their fields."""
        return [self.item(item) for item in self.page.items]

    @property
    def summary(self) -> list[tuple[str, str, str]]:
        """Errors for the summary on top: link, label, message."""
        labels = {Key(Kind.FACT, spec.id): in_language(spec.label) for spec in self.page.facts}
        for item in self.page.items:
            name = item.indicator.id
            labels |= {Key(Kind.NARRATIVE, name): name, Key(Kind.SELF_POINTS, name): name}
        return [("#" + anchor(k), labels[k], e) if k in labels else ("", "", e) for k, e in self.errors.items()]

    def fact(self, spec: FactSpec) -> FactField:
        """One fact."""
        draft, key = self.draft, Key(Kind.FACT, spec.id)
        value, entry = draft.value(spec), draft.entry(spec.id)
        last = draft.last_year(spec)
        return fact_field_of(
            spec,
            value,
            typed=self.typed.get(key),
            required=spec.required and not draft.excused(spec.id),
            may_be_na=spec.is_number and may_be_not_applicable(draft.rulebook, spec.id),
            last=format_fact(spec, last, screen_language()) if last is not None else "",
            change=difference(spec, value, last) if spec.carries_from == "" else "",
            repeats=draft.rulebook.facts.get(spec.carries_from),
            question=draft.question(spec),
            came_from=_came_from(entry),
            error=self.errors.get(key, ""),
        )

    def item(self, item: Item) -> ItemField:
        """One indicator with everything that is filed for it."""
        draft, indicator = self.draft, item.indicator
        answer, result = draft.answers.get(indicator.id), draft.result.indicators[indicator.id]
        keys = {kind: Key(kind, indicator.id) for kind in Kind if kind != Kind.FACT}
        claimed = bool(answer and answer.not_applicable)
        if keys[Kind.NOT_APPLICABLE] in self.typed:
            claimed = self.typed[keys[Kind.NOT_APPLICABLE]] == "on"
        return ItemField(
            item=item,
            id=indicator.id,
            title=in_language(indicator.name),
            rule=tuple(rule_lines(draft.rulebook, indicator.rule, screen_language())),
            guidance=in_language(indicator.guidance),
            clause=provenance(indicator.source),
            basis=indicator.basis,
            name_basis=indicator.name_basis,
            low=plain(indicator.min),
            high=plain(indicator.max),
            facts=tuple(self.fact(spec) for spec in item.own),
            used=tuple(self.fact(spec) for spec in item.used),
            narrative=self.typed.get(keys[Kind.NARRATIVE], answer.narrative if answer else ""),
            self_points=self.typed.get(keys[Kind.SELF_POINTS], answer.self_points if answer else ""),
            claimed=claimed,
            points=plain(result.points) if result.points is not None else "",
            reason=in_language(result.reason),
            gain=gains(result),
            evidence=tuple(draft.evidence.get(indicator.id, ())),
            wanted=tuple(in_language(text) for text in indicator.evidence),
            threads=tuple(threads(self.comments.get(indicator.id, ()))),
            parameters=tuple(
                view for view in self.parameters if indicator.id in users_of_parameters(draft.rulebook)[view.id]
            ),
            errors={str(kind): self.errors[key] for kind, key in keys.items() if key in self.errors},
            names={str(kind): field_name(key) for kind, key in keys.items()},
        )


def gains(result: IndicatorResult) -> tuple[str, ...]:
    """What would change the points, each a sentence."""
    return tuple(in_language(step.text) for step in result.improve)


def _came_from(entry: FactEntry | None) -> str:
    """Where a figure comes from, where nobody of the bank typed it."""
    if entry is None or entry.source in (FactSource.FORM, FactSource.DEMO):
        return ""
    source = str(FactSource(entry.source).label)
    if entry.source == FactSource.RETURN:
        return _("%(source)s: %(where)s") % {"source": source, "where": entry.source_note}
    return source


def difference(spec: FactSpec, now: Any, before: Any) -> str:
    """The change since last year with its sign, in the fact's unit; of a ratio in percentage points.

    A change that is not zero is never shown as zero.
    """
    if not isinstance(now, Decimal) or not isinstance(before, Decimal):
        return ""
    change = Fraction(now) - Fraction(before)
    return signed(change * 100, "pp") if spec.unit == "%" else signed(change, spec.unit)


# --- What comes back -------------------------------------------------------------------------------------------------


@dataclass
class Sent:
    """A posted page: what it brings, every text as it came, and what could not be read, by key."""

    change: DraftChange
    texts: Mapping[Key, str]
    errors: dict[Key, str]


def sent_texts(data: QueryDict, page: Page | None = None) -> dict[Key, str]:
    """The texts that were sent, by key. Of a whole page also the boxes that are not ticked and so are not sent, as
    empty texts; without ``page`` only what came: an autosave sends what changed since the last one."""
    found: dict[Key, str] = {}
    for name in data:
        if (key := key_of(name)) is None:
            continue
        # A group of choices sends an empty text of its own, so that choosing nothing is sent too.
        several = key.kind == Kind.FACT
        found[key] = ";".join(filter(None, data.getlist(name))) if several else data.get(name, "")
    if page is not None:
        for spec in page.facts:
            if not spec.is_number:
                found.setdefault(Key(Kind.FACT, spec.id), "")
        for item in page.items:
            if item.claim:
                found.setdefault(Key(Kind.NOT_APPLICABLE, item.indicator.id), "")
    return found


def fact_texts(data: QueryDict) -> dict[str, str]:
    """The texts of the facts alone, by fact."""
    return {key.id: text for key, text in sent_texts(data).items() if key.kind == Kind.FACT}


def read_sent(rulebook: Rulebook, data: QueryDict, page: Page | None = None) -> Sent:
    """Read what was posted, each text by the reader of its kind; texts without a reader are the service's to refuse."""
    texts, errors = sent_texts(data, page), {}
    values: dict[Kind, dict[str, Any]] = {kind: {} for kind in Kind}
    for key, text in texts.items():
        try:
            values[key.kind][key.id] = _value(rulebook, key, text)
        except FactError as error:
            errors[key] = in_language(error.message)
        except ValueError as error:
            errors[key] = str(error)
    change = DraftChange(
        values[Kind.FACT], values[Kind.NARRATIVE], values[Kind.SELF_POINTS], values[Kind.NOT_APPLICABLE]
    )
    return Sent(change, texts, errors)


def _value(rulebook: Rulebook, key: Key, text: str) -> DraftValue:
    if key.kind == Kind.FACT:
        return parse_fact(rulebook.facts[key.id], text) if key.id in rulebook.facts else text
    if key.kind == Kind.NOT_APPLICABLE:
        return text in ("on", "True")
    if key.kind == Kind.SELF_POINTS:
        return read_points(rulebook.indicators[key.id], text) if key.id in rulebook.indicators else None
    return text


def value_text(rulebook: Rulebook, key: Key, value: DraftValue) -> str:
    """A value of the draft as it stands in its field, so that it can be sent back unchanged."""
    if key.kind == Kind.FACT:
        return stored_text(rulebook.facts[key.id], value)
    if isinstance(value, Decimal):
        return plain(value)
    return "" if value is None else str(value)


def value_words(rulebook: Rulebook, key: Key, value: DraftValue) -> str:
    """A value of the draft as it is read: options by their words, a claim as yes or no."""
    if key.kind == Kind.FACT and value is not None:
        return format_fact(rulebook.facts[key.id], value, screen_language())
    if key.kind == Kind.NOT_APPLICABLE:
        return _("Yes") if value else _("No")
    return value_text(rulebook, key, value)
