"""Which role may open which URL. Every URL name has an entry in its app's ``policy.py``; one without is refused.

An entry says who may open the page at all. Whose data it then shows is decided by the access functions, which answer
404 for another bank's. The permission matrix in ``scorecard/tests/`` holds the expected answer for each URL and role,
written apart from this table.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from .roles import ALL_ROLES


@dataclass(frozen=True)
class UrlRule:
    """Who may open a URL: anybody (``public``), or a signed-in person who holds one of ``roles``."""

    roles: frozenset[str] = frozenset()
    public: bool = False

    def admits(self, roles: Iterable[str]) -> bool:
        """Whether somebody with these roles may open the page."""
        return self.public or not self.roles.isdisjoint(roles)


PUBLIC = UrlRule(public=True)
SIGNED_IN = UrlRule(frozenset(ALL_ROLES))


def only(*roles: str) -> UrlRule:
    """A rule for these roles."""
    return UrlRule(frozenset(roles))


@cache
def url_policy() -> dict[str, UrlRule]:
    """Every app's entries, by URL name (``namespace:name``). A name given twice is an error."""
    policy: dict[str, UrlRule] = {}
    for config in apps.get_app_configs():
        if config.name == "scorecard.access" or not module_has_submodule(config.module, "policy"):
            continue
        entries: dict[str, UrlRule] = import_module(f"{config.name}.policy").POLICY
        if doubled := policy.keys() & entries.keys():
            raise ValueError(f"URL names with two policies: {', '.join(sorted(doubled))}.")
        policy |= entries
    return policy
