"""Health for machines, metrics for Prometheus, and the same in words for the administrator."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from . import metrics
from .probes import examine, is_degraded
from .readiness import readiness


def live(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain; charset=utf-8")


def ready(request: HttpRequest) -> JsonResponse:
    """This process may be given requests; 503 when not. The broker is not asked: work waits in the database without."""
    found = readiness()
    return JsonResponse(found, status=200 if all(found.values()) else 503)


def _admit(request: HttpRequest) -> None:
    """Only whoever knows ``METRICS_TOKEN``; to everybody else, and without a token, the address does not exist."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN or not constant_time_compare(given, settings.METRICS_TOKEN):
        raise Http404


@require_safe
def status(request: HttpRequest) -> JsonResponse:
    """Ready, degraded or not ready, with each probe; 503 when not ready, since a degraded service still serves."""
    _admit(request)
    if not all((found := readiness()).values()):
        return JsonResponse({"state": "not ready", "conditions": found}, status=503)
    with override("en"):
        probes = examine()
        told = {
            name: {"state": one.state, "number": one.number, "said": one.said} for name, (_t, one) in probes.items()
        }
    return JsonResponse({"state": "degraded" if is_degraded(probes) else "ready", "probes": told})


@require_safe
def metrics_text(request: HttpRequest) -> HttpResponse:
    """Everything that is counted and watched, for Prometheus."""
    _admit(request)
    with override("en"):
        return HttpResponse(metrics.exposition(), content_type=metrics.CONTENT_TYPE)


@require_safe
def operations(request: HttpRequest) -> HttpResponse:
    """How the service stands, in words."""
    found = examine()
    context = {
        "title": _("State of the service"),
        "crumbs": [(_("Home"), reverse("home")), (_("State of the service"), "")],
        "probes": [(title, one) for title, one in found.values()],
        "degraded": is_degraded(found),
    }
    return render(request, "operations/state.html", context)
