"""Passing the filing on: what will happen and to whom, the reason or the signature, and the history of it all."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments import workflow
from assessments.access import get_assessment, visible_comments
from assessments.filings.form_layout import form_pages
from assessments.filings.remarks import OpenRemark, may_discuss, may_reply, open_remarks, threads
from assessments.filings.sections.marks import unmarked
from assessments.filings.selectors import Draft, draft_of, get_draft
from assessments.filings.versions.receipts import receipt_of
from assessments.filings.views.common import acting, deadline_of, sections
from assessments.models import (
    HANDED,
    HANDED_DECISION,
    HANDED_SECOND,
    Assessment,
    Comment,
    Filing,
    FilingVersion,
    StepRecord,
)
from assessments.reviews.services.comments import write_comment
from assessments.rulebooks.cache import engine_rulebook
from assessments.rulebooks.stored_values import to_engine
from assessments.scoring.results import explained_score
from assessments.scoring.selectors import versions_of
from assessments.workflow import TRANSITIONS, Transition
from assessments.workflow.duties import needs_answer
from assessments.workflow.reading import gives_receipt, readable_steps
from assessments.workflow.shown import Kept
from scorecard.access.decisions import Refused, Stale
from scorecard.audit.services import record
from scorecard.engine import format_fact
from scorecard.ui.forms import ConfirmForm
from scorecard.words.language import in_language, screen_language


def _inside_bank(name: str) -> bool:
    """Whether a step stays inside the bank, before there is a version of what it moved."""
    row = TRANSITIONS.get(name)
    return row is not None and row.of_filing() and row.filing[1] != Filing.SUBMITTED


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Confirm one step of the bank's own people, and take it."""
    row = TRANSITIONS.get(name)
    if row is None or not row.of_filing():
        raise Http404
    assessment = get_assessment(acting(request), pk)
    answers = name == "pass_to_reviewer" and needs_answer(assessment)
    reason = "required" if row.reason or answers else ""
    layout = form_pages(engine_rulebook(assessment.round.rulebook))
    left = open_remarks(acting(request), assessment, layout) if row.leads_on() else []
    form = ConfirmForm(
        request.POST if request.method == "POST" else None,
        user=acting(request),
        reason=reason,
        signature=row.signature,
        open_matter=_leaves_open(left),
    )
    if request.method == "POST" and form.is_valid():
        try:
            workflow.perform(
                name,
                actor=acting(request),
                assessment_id=pk,
                reason=form.cleaned_data.get("reason", ""),
                seen_version=assessment.version.number if assessment.version else None,
                seen=request.POST.get("seen", ""),
                signed=form.signature,
            )
        except Stale as stale:
            return _confirm(request, assessment, name, form, (), stale=stale)
        except Refused as refused:
            return _confirm(request, assessment, name, form, refused.reasons)
        messages.success(request, _done(row, pk))
        return redirect(_after(name, pk))
    return _confirm(request, assessment, name, form, status=422 if request.method == "POST" else 200)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """The signature: the whole filing on one page, the consequence in words, and the password again."""
    return step(request, pk, "submit")


def _confirm(
    request: HttpRequest,
    assessment: Assessment,
    name: str,
    form: ConfirmForm,
    reasons: Any = None,
    status: int = 200,
    stale: Stale | None = None,
) -> HttpResponse:
    """The page of a step. What does not pass comes back with the seal of the page that was sent; only a page that shows
    what has changed is sealed again. Without ``reasons`` the page asks for them. The filing is gathered once.
    """
    row = TRANSITIONS[name]
    kept: Kept = {}
    draft = draft_of(assessment, kept)
    score = explained_score(draft.rulebook, draft.result, draft.self_total)
    if reasons is None:
        # A missing reason is for the form to say.
        reasons = workflow.check(name, actor=acting(request), assessment=assessment, reason="-", kept=kept).reasons
    context = {
        "assessment": assessment,
        "round": assessment.round,
        "due": deadline_of(assessment),
        "title": row.title,
        "crumbs": [
            (assessment.round.title, reverse("filing-detail", args=[assessment.pk])),
            (row.title, ""),
        ],
        "consequences": _consequences(assessment, name),
        "reasons": list(reasons),
        "form": form,
        "submit": row.title,
        "danger": row.reason,
        "cancel_url": reverse("filing-detail", args=[assessment.pk]),
        "done_url": _after(name, assessment.pk),
        "score": score,
        "files": sum(len(rows) for rows in draft.evidence.values()),
        "report": draft.narrative("_report"),
        "number": (assessment.version.number if assessment.version else 0) + 1,
        "sections": sections(draft),
        "gaps": bool(draft.gaps),
        "seen": (stale is None and request.POST.get("seen")) or workflow.shown(name, assessment, kept),
        "stale": stale is not None,
        "differences": stale.current if stale else None,
        "remarks": open_remarks(acting(request), assessment, draft.form_pages) if row.leads_on() else [],
        "unmarked": unmarked(draft) if name in ("pass_to_signatory", "submit") else [],
        "counted": _counted(draft) if row.leads_on() else [],
        "explained": [finding for finding in draft.result.checks if finding.severity == "warning"],
    }
    conflict = stale is not None or (reasons and request.method == "POST")
    return render(request, "bank/step.html", context, status=409 if conflict else status)


def _done(row: Transition, pk: int) -> str:
    """What has happened, in words; of a submission with the number of its receipt."""
    words = str(row.done or row.title)
    versions = FilingVersion.objects.filter(assessment=pk).order_by("-number").only("pk")
    version = versions.first() if row.name == "submit" else None
    number = receipt_of(version).number if version is not None else ""
    return f"{words} {_('Receipt number %(number)s.') % {'number': number}}" if number else words


def _after(name: str, pk: int) -> str:
    """The page after a step: the result of what was signed, else the filing."""
    return reverse("assessment-result" if name == "submit" else "filing-detail", args=[pk])


def _leaves_open(remarks: list[OpenRemark]) -> str:
    """The sentence to tick where remarks of the supervisor, or inside the bank, are not all answered."""
    inside = sum(open_.remark.inside for open_ in remarks)
    found = []
    if others := len(remarks) - inside:
        words = ngettext(
            "%(count)d remark of the supervisor is left without an answer",
            "%(count)d remarks of the supervisor are left without an answer",
            others,
        )
        found.append(words % {"count": others})
    if inside:
        words = ngettext(
            "%(count)d remark inside your bank is left without an answer",
            "%(count)d remarks inside your bank are left without an answer",
            inside,
        )
        found.append(words % {"count": inside})
    return _("; ").join(found)


def _counted(draft: Draft) -> list[tuple[str, str]]:
    """What the system would count if the filing were signed now: name and value."""
    specs = draft.rulebook.facts
    return [
        (in_language(specs[fact].label), format_fact(specs[fact], to_engine(specs[fact], **stored), screen_language()))
        for fact, stored in draft.counted.items()
    ]


def _consequences(assessment: Assessment, name: str) -> list[str]:
    found = [str(TRANSITIONS[name].consequence)]
    if name == "submit":
        number = (assessment.version.number if assessment.version else 0) + 1
        found.append(
            _("It becomes version %(number)d. It can be changed only if the supervisor returns it.")
            % {"number": number}
        )
        found.append(_("Your name, the time and a digest of everything that is signed are kept with it."))
    return found


@require_POST
def reply(request: HttpRequest, pk: int, remark: int) -> HttpResponse:
    """An answer of the bank's people: to a remark of the supervisor, or inside the bank."""
    made = write_comment(actor=acting(request), assessment_id=pk, text=request.POST.get("text", ""), reply_to=remark)
    messages.success(request, _("Your answer has been sent."))
    return _where_written(request, pk, made)


@require_POST
def remark(request: HttpRequest, pk: int) -> HttpResponse:
    """A remark of the bank's people: inside the bank, or a question to the supervisor."""
    made = write_comment(
        actor=acting(request),
        assessment_id=pk,
        text=request.POST.get("text", ""),
        indicator=request.POST.get("indicator", ""),
        inside=request.POST.get("audience") != "both",
    )
    words = _("The remark is written; your bank alone reads it.") if made.inside else _("Your question has been sent.")
    messages.success(request, words)
    return _where_written(request, pk, made)


def _where_written(request: HttpRequest, pk: int, made: Comment) -> HttpResponse:
    """Back to the indicator that a remark is about, or to the remarks on the whole."""
    draft = get_draft(get_assessment(acting(request), pk))
    page = draft.form_pages.page_of_indicator.get(made.indicator)
    if page is None:
        return redirect(reverse("assessment-history", args=[pk]) + "#remarks")
    return redirect(reverse("filing-section", args=[pk, page]) + f"#ind-{made.indicator}")


@require_safe
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Every version and every step, with who, when and why."""
    assessment = get_assessment(acting(request), pk)
    if not acting(request).is_bank_person:
        record(
            "assessments.assessment.viewed",
            actor=acting(request),
            target=assessment,
            bank_id=assessment.bank_id,
            data={"page": "history"},
        )
    shown = [
        {
            "title": _step_title(step.record),
            "row": step.record,
            "reason": step.reason,
            "actor": _actor_name(request, step.record),
            "receipt": gives_receipt(acting(request), step.record),
            # Passing a draft on inside the bank is about the version to come, not about the one before it.
            "version": None if _inside_bank(step.record.transition) else step.record.version,
        }
        for step in readable_steps(acting(request), assessment)
    ]
    actor = acting(request)
    context = {
        "assessment": assessment,
        "round": assessment.round,
        # A bank sees the remarks that are meant for it; each stands with its indicator too.
        "threads": threads(visible_comments(actor, assessment)),
        "may_reply": may_reply(actor, assessment),
        "may_discuss": may_discuss(actor, assessment),
        "versions": versions_of(assessment),
        "steps": shown,
        "due": deadline_of(assessment),
    }
    return render(request, "bank/history.html", context)


def _actor_name(request: HttpRequest, row: StepRecord) -> str:
    """Names inside the bank; of the supervisor a bank sees only that it was the supervisor."""
    if acting(request).is_bank_person and row.actor.bank_id is None:
        return _("The supervisor")
    if row.stood_in_for is not None:
        return _("%(name)s, standing in for %(absent)s") % {"name": row.actor, "absent": row.stood_in_for}
    return str(row.actor)


HANDED_WORDS = {
    HANDED: gettext_lazy("Case handed to %(name)s"),
    HANDED_SECOND: gettext_lazy("Second review handed to %(name)s"),
    HANDED_DECISION: gettext_lazy("Decision handed to %(name)s"),
}


def _step_title(row: StepRecord) -> str:
    if row.transition in HANDED_WORDS:
        name = row.handed_to or pgettext("who has the case", "nobody")
        return str(HANDED_WORDS[row.transition] % {"name": name})
    return str(TRANSITIONS[row.transition].title)
