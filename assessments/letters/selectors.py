"""A letter of any kind with its case, for those who may read it."""

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404

from assessments.access import get_assessment
from assessments.decisions.selectors import get_notice
from assessments.letters.circular_paper import circular_document
from assessments.letters.notice_paper import notice_document
from assessments.letters.objection_paper import receipt_document, reply_document
from assessments.models import Assessment, Circular, CircularCopy, Notice, Objection, ObjectionLetter
from assessments.objections.selectors import get_letter
from assessments.readings.circulars import get_circular, get_copy
from banks.models import User
from scorecard.access.row_security import unbound
from scorecard.documents.model import Document

NOTICE, RECEIPT, REPLY = "notice", "receipt", "reply"
CIRCULAR, COPY = "circular", "circular-copy"
KINDS = (NOTICE, RECEIPT, REPLY, CIRCULAR, COPY)
Row = Notice | Objection | ObjectionLetter | Circular | CircularCopy


@dataclass(frozen=True)
class Letter:
    """A letter: its kind, its row, its case; a circular is about no case."""

    kind: str
    row: Row
    assessment: Assessment | None = None

    @property
    def bank_id(self) -> int | None:
        """The bank that it is for; None for the office's own letter about many."""
        if isinstance(self.row, CircularCopy):
            return self.row.bank_id
        return self.assessment.bank_id if self.assessment is not None else None

    @property
    def number(self) -> str:
        """The number under which it went out."""
        return str(self.row.number)

    @property
    def at(self) -> datetime | None:
        """When it went out."""
        return self.row.lodged_at if isinstance(self.row, Objection) else self.row.issued_at


def get_any_letter(actor: User, kind: str, pk: int) -> Letter:
    """The letter of this kind and id, or 404: also for a draft of an objection, and for another bank's people."""
    if kind == NOTICE:
        with unbound():
            notice = Notice.objects.filter(pk=pk).select_related("rating").first()
        if notice is None:
            raise Http404
        assessment, notice = get_notice(actor, notice.rating.assessment_id, pk)
        return Letter(kind, notice, assessment)
    if kind == CIRCULAR:
        return Letter(kind, get_circular(actor, pk))
    if kind == COPY:
        return Letter(kind, get_copy(actor, pk))
    if kind == REPLY:
        assessment, reply = get_letter(actor, pk)
        return Letter(kind, reply, assessment)
    with unbound():
        objection = Objection.objects.filter(pk=pk, lodged_at__isnull=False).select_related("notice__rating").first()
    if kind != RECEIPT or objection is None:
        raise Http404
    return Letter(kind, objection, get_assessment(actor, objection.notice.rating.assessment_id))


def letter_document(kind: str, row: Row) -> Document:
    """The letter on paper."""
    if isinstance(row, Circular | CircularCopy):
        return circular_document(row)
    if isinstance(row, Notice):
        return notice_document(row)
    return reply_document(row) if isinstance(row, ObjectionLetter) else receipt_document(row)
