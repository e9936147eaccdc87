"""The calendar of the register: the days of one month on which anything is due or ends."""

import re
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from assessments.measures.selectors import calendar
from assessments.reviews.views.assessment import acting
from scorecard.audit.reading import record_reading


@require_GET
def calendar_page(request: HttpRequest) -> HttpResponse:
    """``?month=2027-01``; this month where none is named, or none that there is."""
    today = timezone.localdate()
    first = _month(request.GET.get("month", "")) or today.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    actor = acting(request)
    record_reading("assessments.list.read", actor=actor, name="calendar of measures")
    context = {
        "crumbs": [(_("Register of measures"), reverse("measure-list")), (_("Calendar of measures"), "")],
        "month": first,
        "before": f"{first - timedelta(days=1):%Y-%m}",
        "after": f"{following:%Y-%m}",
        "days": calendar(actor, first, following - timedelta(days=1)),
        "today": today,
        "bank_side": actor.is_bank_person,
    }
    return render(request, "measures/calendar.html", context)


def _month(text: str) -> date | None:
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", text):
        return None
    return date(int(text[:4]), int(text[5:]), 1)
