"""What a draft does not keep: a value that its key cannot have, as a sentence. Whoever saves asks here, and so does
whoever says beforehand what a save would refuse."""

from decimal import Decimal
from typing import cast

from django.utils.translation import gettext as _

from assessments.filings.form_layout import own_facts
from assessments.filings.keys import Key, Kind
from assessments.filings.scoring_input import CHECK_PREFIX, may_claim
from assessments.filings.typed import nothing_message
from assessments.models import REPORT
from assessments.rulebooks.stored_values import to_stored
from banks.models import FactState
from banks.services.facts import VALUE_LENGTH
from scorecard.engine import FactValue, Nothing, Rulebook
from scorecard.engine.explain.checks import surely_within
from scorecard.engine.rulebook.model import FactSpec, Indicator
from scorecard.engine.rulebook.typed import range_message
from scorecard.engine.values.numbers import plain, terminating_digits
from scorecard.engine.values.rational import Fraction
from scorecard.words.language import screen_language

NARRATIVE_LENGTH = 10_000


def refusal(rulebook: Rulebook, key: Key, value: FactValue | None) -> str:
    """What is wrong with a value, as a sentence; "" where it can be kept."""
    if key.kind == Kind.FACT:
        known = own_facts(rulebook)
        if key.id not in known:
            return _("The rulebook of this round does not ask for “%(fact)s”.") % {"fact": key.id}
        return _fact_refusal(rulebook, known[key.id], cast(FactValue, value))
    indicator = rulebook.indicators.get(key.id)
    apart = key.kind == Kind.NARRATIVE and (key.id == REPORT or _explains_a_check(rulebook, key.id))
    if indicator is None and not apart:
        return _("The rulebook of this round has no indicator “%(name)s”.") % {"name": key.id}
    if key.kind == Kind.NARRATIVE and len(str(value)) > NARRATIVE_LENGTH:
        return _("The text has %(count)d characters; shorten it to at most %(limit)d.") % {
            "count": len(str(value)),
            "limit": NARRATIVE_LENGTH,
        }
    if key.kind == Kind.NOT_APPLICABLE and value and not may_claim(rulebook, key.id):
        return _("The rulebook does not accept “not applicable” for %(name)s.") % {"name": key.id}
    if key.kind == Kind.SELF_POINTS and indicator is not None and isinstance(value, Decimal):
        return _points_refusal(rulebook, indicator, value)
    return ""


def _explains_a_check(rulebook: Rulebook, id: str) -> bool:
    """Whether a text explains what a check may find (``engine.explain.checks``). Any other would stand on no page."""
    check = id.removeprefix(CHECK_PREFIX)
    kind, _colon, about = check.partition(":")
    asked = {"range": rulebook.facts, "magnitude": rulebook.facts, "undecided": rulebook.targets}
    return check != id and (check in rulebook.checks or about in asked.get(kind, ()))


def _points_refusal(rulebook: Rulebook, indicator: Indicator, points: Decimal) -> str:
    if not indicator.min <= points <= indicator.max:
        limits = {"name": indicator.id, "low": plain(indicator.min), "high": plain(indicator.max)}
        return _("The points for %(name)s must lie between %(low)s and %(high)s.") % limits
    digits = rulebook.rounding.indicator
    if (terminating_digits(Fraction(points)) or 0) > digits:
        return _("The points for %(name)s take at most %(digits)d decimals.") % {
            "name": indicator.id,
            "digits": digits,
        }
    return ""


def _fact_refusal(rulebook: Rulebook, spec: FactSpec, value: FactValue) -> str:
    """What is wrong with a fact's value: a kind of nothing that may not stand there, the range, the length."""
    if not isinstance(value, Nothing) and spec.options:
        chosen = value if isinstance(value, frozenset) else {value}
        if not chosen <= spec.options.keys():
            raise TypeError(f"{spec.id} has no option {value!r}.")
    if isinstance(value, Nothing) and (message := nothing_message(rulebook, spec, value)):
        return message
    if isinstance(value, Decimal) and not surely_within(spec, value):
        outside = range_message(spec, Fraction(value))
        return outside.get(screen_language()) if outside is not None else ""
    state, text = to_stored(value)
    if state == FactState.VALUE and len(text) > VALUE_LENGTH:
        return _("“%(label)s” is too long: at most 400 characters.") % {"label": spec.label.get(screen_language())}
    return ""
