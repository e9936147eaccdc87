"""Figures and answers as somebody types them, read against the facts of a rulebook. Every page that takes facts reads
them here, so that the same text means the same everywhere."""

from collections.abc import Mapping

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from assessments.filings.form_layout import may_be_not_applicable
from scorecard.engine import FactError, FactValue, Nothing, Rulebook, parse_fact
from scorecard.engine.rulebook.model import FactSpec


def nothing_message(rulebook: Rulebook, spec: FactSpec, value: FactValue) -> str:
    """What is wrong with a kind of nothing that was typed for a fact: "" where it may stand there."""
    label = {"label": spec.label.get(get_language() or "")}
    if value is Nothing.NOT_SUPPLIED:
        return _("“%(label)s” is supplied by your bank; give the figure or leave the field empty.") % label
    if value is Nothing.NOT_APPLICABLE and not may_be_not_applicable(rulebook, spec.id):
        return (
            _("The rulebook does not accept “not applicable” for “%(label)s”; give the figure, 0 if there is none.")
            % label
        )
    return ""


def read_typed(
    rulebook: Rulebook, specs: Mapping[str, FactSpec], typed: Mapping[str, str]
) -> tuple[dict[str, FactValue], dict[str, str]]:
    """The values of what was typed, by fact, and one sentence for each that cannot be read. What is not among
    ``specs`` is left out; a blank is a value (unanswered)."""
    values: dict[str, FactValue] = {}
    errors: dict[str, str] = {}
    for fact, text in typed.items():
        if fact not in specs:
            continue
        try:
            value = parse_fact(specs[fact], text)
        except FactError as error:
            errors[fact] = error.message.get(get_language() or "")
            continue
        if message := nothing_message(rulebook, specs[fact], value):
            errors[fact] = message
        else:
            values[fact] = value
    return values, errors
