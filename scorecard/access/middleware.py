"""Enforces the URL policy before any view runs, and records each refusal."""

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from scorecard.audit.services import record

from .decisions import Hidden, RoleDenied
from .policy import url_policy
from .row_security import bind_to

logger = logging.getLogger(__name__)

# What somebody can open whose password was set by somebody else, until it is changed.
OWN_PASSWORD = frozenset({"password-change", "logout"})


def _on_screen(request: HttpRequest) -> str:
    """Where somebody who signs in again goes on: the page that was on screen; the address of a form alone is none."""
    if request.method in ("GET", "HEAD") and not request.headers.get("HX-Request"):
        return request.get_full_path()
    page = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        return resolve_url("home") if request.headers.get("HX-Request") else request.get_full_path()
    parts = urlsplit(page)
    return urlunsplit(("", "", parts.path, parts.query, ""))


class UrlPolicyMiddleware:
    """Deny by default: a URL without an entry, or a role that the entry does not admit, never reaches its view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if request.method == "TRACE":  # a view without a list of methods would answer it as a page
            return HttpResponseNotAllowed(["GET", "HEAD", "POST", "OPTIONS"])
        match = request.resolver_match
        name = match.view_name if match else ""
        rule = url_policy().get(name)
        if rule is None:
            logger.error("The URL %s has no entry in a policy; it is refused.", name)
            raise RoleDenied(_("This page has no access rule and is closed."))
        if rule.public:
            return None
        if not request.user.is_authenticated:
            to_login = redirect_to_login(_on_screen(request))
            if request.headers.get("HX-Request"):
                return HttpResponse(status=204, headers={"HX-Redirect": to_login.url})
            return to_login
        if request.user.must_change_password and name not in OWN_PASSWORD:
            if request.headers.get("HX-Request"):
                return HttpResponse(status=204, headers={"HX-Redirect": resolve_url("password-change")})
            return redirect("password-change")
        if not rule.admits(request.user.roles):
            raise RoleDenied(_("Your role does not open this page."))
        return None


class RefusalMiddleware:
    """Records refusals (another bank's object, a closed page) after the view's own transaction has been undone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        if isinstance(exception, Hidden):
            self._record("access.hidden", request, exception.bank_id, exception.target)
        elif isinstance(exception, PermissionDenied):
            self._record("access.denied", request, None, None)

    @staticmethod
    def _record(event: str, request: HttpRequest, bank_id: int | None, target: Any) -> None:
        data = {"path": request.path, "method": request.method}
        record(event, actor=request.user, bank_id=bank_id, target=target, data=data)


class RowSecurityMiddleware:
    """Binds the database's own view to the bank of whoever asks, before any view of theirs runs (``row_security``)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        if request.user.is_authenticated:
            bind_to(request.user)
