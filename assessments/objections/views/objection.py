"""The objection: written by the preparer, signed and lodged by the signatory, read by supervisors once it is lodged."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from assessments import workflow
from assessments.decisions.selectors import get_notice
from assessments.filings.evidence import MAX_FILES
from assessments.filings.evidence_kinds import ACCEPTED
from assessments.filings.views.uploads import keep_each
from assessments.models import Assessment, Notice, Objection
from assessments.objections.forms import ObjectionForm
from assessments.objections.selectors import Subject, current_objection, readable_objections, subjects
from assessments.objections.services import add_document, against_writing, save_objection, withdraw_document
from assessments.reviews.views.assessment import acting, head, open_assessment, sign
from assessments.rounds.working_days import objection_words
from assessments.workflow.machine import WRITE_OBJECTION
from scorecard.access.decisions import Refused
from scorecard.words.language import in_language


@require_http_methods(["GET", "POST"])
def objection_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The objections of a case, with their letters. A POST saves the draft; nothing typed is lost."""
    actor = acting(request)
    if not actor.is_bank_person:
        if request.method == "POST":
            return HttpResponseNotAllowed(["GET"])
        assessment = open_assessment(request, pk, page="objection")
        _same, notice = get_notice(actor, pk)
        return render(
            request, "objections/case.html", head(request, assessment) | _context(request, assessment, notice)
        )
    assessment, notice = get_notice(actor, pk)
    draft = current_objection(assessment)
    told = subjects(assessment)
    writing = WRITE_OBJECTION in workflow.capabilities(actor=actor, assessment=assessment)
    sent = request.POST if request.method == "POST" else None
    if sent is not None and not writing:
        raise Refused([*against_writing(actor, assessment)])
    form = _form(draft, told, sent) if writing else None
    reasons: list[Any] = []
    status = 200
    if sent is not None and form is not None:
        status = 422
        if form.is_valid():
            try:
                save_objection(
                    actor=actor,
                    assessment_id=pk,
                    statement=form.cleaned_data["statement"],
                    grounds=form.grounds(),
                    revision=form.cleaned_data["revision"],
                )
            except Refused as error:
                reasons, status = [*map(str, error.reasons)], 409
            else:
                messages.success(request, _("The objection is saved. It has not been lodged yet."))
                return redirect("objection-detail", pk)
    context = _context(request, assessment, notice) | {"form": form, "reasons": reasons}
    return render(request, "objections/bank.html", context, status=status)


def _form(draft: Objection | None, told: list[Subject], sent: Any) -> ObjectionForm:
    grounds = list(draft.grounds.all()) if draft else []
    initial = {"statement": draft.statement if draft else "", "revision": draft.revision if draft else 0}
    return ObjectionForm(sent, subjects=told, grounds=grounds, initial=initial)


def _context(request: HttpRequest, assessment: Assessment, notice: Notice) -> dict[str, Any]:
    """What both sides read: until when, and each objection with its grounds, files and letters."""
    actor = acting(request)
    words = {found.key: in_language(found.label) for found in subjects(assessment)}
    found = readable_objections(actor, assessment)
    rows = [
        {
            "objection": one,
            "grounds": [(words.get(ground.subject, ground.subject), ground) for ground in one.grounds.all()],
            "files": list(one.documents.filter(withdrawn_at=None).select_related("uploaded_by", "scan")),
            "letters": list(one.letters.all()),
        }
        for one in found
    ]
    current = next((row for row in rows if row["objection"].notice_id == notice.pk), None)  # type: ignore[attr-defined]
    lodge = workflow.TRANSITIONS["lodge_objection"]
    offered = actor.is_bank_person and lodge in workflow.available(actor=actor, assessment=assessment)
    draft = current is not None and current["objection"].lodged_at is None  # type: ignore[attr-defined]
    return {
        "assessment": assessment,
        "notice": notice,
        "until": objection_words(notice.appeal_until, timezone.now()),
        "over": timezone.now() > notice.appeal_until,
        "rows": [row for row in rows if row["objection"].lodged_at is not None],  # type: ignore[attr-defined]
        "draft": current if draft else None,
        "may_write": WRITE_OBJECTION in workflow.capabilities(actor=actor, assessment=assessment),
        "closed": list(against_writing(actor, assessment)) if actor.is_bank_person and current is None else [],
        "lodge": lodge if offered and draft else None,
        "accepted": ACCEPTED,
        "max_files": MAX_FILES,
        "crumbs": [
            (_("Home"), reverse("home")),
            (_("Notice"), reverse("notice-detail", args=[assessment.pk])),
            (_("Objection"), ""),
        ],
    }


@require_POST
def file_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep files with the draft; each is taken or refused by itself."""
    get_notice(acting(request), pk)
    reasons = keep_each(
        request.FILES.getlist("file"),
        lambda upload: add_document(actor=acting(request), assessment_id=pk, upload=upload),
    )
    if reasons:
        raise Refused(reasons)
    return redirect("objection-detail", pk)


@require_POST
def file_withdraw(request: HttpRequest, pk: int, evidence: int) -> HttpResponse:
    """Take a file out of the draft."""
    withdraw_document(actor=acting(request), assessment_id=pk, evidence_id=evidence)
    return redirect("objection-detail", pk)


@require_http_methods(["GET", "POST"])
def lodge(request: HttpRequest, pk: int) -> HttpResponse:
    """The signatory reads the whole objection and lodges it, with the password as signature of the bank."""
    assessment, notice = get_notice(acting(request), pk)
    if current_objection(assessment) is None:
        raise Http404
    signing = sign(request, "lodge_objection", assessment)
    if signing.taken:
        messages.success(request, str(signing.row.done))
        return redirect("objection-detail", pk)
    context = _context(request, assessment, notice) | signing.context(request, assessment)
    context["crumbs"] = [
        *context["crumbs"][:2],
        (_("Objection"), reverse("objection-detail", args=[pk])),
        (signing.row.title, ""),
    ]
    context["cancel_url"] = reverse("objection-detail", args=[pk])
    return render(request, "objections/lodge.html", context, status=signing.status)
