"""What a bank files for an obligation: written by the preparer, signed and filed by the signatory."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from assessments.filings.evidence import MAX_FILES
from assessments.filings.evidence_kinds import ACCEPTED
from assessments.filings.views.uploads import keep_each
from assessments.measures import machine
from assessments.measures.filings import add_document, against_writing, save_filing, withdraw_document
from assessments.measures.forms import FilingForm
from assessments.measures.selectors import filing_in_hand, visible_obligation
from assessments.measures.table import TABLE
from assessments.measures.views.measure import OBLIGATION_KINDS, head
from assessments.models import OWED, Obligation
from assessments.reviews.views.assessment import acting
from scorecard.access.decisions import Refused, Stale
from scorecard.ui.forms import ConfirmForm

FILE = "file_obligation"


@require_http_methods(["GET", "POST"])
def obligation_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft with its files. A POST saves the words; nothing typed is lost."""
    actor = acting(request)
    obligation = visible_obligation(actor, pk)
    draft = filing_in_hand(obligation)
    closed = [str(reason) for reason in against_writing(actor, obligation)]
    if request.method == "POST" and closed:
        raise Refused(closed)
    initial = {"text": draft.text if draft else "", "revision": draft.revision if draft else 0}
    form = None if closed else FilingForm(request.POST or None, initial=initial)
    reasons: list[str] = []
    status, newer = 200, None
    if request.method == "POST" and form is not None:
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                save_filing(actor=actor, obligation_id=pk, text=data["text"], revision=data["revision"])
            except Stale as error:
                reasons, status, newer = [str(reason) for reason in error.reasons], 409, error.current
            except Refused as error:
                reasons, status = [str(reason) for reason in error.reasons], 409
            else:
                messages.success(request, _("It is saved. It has not been filed yet."))
                return redirect("obligation-detail", pk)
    context = _context(request, obligation) | {"form": form, "reasons": reasons, "closed": closed, "newer": newer}
    return render(request, "measures/obligation.html", context, status=status)


def _context(request: HttpRequest, obligation: Obligation) -> dict[str, Any]:
    live, draft = obligation.live, filing_in_hand(obligation)
    title = obligation.get_kind_display()
    returned = obligation.filings.filter(outcome="returned").order_by("-number").first()
    signs = TABLE[FILE] in machine.available(actor=acting(request), live=live, obligation=obligation)
    return head(request, live, title) | {
        "obligation": obligation,
        "obligation_kind": OBLIGATION_KINDS[obligation.state],
        "owed": obligation.state in OWED and live.binds(timezone.localdate()),
        "late": obligation.state in OWED
        and obligation.due_on < timezone.localdate()
        and live.binds(timezone.localdate()),
        "draft": draft,
        "files": list(draft.documents.filter(withdrawn_at=None).select_related("uploaded_by", "scan")) if draft else [],
        "returned": returned if obligation.state in OWED else None,
        "sign": TABLE[FILE] if signs else None,
        "accepted": ACCEPTED,
        "max_files": MAX_FILES,
    }


@require_POST
def file_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep files with the draft; each is taken or refused by itself."""
    visible_obligation(acting(request), pk)
    reasons = keep_each(
        request.FILES.getlist("file"),
        lambda upload: add_document(actor=acting(request), obligation_id=pk, upload=upload),
    )
    if reasons:
        raise Refused(reasons)
    return redirect("obligation-detail", pk)


@require_POST
def file_withdraw(request: HttpRequest, pk: int, evidence: int) -> HttpResponse:
    """Take a file out of the draft."""
    withdraw_document(actor=acting(request), obligation_id=pk, evidence_id=evidence)
    return redirect("obligation-detail", pk)


@require_http_methods(["GET", "POST"])
def obligation_sign(request: HttpRequest, pk: int) -> HttpResponse:
    """The signatory reads the whole and files it, with the password as signature of the bank."""
    actor = acting(request)
    obligation = visible_obligation(actor, pk)
    row, live = TABLE[FILE], obligation.live
    form = ConfirmForm(request.POST or None, user=actor, signature=True)
    reasons = [str(one) for one in machine.check(FILE, actor=actor, live=live, obligation=obligation).reasons]
    status, stale = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            seen = request.POST.get("seen", "")
            try:
                machine.take(FILE, actor=actor, live_id=live.pk, obligation_id=obligation.pk, seen=seen)
            except Stale as error:
                stale, reasons, status = error, [], 409
                obligation = visible_obligation(actor, pk)
            except Refused as error:
                reasons, status = [str(reason) for reason in error.reasons], 409
            else:
                messages.success(request, str(row.done))
                return redirect("measure-detail", live.pk)
    context = _context(request, obligation) | {
        "step": row,
        "form": form,
        "reasons": reasons,
        "seen": (stale is None and request.POST.get("seen")) or machine.shown(FILE, obligation.live, obligation),
        "stale": stale is not None,
        "differences": stale.current if stale is not None else None,
        "cancel_url": reverse("obligation-detail", args=[pk]),
    }
    return render(request, "measures/sign.html", context, status=status)
