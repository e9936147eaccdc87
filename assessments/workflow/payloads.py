"""What the transitions are told: one dataclass for each that needs more than a reason."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.workflow.step import Payload
from scorecard.access.decisions import Refused


@dataclass(frozen=True)
class ReturnPayload(Payload):
    """A return to the bank: until when it may submit again, None where the day that holds stays."""

    due_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.due_at is not None and timezone.is_naive(self.due_at):
            raise ValueError("The day of a return needs a time zone.")


@dataclass(frozen=True)
class GroundAnswer:
    """What is decided of one ground, and why."""

    upheld: bool
    answer: str


@dataclass(frozen=True)
class ObjectionPayload(Payload):
    """What is decided of an objection: each ground by its subject."""

    answers: Mapping[str, GroundAnswer] = field(default_factory=dict)

    @property
    def upheld(self) -> bool:
        """Whether any ground is upheld."""
        return any(answer.upheld for answer in self.answers.values())


@dataclass(frozen=True)
class DecisionPayload(Payload):
    """A decision: the grade's id, and the adjustment of the supervisory rating in points, None for none.

    Whether the clause allows either is for the rating to say; see ``decisions.ratings``.
    """

    grade: str
    adjustment: Decimal | None = None

    def __post_init__(self) -> None:
        reasons = []
        if not self.grade:
            reasons.append(_("Choose the grade."))
        if self.adjustment is not None and -int(self.adjustment.as_tuple().exponent) > 2:
            reasons.append(_("The adjustment has at most two decimals."))
        if reasons:
            raise Refused(reasons)

    @classmethod
    def read(cls, grade: str, adjustment: str) -> "DecisionPayload":
        """The decision as it was typed; a blank adjustment is none. ``Refused`` where it is not a number."""
        text = unicodedata.normalize("NFKC", adjustment).replace("−", "-").replace("分", "").strip()
        if not text:
            return cls(grade)
        try:
            points = Decimal(text)
        except InvalidOperation:
            points = Decimal("NaN")
        if not points.is_finite():
            raise Refused([_("The adjustment “%(typed)s” is not a number; write it like -1.") % {"typed": adjustment}])
        return cls(grade, points)
