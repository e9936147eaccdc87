"""Setting the documents of a version, so that nobody waits for a page that does so."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from assessments.filings.versions.document import version_document
from assessments.models import FilingVersion
from banks.models import User
from scorecard.documents.kept import keep
from scorecard.jobs.models import Job
from scorecard.jobs.progress import Progress
from scorecard.jobs.registry import job_kind
from scorecard.jobs.services import enqueue
from scorecard.words.language import language_code

JOB = "assessments.filing_document"


def ask_for_document(actor: User, version: FilingVersion, what: str, form: str) -> Job:
    """Ask for a document of a version in the language of the screen."""
    language = language_code()
    return enqueue(
        JOB,
        key=f"{version.pk}:{what}:{form}:{language}",
        actor=actor,
        params={
            "version": version.pk,
            "assessment": version.assessment_id,
            "number": version.number,
            "what": what,
            "form": form,
            "language": language,
        },
        bank_id=version.assessment.bank_id,
    )


@job_kind(JOB, title=_("Document of a filing"))
def set_document(job: Job, progress: Progress) -> dict[str, Any]:
    """Make the file. Doing it twice finds it made."""
    wanted = job.params
    version = FilingVersion.objects.select_related(
        "assessment__bank", "assessment__round__rulebook", "prepared_by", "checked_by", "signed_by"
    ).get(pk=wanted["version"])
    with translation.override(wanted["language"]):
        keep(version_document(version, wanted["what"]), wanted["form"])
    return {}
