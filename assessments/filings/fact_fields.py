"""A figure or an answer as a field: its name, how it stands there, what a page says beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from assessments.filings.keys import Key, Kind
from assessments.filings.scoring_input import CHECK_PREFIX
from scorecard.engine import FactValue, Nothing, format_fact, input_text
from scorecard.engine.rulebook.model import FactSpec
from scorecard.words.formats import understood, unit_name
from scorecard.words.language import in_language, screen_language
from scorecard.words.sources import provenance

NONE = "none"
# The letter that begins the name of a field, by what stands in it. Scripts and templates take names as they come.
_LETTERS = {Kind.FACT: "f", Kind.NARRATIVE: "n", Kind.SELF_POINTS: "s", Kind.NOT_APPLICABLE: "x"}
_KINDS = {letter: kind for kind, letter in _LETTERS.items()}


def field_name(key: Key) -> str:
    """The name of the field in which this is typed."""
    return f"{_LETTERS[key.kind]}-{key.id}"


def key_of(name: str) -> Key | None:
    """What is typed in the field of this name; None for a field that is none of ours."""
    letter, dash, known = name.partition("-")
    return Key(_KINDS[letter], known) if dash and known and letter in _KINDS else None


def by_field(found: Mapping[Key, str]) -> dict[str, str]:
    """The texts by the names of the fields in which they are typed, instead of by key."""
    return {field_name(key): text for key, text in found.items()}


def anchor(key: Key) -> str:
    """The id of the place on its page: of a finding its panel, of anything else its field."""
    if key.id.startswith(CHECK_PREFIX):
        return "check-" + key.id.removeprefix(CHECK_PREFIX).replace(":", "-")
    return f"id_{field_name(key)}"


def fact_field(fact: str) -> str:
    """The name of a fact's field."""
    return field_name(Key(Kind.FACT, fact))


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
    definition: str  # what the figure or answer means
    form: str
    clause: str
    basis: str
    last: str | None
    change: str
    came_from: str
    error: str = ""
    understood: str = ""  # what the figure was taken to be, in a unit that suits its size
    question: str = ""  # where its size is unlikely


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
    repeats: FactSpec | None = None,
    question: str = "",
) -> FactField:
    """One fact as a field. ``typed`` is what came back and stays in the field; without it ``value`` stands there.

    ``last`` is last year's value in words, "" where none is known, None on a page that compares with no other year.
    ``repeats`` is the figure whose value of last year stands here.
    """
    text = typed if typed is not None else stored_text(spec, value)
    chosen = set(text.replace(",", ";").split(";")) if spec.kind == "checklist" else {text}
    return FactField(
        name=fact_field(spec.id),
        id=anchor(Key(Kind.FACT, spec.id)),
        label=in_language(spec.label),
        kind="number" if spec.is_number else spec.kind,
        unit=unit_name(spec.unit),
        value=text,
        shown=format_fact(spec, value, screen_language()),
        blank=value is Nothing.UNANSWERED,
        options=_options(spec, chosen),
        required=required,
        may_be_na=may_be_na,
        definition=definition(spec, repeats),
        form=in_language(spec.form),
        clause=provenance(spec.source),
        basis=spec.basis,
        last=last,
        change=change,
        came_from=came_from,
        error=error,
        understood=understood(value, spec.unit) if isinstance(value, Decimal) and typed is None else "",
        question=question,
    )


def definition(spec: FactSpec, repeats: FactSpec | None = None) -> str:
    """What a figure or answer means: in the words of the rulebook; of one that repeats last year's, that it does."""
    if in_language(spec.help) or repeats is None:
        return in_language(spec.help)
    return _("What was “%(label)s” a year before, on the same basis; it should be the figure filed last year.") % {
        "label": in_language(repeats.label)
    }


def stored_text(spec: FactSpec, value: Any) -> str:
    if spec.kind == "checklist" and isinstance(value, frozenset):
        return ";".join(sorted(value)) or NONE
    if spec.kind == "bool" and isinstance(value, bool):
        return "true" if value else "false"
    if value is Nothing.NOT_APPLICABLE:
        return _("not applicable")
    text = input_text(spec, value)
    return _separated(text) if isinstance(value, Decimal) else text


def _separated(text: str) -> str:
    """A figure with separators, as the figures beside the field have them."""
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, point, rest = digits.partition(".")
    return f"{sign}{int(whole or 0):,}{point}{rest}"


def _options(spec: FactSpec, chosen: set[str]) -> tuple[Option, ...]:
    if spec.kind == "bool":
        return tuple(Option(key, words, key in chosen) for key, words in (("true", _("Yes")), ("false", _("No"))))
    found = [Option(key, in_language(label), key in chosen) for key, label in spec.options.items()]
    if spec.kind == "checklist":
        found.append(Option(NONE, _("None of these"), NONE in chosen))
    return tuple(found)
