"""Submission: what the signatory signs is frozen and digested, in the transaction of the signature."""

import hashlib
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from assessments.filings.counts import counts
from assessments.filings.scoring_input import bank_properties, periods
from assessments.filings.selectors import Draft, draft_of
from assessments.models import REPORT, FilingVersion
from assessments.workflow.step import AnyStep
from banks.models import FactSource
from banks.services.facts import record_facts
from scorecard.access.decisions import Refused
from scorecard.audit.services import canonical


def freeze_version(step: AnyStep) -> FilingVersion:
    """Freeze the draft as the next version (docs/filing.md, Freezing).

    Called by the workflow inside the transaction of the signature: the assessment is locked, so two signatures give one
    version. Facts of the years before and the properties of the bank are frozen with it: a later correction of either
    moves no result already given.
    """
    here = step.assessment
    if here.prepared_by_id is None or here.checked_by_id is None:
        raise Refused([_("A filing is signed only after it has been prepared and checked.")])
    draft = draft_of(here, step.kept)
    _count_by_system(step, draft)
    content = draft_content(draft)
    highest = FilingVersion.objects.filter(assessment=here).aggregate(highest=Max("number"))["highest"]
    version = FilingVersion.objects.create(
        assessment=here,
        number=(highest or 0) + 1,
        digest=digest(content),
        prepared_by_id=here.prepared_by_id,
        checked_by_id=here.checked_by_id,
        signed_by=step.actor,
        submitted_at=step.now,
        **content,
    )
    here.version = version
    here.system_run = here.reviewed_run = None
    here.return_reason = ""
    return version


def draft_content(draft: Draft) -> dict[str, Any]:
    """Everything that a signature of this draft freezes, as ``FilingVersion`` keeps it."""
    gathered, answers = draft.gathered, draft.answers
    return {
        "facts": gathered.own(),
        "history": gathered.history(),
        "bank_properties": bank_properties(draft.assessment.bank),
        "answers": gathered.answer_json(),
        "evidence": sorted(row.pk for rows in draft.evidence.values() for row in rows),
        "report": answers[REPORT].narrative if REPORT in answers else "",
        # Of what the checks find now: a text that stands on no page is no part of what is signed.
        "explanations": {finding.id: text for finding in draft.result.checks if (text := draft.explanation(finding))},
        "self_total": "" if draft.self_total is None else f"{draft.self_total:f}",
    }


def digest(content: dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON of everything that is signed."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def _count_by_system(step: AnyStep, draft: Draft) -> None:
    """Record what the system counts itself (``filings.counts``)."""
    here = step.assessment
    values = counts(here, draft.rulebook, draft.gathered.current, step.now)
    if values:
        record_facts(
            actor=None, bank=here.bank, period=periods(here.round.year)[0], values=values, source=FactSource.SYSTEM
        )
