"""Counts each request, and says it in one line of the log where that is wanted."""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from .metrics import count_request

logger = logging.getLogger("scorecard.request")
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})


class RequestMiddleware:
    """Times every request, those that are refused before their view included. Neither the address nor what was typed is
    kept: a line names the view, and the request's number leads to its events in the trail."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - started
        match = request.resolver_match
        view = (match.view_name if match else "") or "none"
        method = request.method if request.method in METHODS else "other"
        count_request(view, str(method), response.status_code, seconds)
        if settings.LOG_REQUESTS:
            logger.info("%s %s %s %.0f ms", method, view, response.status_code, seconds * 1000)
        return response
