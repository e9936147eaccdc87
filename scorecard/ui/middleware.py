"""What every request and answer have in common: the language of the screen, no NUL, no cache, an end when idle."""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

from scorecard.access.sessions import SEEN, STARTED, begin, is_over
from scorecard.ui.problems import for_machines


class LanguageMiddleware:
    """Chinese, unless the reader has chosen otherwise; what the browser prefers does not count.

    The choice is in a cookie, set by the language switch and, at sign-in, from the person's own record. A machine has
    no cookie and says it in ``Accept-Language``.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        if not chosen and for_machines(request):
            chosen = accepted(request.headers.get("Accept-Language", ""))
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
            patch_vary_headers(response, ["Cookie", "Accept-Language"] if for_machines(request) else ["Cookie"])
            response.headers.setdefault("Content-Language", language)
        return response


def accepted(header: str) -> str:
    """The first of our languages that a machine reads, "" where it names none."""
    for wanted, _quality in parse_accept_lang_header(header.lower()):
        for code, _name in settings.LANGUAGES:
            if wanted == code or wanted.partition("-")[0] == code.partition("-")[0]:
                return str(code)
    return ""


class NulMiddleware:
    """Drops the NUL character from everything typed. It is no text, nobody sees it, and PostgreSQL refuses it with an
    error that no page can explain; an address with one does not exist."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", ""):
            request.GET = without_nul(request.GET)  # type: ignore[assignment]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        if "\x00" in request.path:
            raise Http404
        if request.method == "POST" and any(
            "\x00" in text for name, texts in request.POST.lists() for text in (name, *texts)
        ):
            request.POST = without_nul(request.POST)  # type: ignore[assignment]


def without_nul(data: QueryDict) -> QueryDict:
    """The same parameters without the NUL character."""
    clean = QueryDict(mutable=True)
    for name, texts in data.lists():
        clean.setlist(name.replace("\x00", ""), [text.replace("\x00", "") for text in texts])
    clean._mutable = False
    return clean


class ConfidentialMiddleware:
    """Pages of a signed-in person are kept by no cache, neither the browser's nor a proxy's: after signing out nobody
    leafs back to them. A view that says more about its own answer keeps its word."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated and "no-store" not in response.headers.get("Cache-Control", ""):
            response.headers["Cache-Control"] = "private, no-store"
        return response


# Pages that ask by themselves and so are no sign of somebody at the desk.
POLLED = frozenset({"job-progress", "assessment-progress"})


class IdleMiddleware:
    """Ends a session that is over (``access.sessions.is_over``): the request finds the sign-in page. When a session was
    last used is written at most once a minute."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        if not request.user.is_authenticated:
            return
        now = int(time.time())
        if is_over(request.session, now):
            logout(request)
            return
        name = request.resolver_match.view_name if request.resolver_match else ""
        if now - request.session.get(SEEN, 0) >= 60 and name not in POLLED:
            request.session[SEEN] = now
            request.session.setdefault(STARTED, now)


@receiver(user_logged_in)
def begin_to_count(sender: Any, request: HttpRequest | None, **kwargs: Any) -> None:
    """A new session is in use from its sign-in on."""
    if request is not None:
        begin(request)
