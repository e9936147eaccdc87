"""The head's view of the open rounds."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from assessments.home.workload import workload
from assessments.models import Review
from assessments.reviews.views.assessment import acting, assessment_url

SHOWN = (Review.NONE, Review.WAITING, Review.FIRST, Review.SECOND, Review.DECISION, Review.DECIDED)


@require_GET
def workload_page(request: HttpRequest) -> HttpResponse:
    """Who is behind, which cases wait longest, how many working days are left."""
    actor = acting(request)
    found = workload(actor)
    people = [(load, [load.states[str(state)] for state in SHOWN]) for load in found.people]
    context = {
        "found": found,
        "heads": [state.label for state in SHOWN],
        "people": people,
        "oldest": [(one, assessment_url(actor, one.case)) for one in found.oldest],
        "crumbs": [(_("Workload"), "")],
    }
    return render(request, "home/workload.html", context)
