"""The address of a page that a service or a selector named."""

from urllib.parse import urlencode

from django.urls import reverse

from scorecard.links import Link


def address(link: Link | None) -> str:
    """The address of a page with its query and its place; "" where there is no page."""
    if link is None:
        return ""
    url = reverse(link.page, args=link.args)
    if link.query:
        url += f"?{urlencode(link.query, safe='/')}"
    return f"{url}#{link.place}" if link.place else url
