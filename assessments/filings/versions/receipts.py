"""The receipt of a submission: the event of the trail by which it was received (docs/trail.md, Receipts).

Its number is that event's number. Whoever holds it finds the submission in the log, and the log's own receipt (a file
that is checked without us) proves the same event: one number, one thing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from assessments.models import FilingVersion, StepRecord
from assessments.workflow.machine import TRANSITIONS
from assessments.workflow.receipts import event_number
from scorecard.audit.models import Event
from scorecard.audit.seals import sealed_ids

SUBMIT, CHECKED, PASSED = "submit", "pass_to_signatory", "pass_to_reviewer"


@dataclass(frozen=True)
class Receipt:
    """``number`` is blank for a submission from before events sealed rows; ``step`` gives the log's own receipt."""

    number: str
    step: StepRecord | None


@dataclass(frozen=True)
class Signed:
    """When the people of a version took their steps, and for whom; None where no step is on record."""

    prepared_at: datetime | None
    checked_at: datetime | None
    absent: Mapping[str, str] = field(default_factory=dict)  # for whom a stand-in took a step, by step

    def by(self, step: str, person: Any) -> str:
        """Who took a step, and for whom where it was a stand-in."""
        if step not in self.absent:
            return str(person)
        return _("%(name)s, standing in for %(absent)s") % {"name": person, "absent": self.absent[step]}


def receipt_of(version: FilingVersion) -> Receipt:
    """The receipt of a version."""
    step = StepRecord.objects.filter(version=version, transition=SUBMIT).first()
    number = event_number(step) if step is not None else None
    return Receipt("" if number is None else str(number), step)


def times_of(version: FilingVersion) -> Signed:
    """When the preparer passed the filing on and when the reviewer did, before this version was signed."""
    before = Q(transition__in=[PASSED, CHECKED], at__lte=version.submitted_at)
    steps = StepRecord.objects.filter(before | Q(transition=SUBMIT, version=version), assessment=version.assessment_id)
    found = {step.transition: step for step in steps.select_related("stood_in_for").order_by("id")}
    at = {name: step.at for name, step in found.items()}
    absent = {name: str(step.stood_in_for) for name, step in found.items() if step.stood_in_for is not None}
    return Signed(at.get(PASSED), at.get(CHECKED), absent)


def digest_of_receipt(number: str) -> str:
    """The digest of the version that was received under this number; "" where it is the number of no receipt."""
    if not number.isascii() or not number.isdigit() or len(number) > 18:
        return ""
    event = Event.objects.filter(seq=int(number), event=TRANSITIONS[SUBMIT].event).first()
    sealed = sealed_ids(event.seals, FilingVersion) if event is not None else []
    found = FilingVersion.objects.filter(pk__in=sealed).values_list("digest", flat=True).first()
    return found or ""
