"""The chapters of the draft as data: ``chapters/*.yaml``, read and checked once.

A statement is a Chinese sentence with tokens in braces. ``{year}``, ``{last}`` and ``{rulebook}`` are words. Any other
token is a figure::

    {1-1-2-001}                                 the report's own record of the year, by its section and number
    {city.sme_balance=1-2-1-1-001}              a named query, and the record that it stands beside
    {增加|减少:city.sme_increase=1-2-1-1-002}   the same, with the word for a rise and for a fall before it
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).with_name("chapters")
WORDS = ("year", "last", "rulebook")
RECORD = re.compile(r"\d[\dz-]*-\d{3}")
_TOKEN = re.compile(r"\{(?:(?P<up>[^{}|:]+)\|(?P<down>[^{}|:]+):)?(?P<query>[a-z0-9_.\-]+)(?:=(?P<record>[\dz-]+))?\}")


@dataclass(frozen=True)
class Word:
    """A word of the sentence that depends on the round."""

    name: str


@dataclass(frozen=True)
class Token:
    """A figure of a sentence: its query (the name of one, or the record's own id), the record beside it, and the words
    for a rise and for a fall.
    """

    query: str
    record: str = ""
    up: str = ""
    down: str = ""

    @property
    def is_record(self) -> bool:
        """Whether the figure is a record of the report itself."""
        return RECORD.fullmatch(self.query) is not None


Piece = str | Word | Token


@dataclass(frozen=True)
class Part:
    """A heading of the report with the sentences, tables and charts under it; ``level`` 1 stands under the chapter."""

    section: str
    title: str
    text: tuple[tuple[Piece, ...], ...] = ()
    tables: tuple[str, ...] = ()
    charts: tuple[str, ...] = ()

    @property
    def level(self) -> int:
        """How deep the heading is: 1-2 is 1, 1-2-1 is 2; the z of a special topic is no level of its own."""
        return self.section.replace("-z", "").count("-")


@dataclass(frozen=True)
class Chapter:
    """One chapter, or section of one, that can be drafted by itself."""

    id: str
    title: str
    parts: tuple[Part, ...] = field(default=())

    def tokens(self) -> Iterator[Token]:
        """Every figure, in the order of reading."""
        for part in self.parts:
            for sentence in part.text:
                yield from (piece for piece in sentence if isinstance(piece, Token))


def pieces(sentence: str) -> tuple[Piece, ...]:
    """A sentence cut into text, words and figures. ``ValueError`` where a brace belongs to no token."""
    found: list[Piece] = []
    at = 0
    for match in _TOKEN.finditer(sentence):
        found.append(sentence[at : match.start()])
        name = match["query"]
        found.append(
            Word(name) if name in WORDS else Token(name, match["record"] or "", match["up"] or "", match["down"] or "")
        )
        at = match.end()
    found.append(sentence[at:])
    left = [piece for piece in found if isinstance(piece, str) and ("{" in piece or "}" in piece)]
    if left:
        raise ValueError(f"Not a figure that can be drafted: {left[0]}")
    return tuple(piece for piece in found if piece != "")


def read_chapter(data: Mapping[str, Any]) -> Chapter:
    """One file's chapter."""
    parts = [
        Part(
            section=str(one["section"]),
            title=str(one["title"]),
            text=tuple(pieces(sentence) for sentence in one.get("text", ())),
            tables=_names(one.get("table")),
            charts=_names(one.get("chart")),
        )
        for one in data["parts"]
    ]
    return Chapter(str(data["chapter"]), str(data["title"]), tuple(parts))


def _names(value: Any) -> tuple[str, ...]:
    return () if value is None else tuple(value) if isinstance(value, list) else (str(value),)


@cache
def chapters() -> Mapping[str, Chapter]:
    """Every chapter by its id, in the order of the report."""
    found = [
        read_chapter(yaml.safe_load(path.read_text(encoding="utf-8")))
        for path in sorted(FOLDER.glob("*.yaml"))
        if path.stem != "records"
    ]
    return {chapter.id: chapter for chapter in found}


@cache
def record_names() -> Mapping[str, str]:
    """The names of the records that sentences take, by section and number; what a gap is called."""
    names: Mapping[str, str] = yaml.safe_load((FOLDER / "records.yaml").read_text(encoding="utf-8"))
    return names
