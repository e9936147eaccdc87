"""Lets a machine in by its token, before the policy of addresses is asked (docs/api.md, Tokens and Conventions).

Sets ``request.user`` to the token's person, ``request.api_token``, and the token of every event that is recorded. What
ends here: no token, one that does not hold, the rate, a method or scope that is not there.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.api.scopes import OPERATIONS, Needs, opens
from assessments.api.tokens import count_use, known_token, record_refusal
from assessments.models import ApiToken
from scorecard.access.row_security import bind_to
from scorecard.audit.context import origin
from scorecard.audit.services import record
from scorecard.identity.confirmation import factors_of, must_have
from scorecard.identity.middleware import HAS_ONE
from scorecard.ui.problems import problem

SPACE = "api:"
# What people read in a browser, with their session.
FOR_PEOPLE = frozenset({"api:openapi-json", "api:openapi-view", "api:api-root"})


class TokenMiddleware:
    """Every operation of the API is asked for with a token, and with nothing else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        token: ApiToken | None = getattr(request, "api_token", None)
        if token is not None:
            self._read(request, response, token)
            limit, used = settings.API_REQUESTS_PER_MINUTE, request.api_used  # type: ignore[attr-defined]
            response["RateLimit-Policy"] = f'"token";q={limit};w=60'
            response["RateLimit"] = f'"token";r={max(0, limit - used)};t={_seconds_left()}'
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        match = request.resolver_match
        name = match.view_name if match else ""
        if not name.startswith(SPACE) or name in FOR_PEOPLE:
            return None
        operation, method = name.removeprefix(SPACE), request.method or ""
        methods = sorted(m for n, m in OPERATIONS if n == operation)
        scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
        token = known_token(secret.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            return _unauthorized(request, _("Send a token of the API in the header Authorization, after “Bearer”."))
        now = timezone.now()
        request.api_token, request.api_used = token, count_use(token, now)  # type: ignore[attr-defined]
        origin.set(replace(origin.get(), api_token=token.pk))
        request.user = token.person
        bind_to(token.person)
        request.session = {HAS_ONE: True}  # type: ignore[assignment]  # a machine has none, and is asked below
        if refused := self._against(request, token):
            return refused
        if (operation, method) not in OPERATIONS:
            return problem(request, 405, headers={"Allow": ", ".join(methods)})
        needs = OPERATIONS[operation, method]
        if not opens(needs, token.scopes, token.person.roles):
            self._tell(token, f"scope {operation} {method}")
            scopes = _(", ").join(needs.scopes)
            why = _("The token, or the role of its person, does not include what this needs: %(scopes)s.")
            return problem(request, 403, detail=why % {"scopes": scopes})
        request.api_needs = needs  # type: ignore[attr-defined]
        return None

    def _against(self, request: HttpRequest, token: ApiToken) -> HttpResponse | None:
        """What stands against the token itself."""
        if request.api_used > settings.API_REQUESTS_PER_MINUTE:  # type: ignore[attr-defined]
            wait = str(_seconds_left())
            detail = _("More than %(count)d requests in a minute; go on in %(seconds)s seconds.")
            words = {"count": settings.API_REQUESTS_PER_MINUTE, "seconds": wait}
            return problem(request, 429, detail=detail % words, headers={"Retry-After": wait})
        if token.state != "live" or not token.person.is_active:
            self._tell(token, token.state if token.state != "live" else "person")
            return _unauthorized(request, _("The token has been revoked or has ended. Draw another one."))
        if token.person.must_change_password:
            self._tell(token, "password")
            return problem(request, 403, detail=_("Change your password on the web first: somebody else has set it."))
        if must_have(token.person) and not factors_of(token.person):
            self._tell(token, "factor")
            told = _("Your roles need a second factor: set one up under “My account” first.")
            return problem(request, 403, detail=told)
        return None

    @staticmethod
    def _tell(token: ApiToken, reason: str) -> None:
        """One event for the first refusal in a minute: a machine that goes on asking fills no trail."""
        record_refusal(token, reason, timezone.now())

    @staticmethod
    def _read(request: HttpRequest, response: HttpResponse, token: ApiToken) -> None:
        """A sensitive read is an event."""
        needs: Needs | None = getattr(request, "api_needs", None)
        if needs is None or not needs.sensitive or response.status_code != 200:
            return
        about = getattr(request, "api_subject", None)
        bank_id = about.bank_id if about is not None else token.bank_id
        data = {"path": request.path}
        record("assessments.api.read", actor=token.person, target=about, bank_id=bank_id, data=data)


def _seconds_left() -> int:
    return 60 - int(time.time()) % 60


def _unauthorized(request: HttpRequest, detail: str) -> HttpResponse:
    return problem(request, 401, detail=detail, headers={"WWW-Authenticate": 'Bearer realm="scorecard"'})
