"""Figures and answers as somebody types them, read against the facts of a rulebook. Every page that takes facts reads
them here, so that the same text means the same everywhere."""

import unicodedata
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from assessments.filings.form_layout import may_be_not_applicable
from scorecard.engine import FactError, FactValue, Nothing, Rulebook, parse_fact
from scorecard.engine.rulebook.model import FactSpec, Indicator
from scorecard.engine.values.numbers import plain
from scorecard.words.language import in_language


def nothing_message(rulebook: Rulebook, spec: FactSpec, value: FactValue) -> str:
    """What is wrong with a kind of nothing that was typed for a fact: "" where it may stand there."""
    label = {"label": in_language(spec.label)}
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
            errors[fact] = in_language(error.message)
            continue
        if message := nothing_message(rulebook, specs[fact], value):
            errors[fact] = message
        else:
            values[fact] = value
    return values, errors


def read_points(indicator: Indicator, text: str) -> Decimal | None:
    """A bank's own points as typed, in whatever width the digits came; None for a blank. Raises ``ValueError`` with a
    sentence where it is no number. Whether the points fit the indicator is the service's to say."""
    clean = unicodedata.normalize("NFKC", text).replace("−", "-").strip().removesuffix("分").strip()
    if not clean:
        return None
    try:
        points = Decimal(clean)
    except InvalidOperation:
        points = Decimal("NaN")
    if not points.is_finite() or len(clean) > 20:
        limits = {"name": indicator.id, "low": plain(indicator.min), "high": plain(indicator.max)}
        raise ValueError(_("The points for %(name)s must be a number from %(low)s to %(high)s.") % limits)
    return points
