"""Values of a draft as the API sends and takes them: texts, as one types them on the form (docs/api.md)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from assessments.filings.drafts import DraftChange
from assessments.filings.keys import Key, Kind
from assessments.filings.scoring_input import CHECK_PREFIX
from assessments.filings.typed import read_points
from assessments.models import REPORT
from scorecard.engine import FactError, FactValue, Nothing, Rulebook, input_text, parse_fact
from scorecard.engine.rulebook.model import FactSpec
from scorecard.engine.values.numbers import plain
from scorecard.words.language import in_language

NOT_APPLICABLE, NONE = "not_applicable", "none"


def value_out(spec: FactSpec, value: FactValue | None) -> str | None:
    """A value as text; None where nothing is answered or supplied."""
    if value is None or value in (Nothing.UNANSWERED, Nothing.NOT_SUPPLIED):
        return None
    if value is Nothing.NOT_APPLICABLE:
        return NOT_APPLICABLE
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, frozenset):
        return ";".join(option for option in spec.options if option in value) or NONE
    return input_text(spec, value)


def value_in(spec: FactSpec, text: str | None) -> FactValue:
    """The value that a text is. Raises ``FactError``."""
    return parse_fact(spec, "n/a" if text is not None and text.strip() == NOT_APPLICABLE else text)


def bound_out(spec: FactSpec, bound: Any) -> str | None:
    """A limit of a figure as exact text, in its unit; of a ratio in percent."""
    return None if bound is None else plain(bound * (100 if spec.unit == "%" else 1))


def points_out(points: Decimal | None) -> str | None:
    """Points as exact text; None where there are none."""
    return None if points is None else plain(points)


def read_change(
    rulebook: Rulebook,
    facts: Mapping[str, str | None],
    answers: Mapping[str, Mapping[str, Any]],
    report: str | None,
    explanations: Mapping[str, str],
) -> tuple[DraftChange, dict[Key, str]]:
    """What a save brings, and a sentence for each value that cannot be read. ``answers`` holds of each indicator what
    is to change: ``narrative``, ``self_points``, ``not_applicable``.
    """
    values: dict[str, FactValue] = {}
    narratives: dict[str, str] = {CHECK_PREFIX + name: text for name, text in explanations.items()}
    points: dict[str, Decimal | None] = {}
    claims: dict[str, bool] = {}
    errors: dict[Key, str] = {}
    for fact, text in facts.items():
        try:
            # An unknown fact is the service's to refuse.
            values[fact] = value_in(rulebook.facts[fact], text) if fact in rulebook.facts else Nothing.UNANSWERED
        except FactError as error:
            errors[Key(Kind.FACT, fact)] = in_language(error.message)
    for name, parts in answers.items():
        if "narrative" in parts:
            narratives[name] = parts["narrative"] or ""
        if "not_applicable" in parts:
            claims[name] = bool(parts["not_applicable"])
        if "self_points" in parts:
            try:
                known = rulebook.indicators.get(name)
                points[name] = read_points(known, parts["self_points"] or "") if known is not None else None
            except ValueError as error:
                errors[Key(Kind.SELF_POINTS, name)] = str(error)
    if report is not None:
        narratives[REPORT] = report
    return DraftChange(values, narratives, points, claims), errors


def place_of(key: Key) -> tuple[str, ...]:
    """Where a thing of the draft stands in a body."""
    if key.kind == Kind.FACT:
        return ("facts", key.id)
    if key.id == REPORT:
        return ("report",)
    if key.id.startswith(CHECK_PREFIX):
        return ("explanations", key.id.removeprefix(CHECK_PREFIX))
    return ("answers", key.id, str(key.kind))
