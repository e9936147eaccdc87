"""One page for every step on many cases: tick, look at each effect, take exceptions out, sign once."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from assessments.access import visible_assessments
from assessments.many.declared import ManyStep
from assessments.many.filtersets import ManyFilters
from assessments.many.forms import ManyForm
from assessments.many.shared import groups_of
from assessments.many.signing import MOST, Line, Outcome, lines, lines_of, seal_list, sign_list
from assessments.many.steps import STEPS, steps_of
from assessments.reviews.views.assessment import acting, assessment_url
from banks.models import User
from scorecard.access.decisions import Refused, RoleDenied
from scorecard.audit.reading import record_reading
from scorecard.ui.ids import typed_ids


@require_GET
def many_overview(request: HttpRequest) -> HttpResponse:
    """The steps that this person takes on many cases, each with how many cases wait for it."""
    actor = acting(request)
    steps = [(step, step.candidates(actor).order_by().count()) for step in steps_of(actor)]
    return render(request, "many/overview.html", {"steps": steps, "crumbs": [(_("Work on many cases"), "")]})


@require_http_methods(["GET", "POST"])
def many_step(request: HttpRequest, name: str) -> HttpResponse:
    """The list of one step. A POST shows every effect of what was ticked (``preview``), or signs it (``sign``)."""
    actor, step = acting(request), STEPS.get(name)
    if step is None:
        raise Http404
    if not actor.holds(*step.roles):
        raise RoleDenied
    record_reading("assessments.list.read", actor=actor, name=f"many {name}")
    if request.method == "GET":
        return _choose(request, actor, step)
    chosen = _chosen(request)
    if request.POST.get("action") == "sign":
        return _sign(request, actor, step, chosen)
    found = lines_of(step, actor, chosen, sealed=True)
    if not [line for line in found if not line.against]:
        return _choose(request, actor, step, [_("Tick at least one case.")])
    form = ManyForm(None, user=actor, step=step, groups=_groups(found))
    return _preview(request, actor, step, found, form, ticked=[line.case.pk for line in found if not line.against])


def _choose(request: HttpRequest, actor: User, step: ManyStep, reasons: Sequence[str] = ()) -> HttpResponse:
    """The cases in which it is this person's turn; those that are for their own page say why."""
    filterset = ManyFilters(request.GET, queryset=step.candidates(actor), request=request)
    rows = list(filterset.qs[: MOST + 1])
    found = lines(step, actor, rows[:MOST])
    context = _context(request, actor, step, found) | {
        "filterset": filterset,
        "reasons": reasons,
        "possible": sum(not line.against for line in found),
        "more": len(rows) > MOST,
        "most": MOST,
    }
    return render(request, "many/choose.html", context, status=422 if reasons else 200)


def _sign(request: HttpRequest, actor: User, step: ManyStep, chosen: list[int]) -> HttpResponse:
    seals = {pk: request.POST.get(f"seen-{pk}", "") for pk in _on_page(request)}
    found = lines_of(step, actor, list(seals), sealed=True)
    form = ManyForm(
        request.POST, user=actor, step=step, groups=_groups(line for line in found if line.case.pk in chosen)
    )
    sent: dict[str, Any] = {"seals": seals, "shown": request.POST.get("shown", "")}
    if not chosen:
        reasons = [_("Tick at least one case.")]
        return _preview(request, actor, step, found, form, ticked=chosen, reasons=reasons, sent=sent, status=422)
    if not form.is_valid():
        return _preview(request, actor, step, found, form, ticked=chosen, sent=sent, status=422)
    try:
        outcome = sign_list(
            step,
            actor=actor,
            chosen=chosen,
            shown=sent["shown"],
            seals=seals,
            shared=form.shared(),
            signed=form.signature,
        )
    except Refused as error:
        reasons = [str(reason) for reason in error.reasons]
        return _preview(request, actor, step, found, form, ticked=chosen, reasons=reasons, status=409)
    if outcome.done:
        words = ngettext(
            "“%(step)s” is done in %(n)d case.", "“%(step)s” is done in %(n)d cases.", len(outcome.done)
        ) % {"step": step.title, "n": len(outcome.done)}
        messages.success(request, words)
    if outcome.before:
        words = ngettext(
            "%(n)d case had been carried out by this signature already; nothing was done twice.",
            "%(n)d cases had been carried out by this signature already; nothing was done twice.",
            len(outcome.before),
        ) % {"n": len(outcome.before)}
        messages.info(request, words)
    if not outcome.refused:
        return redirect("many")
    return _left(request, actor, step, outcome)


def _left(request: HttpRequest, actor: User, step: ManyStep, outcome: Outcome) -> HttpResponse:
    """What was not carried out, with what has changed since: to be looked at, ticked and signed again."""
    found = lines_of(step, actor, list(outcome.refused), sealed=True)
    form = ManyForm(None, user=actor, step=step, groups=_groups(found))
    still = {line.case.pk for line in found}
    names = {case.pk: case.bank_name for case in visible_assessments(actor).filter(pk__in=outcome.refused)}
    gone = [(names.get(pk, str(pk)), why) for pk, why in outcome.refused.items() if pk not in still]
    return _preview(request, actor, step, found, form, ticked=[], outcome=outcome, gone=gone, status=409)


def _preview(
    request: HttpRequest,
    actor: User,
    step: ManyStep,
    found: Sequence[Line],
    form: ManyForm,
    *,
    ticked: Sequence[int],
    status: int = 200,
    reasons: Sequence[str] = (),
    sent: dict[str, Any] | None = None,
    outcome: Outcome | None = None,
    gone: Sequence[tuple[str, list[str]]] = (),
) -> HttpResponse:
    """Every effect, one line each, before the signature. ``sent`` are the seals of the page that did not pass: what it
    showed is what is held against the cases."""
    seals = sent["seals"] if sent else {line.case.pk: line.seal for line in found}
    context = _context(request, actor, step, found)
    for row in context["rows"]:
        pk = row["line"].case.pk
        row |= {"seal": seals.get(pk, ""), "ticked": pk in ticked}
        if outcome is not None:
            row |= {"refused": outcome.refused.get(pk, []), "changed": outcome.changed.get(pk, [])}
    context |= {
        "form": form,
        "reasons": reasons,
        "shown": sent["shown"] if sent else seal_list(step, actor, found),
        "outcome": outcome,
        "gone": gone,
    }
    return render(request, "many/preview.html", context, status=status)


def _context(request: HttpRequest, actor: User, step: ManyStep, found: Sequence[Line]) -> dict[str, Any]:
    rows: list[dict[str, Any]] = [
        {
            "line": line,
            "url": assessment_url(actor, line.case),
            "cells": list(zip(step.columns, line.cells, strict=True)),
        }
        for line in found
    ]
    crumbs = [(_("Work on many cases"), reverse("many")), (step.title, "")]
    return {
        "step": step,
        "rows": rows,
        "crumbs": crumbs,
        "steps": [(one.title, reverse("many-step", args=[one.name])) for one in steps_of(actor)],
    }


def _groups(found: Any) -> Any:
    return groups_of(line.entry for line in found if not line.against and "rating" in line.entry.kept)


def _chosen(request: HttpRequest) -> list[int]:
    return typed_ids(request.POST.getlist("case"))[:MOST]


def _on_page(request: HttpRequest) -> list[int]:
    """The cases of the page that was sent, whether or not they are ticked."""
    return typed_ids([name.removeprefix("seen-") for name in request.POST if name.startswith("seen-")])[:MOST]
