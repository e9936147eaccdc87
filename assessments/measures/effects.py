"""What a step of a measure writes beside its states, and what of it goes into its record and its event."""

import hashlib
from typing import Any

from assessments.measures.steps import Attempt, Data, Days, Handing
from assessments.models import Obligation, ObligationOutcome
from scorecard.audit.services import canonical


def nothing(step: Attempt) -> Data:
    """The states alone."""
    return {}


def set_days(step: Attempt) -> Data:
    """The first days of a measure, and what the bank owes under it."""
    days = _days(step)
    step.live.due_on, step.live.ends_on = days.due_on, days.ends_on
    for kind, day in sorted(days.obligations.items()):
        Obligation.objects.create(live=step.live, kind=kind, due_on=day)
    return {"days": _plain(days)}


def extend(step: Attempt) -> Data:
    """Later days; what they were stays in the record."""
    days = _days(step)
    rows = {row.kind: row for row in step.live.obligations.all()}
    before = Days(step.live.due_on, step.live.ends_on, {kind: row.due_on for kind, row in rows.items()})
    step.live.due_on, step.live.ends_on = days.due_on, days.ends_on
    for kind, row in rows.items():
        if row.due_on != days.obligations[kind]:
            row.due_on = days.obligations[kind]
            row.save(update_fields=["due_on"])
    return {"before": _plain(before), "days": _plain(days)}


def hand(step: Attempt) -> Data:
    """Another owner."""
    if not isinstance(step.told, Handing) or step.told.officer is None:
        raise TypeError("Handing a measure names the officer.")
    before, step.live.owner = step.live.owner, step.told.officer
    return {"from": before.pk if before else None, "to": step.told.officer.pk}


def file(step: Attempt) -> Data:
    """Freeze what the bank files."""
    draft = step.draft
    if draft is None:
        raise TypeError("There is nothing to file.")
    files = list(draft.documents.filter(withdrawn_at=None).order_by("id").values_list("sha256", flat=True))
    content = {"text": draft.text, "files": files, "number": draft.number}
    draft.digest = hashlib.sha256(canonical(content).encode()).hexdigest()
    draft.filed_by, draft.filed_at = step.actor, step.now
    draft.save()
    return {"filing": {**content, "digest": draft.digest}}


def accept(step: Attempt) -> Data:
    """What was filed is accepted."""
    return _decide(step, ObligationOutcome.ACCEPTED)


def give_back(step: Attempt) -> Data:
    """What was filed goes back; the bank files again."""
    return _decide(step, ObligationOutcome.RETURNED)


def _decide(step: Attempt, outcome: ObligationOutcome) -> Data:
    filed = step.draft
    if filed is None or filed.filed_at is None:
        raise TypeError("Nothing was filed.")
    filed.outcome, filed.reason, filed.decided_by, filed.decided_at = outcome, step.reason, step.actor, step.now
    filed.save(update_fields=["outcome", "reason", "decided_by", "decided_at"])
    return {"filing": {"number": filed.number, "digest": filed.digest, "outcome": str(outcome)}}


def _days(step: Attempt) -> Days:
    if not isinstance(step.told, Days):
        raise TypeError("The step is told days.")
    return step.told


def _plain(days: Days) -> dict[str, Any]:
    found = {"due_on": days.due_on, "ends_on": days.ends_on, **days.obligations}
    return {name: day.isoformat() if day else None for name, day in found.items()}
