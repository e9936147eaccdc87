"""Gives every request a number and makes its origin known to the events it records."""

import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from .context import Origin, origin


def caller_address(remote: str, forwarded: str, proxies: int) -> str:
    """The address of whoever asked, behind so many proxies of our own.

    Each proxy appends the address that it was asked from to ``X-Forwarded-For``; what stands before those entries came
    from the caller and proves nothing. With fewer entries than proxies the request did not come through them.
    """
    entries = [entry.strip() for entry in forwarded.split(",") if entry.strip()]
    return entries[-proxies] if proxies and len(entries) >= proxies else remote


class RequestContextMiddleware:
    """Sets ``request.id`` and the audit origin; answers with ``X-Request-ID`` so that a user can quote it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.id = str(uuid.uuid4())  # type: ignore[attr-defined]
        # The lockout and the trail must see the person's address, not that of our own proxy.
        request.META["REMOTE_ADDR"] = caller_address(
            request.META.get("REMOTE_ADDR", "") or "",
            request.META.get("HTTP_X_FORWARDED_FOR", ""),
            settings.TRUSTED_PROXIES,
        )
        token = origin.set(Origin(ip=request.META.get("REMOTE_ADDR", "") or "", request_id=request.id))  # type: ignore[attr-defined]
        try:
            response = self.get_response(request)
        finally:
            origin.reset(token)
        response["X-Request-ID"] = request.id  # type: ignore[attr-defined]
        return response
