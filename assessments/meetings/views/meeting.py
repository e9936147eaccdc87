"""One meeting, its steps, and its papers."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from assessments.filings.versions.views import file_response
from assessments.meetings import machine
from assessments.meetings.effects import grade_names, point_body
from assessments.meetings.jobs import ask_for_paper, made
from assessments.meetings.paper import AGENDA, MINUTES, point_rows, proposal_words
from assessments.meetings.selectors import get_meeting, proposal_of
from assessments.meetings.table import TABLE
from assessments.meetings.views.lists import STATE_KINDS
from assessments.models import FollowUp, Meeting, MeetingPoint, MeetingState
from assessments.reviews.views.assessment import acting
from scorecard.access.decisions import Refused, Stale
from scorecard.audit.services import record
from scorecard.documents.kept import CONTENT_TYPES
from scorecard.ui.forms import ConfirmForm

FOLLOW_UP_KINDS = {"noted": "neutral", "open": "info", "done": "good", "dropped": "neutral"}
OWN_PAGES = {"arrange": "meeting-arrange", "write": "meeting-write"}


@require_GET
def meeting_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Agenda with what is proposed, people, results, follow-ups; a bank reads the signed minutes alone."""
    actor = acting(request)
    here = get_meeting(actor, pk)
    record("assessments.meeting.viewed", actor=actor, target=here, bank_id=actor.bank_id, data={"state": here.state})
    if actor.is_bank_person:
        return render(request, "meetings/minutes.html", head(request, here) | {"body": _frozen(here.minutes.body)})
    rows = [(row, _url(here, row.name)) for row in machine.available(actor=actor, meeting=here)]
    context = head(request, here) | {
        "actions": rows,
        "forward": _forward(here, rows),
        "points": [_point(here, point) for point in _points(here)],
        "members": here.members.select_related("member"),
        "guests": here.guests.all(),
        "follow_ups": [_follow_up(request, row) for row in here.follow_ups.select_related("owner")],
        "steps": [_step(row) for row in here.steps.select_related("actor").order_by("-pk")],
    }
    return render(request, "meetings/detail.html", context)


def head(request: HttpRequest, here: Meeting, title: Any = "") -> dict[str, Any]:
    """What every page of one meeting shows of it."""
    crumbs: list[tuple[Any, str]] = [(_("Meetings"), reverse("meeting-list"))]
    crumbs.append((here.title, reverse("meeting-detail", args=[here.pk]) if title else ""))
    return {
        "meeting": here,
        "state_kind": STATE_KINDS[here.state],
        "minutes": here.minutes if here.state == MeetingState.SIGNED else None,
        "crumbs": [*crumbs, (title, "")] if title else crumbs,
    }


def _url(here: Meeting, name: str) -> str:
    if name in OWN_PAGES:
        return reverse(OWN_PAGES[name], args=[here.pk])
    return reverse("meeting-step", args=[here.pk, name])


def _forward(here: Meeting, rows: list[tuple[Any, str]]) -> Any:
    """The step that leads on: what is to be done next, in the order of a meeting."""
    done = here.points.exclude(result="").exists()
    order = {
        MeetingState.PLANNED: ("call", "arrange") if here.points.exists() else ("arrange",),
        MeetingState.CALLED: ("open",),
        MeetingState.HELD: ("sign", "write") if done else ("write",),
    }.get(MeetingState(here.state), ())
    return next(((row, url) for name in order for row, url in rows if row.name == name), None)


def _points(here: Meeting) -> list[MeetingPoint]:
    rows = here.points.select_related("assessment__round__rulebook", "assessment__bank")
    return list(rows.prefetch_related("dissents__member"))


def _point(here: Meeting, point: MeetingPoint) -> dict[str, Any]:
    """One point with its proposal (that of today until the agenda is handed out) and its result."""
    proposal = point.proposal
    if not proposal and point.assessment is not None and here.state == MeetingState.PLANNED:
        rating = point.assessment.rating_in_hand
        proposal = proposal_of(rating) if rating is not None else {}
    names = grade_names(point)
    points, grade, adjustment, measures = proposal_words(proposal, names)
    return {
        "point": point,
        "proposal": {"points": points, "grade": grade, "adjustment": adjustment, "measures": measures},
        "url": reverse("decision-detail", args=[point.assessment_id]) if point.assessment_id else "",
        "said": list(point_rows(point_body(point) | {"case": None, "text": ""})) if point.result else [],
    }


def _frozen(body: dict[str, Any]) -> dict[str, Any]:
    """The minutes as they were signed, for a page."""
    return body | {"points": [(point, list(point_rows(point))) for point in body["points"]]}


def _follow_up(request: HttpRequest, row: FollowUp) -> dict[str, Any]:
    actor = acting(request)
    return {
        "row": row,
        "kind": FOLLOW_UP_KINDS[row.state],
        "actions": [
            (step, reverse("follow-up-step", args=[row.pk, step.name]))
            for step in machine.available(actor=actor, meeting=row.meeting, follow_up=row)
            if machine.check(step.name, actor=actor, meeting=row.meeting, follow_up=row).allowed
        ],
    }


def _step(row: Any) -> dict[str, Any]:
    known = TABLE.get(row.name)
    return {"row": row, "title": known.title if known is not None else _("Planned")}


@require_http_methods(["GET", "POST"])
def meeting_step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """The last look before a step on a meeting."""
    actor, row = acting(request), TABLE.get(name)
    here = get_meeting(actor, pk)
    if row is None or row.follow_up is not None or row.told is not None:
        raise Http404
    form = ConfirmForm(
        request.POST or None, user=actor, reason="required" if row.reason else "", signature=row.signature
    )
    reasons = [str(reason) for reason in machine.check(name, actor=actor, meeting=here).reasons]
    status, stale = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                machine.take(
                    name,
                    actor=actor,
                    meeting_id=pk,
                    reason=form.cleaned_data.get("reason", ""),
                    seen=request.POST.get("seen", ""),
                    signed=form.signature,
                )
            except Stale as error:
                stale, reasons, status = error, [], 409
                here = get_meeting(actor, pk)
            except Refused as error:
                reasons, status = [str(reason) for reason in error.reasons], 409
            else:
                messages.success(request, _("“%(step)s” is done.") % {"step": row.title})
                return redirect("meeting-detail", pk)
    context = head(request, here, row.title) | {
        "step": row,
        "form": form,
        "reasons": reasons,
        "seen": (stale is None and request.POST.get("seen")) or machine.shown(name, here),
        "stale": stale is not None,
        "differences": stale.current if stale is not None else None,
        "points": [_point(here, point) for point in _points(here)] if row.sealed else [],
        "members": here.members.select_related("member") if row.sealed else [],
        "guests": here.guests.all() if row.sealed else [],
        "follow_ups": [_follow_up(request, one) for one in here.follow_ups.all()] if row.sealed else [],
        "cancel_url": reverse("meeting-detail", args=[pk]),
    }
    return render(request, "meetings/step.html", context, status=status)


@never_cache
@require_GET
def meeting_paper(request: HttpRequest, pk: int, what: str, form: str) -> HttpResponseBase:
    """The file of the agenda or of the minutes; one that is not made yet is asked for, and the work's page leads back.

    The agenda is the supervisor's; a bank has the PDF of the minutes that it may read.
    """
    actor = acting(request)
    here = get_meeting(actor, pk)
    unsigned = what == MINUTES and here.state != MeetingState.SIGNED
    if what not in (AGENDA, MINUTES) or form not in CONTENT_TYPES or unsigned:
        raise Http404
    if actor.is_bank_person and (what, form) != (MINUTES, "pdf"):
        raise Http404
    path = made(here, what, form)
    if path is None:
        return redirect("job-detail", ask_for_paper(actor, here, what, form).pk)
    data = {"what": what, "form": form}
    record("assessments.meeting.paper", actor=actor, target=here, bank_id=actor.bank_id, data=data)
    name = here.minutes.number if what == MINUTES else f"{here.title} {what}"
    return file_response(path.open("rb"), f"{name}.{form}", form)
