"""The decision on an objection, by somebody who took no part in the case; and the letters on it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from assessments import workflow
from assessments.models import Assessment, Correction
from assessments.objections.forms import DecideForm
from assessments.objections.selectors import current_objection, get_letter, subjects
from assessments.reviews.views.assessment import acting, blocking, head, open_assessment, sealed
from assessments.workflow.payloads import ObjectionPayload
from scorecard.access.decisions import Refused, Stale
from scorecard.audit.services import record


@require_http_methods(["GET", "POST"])
def objection_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Each ground is upheld or refused with an answer; then the whole is signed, and the letter goes out at once."""
    assessment = open_assessment(request, pk, page="objection decision")
    actor = acting(request)
    objection = current_objection(assessment)
    if objection is None or objection.lodged_at is None:
        raise Http404
    words = {found.key: found.words for found in subjects(assessment)}
    grounds = [(ground, words.get(ground.subject, ground.subject)) for ground in objection.grounds.all()]
    form = DecideForm(request.POST or None, user=actor, grounds=grounds)
    reasons = blocking(workflow.TRANSITIONS["refuse_objection"], actor, assessment, reason="-")
    status, stale = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            payload = ObjectionPayload(form.answers())
            try:
                workflow.perform(
                    "uphold_objection" if payload.upheld else "refuse_objection",
                    actor=actor,
                    assessment_id=pk,
                    reason=form.cleaned_data["reason"],
                    payload=payload,
                    seen=_seal(request, payload),
                    signed=form.signature,
                )
            except Stale as error:
                stale, status = error, 409
            except Refused as error:
                reasons, status = [str(reason) for reason in error.reasons], 409
            else:
                messages.success(request, _("The objection is decided, and the letter has gone to the bank."))
                return redirect("objection-detail", pk)
    context = head(request, assessment, _("Decision on the objection")) | {
        "objection": objection,
        "grounds": grounds,
        "files": list(objection.documents.filter(withdrawn_at=None).select_related("scan")),
        "form": form,
        "open": assessment.correction_state == Correction.LODGED,
        "reasons": reasons,
        "cancel_url": reverse("objection-detail", args=[pk]),
    }
    return render(request, "objections/decide.html", context | _sealed(request, assessment, stale), status=status)


# One page leads to either of two steps, each with a seal of its own.
STEPS = {True: "uphold_objection", False: "refuse_objection"}


def _seal(request: HttpRequest, payload: ObjectionPayload) -> str:
    return request.POST.get(f"seen_{STEPS[payload.upheld]}", "")


def _sealed(request: HttpRequest, assessment: Assessment, stale: Stale | None) -> dict[str, Any]:
    found = sealed(request, "refuse_objection", assessment, stale)
    seals = {}
    for name in STEPS.values():
        kept = request.POST.get(f"seen_{name}") if stale is None else None
        seals[f"seen_{name}"] = kept or workflow.shown(name, assessment)
    return found | {"seals": seals}


@require_GET
def objection_letter(request: HttpRequest, pk: int) -> HttpResponse:
    """A letter on an objection as it was sent, in Chinese, with a translation under it on an English page. Each reading
    leaves a trace.
    """
    actor = acting(request)
    assessment, letter = get_letter(actor, pk)
    record(
        "assessments.objection.letter",
        actor=actor,
        target=letter,
        bank_id=assessment.bank_id,
        data={"number": letter.number, "assessment": assessment.pk},
    )
    body = letter.body
    context: dict[str, Any] = {
        "assessment": assessment,
        "letter": letter,
        "body": body,
        "unchanged": letter.kind == letter.Kind.UNCHANGED,
        "lodged_at": parse_datetime(body["objection"]["lodged_at"]),
        "notice_at": parse_datetime(body["notice"]["issued_at"]),
        "bank_side": actor.is_bank_person,
    }
    if actor.is_bank_person:
        page = reverse("objection-detail", args=[assessment.pk])
        context["crumbs"] = [(_("Home"), reverse("home")), (_("Objection"), page), (letter.get_kind_display(), "")]
    else:
        context |= head(request, assessment)
    return render(request, "objections/letter_page.html", context)
