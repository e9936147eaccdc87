"""Setting an agenda or minutes in the background."""

from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.meetings.paper import AGENDA, agenda_document, minutes_document
from assessments.models import Meeting
from banks.models import User
from scorecard.documents.kept import keep, kept
from scorecard.documents.model import Document
from scorecard.jobs.models import Job
from scorecard.jobs.progress import Progress
from scorecard.jobs.registry import job_kind
from scorecard.jobs.services import enqueue

JOB = "assessments.meeting_document"


def document_of(meeting: Meeting, what: str) -> Document:
    """The agenda, or the minutes of a meeting that has them."""
    return agenda_document(meeting) if what == AGENDA else minutes_document(meeting.minutes)


def made(meeting: Meeting, what: str, form: str) -> Path | None:
    """The file, None where it has to be made."""
    return kept(document_of(meeting, what), form, issued=what != AGENDA)


def ask_for_paper(actor: User, meeting: Meeting, what: str, form: str) -> Job:
    """Ask for the file."""
    params = {"meeting": meeting.pk, "what": what, "form": form}
    key = f"{meeting.pk}:{what}:{form}:{meeting.revision}:{actor.bank_id or 0}"
    return enqueue(JOB, key=key, actor=actor, params=params, bank_id=actor.bank_id)


@job_kind(JOB, title=_("Paper of a meeting"))
def set_paper(job: Job, progress: Progress) -> dict[str, Any]:
    """Make the file. Doing it twice finds it made."""
    meeting = Meeting.objects.select_related("minutes", "chair", "secretary").get(pk=job.params["meeting"])
    what = job.params["what"]
    keep(document_of(meeting, what), job.params["form"], issued=what != AGENDA)
    return {}
