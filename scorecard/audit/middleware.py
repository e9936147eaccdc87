"""Gives every request a number and makes its origin known to the events it records."""

import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from .context import Origin, origin


class RequestContextMiddleware:
    """Sets ``request.id`` and the audit origin; answers with ``X-Request-ID`` so that a user can quote it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.id = str(uuid.uuid4())  # type: ignore[attr-defined]
        token = origin.set(Origin(ip=request.META.get("REMOTE_ADDR", "") or "", request_id=request.id))  # type: ignore[attr-defined]
        try:
            response = self.get_response(request)
        finally:
            origin.reset(token)
        response["X-Request-ID"] = request.id  # type: ignore[attr-defined]
        return response
