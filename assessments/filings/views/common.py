"""What the bank's pages share."""

from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import workflow
from assessments.filings.evidence import MAX_FILES
from assessments.filings.evidence_kinds import ACCEPTED
from assessments.filings.remarks import may_discuss, may_reply
from assessments.filings.returns.intake import comes_from_returns
from assessments.filings.sections.assignments import assigned, others_word
from assessments.filings.sections.marks import marked_pages, marks_of, section_digest
from assessments.filings.selectors import CHECK_PAGE, REPORT_PAGE, Draft, page_title
from assessments.filings.views.tasks import gap_link
from assessments.models import Assessment
from assessments.scoring.results import explained_score
from assessments.workflow import duties
from assessments.workflow.machine import CHECK_SECTIONS, EDIT_DRAFT
from assessments.workflow.step import AnyStep, Step
from banks.models import User
from scorecard.ui.links import address


def acting(request: HttpRequest) -> User:
    """Who is on the screen. The URL policy lets nobody in who has not signed in."""
    return cast(User, request.user)


def deadline_of(assessment: Assessment) -> datetime:
    """The instant until which the bank files."""
    return assessment.files_until


def may_edit(request: HttpRequest, assessment: Assessment) -> bool:
    """Whether the person on the screen may change the draft now."""
    return EDIT_DRAFT in workflow.capabilities(actor=acting(request), assessment=assessment)


def sections(draft: Draft) -> list[tuple[str, str, str, int | None]]:
    """The pages of the filing for the navigation: id, title, address, how many items are missing; None where the bank
    fills in nothing.
    """
    pk = draft.assessment.pk
    count = dict.fromkeys([*(p.id for p in draft.form_pages.pages), REPORT_PAGE, CHECK_PAGE], 0)
    for gap in draft.gaps:
        count[gap.page] += 1
    count[CHECK_PAGE] = len(draft.gaps)  # that page lists everything that is missing, wherever it is mended
    found: list[tuple[str, str, str, int | None]] = []
    for each in draft.form_pages.pages:
        url = reverse("filing-section", args=[pk, each.id])
        found.append((each.id, page_title(draft.rulebook, each.id), url, count[each.id] if each.asked else None))
    for page, name in ((REPORT_PAGE, "filing-report"), (CHECK_PAGE, "filing-check")):
        found.append((page, page_title(draft.rulebook, page), reverse(name, args=[pk]), count[page]))
    return found


def objections(draft: Draft) -> list[tuple[str, str, str]]:
    """What the checks say to the current figures: severity, message, where to deal with it; errors first."""
    found = [
        (gap.kind, gap.text, address(gap_link(draft.assessment, gap)))
        for gap in draft.gaps
        if gap.kind in ("error", "warning")
    ]
    return sorted(found, key=lambda row: row[0])


def closed_reasons(request: HttpRequest, assessment: Assessment) -> list[Any]:
    """Why nobody of the bank can change the filing at this time, whatever its stage."""
    step: AnyStep = Step(acting(request), assessment, timezone.now())
    return [*duties.round_is_open(step), *duties.filing_window(step)]


def mark_context(request: HttpRequest, draft: Draft, page: str) -> dict[str, Any]:
    """Which sections are marked as checked, and whether the person on the screen may mark this one."""
    marks = marks_of(draft)
    may_mark = page in marked_pages(draft) and CHECK_SECTIONS in workflow.capabilities(
        actor=acting(request), assessment=draft.assessment
    )
    seen = section_digest(draft, page) if may_mark else ""
    return {"checked_pages": set(marks), "mark": marks.get(page), "may_mark": may_mark, "mark_seen": seen}


def page_context(request: HttpRequest, draft: Draft, page: str) -> dict[str, Any]:
    """The frame of a filing page: head, navigation, panel, and the words that the script shows."""
    assessment = draft.assessment
    listed = sections(draft)
    places = [row[0] for row in listed]
    here = places.index(page)
    others = others_word(draft.rulebook, assigned(assessment), acting(request), page)
    edits = may_edit(request, assessment)
    return {
        "assessment": assessment,
        "round": assessment.round,
        "due": deadline_of(assessment),
        "may_edit": edits and not others,
        "may_reply": may_reply(acting(request), assessment),
        "may_discuss": may_discuss(acting(request), assessment),
        "closed": [*closed_reasons(request, assessment), *([others] if edits and others else [])],
        **mark_context(request, draft, page),
        "objections": objections(draft),
        "from_returns": comes_from_returns(draft.rulebook),
        "page_id": page,
        "page_title": page_title(draft.rulebook, page),
        "sections": listed,
        "max_mb": settings.MAX_UPLOAD_MB,
        "max_files": MAX_FILES,
        "accepted": ACCEPTED,
        "before": listed[here - 1] if here else None,
        "after": listed[here + 1] if here + 1 < len(listed) else None,
        "score": explained_score(draft.rulebook, draft.result, draft.self_total),
        "words": {
            "saving": _("Saving…"),
            "over": _("Not saved: a text is too long"),
            "busy": _("The server is busy. What you have typed is kept on this computer and saved in a moment."),
            "large": _("This is too much to be saved at once. Shorten the longest text; it is kept on this computer."),
            "filled": _("%(count)s fields were filled from what you pasted"),
            "saved": _("Saved %(time)s"),
            "wrong": _("Saved %(time)s; fields marked red are not saved until they are corrected"),
            "lost": _("No connection. What you have typed is kept on this computer and saved as soon as it is back."),
            "signed_out": _(
                "You have been signed out. Sign in again in another window: this page then saves what you have typed."
            ),
            "conflict": _(
                "The same fields have been changed, by somebody else or in another window. Nothing was overwritten."
            ),
            "restored": _("Text that had not been saved was found on this computer and put back."),
            "dirty": _("Not saved yet"),
        },
    }
