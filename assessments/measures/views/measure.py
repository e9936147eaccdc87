"""One measure of the register, and the supervisor's steps on it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from assessments.measures import machine
from assessments.measures.forms import DaysForm, HandForm
from assessments.measures.selectors import filing_in_hand, get_live, get_obligation, notice_of, visible_obligation
from assessments.measures.steps import Days, Handing, MeasureTransition
from assessments.measures.table import BY_NOTICE, TABLE
from assessments.measures.views.register import STATE_KINDS
from assessments.models import OWED, Evidence, LiveMeasure, Obligation, ObligationFiling
from assessments.reviews.views.assessment import acting
from assessments.rulebooks.cache import engine_rulebook
from scorecard.access.decisions import Refused, Stale
from scorecard.audit.services import record
from scorecard.ui.forms import ConfirmForm
from scorecard.words.language import in_language

OBLIGATION_KINDS = {"open": "attention", "filed": "info", "returned": "attention", "accepted": "good"}


@require_GET
def measure_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The measure as decided, its days, what the bank owes and has filed, and every step that the reader may read."""
    actor = acting(request)
    live = get_live(actor, pk)
    data = {"measure": live.measure.code}
    record("assessments.measure.viewed", actor=actor, target=live, bank_id=live.assessment.bank_id, data=data)
    context = head(request, live) | {
        "rows": [_row(request, live, row) for row in live.obligations.order_by("due_on", "pk")],
        "steps": _steps(request, live),
        "actions": [
            (row, reverse("measure-step", args=[live.pk, row.name]))
            for row in machine.available(actor=actor, live=live)
        ],
    }
    return render(request, "measures/detail.html", context)


def head(request: HttpRequest, live: LiveMeasure, title: Any = "") -> dict[str, Any]:
    """What every page of one measure shows of it."""
    today, measure = timezone.localdate(), live.measure
    state, bank_side = live.state_on(today), acting(request).is_bank_person
    name = in_language(measure.proposal.get("label")) or measure.code
    listed = measure.proposal.get("options") or {}
    tool = engine_rulebook(live.assessment.round.rulebook).tools.get(measure.tool)
    crumbs: list[tuple[Any, str]] = [(_("Register of measures"), reverse("measure-list"))]
    crumbs.append((name, reverse("measure-detail", args=[live.pk]) if title else ""))
    return {
        "live": live,
        "measure": measure,
        "name": name,
        "kind": in_language(tool.name.to_json()) if tool else measure.tool,
        "chosen": [in_language(listed[option]) for option in measure.options if option in listed],
        "state": state.label,
        "state_kind": STATE_KINDS[state],
        "binds": live.binds(today),
        "late": live.binds(today) and live.due_on is not None and live.due_on < today,
        "today": today,
        "assessment": live.assessment,
        "notice": notice_of(live),
        "replaces": live.replaces,
        "replaced_by": getattr(live, "replaced_by", None),
        "bank_side": bank_side,
        "crumbs": [*crumbs, (title, "")] if title else crumbs,
    }


def _row(request: HttpRequest, live: LiveMeasure, row: Obligation) -> dict[str, Any]:
    """One obligation with what was filed; a draft is read by the bank alone, on its own page."""
    actor = acting(request)
    filings = row.filings.filter(filed_at__isnull=False).select_related("filed_by", "decided_by").order_by("-number")
    return {
        "obligation": row,
        "kind": OBLIGATION_KINDS[row.state],
        "late": row.state in OWED and row.due_on < timezone.localdate() and live.binds(timezone.localdate()),
        "filings": [(one, _files(one)) for one in filings],
        "actions": [
            (step, reverse("obligation-step", args=[row.pk, step.name]))
            for step in machine.available(actor=actor, live=live, obligation=row)
            if not step.by_bank()
        ],
        "owed": row.state in OWED and live.binds(timezone.localdate()),
    }


def _steps(request: HttpRequest, live: LiveMeasure) -> list[dict[str, Any]]:
    """Every step, the newest first; a bank reads those that are for it, and no name of the supervisor."""
    bank_side = acting(request).is_bank_person
    found = []
    for step in live.steps.select_related("actor", "stood_in_for", "obligation").order_by("-pk"):
        row = TABLE.get(step.name)
        if bank_side and row is not None and not row.read:
            continue
        title = row.title if row is not None else BY_NOTICE.get(step.name, step.name)
        found.append(
            {
                "step": step,
                "title": title,
                "about": step.obligation.get_kind_display() if step.obligation else "",
                "who": step.actor if not bank_side or (row is not None and row.by_bank()) else None,
                "stood_in_for": None if bank_side else step.stood_in_for,
                "notice": step.data.get("notice", ""),
            }
        )
    return found


@require_http_methods(["GET", "POST"])
def measure_step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """The last look before a step on a measure."""
    return _step_page(request, get_live(acting(request), pk), None, name)


@require_http_methods(["GET", "POST"])
def obligation_step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """The last look before what a bank filed is accepted or returned."""
    obligation = visible_obligation(acting(request), pk)
    return _step_page(request, obligation.live, obligation, name)


def _step_page(request: HttpRequest, live: LiveMeasure, obligation: Obligation | None, name: str) -> HttpResponse:
    row = TABLE.get(name)
    if row is None or row.by_bank() or bool(row.obligation) != (obligation is not None):
        raise Http404
    actor = acting(request)
    form = _form(request, row, live)
    reasons = [str(reason) for reason in machine.check(name, actor=actor, live=live, obligation=obligation).reasons]
    status, stale = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                machine.take(
                    name,
                    actor=actor,
                    live_id=live.pk,
                    obligation_id=obligation.pk if obligation else None,
                    reason=form.cleaned_data.get("reason", ""),
                    told=_told(form),
                    seen=request.POST.get("seen", ""),
                )
            except Stale as error:
                stale, reasons, status = error, [], 409
                live = get_live(actor, live.pk)
                obligation = get_obligation(live, obligation.pk) if obligation else None
            except Refused as error:
                reasons, status = [str(reason) for reason in error.reasons], 409
            else:
                messages.success(request, _("“%(step)s” is done.") % {"step": row.title})
                return redirect("measure-detail", live.pk)
    context = head(request, live, row.title) | {
        "step": row,
        "form": form,
        "reasons": reasons,
        "seen": (stale is None and request.POST.get("seen")) or machine.shown(name, live, obligation),
        "stale": stale is not None,
        "differences": stale.current if stale is not None else None,
        "rows": [_row(request, live, one) for one in live.obligations.order_by("due_on", "pk")],
        "obligation": obligation,
        "filing": _filed(obligation),
        "cancel_url": reverse("measure-detail", args=[live.pk]),
    }
    return render(request, "measures/step.html", context, status=status)


def _filed(obligation: Obligation | None) -> tuple[ObligationFiling, list[Evidence]] | None:
    """What the bank has filed last, with its files; a draft, and what the bank took out of one, are its own."""
    filing = filing_in_hand(obligation)
    if filing is None or filing.filed_at is None:
        return None
    return filing, _files(filing)


def _form(request: HttpRequest, row: MeasureTransition, live: LiveMeasure) -> ConfirmForm:
    sent, actor = request.POST or None, acting(request)
    reason = "required" if row.reason else ""
    if row.told is Days:
        return DaysForm(sent, user=actor, live=live, reason=reason)
    if row.told is Handing:
        return HandForm(sent, user=actor, live=live)
    return ConfirmForm(sent, user=actor, reason=reason, signature=row.signature)


def _told(form: ConfirmForm) -> Days | Handing | None:
    if isinstance(form, DaysForm):
        return form.told()
    return Handing(form.cleaned_data["officer"]) if isinstance(form, HandForm) else None


def _files(filing: ObligationFiling) -> list[Evidence]:
    """The documents of what was filed, without those that were withdrawn."""
    return list(filing.documents.filter(withdrawn_at=None).select_related("scan").order_by("pk"))
