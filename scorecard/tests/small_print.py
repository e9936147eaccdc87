"""What stands on a page outside its small print, where no word of a developer belongs."""

import re
from html.parser import HTMLParser
from typing import Any

# ``error-code`` names the request, for whoever asks about it.
SMALL = {"small", "letter-foot", "letter-clause", "error-code"}
DEVELOPERS = re.compile(
    r"docs/|\.md\b|\b[0-9a-f]{12,}\b|SHA-256|\bmini\b|\b(?:shanghai|national|targets|money)-[a-z0-9-]+"
)


class Words(HTMLParser):
    """The text of a page that is not in small print."""

    VOID = frozenset({"br", "img", "input", "meta", "link", "hr", "circle", "line", "path", "rect", "use"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in self.VOID:
            classes = set((dict(attrs).get("class") or "").split())
            self.open.append((tag, bool(classes & SMALL) or tag in ("script", "style", "head")))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(small for _tag, small in self.open):
            self.found.append(data)


def plain_words(text: str) -> str:
    reader = Words()
    reader.feed(text)
    return " ".join(reader.found)
