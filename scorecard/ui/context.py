"""What every page's frame needs: the rail, the theme, the languages. One context processor, no query of its own."""

from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, get_language_info, gettext, override

from scorecard.saved.lists import title_of
from scorecard.saved.selectors import own_filters

from .nav import rail

THEMES = ("auto", "light", "dark")


class Frame:
    """Computed only when a template asks, so that fragments and files pay nothing."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def sections(self) -> list[Any]:
        """The sections of the rail for the signed-in person; none for somebody who is not signed in."""
        user = getattr(self.request, "user", None)
        if user is None or not user.is_authenticated:
            return []
        return rail(user.roles, self.request.path)

    @cached_property
    def home(self) -> str:
        """The start page."""
        return reverse("home")

    @cached_property
    def unread(self) -> int:
        """How many messages the signed-in person has not read; the person was read with it."""
        return getattr(getattr(self.request, "user", None), "unread_messages", 0)

    @cached_property
    def saved(self) -> list[Any]:
        """The person's saved filters, each with the title of its list; no query for who has none."""
        user = getattr(self.request, "user", None)
        if not getattr(user, "saved_filters", 0):
            return []
        found: list[Any] = list(own_filters(user))
        for kept in found:
            kept.title = title_of(kept.path)
        return found

    @property
    def saved_here(self) -> list[Any]:
        """Those of the list on the screen."""
        return [kept for kept in self.saved if kept.path == self.request.path]

    @property
    def unfiltered(self) -> str:
        """The list on the screen without any filter; with a word in the query where it would open with a saved one."""
        opens = any(kept.opens for kept in self.saved_here)
        return f"{self.request.path}?all=1" if opens else self.request.path

    @cached_property
    def names(self) -> list[dict[str, str]]:
        """The product's name in the language of the screen, then in the other one."""
        current = get_language()
        codes = sorted(dict(settings.LANGUAGES), key=lambda code: code != current)
        found = []
        for code in codes:
            with override(code):
                found.append({"code": code, "name": gettext("Inclusive Finance Scorecard")})
        return found

    @cached_property
    def theme(self) -> str:
        """``light``, ``dark`` or ``auto`` (as the device says), from the reader's own cookie."""
        chosen = self.request.COOKIES.get(settings.THEME_COOKIE_NAME, "auto")
        return chosen if chosen in THEMES else "auto"

    @cached_property
    def languages(self) -> list[dict[str, Any]]:
        """The languages to switch to, each by its own name."""
        current = get_language()
        return [
            {"code": code, "name": get_language_info(code)["name_local"], "current": code == current}
            for code, _name in settings.LANGUAGES
        ]

    @cached_property
    def return_to(self) -> str:
        """The page that a switch of language or theme comes back to: this one if it can be asked for again."""
        return self.request.get_full_path() if self.request.method == "GET" else "/"


def frame(request: HttpRequest) -> dict[str, Frame]:
    """The context processor: ``{{ frame }}`` in every template."""
    return {"frame": Frame(request)}
