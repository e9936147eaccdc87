"""Who must have a second factor and has none finds the page that sets one up, and nothing else."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url

from .confirmation import must_have
from .models import Factor

# What somebody without the factor can open, and the mark of a session whose person has one.
OPEN = frozenset(
    {"factor-list", "factor-add", "factor-codes", "password-change", "logout", "login", "set-language", "set-theme"}
)
HAS_ONE = "has_factor"


class SecondFactorMiddleware:
    """Stands after the policy of the URL. A session asks the database until it has found one; a reset of somebody's
    factors ends the sessions."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        person: Any = request.user
        if not person.is_authenticated or request.session.get(HAS_ONE) or not must_have(person):
            return None
        match = request.resolver_match
        if match is not None and match.view_name in OPEN:
            return None
        if Factor.objects.filter(person=person).exists():
            request.session[HAS_ONE] = True
            return None
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": resolve_url("factor-list")})
        return redirect("factor-list")
