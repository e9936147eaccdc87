"""Measures in the register go with the case officer who owns them when a person's work is handed over."""

from django.utils import timezone

from assessments.models import MeasureStep
from assessments.reviews.staff import measures_of
from banks.models import User
from scorecard.audit.services import record

HAND = "hand_measure"


def hand_measures(actor: User, person: User, successor: User, reason: str) -> int:
    """Give every measure of a person that binds to another officer, each with its record and event; how many."""
    rows = measures_of(person).select_for_update(of=("self",)).select_related("measure", "assessment")
    owned = list(rows.order_by("pk"))
    for live in owned:
        live.owner = successor
        live.save(update_fields=["owner"])
        data = {"from": person.pk, "to": successor.pk}
        kept = MeasureStep.objects.create(
            live=live, name=HAND, reason=reason, data=data, actor=actor, at=timezone.now()
        )
        said = {"measure": live.measure.code, "reason": reason, **data}
        bank_id = live.assessment.bank_id
        record(f"assessments.measure.{HAND}", actor=actor, target=live, bank_id=bank_id, data=said, seals=[live, kept])
    return len(owned)
