"""Setting and signing a letter in the background."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.letters.selectors import NOTICE, REPLY, Letter, letter_document
from assessments.models import Notice, Objection, ObjectionLetter
from banks.models import User
from scorecard.documents.kept import keep
from scorecard.jobs.models import Job
from scorecard.jobs.progress import Progress
from scorecard.jobs.registry import job_kind
from scorecard.jobs.services import enqueue

JOB = "assessments.letter_document"


def ask_for_letter(actor: User, letter: Letter, form: str) -> Job:
    """Ask for the file of a letter."""
    return enqueue(
        JOB,
        key=f"{letter.kind}:{letter.row.pk}:{form}",
        actor=actor,
        params={"kind": letter.kind, "pk": letter.row.pk, "form": form},
        bank_id=letter.assessment.bank_id,
    )


@job_kind(JOB, title=_("Letter on paper"))
def set_letter(job: Job, progress: Progress) -> dict[str, Any]:
    """Make the file. Doing it twice finds it made."""
    kind, pk = job.params["kind"], job.params["pk"]
    if kind == NOTICE:
        row: Notice | Objection | ObjectionLetter = Notice.objects.get(pk=pk)
    elif kind == REPLY:
        row = ObjectionLetter.objects.get(pk=pk)
    else:
        row = Objection.objects.select_related("notice__rating__assessment__bank").get(pk=pk)
    keep(letter_document(kind, row), job.params["form"], issued=True)
    return {}
