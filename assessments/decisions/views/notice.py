"""The letter: frozen when it was sent, read by supervisors and by the bank it is for, acknowledged by its signatory."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from assessments import workflow
from assessments.decisions.letters import annex
from assessments.decisions.selectors import get_notice
from assessments.models import Notice
from assessments.reviews.views.assessment import acting, head, sign
from assessments.rounds.working_days import objection_words
from scorecard.audit.services import record


@require_GET
def notice_detail(request: HttpRequest, pk: int, letter: int | None = None) -> HttpResponse:
    """The letter as it was sent, in Chinese, with a translation under it on an English page: the one that holds, or any
    other of the case by its id. Each reading leaves a trace.
    """
    assessment, notice = get_notice(acting(request), pk, letter)
    actor = acting(request)
    record(
        "assessments.notice.read",
        actor=actor,
        target=notice,
        bank_id=assessment.bank_id,
        data={"number": notice.number, "assessment": assessment.pk},
    )
    acknowledge = next(
        (row for row in workflow.available(actor=actor, assessment=assessment) if row.name == "acknowledge"), None
    )
    holds = notice.rating_id == assessment.rating_id
    context: dict[str, Any] = letter_context(notice) | {
        "assessment": assessment,
        "acknowledge": acknowledge if holds else None,
        "holds": holds,
        "replaced_by": getattr(notice, "replaced_by", None),
        "appeal_over": timezone.now() > notice.appeal_until,
        "until": objection_words(notice.appeal_until, timezone.now()),
        "bank_side": actor.is_bank_person,
    }
    if actor.is_bank_person:
        context["crumbs"] = [(_("Home"), reverse("home")), (_("Notice"), "")]
    else:
        context |= head(request, assessment)
    return render(request, "notices/notice.html", context)


def letter_context(notice: Notice) -> dict[str, Any]:
    """The frozen body with its instants read back."""
    body = notice.body
    return {
        "notice": notice,
        "body": body,
        "annex": annex(body),
        "objection_until": lazy(objection_words, str)(notice.appeal_until),  # in the language of the letter
        "replaces_at": parse_datetime(body["replaces"]["issued_at"]) if body.get("replaces") else None,
        "submitted_at": parse_datetime(body["version"]["submitted_at"]) if body["version"] else None,
        "decided_at": parse_datetime(body["decided_at"]) if body["decided_at"] else None,
    }


@require_http_methods(["GET", "POST"])
def notice_acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """The bank's signatory confirms the receipt, with the password as signature of the bank."""
    assessment, notice = get_notice(acting(request), pk)
    signing = sign(request, "acknowledge", assessment)
    if signing.taken:
        messages.success(request, _("The receipt of the notice is confirmed."))
        return redirect("notice-detail", pk)
    context = signing.context(request, assessment) | {
        "assessment": assessment,
        "notice": notice,
        "until": objection_words(notice.appeal_until, timezone.now()),
        "crumbs": [
            (_("Home"), reverse("home")),
            (_("Notice"), reverse("notice-detail", args=[pk])),
            (signing.row.title, ""),
        ],
        "cancel_url": reverse("notice-detail", args=[pk]),
    }
    return render(request, "notices/acknowledge.html", context, status=signing.status)
