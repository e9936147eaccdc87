"""The bank's home: its filing in the newest open round, its notices, and the rounds before."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from assessments.access import visible_assessments, visible_notices
from assessments.filings.views.common import acting
from assessments.filings.views.overview import overview, with_words
from assessments.measures.selectors import owed_by_bank
from assessments.models import Assessment, Notice, RoundState
from assessments.readings.own import newest_copies, newest_warnings, to_be_filed
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.results import grade_name
from banks.selectors.people import runs_for


@require_safe
def bank_home(request: HttpRequest) -> HttpResponse:
    """The filing of the newest open round, and the rounds before it."""
    mine = (
        visible_assessments(acting(request))
        .select_related("bank", "round__rulebook", "version", "system_run", "checked_by", "signed_by", "saved_by")
        .order_by("-round__year", "-round__id")
    )
    rows, notices = list(mine), list(visible_notices(acting(request)))
    current = next((row for row in rows if row.round.state == RoundState.OPEN and row.taken_out_at is None), None)
    context: dict[str, Any] = {"earlier": _earlier(rows, current, notices), "letters": with_words(notices)}
    owed = owed_by_bank(acting(request)) if notices else []  # a measure binds by a notice
    context |= {"owed": owed, "today": timezone.localdate()}
    context |= {"readings": to_be_filed(acting(request)), "warned": newest_warnings(acting(request))}
    context["stands_in"] = runs_for(acting(request))
    context["circulars"] = newest_copies(acting(request))
    if current is not None:
        context |= overview(request, current, notices)
    return render(request, "bank/home.html", context)


def _earlier(rows: list[Assessment], current: Assessment | None, notices: list[Notice]) -> list[dict[str, Any]]:
    """Other rounds with what the bank knows of their outcome."""
    told = {notice.rating.assessment_id: notice.rating for notice in reversed(notices)}  # the newest stays
    found = []
    for row in rows:
        if current is not None and row.pk == current.pk:
            continue
        rating = told.get(row.pk)
        rulebook = engine_rulebook(row.round.rulebook)
        found.append(
            {
                "assessment": row,
                "points": rating.points if rating else "",
                "grade": grade_name(rulebook, rating.grade) if rating else "",
                "decided": rating is not None,
            }
        )
    return found
