"""Error pages: what happened, what to do now, and the number to quote. In the language of the screen."""

import sys
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone

from scorecard.access.decisions import NotShown, Refused, Stale, TooLarge, TooManyAttempts
from scorecard.jobs.unavailable import is_unavailable
from scorecard.ui.problems import for_machines, of_page, problem

RETRY_SECONDS = 60  # when to ask again after the database or the disk has failed


def page(request: HttpRequest, status: int, **context: Any) -> HttpResponse:
    """The error page for a status: a whole page, for htmx only the notice that it shows in place, for a machine a
    problem."""
    if for_machines(request):
        return of_page(request, status, context)
    context |= {
        "status": status,
        "request_id": getattr(request, "id", ""),
        "error_text": f"errors/{status}.html",
    }
    if request.headers.get("HX-Request"):
        response = render(request, "errors/fragment.html", context, status=status)
        response["HX-Retarget"], response["HX-Reswap"] = "#messages", "innerHTML"
        return response
    return render(request, f"{status}.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400; a body that is too large answers 413."""
    if isinstance(exception, RequestDataTooBig):
        from django.conf import settings

        return page(request, 413, limit_mb=settings.DATA_UPLOAD_MAX_MEMORY_SIZE // (1024 * 1024))
    return page(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the role does not open the page."""
    return page(request, 403, reason=str(exception) if exception and str(exception) else "")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form was opened before signing in again, or in another window."""
    return page(request, 403, csrf=True)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: there is no such page, or it is not the reader's to see; the answer is the same."""
    return page(request, 404)


def conflict(
    request: HttpRequest, reasons: Iterable[Any], *, stale: bool = False, kept: bool = False, back: str = ""
) -> HttpResponse:
    """409: the step cannot be taken now. Every reason is shown; ``stale`` says that somebody was faster, ``kept`` that
    no step was asked for but something that is kept and cannot be shown.
    """
    return page(request, 409, reasons=list(reasons), stale=stale, kept=kept, back=back or request.get_full_path())


def not_allowed(request: HttpRequest, allow: str) -> HttpResponse:
    """405: an address that only takes what a form sends was opened as a page."""
    response = page(request, 405)
    response["Allow"] = allow
    return response


def too_large(request: HttpRequest, limit_mb: int) -> HttpResponse:
    """413: what was sent is too large."""
    return page(request, 413, limit_mb=limit_mb)


def too_many(request: HttpRequest, until: datetime) -> HttpResponse:
    """429: too many attempts; says when to try again, in the page and in ``Retry-After``."""
    response = page(request, 429, until=until)
    response["Retry-After"] = str(max(1, int((until - timezone.now()).total_seconds()) + 1))
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 where the database is away or the disk is full: rendered without a session, a query or a context
    processor, since any of them may be what failed."""
    context = {"request_id": getattr(request, "id", ""), "error_text": "errors/503.html"}
    away = is_unavailable(sys.exc_info()[1])  # Django calls this while it handles the error
    if for_machines(request):
        return problem(request, 503, headers={"Retry-After": str(RETRY_SECONDS)}) if away else problem(request, 500)
    if not away:
        return HttpResponse(render_to_string("500.html", context), status=500)
    if request.headers.get("HX-Request"):
        response = HttpResponse(render_to_string("errors/fragment.html", context), status=503)
        response["HX-Retarget"], response["HX-Reswap"] = "#messages", "innerHTML"
    else:
        response = HttpResponse(render_to_string("503.html", context), status=503)
    response["Retry-After"] = str(RETRY_SECONDS)
    return response


class ErrorPagesMiddleware:
    """Turns a refusal that a view let pass into its page: 409 for a refused step, 413 and 429 for the limits."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response: HttpResponse = self.get_response(request)
        if response.status_code == 405 and request.method == "GET" and not response.content:
            return not_allowed(request, response["Allow"])
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Refused):
            stale, kept = isinstance(exception, Stale), isinstance(exception, NotShown)
            return conflict(request, exception.reasons, stale=stale, kept=kept)
        if isinstance(exception, TooLarge):
            return too_large(request, exception.limit_mb)
        if isinstance(exception, TooManyAttempts):
            return too_many(request, exception.until)
        return None
