"""The targets that the figures cannot decide: the officer decides them here, before the rating."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from assessments import workflow
from assessments.access import get_assessment
from assessments.models import Assessment, TargetEntry
from assessments.reviews.selectors import latest_decisions
from assessments.reviews.services.targets import decide_targets, open_targets
from assessments.reviews.views.assessment import acting, head, open_assessment
from assessments.reviews.views.sheet import shown_number
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.results import state_words
from assessments.scoring.runs import outcome_of
from assessments.workflow.machine import REVIEW_POINTS
from scorecard.access.decisions import Refused, Stale
from scorecard.words.language import in_language
from scorecard.words.sources import provenance


@require_http_methods(["GET", "POST"])
def review_targets(request: HttpRequest, pk: int) -> HttpResponse:
    """Each target that the figures cannot decide, why they cannot, and the decision with its reason."""
    assessment = open_assessment(request, pk, page="targets")
    actor = acting(request)
    reasons: list[Any] = []
    status = 200
    if request.method == "POST":
        sent = _sent(request, assessment)
        try:
            rows = decide_targets(
                actor=actor,
                assessment_id=pk,
                version=shown_number(request, "version"),
                decisions=sent,
                seen={name: shown_number(request, f"seen-{name}") for name in sent},
            )
        except Stale as error:
            status, reasons = 409, list(error.reasons)
            assessment = get_assessment(actor, pk)
        except Refused as error:
            status, reasons = 422, list(error.reasons)
        else:
            done = _("The decision is saved and the score follows it.") if rows else _("Nothing has changed.")
            messages.success(request, done)
            return redirect("review-detail", pk)
    context = head(request, assessment, _("Targets to decide")) | {
        "items": _items(request, assessment),
        "choices": [(value, state_words()[value]) for value in TargetEntry.Outcome.values],
        "editable": REVIEW_POINTS in workflow.capabilities(actor=actor, assessment=assessment),
        "reasons": reasons,
        "stale": status == 409,
        "version": assessment.version.number if assessment.version else 0,
    }
    return render(request, "supervisor/targets.html", context, status=status)


def _sent(request: HttpRequest, assessment: Assessment) -> dict[str, tuple[str, str]]:
    """What was sent of each target; one of which neither outcome nor reason was given is left alone."""
    found = {}
    for name in engine_rulebook(assessment.round.rulebook).targets:
        outcome, reason = request.POST.get(f"outcome-{name}", ""), request.POST.get(f"reason-{name}", "")
        if outcome or reason.strip():
            found[name] = (outcome, reason)
    return found


def _items(request: HttpRequest, assessment: Assessment) -> list[dict[str, Any]]:
    """The targets with what was typed, or what stands."""
    version, rulebook = assessment.version, engine_rulebook(assessment.round.rulebook)
    if version is None:
        return []
    version.assessment = assessment
    latest, found = latest_decisions(version), []
    system = outcome_of(assessment.system_run)["targets"] if assessment.system_run else {}
    for name in open_targets(version, rulebook):
        spec, entry = rulebook.targets[name], latest.get(name)
        found.append(
            {
                "id": name,
                "name": in_language(spec.name),
                "why": in_language(system.get(name, {}).get("reason")),
                "clause": provenance(spec.source),
                "basis": spec.basis,
                "entry": entry,
                "word": state_words()[entry.outcome] if entry else "",
                "outcome": request.POST.get(f"outcome-{name}", entry.outcome if entry else ""),
                "reason": request.POST.get(f"reason-{name}", entry.reason if entry else ""),
                "seen": entry.revision if entry else 0,
            }
        )
    return found
