"""Submission: what the signatory signs is frozen and digested, in the transaction of the signature."""

import hashlib
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from assessments.filings.counts import counts
from assessments.filings.scoring_input import CHECK_PREFIX, Gathered, bank_properties, periods
from assessments.models import REPORT, Assessment, Evidence, FilingVersion
from assessments.rulebooks.cache import engine_rulebook
from assessments.workflow.step import AnyStep
from banks.models import FactSource
from banks.services.facts import record_facts
from scorecard.access.decisions import Refused
from scorecard.audit.services import canonical


def freeze_version(step: AnyStep) -> FilingVersion:
    """Freeze the draft as the next version (product.md, A year, 4).

    Called by the workflow inside the transaction of the signature: the assessment is locked, so two signatures give one
    version. Facts of the years before and the properties of the bank are frozen with it: a later correction of either
    moves no result already given.
    """
    here = step.assessment
    if here.prepared_by is None or here.checked_by is None:
        raise Refused([_("A filing is signed only after it has been prepared and checked.")])
    _count_by_system(step)
    content = draft_content(here)
    highest = FilingVersion.objects.filter(assessment=here).aggregate(highest=Max("number"))["highest"]
    version = FilingVersion.objects.create(
        assessment=here,
        number=(highest or 0) + 1,
        digest=digest(content),
        prepared_by=here.prepared_by,
        checked_by=here.checked_by,
        signed_by=step.actor,
        submitted_at=step.now,
        **content,
    )
    here.version = version
    here.system_run = here.reviewed_run = None
    here.return_reason = ""
    return version


def draft_content(assessment: Assessment) -> dict[str, Any]:
    """Everything that a signature would freeze at this moment, as ``FilingVersion`` keeps it."""
    gathered = Gathered(assessment, engine_rulebook(assessment.round.rulebook))
    answers = gathered.answers
    files = Evidence.objects.filter(assessment=assessment, withdrawn_at=None).order_by("id")
    return {
        "facts": gathered.own(),
        "history": gathered.history(),
        "bank_properties": bank_properties(assessment.bank),
        "answers": gathered.answer_json(),
        "evidence": list(files.values_list("id", flat=True)),
        "report": answers[REPORT].narrative if REPORT in answers else "",
        "explanations": {
            name.removeprefix(CHECK_PREFIX): answer.narrative
            for name, answer in answers.items()
            if name.startswith(CHECK_PREFIX) and answer.narrative
        },
        "self_total": self_total(gathered),
    }


def digest(content: dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON of everything that is signed."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def self_total(gathered: Gathered) -> str:
    """The sum of the bank's own points as exact text; blank while it has given none."""
    points = gathered.scoring_input().self_points
    return f"{sum(points.values()):f}" if points else ""


def _count_by_system(step: AnyStep) -> None:
    """Record what the system counts itself (``filings.counts``)."""
    here = step.assessment
    rulebook = engine_rulebook(here.round.rulebook)
    values = counts(here, rulebook, Gathered(here, rulebook).current, step.now)
    if values:
        record_facts(
            actor=None, bank=here.bank, period=periods(here.round.year)[0], values=values, source=FactSource.SYSTEM
        )
