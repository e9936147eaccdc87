"""Paper: whatever sticks to the window on screen is hidden or stands still in print, so that it lies over no row."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

CSS = Path(settings.BASE_DIR) / "static" / "css"
RULE = re.compile(r"(?P<selectors>[^{}]+)\{(?P<body>[^{}]*)\}")


def rules(text: str) -> Iterator[tuple[str, str]]:
    """Selectors and body of each rule, those inside a media query too."""
    for rule in RULE.finditer(re.sub(r"/\*.*?\*/", "", text, flags=re.S)):
        for selector in rule["selectors"].split(","):
            yield selector.strip(), rule["body"]


def printed() -> Iterator[tuple[str, str]]:
    """The rules of paper: those of the sheet for print, and those that a style sheet has for it."""
    yield from rules((CSS / "print.css").read_text(encoding="utf-8"))
    for path in CSS.glob("*.css"):
        for block in re.finditer(r"@media print \{(.*?\})\s*\}", path.read_text(encoding="utf-8"), re.S):
            yield from rules(block[1])


def last(selector: str) -> frozenset[str]:
    """The classes, or else the tag, of what a selector selects."""
    end = re.split(r"[\s>+~]+", selector)[-1]
    return frozenset(re.findall(r"\.[\w-]+", end)) or frozenset({re.sub(r":.*", "", end)})


def test_nothing_sticks_on_paper() -> None:
    """Fault F5: a printed filing had a row under the bar of the save button."""
    still = [
        last(selector)
        for selector, body in printed()
        if re.search(r"display:\s*none", body) or re.search(r"position:\s*static", body)
    ]
    sticks = [
        (path.name, selector)
        for path in sorted(CSS.glob("*.css"))
        if path.name != "print.css"
        for selector, body in rules(path.read_text(encoding="utf-8"))
        if re.search(r"position:\s*(sticky|fixed)", body)
    ]
    assert len(sticks) > 10 and (("filing.css", ".filing-foot") in sticks)
    assert not [one for one in sticks if not any(shown <= last(one[1]) for shown in still)]
