"""Setting the draft in the background."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.models import Round
from assessments.reporting.paper import draft_document
from assessments.reporting.selectors import sources_of
from banks.models import User
from scorecard.access.decisions import Refused
from scorecard.access.roles import READ_ROLES
from scorecard.documents.kept import keep
from scorecard.jobs.models import Job
from scorecard.jobs.progress import Progress
from scorecard.jobs.registry import job_kind
from scorecard.jobs.services import enqueue

JOB = "assessments.report_draft"
BETWEEN, OF = "_", "@"  # in an address: between the chapters, and before the kind of institutions


def choice_words(chosen: Iterable[str], kind: str = "") -> str:
    """What was chosen, as an address has it: ``1_7-1``, or ``1_7-1@branch``."""
    return BETWEEN.join(sorted(chosen)) + (f"{OF}{kind}" if kind else "")


def choice_of(words: str) -> tuple[frozenset[str], str]:
    """The chapters and the kind of institutions out of an address."""
    chapters, _at, kind = words.partition(OF)
    return frozenset(chapters.split(BETWEEN)), kind


def ask_for_draft(actor: User, round_: Round, chosen: str, form: str) -> Job:
    """Ask for the file; ``chosen`` is what was chosen, as the address has it."""
    key = f"{round_.pk}:{chosen}:{form}:{actor.pk}"
    return enqueue(JOB, key=key, actor=actor, params={"round": round_.pk, "chosen": chosen, "form": form})


@job_kind(JOB, title=gettext_lazy("Draft of the report on paper"))
def set_draft(job: Job, progress: Progress) -> dict[str, Any]:
    """Make the file out of what is on file now, as whoever asked for it may read it. Doing it twice finds it made."""
    person, (chosen, kind) = job.created_by, choice_of(job.params["chosen"])
    if person is None or not person.is_active or not person.holds(*READ_ROLES):
        raise Refused([_("The draft is made for whoever reads the figures of the round.")])
    sources = sources_of(person, job.params["round"], chosen, kind)
    keep(draft_document(sources, chosen), job.params["form"])
    return {}
