"""A drawing as markup of a page, and as a picture that stands alone: SVG with its own colours.

A file has no style sheet of the site beside it, so the rules of drawings in ``app.css`` go into it with the light
colours of ``tokens.css``: no colour is written here. ``scorecard.documents.pictures`` makes a PNG of the same file.
"""

import html
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from .marks import Element, Layout

STYLES = Path(settings.BASE_DIR) / "static" / "css"
#: What the files are set in: a font of the package that the documents on paper use, then what the reader's machine has.
FONT = "Noto Sans SC, sans-serif"
MARGIN = 16


def markup(layout: Layout, label: str, css: str = "") -> SafeString:
    """The drawing as an ``svg`` element. It is a group and no single image where marks in it are links."""
    role = "group" if any(mark.tag == "a" for mark in layout.marks) else "img"
    head = (
        f'<svg class="drawing {escape(css)}" viewBox="0 0 {layout.width} {layout.height}" width="{layout.width}" '
        f'height="{layout.height}" role="{role}" aria-label="{escape(label)}" xmlns="http://www.w3.org/2000/svg">'
    )
    body = "".join(part for mark in layout.marks for part in _written(mark))
    return mark_safe(f"{head}<title>{escape(label)}</title>{body}</svg>")  # noqa: S308  # nosec: every text is escaped


def standalone(layout: Layout, label: str, notes: str = "") -> str:
    """The drawing as a file: title above, ``notes`` (source, time) below, its own colours; links are left out."""
    width, top = layout.width + 2 * MARGIN, 34
    height = top + layout.height + 30 + MARGIN
    body = "".join(part for mark in layout.marks for part in _written(mark, links=False))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" class="drawing" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}"><title>{escape(label)}</title><style>{style()}</style>'
        f'<rect x="0" y="0" width="{width}" height="{height}" class="c-hollow"/>'
        f'<text x="{MARGIN}" y="24" class="c-title">{escape(label)}</text>'
        f'<g transform="translate({MARGIN} {top})">{body}</g>'
        f'<text x="{MARGIN}" y="{height - MARGIN}" class="c-small">{escape(notes)}</text></svg>'
    )


def _written(mark: Element, *, links: bool = True) -> Iterator[str]:
    if mark.tag == "a" and not links:
        mark = Element("g", {}, title=mark.title, children=mark.children)
    yield f"<{mark.tag}"
    for name, value in mark.attrs.items():
        yield f' {name}="{html.escape(value)}"'
    yield ">"
    if mark.title:
        yield f"<title>{html.escape(mark.title)}</title>"
    if mark.text:
        yield html.escape(mark.text)
    for child in mark.children:
        yield from _written(child, links=links)
    yield f"</{mark.tag}>"


@cache
def style() -> str:
    """The rules of drawings with the light colours in place of their names. Raises ``KeyError`` for an unknown name."""
    tokens = (STYLES / "tokens.css").read_text(encoding="utf-8")
    light = tokens[tokens.index("{") : tokens.index("}")]
    colours = dict(re.findall(r"(--[\w-]+):\s*([^;]+);", light)) | {"--font": FONT}
    rules = re.findall(r"\.drawing [^{]+\{[^}]*\}", (STYLES / "app.css").read_text(encoding="utf-8"))
    written = re.sub(r"var\((--[\w-]+)\)", lambda found: colours[found[1]], "".join(rules))
    return written + ".drawing .c-title{font-size:15px;font-weight:600}"
