"""Whether a figure that a supervisor gives is of the size that it can be, and the refusal that asks about it."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from scorecard.access.decisions import Refused
from scorecard.engine import FactValue, format_fact
from scorecard.engine.explain.magnitude import magnitude_question
from scorecard.engine.rulebook.model import FactSpec
from scorecard.words.language import in_language, screen_language


class Unlikely(Refused):
    """Figures of unlikely size were given: each is asked about, and taken once somebody says that it is right.

    ``asked`` holds the questions by whatever names the figures where it is raised.
    """

    def __init__(self, reasons: Iterable[Any], asked: Mapping[Any, str] | None = None) -> None:
        super().__init__(reasons)
        self.asked = dict(asked or {})


def size_question(spec: FactSpec, now: FactValue | None, before: FactValue | None = None) -> str:
    """The question to a figure of unlikely size, in words; "" where there is none.

    What the engine asks of every figure, and of a percentage for which the rulebook sets no limit whether it may be
    more than the whole.
    """
    question = magnitude_question(spec, now, before)
    if question is not None:
        return in_language(question)
    if spec.unit == "%" and spec.max is None and isinstance(now, Decimal) and now > 1:
        words = _("“%(label)s” is %(value)s, more than the whole: check that it is given as a percentage.")
        return words % {"label": in_language(spec.label), "value": format_fact(spec, now, screen_language())}
    return ""
