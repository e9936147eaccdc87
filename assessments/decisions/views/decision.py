"""The decision: what is proposed, by which clause; grade, adjustment and measures decided one by one, then signed."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from assessments import workflow
from assessments.decisions import measures, ratings
from assessments.decisions.forms import DecisionForm
from assessments.decisions.selectors import assessment_of_measure, earlier_ratings, get_rating, list_measures
from assessments.decisions.unfiled import rated_outcome, unfiled_rule
from assessments.decisions.views.typed import KEPT, forget_typed, keep_typed, kept_typed, prefix, typed_of
from assessments.meetings.selectors import of_case
from assessments.models import Assessment, Correction, Measure, MeasureState, Rating
from assessments.reviews import queue as review_queue
from assessments.reviews.selectors import ReviewSheet
from assessments.reviews.views.assessment import acting, assessment_url, blocking, head, open_assessment, sealed
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.results import grade_name, score_view, section_chart, target_chart
from assessments.workflow.machine import DECIDE_MEASURES
from assessments.workflow.payloads import DecisionPayload
from banks.models import User
from scorecard.access.decisions import Refused, Stale
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.numbers import plain
from scorecard.words.language import in_language, screen_language

STATE_KINDS = {
    MeasureState.PROPOSED: "attention",
    MeasureState.ACCEPTED: "good",
    MeasureState.CHANGED: "info",
    MeasureState.DECLINED: "neutral",
}


@require_http_methods(["GET", "POST"])
def decision_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of the decision. A POST signs it: grade, adjustment, reason, password; measures are decided before."""
    assessment = open_assessment(request, pk, page="decision")
    actor = acting(request)
    rating = get_rating(assessment)
    if rating is None:
        return render(request, "supervisor/decision.html", head(request, assessment) | {"rating": None})
    name = deciding_step(assessment)
    rulebook = engine_rulebook(assessment.round.rulebook)
    signed = request.POST if request.method == "POST" else None
    form = _form(request, rating, rulebook, signed) if DECIDE_MEASURES in _powers(request, assessment) else None
    reasons: list[str] = []
    status, stale = 200, None
    if request.method == "POST":
        if form is None:
            raise Refused(
                blocking(workflow.TRANSITIONS[name], actor, assessment) or [_("There is nothing to decide here.")]
            )
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                workflow.perform(
                    name,
                    actor=actor,
                    assessment_id=pk,
                    reason=data["reason"],
                    payload=DecisionPayload.read(data["grade"], data.get("adjustment", "")),
                    seen=request.POST.get("seen", ""),
                    signed=form.signature,
                )
            except Stale as error:
                stale, status = error, 409
            except Refused as error:
                reasons, status = [str(reason) for reason in error.reasons], 409
            else:
                forget_typed(request, pk)
                messages.success(
                    request, _("The rating of %(bank)s is decided. Now send the notice.") % {"bank": assessment.bank}
                )
                return redirect("decision-detail", pk)
    context = page_context(request, assessment, rating, rulebook, typed=signed)
    context |= _shown(form) | {"reasons": reasons} | sealed(request, name, assessment, stale)
    return render(request, "supervisor/decision.html", context, status=status)


def page_context(
    request: HttpRequest,
    assessment: Assessment,
    rating: Rating,
    rulebook: Rulebook,
    problem: dict[str, Any] | None = None,
    typed: QueryDict | None = None,
) -> dict[str, Any]:
    """Everything on the page but the form. ``typed`` is what was sent; without it, what was kept from before."""
    actor = acting(request)
    typed = kept_typed(request, assessment.pk) if typed is None else typed
    sheet = ReviewSheet(assessment)
    deciding = DECIDE_MEASURES in _powers(request, assessment)
    outcome, unfiled = rated_outcome(rating), rating.run is None
    score = score_view(rulebook, outcome)
    context = head(request, assessment)
    context |= {
        "rating": rating,
        "earlier": [(one, grade_name(rulebook, one.grade)) for one in earlier_ratings(assessment)],
        "deciding": deciding,
        "score": score,
        "unfiled": unfiled_rule(rulebook) if unfiled else None,
        "grade": grade_name(rulebook, rating.grade) if rating.grade else "",
        "grade_proposed": grade_name(rulebook, rating.grade_proposed),
        "target_chart": target_chart(score, source=in_language(rulebook.title)),
        "section_chart": section_chart(
            rulebook, outcome, source=in_language(rulebook.title), before=sheet.last_year.get("outcome")
        ),
        "differing": sheet.differing,
        "adjustment": outcome["adjustment"],
        "measures": [_measure(measure, rulebook, problem, typed) for measure in list_measures(rating)],
        "lacking": blocking(workflow.TRANSITIONS[deciding_step(assessment)], actor, assessment) if deciding else [],
        "told": _told(assessment, rating, rulebook),
        "last_year": sheet.last_year,
        "problem": problem,
        "meeting": of_case(assessment),
        "meeting_grade": _meeting_grade(assessment, rulebook),
        "next_case": None if deciding else next_case(actor, assessment),
    }
    return context


def _meeting_grade(assessment: Assessment, rulebook: Rulebook) -> str:
    """The grade that a meeting decided, where it is another than proposed."""
    point = of_case(assessment).decided
    return grade_name(rulebook, point.grade) if point is not None and point.grade else ""


def deciding_step(assessment: Assessment) -> str:
    """The step that the page signs: the decision, or the corrected one once the notice is out."""
    return "decide_correction" if assessment.correction_state == Correction.DECISION else "decide"


def _told(assessment: Assessment, rating: Rating, rulebook: Rulebook) -> dict[str, Any] | None:
    """The rating that a corrected one would replace, and whether the rules now give another result."""
    told = rating.replaces if assessment.rating_id != rating.pk else None
    if told is None:
        return None
    return {"rating": told, "grade": grade_name(rulebook, told.grade), "differs": ratings.differs(rating)}


def next_case(actor: User, assessment: Assessment) -> dict[str, Any] | None:
    """The case that waits for this person after this one, None where none does or this one is not done yet."""
    if any(not row.own_motion for row in workflow.available(actor=actor, assessment=assessment)):
        return None
    case = review_queue.own_work(actor).exclude(pk=assessment.pk).first()
    return {"bank": case.bank, "url": assessment_url(actor, case)} if case else None


def _shown(form: DecisionForm | None) -> dict[str, Any]:
    """The form, with what is asked beside the signature: the two questions stand on top of the page."""
    signing = [bound for bound in form.visible_fields() if bound.name not in ("grade", "adjustment")] if form else []
    return {"form": form, "signing": signing}


def _powers(request: HttpRequest, assessment: Assessment) -> frozenset[str]:
    return workflow.capabilities(actor=acting(request), assessment=assessment)


def _measure(measure: Measure, rulebook: Rulebook, problem: dict[str, Any] | None, sent: QueryDict) -> dict[str, Any]:
    """One measure with what it does, the clause, and what was typed where that did not pass."""
    lang = screen_language()
    tool = rulebook.tools.get(measure.tool)
    mine = problem if problem and problem["measure"] == measure.pk else None
    listed = measure.proposal.get("options") or {}
    typed = typed_of(sent, measure)
    return {
        "measure": measure,
        "prefix": prefix(measure),
        "typed": typed,
        "tool": tool.name.get(lang) if tool else measure.tool,
        "does": tool.description.get(lang) if tool else "",
        "options": [(key, text, key in (typed.get("options") or ())) for key, text in listed.items()],
        "chosen": [listed[key] for key in measure.options if key in listed],
        "kind": STATE_KINDS[MeasureState(measure.state)],
        "decided": measure.state != MeasureState.PROPOSED,
        "seen": measure.decided_at.isoformat() if measure.decided_at else "",
        "problem": mine,
    }


def _form(request: HttpRequest, rating: Rating, rulebook: Rulebook, signed: QueryDict | None) -> DecisionForm:
    """The decision's form, with what was signed or empty. Only grades that may be decided are offered; none is
    chosen.
    """
    allowed = ratings.grades_allowed(rating, rulebook)
    grades = []
    for name in allowed:
        word = grade_name(rulebook, name)
        if name == rating.grade_proposed:
            word = _("%(grade)s (as the rules give it)") % {"grade": word}
        else:
            word = _("%(grade)s (lower than the rules give)") % {"grade": word}
        grades.append((name, word))
    span = ratings.adjustment_range(rating)
    help_text = ""
    if span is not None:
        help_text = _("The rule proposes %(proposed)s; from %(low)s to %(high)s may be decided.") % {
            "proposed": rating.adjustment_proposed,
            "low": plain(span[0]),
            "high": plain(span[1]),
        }
    kept = kept_typed(request, rating.assessment_id)
    return DecisionForm(
        signed,
        initial={name: kept.get(name, "") for name in KEPT},
        user=acting(request),
        grades=grades,
        adjustment_help=help_text,
        asks_adjustment=span is not None,
    )


@require_POST
def measure_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide one measure; what does not pass comes back with what was typed."""
    actor = acting(request)
    data, start = request.POST, f"m{pk}-"
    options = data.getlist(f"{start}options")
    try:
        measure = measures.decide_measure(
            actor=actor,
            measure_id=pk,
            outcome=data.get(f"{start}outcome", ""),
            reason=data.get(f"{start}reason", ""),
            content=data.get(f"{start}content", ""),
            options=options,
            seen=data.get(f"{start}seen", ""),
        )
    except Refused as error:
        found = assessment_of_measure(pk)
        if found is None:
            raise Http404 from error
        assessment = open_assessment(request, found, page="decision")
        rating = get_rating(assessment)
        if rating is None:
            raise
        rulebook = engine_rulebook(assessment.round.rulebook)
        problem = {
            "measure": pk,
            "stale": isinstance(error, Stale),
            "reasons": [str(reason) for reason in error.reasons],
        }
        keep_typed(request, assessment.pk)
        context = page_context(request, assessment, rating, rulebook, problem, typed=data)
        context |= _shown(_form(request, rating, rulebook, None) if context["deciding"] else None)
        context |= sealed(request, deciding_step(assessment), assessment, None)
        return render(request, "supervisor/decision.html", context, status=409 if problem["stale"] else 422)
    keep_typed(request, measure.rating.assessment_id, without=start)
    label = in_language(measure.proposal["label"])
    messages.success(request, _("%(measure)s: %(state)s.") % {"measure": label, "state": measure.get_state_display()})
    response = redirect("decision-detail", measure.rating.assessment_id)
    response["Location"] += "#measures"
    return response
