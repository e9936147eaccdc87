"""Asking for the complete file of a round or a bank, and making it."""

import uuid
from hashlib import file_digest
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from assessments.archives.contents import Scope
from assessments.archives.writing import write_archive
from assessments.models import Round
from banks.models import Bank, User
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.services import record
from scorecard.jobs.models import Job
from scorecard.jobs.progress import Progress
from scorecard.jobs.services import enqueue

ARCHIVE_JOB = "assessments.make_archive"


@transaction.atomic
def request_archive(*, actor: User, round_id: int | None, bank_id: int | None, language: str) -> Job:
    """Queue the making of an archive, for the auditor, who alone reads the trail that goes with it. Asked for again
    while it waits or runs, it is the same job."""
    if not actor.holds(Role.AUDITOR):
        raise Refused([_("Only the auditor takes out a complete file.")])
    if round_id is None and bank_id is None:
        raise Refused([_("Choose a round, a bank, or both.")])
    params = {"round": round_id, "bank": bank_id, "language": language}
    job = enqueue(ARCHIVE_JOB, key=f"{actor.pk}:{round_id}:{bank_id}", actor=actor, params=params)
    record("assessments.archive.requested", actor=actor, bank_id=bank_id, data=_scope(round_id, bank_id))
    return job


def make_archive(job: Job, progress: Progress) -> dict[str, Any]:
    """Write the archive into the folder of exports, where it is kept for a day; an event keeps its SHA-256."""
    person, wanted = job.created_by, job.params
    if person is None or not person.is_active or not person.holds(Role.AUDITOR):
        raise Refused([_("Only the auditor takes out a complete file.")])
    scope = Scope(wanted["round"], wanted["bank"])
    names = _scope(scope.round_id, scope.bank_id)
    called = "-".join(names[key] for key in ("round", "bank") if names.get(key))
    settings.EXPORT_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = settings.EXPORT_DIR / f"{uuid.uuid4().hex}.zip"
    with translation.override(wanted["language"]):
        title = _("Complete file: %(name)s") % {"name": called}
        with file.open("wb") as target:
            counts = write_archive(target, scope, title, wanted["language"], progress.update)
    with file.open("rb") as made:
        digest = file_digest(made, "sha256").hexdigest()
    record("assessments.archive.made", actor=person, bank_id=scope.bank_id, data=names | {"digest": digest} | counts)
    name = f"scorecard-{called}-{timezone.localdate():%Y%m%d}.zip"
    return {"file": file.name, "name": name, "job": job.pk, "digest": digest, **counts}


def _scope(round_id: int | None, bank_id: int | None) -> dict[str, str]:
    """The codes of the round and of the bank."""
    found = {}
    if round_id is not None:
        found["round"] = Round.objects.values_list("code", flat=True).get(pk=round_id)
    if bank_id is not None:
        found["bank"] = Bank.objects.values_list("code", flat=True).get(pk=bank_id)
    return found
