"""Receipts of the steps of a case, for the side that took them."""

from typing import Any

from django.http import Http404

from assessments.access import get_assessment
from assessments.models import Assessment, StepRecord
from assessments.workflow.reading import gives_receipt
from assessments.workflow.receipts import event_number
from banks.models import User
from scorecard.access.row_security import unbound
from scorecard.audit.receipts import receipt
from scorecard.audit.services import record

# The sealed rows that go with a receipt: what was signed.
OF_BANK = ("assessments.filingversion", "assessments.notice")
OF_SUPERVISOR = (*OF_BANK, "assessments.rating", "assessments.measure")


def step_receipt(actor: User, step_id: int) -> tuple[Assessment, StepRecord, dict[str, Any]]:
    """The receipt of a step, with its event; 404 for another bank's, for one of the supervisor that a bank asks for,
    and for a step that was taken before events sealed it. Raises ``Refused`` while no checkpoint covers it.
    """
    with unbound():
        step = StepRecord.objects.filter(pk=step_id).first()
    if step is None:
        raise Http404
    assessment = get_assessment(actor, step.assessment_id)
    seq = event_number(step) if gives_receipt(actor, step) else None
    if seq is None:
        raise Http404
    made = receipt(seq, OF_SUPERVISOR if actor.bank_id is None else OF_BANK)
    record(
        "assessments.receipt.downloaded",
        actor=actor,
        target=assessment,
        bank_id=assessment.bank_id,
        data={"event": seq, "transition": step.transition, "size": made["size"]},
    )
    return assessment, step, made
