"""Evidence of a draft: listed, uploaded, withdrawn."""

import hashlib
from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import File, Form, Router, Schema, Status, UploadedFile

from assessments.api.views.common import acting, named, subject
from assessments.api.views.once import once
from assessments.api.views.problems import Problem
from assessments.filings.evidence import add_evidence, withdraw_evidence
from assessments.filings.selectors import get_draft
from assessments.models import Evidence
from assessments.workflow.machine import EDIT_DRAFT, capabilities
from scorecard.access.decisions import Refused
from scorecard.ui.problems import FieldError

router = Router(tags=["evidence"])


class EvidenceOut(Schema):
    """One file of the draft."""

    id: int
    indicator: str
    name: str
    size: int
    sha256: str
    content_type: str
    uploaded_at: datetime
    scan: Literal["", "waiting", "clean", "refused"]  # the check for malware; "" where none was asked for


class EvidenceList(Schema):
    """The files of the draft."""

    items: list[EvidenceOut]


@router.get(
    "/assessments/{int:pk}/evidence",
    response=EvidenceList,
    **named("evidence.get", _("The files of the draft")),
)
def listed(request: HttpRequest, pk: int) -> dict[str, Any]:
    draft = get_draft(subject(request, pk))
    return {"items": [_file(row) for rows in draft.evidence.values() for row in rows]}


@router.post(
    "/assessments/{int:pk}/evidence",
    response={201: EvidenceOut},
    **named("evidence.post", _("Upload one file for one indicator")),
)
def add(
    request: HttpRequest, pk: int, response: HttpResponse, indicator: Form[str], file: File[UploadedFile]
) -> Status[Any]:
    assessment = subject(request, pk)

    def keep() -> dict[str, Any]:
        try:
            row = add_evidence(actor=acting(request), assessment_id=pk, indicator=indicator, upload=file)
        except Refused as refused:
            if EDIT_DRAFT not in capabilities(actor=acting(request), assessment=assessment):
                raise  # not now, or not by this person; else it is about the file
            raise Problem(422, errors=[FieldError("/file", reason) for reason in refused.reasons]) from refused
        return _file(row)

    return once(request, response, keep, status=201, sent=f"{indicator}\n{_digest(file)}\n{file.name}".encode())


@router.delete(
    "/assessments/{int:pk}/evidence/{int:file}",
    response={204: None},
    **named("evidence-file.delete", _("Withdraw a file from the draft")),
)
def withdraw(request: HttpRequest, pk: int, file: int, response: HttpResponse) -> Status[Any]:
    subject(request, pk)

    def take_out() -> None:
        withdraw_evidence(actor=acting(request), assessment_id=pk, evidence_id=file)

    return once(request, response, take_out, status=204)


def _digest(file: UploadedFile) -> str:
    found = hashlib.sha256()
    for chunk in file.chunks():
        found.update(chunk)
    file.seek(0)
    return found.hexdigest()


def _file(row: Evidence) -> dict[str, Any]:
    return {
        "id": row.pk,
        "indicator": row.indicator,
        "name": row.name,
        "size": row.size,
        "sha256": row.sha256,
        "content_type": row.content_type,
        "uploaded_at": row.uploaded_at.isoformat(),
        "scan": row.scan.state if row.scan is not None else "",
    }
