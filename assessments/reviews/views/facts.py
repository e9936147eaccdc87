"""The figures that the rulebook expects from the supervisor."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from assessments import workflow
from assessments.access import get_assessment
from assessments.reviews.selectors import GivenFact, ReviewSheet
from assessments.reviews.services.facts import set_supervisor_facts
from assessments.reviews.views.assessment import acting, head, open_assessment
from assessments.reviews.views.sheet import shown_number
from assessments.rulebooks.sizes import Unlikely
from assessments.workflow.machine import GIVE_FIGURES
from scorecard.access.decisions import Refused, Stale
from scorecard.words.language import screen_language


@require_http_methods(["GET", "POST"])
def review_facts(request: HttpRequest, pk: int) -> HttpResponse:
    """The figures that the rulebook expects from the supervisor; those that the system counted stand there to be
    corrected.
    """
    assessment = open_assessment(request, pk, page="supervisor facts")
    actor = acting(request)
    sheet = ReviewSheet(assessment)
    editable = GIVE_FIGURES in workflow.capabilities(actor=actor, assessment=assessment)
    reasons: list[Any] = []
    conflict: Mapping[str, Any] = {}
    typed: dict[str, str] = {}
    status, asked = 200, False
    if request.method == "POST":
        typed = _typed(request, sheet)
        try:
            rows = set_supervisor_facts(
                actor=actor,
                assessment_id=pk,
                version=shown_number(request, "version"),
                values=typed,
                seen={name: shown_number(request, f"seen-{name}") for name in typed},
                note=request.POST.get("note", ""),
                sure_of=_sure_of(request, typed),
            )
        except Stale as error:
            status, reasons = 409, list(error.reasons)
            conflict = {fact: entry for (_case, fact), entry in error.current.items()}
            sheet = ReviewSheet(get_assessment(actor, pk))
        except Refused as error:
            status, reasons = 422, list(error.reasons)
            asked = isinstance(error, Unlikely)
        else:
            done = (
                _("The figures are saved and the score has been computed again.") if rows else _("Nothing has changed.")
            )
            messages.success(request, done)
            return redirect("review-detail", pk)
    context = head(request, assessment, _("Supervisor's figures")) | {
        "fields": [_field(fact, typed, conflict) for fact in sheet.given_facts],
        "editable": editable,
        "reasons": reasons,
        "stale": status == 409,
        "asked": asked,
        "note": request.POST.get("note", ""),
        "version": assessment.version.number if assessment.version else 0,
    }
    return render(request, "supervisor/facts.html", context, status=status)


def _typed(request: HttpRequest, sheet: ReviewSheet) -> dict[str, str]:
    """What was typed, by figure."""
    names = [fact.spec.id for fact in sheet.given_facts]
    return {name: request.POST.get(f"fact-{name}", "") for name in names if f"fact-{name}" in request.POST}


def _sure_of(request: HttpRequest, typed: Mapping[str, str]) -> set[str]:
    """The figures that somebody says are right: those that stand as they did when they were asked about."""
    if not request.POST.get("sure"):
        return set()
    return {name for name, text in typed.items() if request.POST.get(f"asked-{name}") == text}


def _field(fact: GivenFact, typed: Mapping[str, str], conflict: Mapping[str, Any]) -> dict[str, Any]:
    """One figure as a field, with what was typed and, where somebody else was faster, what they gave."""
    lang, entry = screen_language(), fact.entry
    newer = conflict.get(fact.spec.id)
    return {
        "fact": fact,
        "label": fact.spec.label.get(lang),
        "help": fact.spec.help.get(lang),
        "unit": fact.spec.unit,
        "value": typed.get(fact.spec.id, fact.typed),
        "seen": entry.revision if entry else 0,
        "newer": fact.shown if newer is not None else "",
        "newer_by": newer.entered_by if newer is not None else None,
        "source": fact.spec.source.to_json() if fact.spec.source else None,
        "basis": fact.spec.basis,
    }
