"""What a decision maker has typed and not yet signed: kept with the session, so that recording a measure loses none.

All fields of the page stand in one form. Recording a measure sends them all; what belongs to other measures and to the
signature is kept until the decision is signed. The password never is.
"""

from typing import Any

from django.http import HttpRequest, QueryDict

from assessments.models import Measure

KEPT = ("grade", "adjustment", "reason")
OF_A_MEASURE = ("outcome", "options", "content", "reason")


def prefix(measure: Measure) -> str:
    """What the names of a measure's fields begin with."""
    return f"m{measure.pk}-"


def _key(assessment_id: int) -> str:
    return f"decision-{assessment_id}"


def keep_typed(request: HttpRequest, assessment_id: int, *, without: str = "") -> None:
    """Keep what was sent, apart from the fields of one measure and the password."""
    kept = {
        name: request.POST.getlist(name)
        for name in request.POST
        if (name in KEPT or (name.startswith("m") and name.partition("-")[2] in OF_A_MEASURE))
        and not (without and name.startswith(without))
        and any(value.strip() for value in request.POST.getlist(name))
    }
    request.session[_key(assessment_id)] = kept


def kept_typed(request: HttpRequest, assessment_id: int) -> QueryDict:
    """What was kept; a form's data."""
    found = QueryDict(mutable=True)
    for name, values in request.session.get(_key(assessment_id), {}).items():
        found.setlist(name, values)
    return found


def forget_typed(request: HttpRequest, assessment_id: int) -> None:
    """The decision is signed: nothing is left to keep."""
    request.session.pop(_key(assessment_id), None)


def typed_of(data: QueryDict, measure: Measure) -> dict[str, Any]:
    """What is typed for one measure; empty where nothing is."""
    start = prefix(measure)
    found: dict[str, Any] = {
        name: data.get(start + name, "") for name in ("outcome", "content", "reason") if data.get(start + name)
    }
    if options := data.getlist(start + "options"):
        found["options"] = options
    return found
