"""What a bank's own home says of readings: what is to be filed or confirmed, and the warnings of the newest one."""

from typing import Any

from django.utils import timezone

from assessments.models import CircularCopy, Reading
from assessments.readings.circulars import visible_copies
from assessments.readings.present import warnings_of
from assessments.readings.selectors import DRAFT, FILED, NONE, latest, newest_standing, periods_with_counts, state_of
from banks.models import User

RECENT = 4  # periods that are looked at


def to_be_filed(actor: User) -> list[dict[str, Any]]:
    """The newest periods for which the own bank has still to file, or whose draft waits to be confirmed."""
    bank, today = actor.bank, timezone.localdate()
    found: list[dict[str, Any]] = []
    if bank is None:
        return found
    for period in periods_with_counts(actor)[:RECENT]:
        state = state_of(period.has_draft, period.confirmed)
        if state == FILED or not bank.is_active_on(period.ends_on):
            continue
        late = state in (NONE, DRAFT) and period.due_on < today
        found.append({"period": period, "state": state, "late": late})
    return found


def newest_copies(actor: User) -> list[CircularCopy]:
    """The newest circulars as the own bank got them."""
    return list(visible_copies(actor)[:RECENT])


def newest_warnings(actor: User) -> tuple[Reading, list[dict[str, Any]]] | None:
    """The warnings of the own bank's newest confirmed reading that it reads; None where there is none."""
    rows = latest(Reading.objects.filter(bank=actor.bank_id)).select_related("period")
    newest = rows.order_by("-period__year", "-period__month").first()
    standing = newest_standing(newest) if newest is not None else None
    if newest is None or standing is None:
        return None
    found = warnings_of(standing.content, bank_side=True)
    return (newest, found) if found else None
