"""Inline SVG icons out of the installed Heroicons package, drawn once each and kept."""

from functools import lru_cache

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from heroicons.templatetags.heroicons import heroicon_outline


@lru_cache(maxsize=512)
def icon(name: str, size: int = 16, extra: str = "") -> SafeString:
    """An icon that says nothing by itself: a word always stands beside it, so it is hidden from screen readers."""
    drawn = heroicon_outline(name, size=size, **{"class": f"icon {escape(extra)}".strip(), "aria_hidden": "true"})
    return mark_safe(drawn.replace("\n", ""))  # noqa: S308  # nosec: the package's own drawing, no user text in it
