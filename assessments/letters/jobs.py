"""Setting and signing a letter in the background."""

import uuid
import zipfile
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.access import get_round
from assessments.letters.selectors import CIRCULAR, COPY, NOTICE, REPLY, Letter, Row, letter_document
from assessments.models import Circular, CircularCopy, Notice, Objection, ObjectionLetter, Round
from banks.models import User
from scorecard.audit.services import record
from scorecard.documents.kept import keep
from scorecard.jobs.models import Job
from scorecard.jobs.progress import Progress
from scorecard.jobs.registry import job_kind
from scorecard.jobs.services import enqueue

JOB, BATCH = "assessments.letter_document", "assessments.letters_of_round"


def ask_for_letter(actor: User, letter: Letter, form: str) -> Job:
    """Ask for the file of a letter."""
    return enqueue(
        JOB,
        key=f"{letter.kind}:{letter.row.pk}:{form}",
        actor=actor,
        params={"kind": letter.kind, "pk": letter.row.pk, "form": form},
        bank_id=letter.bank_id,
    )


@job_kind(JOB, title=_("Letter on paper"))
def set_letter(job: Job, progress: Progress) -> dict[str, Any]:
    """Make the file. Doing it twice finds it made."""
    kind, pk = job.params["kind"], job.params["pk"]
    if kind == NOTICE:
        row: Row = Notice.objects.get(pk=pk)
    elif kind == CIRCULAR:
        row = Circular.objects.get(pk=pk)
    elif kind == COPY:
        row = CircularCopy.objects.get(pk=pk)
    elif kind == REPLY:
        row = ObjectionLetter.objects.get(pk=pk)
    else:
        row = Objection.objects.select_related("notice__rating__assessment__bank").get(pk=pk)
    keep(letter_document(kind, row), job.params["form"], issued=True)
    return {}


@transaction.atomic
def ask_for_letters(*, actor: User, round_id: int) -> Job:
    """Ask for the notices that hold of a round, all in one file: for printing, the seal and the post."""
    round_ = get_round(actor, round_id)
    record("assessments.letter.batch", actor=actor, target=round_, data={"round": round_.code})
    return enqueue(BATCH, key=f"{round_.pk}:{actor.pk}", actor=actor, params={"round": round_.pk})


@job_kind(BATCH, title=_("Letters of a round on paper"))
def set_letters(job: Job, progress: Progress) -> dict[str, Any]:
    """Set and sign every notice that is not yet on paper, and pack all of them. What was set before a lost worker is
    found made; the file is the asker's, as an export is.
    """
    notices = Notice.objects.filter(rating__assessment__round=job.params["round"], replaced_by=None)
    rows = notices.order_by("rating__assessment__bank__code").values_list("pk", "rating__assessment__bank__code")
    progress.update(0, rows.count())
    settings.EXPORT_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{uuid.uuid4().hex}.zip"
    with zipfile.ZipFile(settings.EXPORT_DIR / name, "w", zipfile.ZIP_STORED) as packed:
        for place, (pk, bank) in enumerate(rows, start=1):
            notice = Notice.objects.get(pk=pk)
            packed.write(keep(letter_document(NOTICE, notice), "pdf", issued=True), f"{bank} {notice.number}.pdf")
            progress.update(place)
    code = Round.objects.values_list("code", flat=True).get(pk=job.params["round"])
    return {"file": name, "name": f"{code}-{timezone.localdate():%Y%m%d}.zip", "job": job.pk}
