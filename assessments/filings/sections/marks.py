"""A reviewer's marks on what they have checked, section by section."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import workflow
from assessments.access import get_assessment
from assessments.filings.form_layout import Page
from assessments.filings.sections.assignments import use_sections
from assessments.filings.selectors import CHECK_PAGE, REPORT_PAGE, Draft, contributors, get_draft, page_title
from assessments.models import REPORT, Assessment, SectionCheck
from assessments.rulebooks.stored_values import to_stored
from assessments.workflow import duties
from assessments.workflow.machine import CHECK_SECTIONS
from assessments.workflow.step import AnyStep, Step
from banks.models import User
from scorecard.access.decisions import Hidden, Refused, Stale
from scorecard.audit.services import canonical, record


@dataclass(frozen=True)
class Mark:
    """Who has checked a section as it is now, and when."""

    by: User
    at: datetime


def marked_pages(draft: Draft) -> list[str]:
    """The sections that are marked: what the form asks, the report, the checks."""
    return [*(page.id for page in draft.form_pages.pages if page.asked), REPORT_PAGE, CHECK_PAGE]


def section_digest(draft: Draft, page: str) -> str:
    """The SHA-256 of what a section says now."""
    return hashlib.sha256(canonical(_content(draft, page)).encode()).hexdigest()


def _content(draft: Draft, page: str) -> dict[str, Any]:
    if page == REPORT_PAGE:
        return {"report": draft.narrative(REPORT)}
    if page == CHECK_PAGE:
        return {"explained": sorted([each.id, each.severity, draft.explanation(each)] for each in draft.checks)}
    form = draft.form_pages.page(page)
    return _form_content(draft, form) if form is not None else {}


def _form_content(draft: Draft, form: Page) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for item in form.items:
        answer, name = draft.answers.get(item.indicator.id), item.indicator.id
        said = [answer.narrative, answer.self_points, answer.not_applicable] if answer is not None else ["", "", False]
        answers[name] = [*said, sorted([row.pk, row.sha256] for row in draft.evidence.get(name, ()))]
    return {"facts": {spec.id: list(to_stored(draft.value(spec))) for spec in form.facts}, "answers": answers}


def marks_of(draft: Draft) -> dict[str, Mark]:
    """The marks that count, by section: those of what it says now, given since the last submission. No query where no
    section was ever marked or assigned, else one."""
    here = draft.assessment
    if not here.sections_used:
        return {}
    since = here.version.submitted_at if here.version else None
    newest = {row.page: row for row in SectionCheck.objects.filter(assessment=here).select_related("marked_by")}
    return {
        page: Mark(row.marked_by, row.at)
        for page, row in newest.items()
        if row.digest and (since is None or row.at > since) and row.digest == section_digest(draft, page)
    }


def unmarked(draft: Draft) -> list[str]:
    """The names of the sections that nobody has marked as they are now; none where the bank marks no sections."""
    here = draft.assessment
    if not here.sections_used:
        return []
    rows = SectionCheck.objects.filter(assessment=here)
    if not (rows.filter(at__gt=here.version.submitted_at) if here.version else rows).exists():
        return []
    marks = marks_of(draft)
    return [page_title(draft.rulebook, page) for page in marked_pages(draft) if page not in marks]


@transaction.atomic
def mark_section(*, actor: User, assessment_id: int, page: str, seen: str, checked: bool) -> SectionCheck | None:
    """Mark a section as checked, or take the mark back; None where nothing is to be done. One event.

    ``seen`` is the digest of what was on the screen: another content is ``Stale``. Raises ``Refused`` with every
    reason.
    """
    assessment = get_assessment(actor, assessment_id, lock=True)
    if CHECK_SECTIONS not in workflow.capabilities(actor=actor, assessment=assessment):
        raise Refused(_against(actor, assessment))
    draft = get_draft(assessment)
    if page not in marked_pages(draft):
        raise Hidden(bank_id=assessment.bank_id)
    now = section_digest(draft, page)
    if checked and seen != now:
        raise Stale([_("The section has changed since you opened it. Look at it again before you mark it.")])
    if (page in marks_of(draft)) == checked:
        return None
    row = SectionCheck.objects.create(assessment=assessment, page=page, digest=now if checked else "", marked_by=actor)
    use_sections(assessment)
    data = {"section": page, "digest": now}
    name = "assessments.section.checked" if checked else "assessments.section.unchecked"
    record(name, actor=actor, target=assessment, bank_id=assessment.bank_id, data=data, seals=[row])
    return row


def _against(actor: User, assessment: Assessment) -> list[Any]:
    """Why the actor may not mark sections now."""
    step: AnyStep = Step(actor, assessment, timezone.now())
    reasons = [*duties.round_is_open(step), *duties.filing_window(step)]
    if actor.pk in contributors(assessment) or actor.pk == assessment.prepared_by_id:
        reasons.append(_("You prepared this filing; somebody else must check and sign it."))
    return reasons or [_("Sections are marked as checked by the reviewer, while the filing is with the reviewer.")]
