"""What the left rail may show. Apps declare entries in ``<app>/nav.py`` as a list ``NAV``.

An entry is shown when the URL policy admits one of the user's roles: there is no second list of who may go where.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.urls import reverse
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import pgettext_lazy

from scorecard.access.policy import url_policy

# Key → title, in the order of the rail.
SECTIONS: dict[str, Any] = {
    "work": pgettext_lazy("nav", "My work"),
    "round": pgettext_lazy("nav", "Assessment rounds"),
    "register": pgettext_lazy("nav", "Register"),
    "reference": pgettext_lazy("nav", "Reference"),
    "administration": pgettext_lazy("nav", "Administration"),
}


@dataclass(frozen=True)
class NavItem:
    """One entry of the rail: ``section`` is a key of ``SECTIONS``, ``icon`` a Heroicons name, lower ``order`` first."""

    section: str
    title: Any
    url_name: str
    icon: str
    order: int = 100
    also: tuple[str, ...] = ()  # addresses of its objects that do not begin with its own
    query: str = ""  # what of a list is shown first
    key: str = ""  # the key that opens it from every page


@dataclass(frozen=True)
class Link:
    """An entry as drawn: where it leads, and whether the page on the screen lies under it."""

    title: Any
    url: str
    icon: str
    current: bool
    key: str = ""


@cache
def nav_items() -> tuple[NavItem, ...]:
    """Every app's entries in the order of the rail. An unknown section is an error at first use."""
    autodiscover_modules("nav")
    found: list[NavItem] = []
    for config in apps.get_app_configs():
        module = sys.modules.get(f"{config.name}.nav")
        if module is not None and module.__name__ != __name__:
            found += module.NAV
    order = list(SECTIONS)
    return tuple(sorted(found, key=lambda item: (order.index(item.section), item.order, item.url_name)))


def rail(roles: Iterable[str], path: str) -> list[tuple[Any, list[Link]]]:
    """The sections that somebody with these roles sees, each with its links; empty sections are left out.

    ``path`` is the path of the page on the screen. The link with the longest address that ``path`` starts with is the
    current one, so that an object's page marks its list.
    """
    policy, held = url_policy(), frozenset(roles)
    shown = [
        (item, reverse(item.url_name))
        for item in nav_items()
        if item.url_name in policy and policy[item.url_name].admits(held)
    ]
    under = [
        (start, url)
        for item, url in shown
        for start in (url, *item.also)
        if path == start or (start != "/" and path.startswith(start))
    ]
    current = max(under, key=lambda pair: len(pair[0]), default=("", None))[1]
    sections: dict[str, list[Link]] = {}
    for item, url in shown:
        shown_url = f"{url}?{item.query}" if item.query else url
        sections.setdefault(item.section, []).append(Link(item.title, shown_url, item.icon, url == current, item.key))
    return [(SECTIONS[key], links) for key, links in sections.items()]
