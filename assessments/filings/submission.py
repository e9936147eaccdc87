"""Submission: what the signatory signs is frozen and digested, in the transaction of the signature."""

import hashlib
from datetime import timedelta
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from assessments.filings.case_building import CHECK_PREFIX, Gathered, bank_properties, periods
from assessments.models import REPORT, Assessment, Evidence, FilingVersion, StepRecord
from assessments.rulebooks.cache import engine_rulebook
from assessments.workflow.step import AnyStep
from banks.models import FactSource, FactState
from banks.services.facts import record_facts
from scorecard.access.decisions import Refused
from scorecard.audit.services import canonical

RETURNS = ("refuse", "return_for_correction")


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
    points = gathered.case().self_points
    return f"{sum(points.values()):f}" if points else ""


# --- What the system counts ------------------------------------------------------------------------------------------


def _returns(step: AnyStep) -> int:
    """How often the supervisor sent this filing back: one for each return, accepted or not."""
    return StepRecord.objects.filter(assessment=step.assessment, transition__in=RETURNS).count()


def _late_days(step: AnyStep) -> int:
    """Days, each begun day whole, by which the first submission came after the round's own deadline.

    A return gives a bank a later day for its correction; that correction is not late within it. An extension opens the
    door again and makes nobody punctual: the first submission still counts from the round's deadline.
    """
    here = step.assessment
    first = FilingVersion.objects.filter(assessment=here).order_by("number").first()
    late = (first.submitted_at if first else step.now) - here.round.filing_deadline
    return max(0, -(-late // timedelta(days=1)))


COUNTS = {"returns": _returns, "late_days": _late_days}


def _count_by_system(step: AnyStep) -> None:
    """Record the facts that the rulebook expects from the system and that this filing's own history gives.

    A figure that a supervisor has set stands: a person who looked goes before a count.
    """
    here = step.assessment
    rulebook = engine_rulebook(here.round.rulebook)
    wanted = {fact for fact in COUNTS if fact in rulebook.facts and rulebook.facts[fact].supplied_by == "system"}
    current = Gathered(here, rulebook).current
    values = {
        fact: (FactState.VALUE, str(COUNTS[fact](step)))
        for fact in sorted(wanted)
        if fact not in current or current[fact].source != FactSource.SUPERVISOR
    }
    if values:
        record_facts(
            actor=None, bank=here.bank, period=periods(here.round.year)[0], values=values, source=FactSource.SYSTEM
        )
