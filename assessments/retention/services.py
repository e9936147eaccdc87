"""Setting and lifting legal holds, and removing what is older than it is kept."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import LegalHold
from assessments.retention.kinds import KINDS
from banks.models import User
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.services import record
from scorecard.jobs.models import Job
from scorecard.jobs.progress import Progress
from scorecard.jobs.services import enqueue

RETENTION_JOB = "assessments.apply_retention"


@transaction.atomic
def set_hold(*, actor: User, round_id: int | None, bank_id: int | None, reason: str) -> LegalHold:
    """Hold what is of a round, of a bank, or of a bank in a round; from this moment on nothing of it is removed."""
    reasons = _against(actor, reason)
    if round_id is None and bank_id is None:
        reasons.append(_("Choose a round, a bank, or both."))
    if reasons:
        raise Refused(reasons)
    hold = LegalHold.objects.create(
        round_id=round_id, bank_id=bank_id, reason=reason.strip(), set_by=actor, set_at=timezone.now()
    )
    data = {"round": round_id, "reason": hold.reason}
    record("assessments.hold.set", actor=actor, target=hold, bank_id=bank_id, data=data, seals=[hold])
    return hold


@transaction.atomic
def lift_hold(*, actor: User, hold_id: int, reason: str) -> LegalHold:
    """Lift a hold, with a reason. Lifted once; what is too old by then goes the next night."""
    hold = LegalHold.objects.select_for_update().filter(pk=hold_id).first()
    reasons = _against(actor, reason)
    if hold is None or hold.lifted_at is not None:
        reasons.append(_("This hold does not stand any more."))
    if reasons or hold is None:
        raise Refused(reasons)
    hold.lifted_by, hold.lifted_at, hold.lift_reason = actor, timezone.now(), reason.strip()
    hold.save(update_fields=["lifted_by", "lifted_at", "lift_reason"])
    data = {"round": hold.round_id, "reason": hold.lift_reason}
    record("assessments.hold.lifted", actor=actor, target=hold, bank_id=hold.bank_id, data=data, seals=[hold])
    return hold


def _against(actor: User, reason: str) -> list[Any]:
    reasons = []
    if not actor.holds(Role.DECISION_MAKER):
        reasons.append(_("Only a decision maker sets or lifts a legal hold."))
    if not reason.strip():
        reasons.append(_("Give the reason: it is kept with the hold."))
    return reasons


def request_retention() -> Job:
    """Queue the removal of what is too old; every night."""
    return enqueue(RETENTION_JOB, key="retention", actor=None)


def apply_retention(job: Job, progress: Progress) -> dict[str, Any]:
    """Remove, kind by kind, what is older than it is kept and not held; one event says how many went."""
    now, gone = timezone.now(), {}
    for kind in KINDS:
        limit = kind.limit(now)
        if limit is not None:
            gone[kind.name] = kind.remove(limit)
            progress.update(sum(gone.values()))
    if any(gone.values()):
        days = {kind.name: kind.days for kind in KINDS if kind.name in gone}
        record("assessments.retention.applied", actor=None, data={"removed": gone, "days": days})
    return {"removed": gone}
