"""A page of the site as data. Services and selectors return it; views and templates make the address of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Link:
    """One page: its URL name, the ids that it takes, the parameters of its query, and the place on the page.

    ``scorecard.ui.links.address`` and the template filter ``address`` make the address of it.
    """

    page: str
    args: tuple[str | int, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)
    place: str = ""
