"""What a notice brings in time: it is to be acknowledged, and the last day for an objection comes near."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from assessments.models import Assessment, Notice
from assessments.rounds.working_days import at_hour, working_day_after, working_day_before
from assessments.workflow.telling import about
from scorecard.inbox.services import tell_many

ACKNOWLEDGE, OBJECTION_END = "assessments.acknowledge", "assessments.objection_end"
DAYS_TO_OBJECT = 3  # working days before the last day for an objection


def plan_notice(notice: Notice, case: Assessment) -> None:
    """Write both, ahead of their time, in the transaction that issues the notice."""
    issued = timezone.localtime(notice.issued_at).date()
    data = {"notice": notice.pk, "number": notice.number, **about(case)}
    rows: list[tuple[str, str, datetime, int | None, dict[str, Any]]] = []
    for days in settings.REMIND_ACKNOWLEDGE_DAYS:
        due = at_hour(working_day_after(issued, days), settings.REMIND_HOUR)
        rows.append((ACKNOWLEDGE, f"acknowledge:{notice.pk}:{days}", due, case.bank_id, data))
    last = timezone.localtime(notice.appeal_until).date()
    due = at_hour(working_day_before(last, DAYS_TO_OBJECT), settings.REMIND_HOUR)
    if due > notice.issued_at:
        until = {"until": notice.appeal_until.isoformat()}
        rows.append((OBJECTION_END, f"objection_end:{notice.pk}", due, case.bank_id, data | until))
    tell_many(rows)
