"""The values of the year of a round: what the supervisor sets, what counts now, and how it came about."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from assessments.access import get_round
from assessments.filings.fact_fields import FactField, fact_field_of
from assessments.filings.views.common import acting
from assessments.models import Round, RoundState
from assessments.rounds.parameters.selectors import ParameterView, parameter_views
from assessments.rounds.parameters.services import SOURCE_LENGTH, set_round_parameter
from assessments.rounds.tables import admits
from assessments.rounds.views import round_context
from assessments.rulebooks.parameters import parameter_spec
from assessments.rulebooks.sizes import Unlikely
from banks.services.errors import Invalid
from scorecard.access.decisions import Refused, Stale
from scorecard.engine import FactError, FactValue, Nothing, parse_fact
from scorecard.words.language import in_language

Problems = dict[str, list[Any]]  # field (value, source, or "" for the whole) → sentences


@require_GET
def round_parameters(request: HttpRequest, pk: int) -> HttpResponse:
    """Every value of the year with its default, what counts now, who set it, when and by which source."""
    return _page(request, get_round(acting(request), pk))


@require_POST
def round_parameter_set(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Set one value, or withdraw it. What cannot be taken comes back with what was typed."""
    round_ = get_round(acting(request), pk)
    view = next((each for each in parameter_views(round_) if each.id == name), None)
    if view is None:
        raise Http404
    problems: Problems = {}
    value: FactValue | None = None
    if "withdraw" not in request.POST:
        value = Nothing.UNANSWERED
        try:
            value = parse_fact(parameter_spec(view.parameter), _typed(request, name))
        except FactError as error:
            problems["value"] = [in_language(error.message)]
    seen, status = request.POST.get("seen", ""), 422
    if not (seen.isdecimal() and len(seen) < 9):
        problems.setdefault("", []).append(_("What the page had shown did not come with it. Open the page again."))
    if not problems:
        try:
            set_round_parameter(
                actor=acting(request),
                round_id=pk,
                parameter=name,
                value=value,
                source=request.POST.get("source", ""),
                seen=int(seen),
                sure=bool(request.POST.get("sure")) and request.POST.get("asked") == _typed(request, name),
            )
        except Invalid as error:
            problems = {field: list(reasons) for field, reasons in error.fields.items()}
        except Unlikely as error:
            problems = {"value": list(error.reasons), "asked": []}
        except Stale as error:
            problems, status = {"": [*error.reasons, _("Below is what counts now and what you typed.")]}, 409
        except Refused as error:
            problems, status = {"": list(error.reasons)}, 409
        else:
            done = (
                _("The value has been withdrawn; the default counts again.")
                if value is None
                else _("The value has been set.")
            )
            messages.success(request, done)
            return redirect("round-parameters", pk)
    return _page(request, round_, name, problems, status)


def _typed(request: HttpRequest, name: str) -> str:
    return next(filter(None, request.POST.getlist(f"f-{name}")), "")


def _page(
    request: HttpRequest, round_: Round, name: str = "", problems: Problems | None = None, status: int = 200
) -> HttpResponse:
    """``name`` is the value whose form came back, with its ``problems`` by field."""
    wrong = problems or {}
    views = parameter_views(round_)
    rows = [
        {
            "view": view,
            "field": _field(view, _typed(request, name), wrong) if view.id == name else _field(view, None, {}),
            "source": request.POST.get("source", "") if view.id == name else "",
            "source_error": " ".join(map(str, wrong.get("source", []))) if view.id == name else "",
            "reasons": wrong.get("", []) if view.id == name else [],
            "asked": _typed(request, name) if view.id == name and "asked" in wrong else "",
        }
        for view in views
    ]
    anchors = {"value": f"#id_f-{name}", "source": f"#source-{name}", "": f"#parameter-{name}"}
    context = round_context(request, round_) | {
        "rows": rows,
        "errors": [(anchors[field], reason) for field, reasons in wrong.items() for reason in reasons],
        "may_set": admits("round-parameter-set", acting(request)) and round_.state != RoundState.CLOSED,
        "may_file": admits("round-figures-file", acting(request)) and bool(views),
        "may_edit": True,  # of the shared field template; it stands in a form only for who may set
        "source_length": SOURCE_LENGTH,
    }
    return render(request, "rounds/parameters.html", context, status=status)


def _field(view: ParameterView, typed: str | None, wrong: Problems) -> FactField:
    """The value as a field, blank until somebody types: its name, its basis and what counts now stand above it."""
    error = " ".join(map(str, wrong.get("value", [])))
    field = fact_field_of(parameter_spec(view.parameter), Nothing.UNANSWERED, typed=typed, error=error)
    return replace(field, label=_("New value"), clause="", basis="")
