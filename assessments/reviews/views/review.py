"""The review of one assessment, indicator by indicator, and the steps that lead on from it.

Every page works without script. With it, points are saved in place, and narrative, figures, evidence and explanation of
an indicator open beside the list.
"""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessments import workflow
from assessments.access import get_assessment
from assessments.decisions.ratings import preview
from assessments.decisions.views.notice import letter_context
from assessments.filings.case_building import to_engine
from assessments.models import Assessment, Rating
from assessments.reviews import selectors as select
from assessments.reviews import services as reviewing
from assessments.reviews.forms import CommentForm, ReassignForm, ReturnForm
from assessments.reviews.selectors import ReviewSheet, Row
from assessments.reviews.views import present
from assessments.reviews.views.case import PAGES, acting, blocking, case_url, head, open_case
from assessments.scoring.runs import explain_run
from assessments.workflow import Transition
from assessments.workflow.machine import REVIEW_POINTS
from scorecard.access.decisions import Refused, Stale
from scorecard.engine import input_text
from scorecard.engine.rulebook.model import BASIS_LABELS
from scorecard.ui.formats import moment
from scorecard.ui.forms import ConfirmForm

# --- The sheet -------------------------------------------------------------------------------------------------------


@require_GET
def review_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One assessment, one indicator per row; ``?indicator=`` opens what the row rests on beside the list."""
    assessment = open_case(request, pk, page="review")
    sheet = ReviewSheet(assessment)
    if request.headers.get("HX-Request") and request.headers.get("HX-Target") == "pane":
        return pane(request, sheet, request.GET.get("indicator", ""), "review-detail")
    return sheet_page(request, sheet)


def sheet_page(
    request: HttpRequest, sheet: ReviewSheet, problem: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """The whole page; ``problem`` is what stood against points that were just sent."""
    assessment, actor = sheet.assessment, acting(request)
    editable = REVIEW_POINTS in workflow.capabilities(actor=actor, assessment=assessment)
    chosen = sheet.row(request.GET.get("indicator", ""))
    context = head(request, assessment)
    context |= {
        "sheet": sheet,
        "editable": editable,
        "bar": present.score_bar(sheet),
        "sections": [
            section | {"rows": [row_context(sheet, row, editable, problem) for row in section["rows"]]}
            for section in sections(sheet)
        ],
        "lacking": blocking(context["forward"], actor, assessment),
        "pane_url": reverse("review-detail", args=[assessment.pk]),
        "general_comments": [remark for remark in sheet.comments if not remark.indicator],
        "whole_form": CommentForm(prefix="all"),
        "may_comment": may_comment(request, assessment),
        "problem": problem,
        "keys": KEYS,
    }
    if chosen:
        context |= pane_context(request, sheet, chosen)
    return render(request, "supervisor/review.html", context, status=status)


def sections(sheet: ReviewSheet) -> list[dict[str, Any]]:
    """The sections with their points as they count now, each with its rows."""
    return [
        {
            "id": section.id,
            "label": section.name.get(select.language()),
            "points": outcome.get("points"),
            "max": section.max,
            "rows": rows,
        }
        for section, outcome, rows in sheet.sections
    ]


# The keyboard, in the words of the help; the script reads none of this.
KEYS: tuple[tuple[str, Any], ...] = (
    ("j k", gettext_lazy("next and previous indicator")),
    ("e", gettext_lazy("open narrative, figures and evidence beside it")),
    ("a", gettext_lazy("agree with the system's points")),
    ("1 … 9", gettext_lazy("give so many points, then write the reason")),
    ("0", gettext_lazy("give no points, then write the reason")),
    ("Esc", gettext_lazy("leave a field, close what is open beside")),
    ("?", gettext_lazy("this help")),
)


def row_context(sheet: ReviewSheet, row: Row, editable: bool, problem: dict[str, Any] | None = None) -> dict[str, Any]:
    """One row with its small drawing and, where points that were sent did not pass, with what was typed."""
    mine = problem if problem and problem["indicator"] == row.id else None
    return {
        "row": row,
        "dots": present.peer_dots(row),
        "editable": editable and bool(row.spec.judged_by),
        "problem": mine,
        "open_form": bool(mine) or row.open,
        "version": sheet.version.number if sheet.version else 0,
    }


def pane(request: HttpRequest, sheet: ReviewSheet, indicator: str, page: str) -> HttpResponse:
    """What one indicator rests on, alone, for the place beside the list."""
    row = sheet.row(indicator)
    if row is None:
        raise Http404
    context = {"assessment": sheet.assessment, "sheet": sheet, "pane_url": reverse(page, args=[sheet.assessment.pk])}
    return render(request, "supervisor/parts/pane.html", context | pane_context(request, sheet, row))


def pane_context(request: HttpRequest, sheet: ReviewSheet, row: Row) -> dict[str, Any]:
    """Narrative, figures, evidence, explanation and remarks of one indicator."""
    trace = None
    if sheet.run is not None:
        sheet.run.version.assessment = sheet.assessment
        found = explain_run(sheet.run).indicators[row.id].trace
        trace = found.to_json() if found else None
    lang = select.language()
    return {
        "chosen": row,
        "facts": sheet.filed_facts(row.spec),
        "trace": trace,
        "wanted": [text.get(lang) for text in row.spec.evidence],
        "guidance": row.spec.guidance.get(lang),
        "source": row.spec.source.to_json() if row.spec.source else None,
        "basis_word": BASIS_LABELS[row.spec.basis].get(lang) if row.spec.basis in BASIS_LABELS else "",
        "comment_form": CommentForm(initial={"indicator": row.id}, prefix="one"),
        "may_comment": may_comment(request, sheet.assessment),
    }


def may_comment(request: HttpRequest, assessment: Assessment) -> bool:
    """Whether the reader may write a remark: a reviewing role, in an open round."""
    from assessments.models import RoundState
    from scorecard.access.roles import REVIEW_ROLES

    return acting(request).holds(*REVIEW_ROLES) and assessment.round.state == RoundState.OPEN


# --- Points ----------------------------------------------------------------------------------------------------------


@require_POST
def review_points(request: HttpRequest, pk: int, indicator: str) -> HttpResponse:
    """Save the points of one indicator. With htmx the row comes back alone, with the score above it renewed."""
    agree = "agree" in request.POST
    typed, reason = request.POST.get("points", ""), request.POST.get("reason", "")
    problem: dict[str, Any] | None = None
    status = 200
    try:
        reviewing.set_points(
            actor=acting(request),
            assessment_id=pk,
            version=_number(request, "version"),
            indicator=indicator,
            revision=_number(request, "revision"),
            points=None if agree else typed,
            reason=reason,
        )
    except Stale as error:
        status, problem = 409, {"stale": True, "reasons": list(error.reasons)}
    except Refused as error:
        status, problem = 422, {"stale": False, "reasons": list(error.reasons)}
    sheet = ReviewSheet(get_assessment(acting(request), pk))
    row = sheet.row(indicator)
    if row is None:
        raise Http404
    if problem:
        problem |= {
            "indicator": indicator,
            "points": "" if agree else typed,
            "reason": reason,
            "name": f"{row.id} {row.name}",
        }
    if request.headers.get("HX-Request"):
        editable = REVIEW_POINTS in workflow.capabilities(actor=acting(request), assessment=sheet.assessment)
        context = head(request, sheet.assessment)
        context |= {
            "this": row_context(sheet, row, editable, problem),
            "sections": sections(sheet),
            "lacking": blocking(context["forward"], acting(request), sheet.assessment),
            "bar": present.score_bar(sheet),
            "pane_url": reverse("review-detail", args=[pk]),
            "saved": problem is None,
        }
        return render(request, "supervisor/parts/row_saved.html", context, status=status)
    if problem:
        return sheet_page(request, sheet, problem, status)
    messages.success(request, _("%(name)s: saved.") % {"name": f"{row.id} {row.name}"})
    return redirect(f"{reverse('review-detail', args=[pk])}#{indicator}")


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


# --- The supervisor's own figures ------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def review_facts(request: HttpRequest, pk: int) -> HttpResponse:
    """The figures that the rulebook expects from the supervisor; those that the system counted stand there to be
    corrected.
    """
    assessment = open_case(request, pk, page="supervisor facts")
    actor = acting(request)
    sheet = ReviewSheet(assessment)
    editable = REVIEW_POINTS in workflow.capabilities(actor=actor, assessment=assessment)
    reasons: list[Any] = []
    conflict: dict[str, Any] = {}
    typed: dict[str, str] = {}
    status = 200
    if request.method == "POST":
        names = [fact.spec.id for fact in sheet.given_facts]
        typed = {name: request.POST.get(f"fact-{name}", "") for name in names if f"fact-{name}" in request.POST}
        try:
            rows = reviewing.set_supervisor_facts(
                actor=actor,
                assessment_id=pk,
                version=_number(request, "version"),
                values=typed,
                seen={name: _number(request, f"seen-{name}") for name in typed},
                note=request.POST.get("note", ""),
            )
        except Stale as error:
            status, reasons = 409, list(error.reasons)
            conflict = error.current if isinstance(error.current, dict) else {}
            sheet = ReviewSheet(get_assessment(actor, pk))
        except Refused as error:
            status, reasons = 422, list(error.reasons)
        else:
            done = (
                _("The figures are saved and the score has been computed anew.") if rows else _("Nothing has changed.")
            )
            messages.success(request, done)
            return redirect("review-detail", pk)
    lang = get_language() or "zh"
    fields = []
    for fact in sheet.given_facts:
        entry = fact.entry
        now = (
            input_text(fact.spec, to_engine(fact.spec, entry.state, entry.value))
            if entry and entry.state == "value"
            else ""
        )
        newer = conflict.get(fact.spec.id)
        fields.append(
            {
                "fact": fact,
                "label": fact.spec.label.get(lang),
                "help": fact.spec.help.get(lang),
                "unit": fact.spec.unit,
                "value": typed.get(fact.spec.id, now),
                "seen": entry.revision if entry else 0,
                "newer": fact.shown if newer is not None else "",
                "newer_by": newer.entered_by if newer is not None else None,
                "source": fact.spec.source.to_json() if fact.spec.source else None,
                "basis": fact.spec.basis,
            }
        )
    context = head(request, assessment, _("Supervisor's figures")) | {
        "fields": fields,
        "editable": editable,
        "reasons": reasons,
        "stale": status == 409,
        "note": request.POST.get("note", ""),
        "version": assessment.version.number if assessment.version else 0,
    }
    return render(request, "supervisor/facts.html", context, status=status)


# --- Remarks ---------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def review_comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Every remark on one assessment in threads. The bank reads and answers those marked for it in its own pages."""
    actor = acting(request)
    assessment = open_case(request, pk, page="remarks")
    sheet = ReviewSheet(assessment)
    form = CommentForm(prefix=request.POST.get("prefix") or None)
    reasons: list[Any] = []
    status = 200
    if request.method == "POST":
        form = CommentForm(request.POST, prefix=request.POST.get("prefix") or None)
        if form.is_valid():
            data = form.cleaned_data
            try:
                reviewing.comment(
                    actor=actor,
                    assessment_id=pk,
                    text=data["text"],
                    indicator=data["indicator"],
                    for_bank=bool(data["for_bank"]),
                    reply_to=data["reply_to"],
                )
            except Refused as error:
                reasons, status = list(error.reasons), 409
            else:
                messages.success(request, _("The remark is written."))
                return redirect(_after_comment(request, assessment, data["indicator"]))
        else:
            reasons, status = [error for errors in form.errors.values() for error in errors], 422
    names = {spec.id: f"{spec.id} {spec.name.get(select.language())}" for spec in sheet.rulebook.indicators.values()}
    remarks = list(select.visible_comments(actor, assessment))
    answers: dict[int, list[Any]] = {}
    for remark in remarks:
        if remark.reply_to_id:
            answers.setdefault(remark.reply_to_id, []).append(remark)
    threads = [
        {"remark": remark, "about": names.get(remark.indicator, ""), "answers": answers.get(remark.pk, [])}
        for remark in remarks
        if not remark.reply_to_id
    ]
    context = head(request, assessment, _("Remarks")) | {
        "threads": threads,
        "reasons": reasons,
        "form": form,
        "may_comment": may_comment(request, assessment),
    }
    return render(request, "supervisor/comments.html", context, status=status)


def _after_comment(request: HttpRequest, assessment: Assessment, indicator: str) -> str:
    """Back to where the remark was written: the list of remarks stays there, the sheet opens its row."""
    if request.POST.get("from") == "comments":
        return reverse("review-comment", args=[assessment.pk])
    page = reverse("review-second" if request.POST.get("from") == "second" else "review-detail", args=[assessment.pk])
    return f"{page}?indicator={indicator}#{indicator}" if indicator else page


# --- Steps and the officer -------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def review_step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """The last look before a step: what will happen and to whom, a reason or a signature where one is asked."""
    row = workflow.TRANSITIONS.get(name)
    if row is None or name not in PAGES:
        raise Http404
    if name == "decide":
        return redirect("decision-detail", pk)
    assessment = open_case(request, pk, page=f"step {name}")
    if name in reviewing.RETURNS:
        return _return_step(request, assessment, row)
    actor = acting(request)
    form = ConfirmForm(
        request.POST or None, user=actor, reason="required" if row.reason else "", signature=row.signature
    )
    reasons = blocking(row, actor, assessment)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                workflow.perform(
                    name,
                    actor=actor,
                    assessment_id=pk,
                    reason=form.cleaned_data.get("reason", ""),
                    seen_version=_number(request, "version"),
                )
            except Refused as error:
                reasons, status = [str(reason) for reason in error.reasons], 409
            else:
                return _done(request, assessment, row)
    context = _step_context(request, assessment, row, form, reasons)
    if name == "issue_notice" and not reasons:
        rating = Rating.objects.select_related("run__version", "assessment__bank", "assessment__round__rulebook")
        context |= letter_context(preview(rating.get(assessment=assessment), timezone.now()))
    return render(request, "supervisor/step.html", context, status=status)


def _return_step(request: HttpRequest, assessment: Assessment, row: Transition) -> HttpResponse:
    """A return has a day beside its reason."""
    actor = acting(request)
    form = ReturnForm(request.POST or None)
    reasons = blocking(row, actor, assessment)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                reviewing.return_to_bank(
                    actor=actor,
                    assessment_id=assessment.pk,
                    name=row.name,
                    reason=form.cleaned_data["reason"],
                    due_at=form.cleaned_data["due_at"],
                    seen_version=_number(request, "version"),
                )
            except Refused as error:
                reasons, status = [str(reason) for reason in error.reasons], 409
            else:
                return _done(request, assessment, row)
    context = _step_context(request, assessment, row, form, reasons)
    context["warning"] = _("The filing deadline of the round is %(filing)s, the review deadline %(review)s.") % {
        "filing": moment(assessment.round.filing_deadline),
        "review": moment(assessment.round.review_deadline),
    }
    return render(request, "supervisor/step.html", context, status=status)


def _step_context(
    request: HttpRequest, assessment: Assessment, row: Transition, form: Any, reasons: list[str]
) -> dict[str, Any]:
    return head(request, assessment, row.title) | {
        "step": row,
        "form": form,
        "reasons": reasons,
        "version": assessment.version.number if assessment.version else 0,
        "cancel_url": case_url(acting(request), assessment),
        "danger": row.name in (*reviewing.RETURNS, "send_back_to_officer", "send_back_undecided"),
    }


def _done(request: HttpRequest, assessment: Assessment, row: Transition) -> HttpResponse:
    words = {"step": row.title, "bank": assessment.bank}
    messages.success(request, _("%(bank)s: “%(step)s” is done.") % words)
    if row.name == "accept":
        return redirect("review-detail", assessment.pk)
    if row.name == "issue_notice":
        return redirect("notice-detail", assessment.pk)
    return redirect(f"{reverse('review-queue')}?scope=own")


@require_http_methods(["GET", "POST"])
def review_reassign(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the case to another officer, with a reason."""
    assessment = open_case(request, pk, page="officer")
    form = ReassignForm(request.POST or None, assessment=assessment, initial={"seen_officer": assessment.officer_id})
    reasons: list[str] = []
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                reviewing.reassign(
                    actor=acting(request),
                    assessment_id=pk,
                    officer_id=form.cleaned_data["officer"].pk,
                    seen_officer=form.cleaned_data["seen_officer"],
                    reason=form.cleaned_data["reason"],
                )
            except Refused as error:
                reasons, status = [str(reason) for reason in error.reasons], 409
            else:
                messages.success(request, _("The case is with %(name)s now.") % {"name": form.cleaned_data["officer"]})
                return redirect("review-detail", pk)
    context = head(request, assessment, _("Hand to another officer")) | {
        "form": form,
        "reasons": reasons,
        "cancel_url": reverse("review-detail", args=[pk]),
    }
    return render(request, "supervisor/reassign.html", context, status=status)
