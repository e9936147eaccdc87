"""Reading a PDF back, for tests: its text page by page, and its tags in the order of reading."""

import io
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject

SHOWN = {"/Title", "/H1", "/H2", "/H3", "/P", "/Table", "/TH", "/Figure", "/L", "/THead"}


def read(content: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(content))


def text(content: bytes) -> str:
    """The text, with a line for each page that begins; blanks are of no account."""
    pages = (page.extract_text() for page in read(content).pages)
    return "".join(f"--- page {number} ---\n{_even(page)}\n" for number, page in enumerate(pages, start=1))


def plain(content: bytes) -> str:
    """The text without any blank or line break: what a search finds."""
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in read(content).pages))


def _even(page: str) -> str:
    return "\n".join(line for raw in page.splitlines() if (line := re.sub(r"\s+", " ", raw).strip()))


def tags(content: bytes) -> list[str]:
    """The tags that a reading aloud goes by; a picture with its words."""
    catalogue: Any = read(content).trailer["/Root"]
    return list(_tags(catalogue["/StructTreeRoot"]))


def _tags(node: Any) -> Iterator[str]:
    node = node.get_object()
    if isinstance(node, ArrayObject):
        for one in node:
            yield from _tags(one)
    if not isinstance(node, DictionaryObject):
        return
    if (name := node.get("/S")) in SHOWN:
        yield f"{name[1:]} {node.get('/Alt', '')}".strip()
    if "/K" in node:
        yield from _tags(node.raw_get("/K"))


def same_as_golden(found: str, file: Path) -> None:
    """The text is the one in the repository; ``SCORECARD_GOLDEN=1`` writes it anew."""
    if os.environ.get("SCORECARD_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(found, encoding="utf-8")
    assert found == file.read_text(encoding="utf-8")
