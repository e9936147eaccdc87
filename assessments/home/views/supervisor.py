"""The first page of a case officer, a second reviewer and a decision maker: what to do next, and by when."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from assessments.measures.selectors import home_counts
from assessments.meetings.selectors import meetings_of
from assessments.models import Assessment, Correction, Review
from assessments.readings.selectors import watched
from assessments.reviews import queue as review_queue
from assessments.reviews.casework import differences
from assessments.reviews.staff import left_work
from assessments.reviews.views.assessment import KINDS, acting, assessment_url, step_forward
from assessments.workflow.duties import ASSIGNED, last_news
from scorecard.access.roles import Role

SHOWN = 8


def supervisor_home(request: HttpRequest) -> HttpResponse:
    """What waits for this person, nearest deadline first; then how many cases stand where, and what is with the
    banks.
    """
    actor = acting(request)
    waiting = review_queue.own_work(actor)
    own = list(waiting[: SHOWN + 1])
    count = waiting.order_by().count() if len(own) > SHOWN else len(own)
    back, handed = last_news(case.pk for case in own[:SHOWN])
    differs = differences(own[:SHOWN])
    items = [
        _item(request, case)
        | {"sent_back": back.get(case.pk), "handed": handed.get(case.pk), "differs": differs.get(case.pk, [])}
        for case in own[:SHOWN]
    ]
    counts = review_queue.stage_counts(actor)
    stages = [
        {
            "label": state.label,
            "count": counts.reviews[str(state)],
            "kind": KINDS[state],
            "url": _stage_url(state),
        }
        for state in Review
        if state != Review.NONE
    ]
    stages += [
        {
            "label": putting_right.label,
            "count": counts.corrections[putting_right],
            "kind": "attention",
            "url": f"{reverse('review-queue')}?correction_state={putting_right}",
        }
        for putting_right in Correction
        if putting_right != Correction.NONE and counts.corrections[putting_right]
    ]
    context: dict[str, Any] = {
        "next": items[0] if items else None,
        "items": items[1:],
        "own_count": count,
        "stages": stages,
        "overdue": counts.overdue,
        "rounds": review_queue.open_rounds(actor),
        "with_banks": list(review_queue.returned(actor)[:SHOWN]) if actor.holds(Role.CASE_OFFICER) else [],
        "not_filed": list(review_queue.not_filed(actor)[:SHOWN]) if actor.holds(Role.CASE_OFFICER) else [],
        "answers": list(review_queue.unread_answers(actor)[:SHOWN]) if actor.holds(Role.CASE_OFFICER) else [],
        "is_head": actor.holds(Role.DECISION_MAKER),
        "left": left_work() if actor.holds(Role.DECISION_MAKER) else [],
        "has_cases": actor.holds(*ASSIGNED),
        "is_officer": actor.holds(Role.CASE_OFFICER),
        "measures": _measures(request),
        "watched": _watched(request),
        "meetings": meetings_of(actor),
    }
    return render(request, "supervisor/home.html", context)


def _measures(request: HttpRequest) -> list[dict[str, Any]]:
    """The register in numbers, each of them that of the rows behind its link: a case officer's own, and all."""
    actor = acting(request)
    act, late, every = home_counts(actor)
    here = reverse("measure-list")
    own = [(_("Mine to act on"), act, f"{here}?mine=act"), (_("Mine, overdue"), late, f"{here}?mine=late")]
    tiles = [*(own if actor.holds(Role.CASE_OFFICER) else []), (_("All overdue"), every, f"{here}?overdue=1")]
    return [{"label": label, "count": count, "url": url} for label, count, url in tiles]


def _watched(request: HttpRequest) -> dict[str, Any] | None:
    """The warnings of the newest readings in numbers, each with the rows behind it."""
    actor = acting(request)
    found = watched(actor)
    if found is None:
        return None
    here = reverse("reading-period", args=[found.period.pk])
    own = [
        (_("Mine with warnings"), found.mine, f"{here}?stands=warned&mine=yes"),
        (_("Mine with serious warnings"), found.mine_serious, f"{here}?stands=serious&mine=yes"),
    ]
    tiles = [
        *(own if actor.holds(Role.CASE_OFFICER) else []),
        (_("All with warnings"), found.warned, f"{here}?stands=warned"),
        (_("All with serious warnings"), found.serious, f"{here}?stands=serious"),
        (_("Not filed yet"), found.not_filed, f"{here}?filed=no"),
    ]
    rows = [{"label": label, "count": count, "url": url} for label, count, url in tiles]
    return {"period": found.period, "url": here, "tiles": rows}


def _stage_url(state: Review) -> str:
    """The list behind the number of a stage: the queue while a supervisor leads on, then the notices."""
    if state == Review.NOTIFIED:
        return f"{reverse('notice-list')}?state=waiting&rounds=open"
    if state == Review.ACKNOWLEDGED:
        return f"{reverse('notice-list')}?state=acknowledged&rounds=open"
    return f"{reverse('review-queue')}?review_state={state}"


def _item(request: HttpRequest, case: Assessment) -> dict[str, Any]:
    """One case with the step that leads on and the page on which it is taken."""
    actor = acting(request)
    forward = step_forward(actor, case)
    return {
        "case": case,
        "todo": (forward.todo or forward.title) if forward else "",
        "url": assessment_url(actor, case),
        "kind": KINDS[Review(case.review_state)],
        "mine": case.officer_id == actor.pk,
    }
