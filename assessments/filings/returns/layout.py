"""Where a return says what: its sheets, its period, its unit, its rows by item number and its columns by letter."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from assessments.filings.returns.mapping import ReturnMapping
from assessments.filings.workbook.flat import address
from assessments.filings.workbook.shown import from_float

_SEPARATORS = re.compile(r"[-_\s]+")
_PERIODS = (re.compile(r"(20\d\d)年(\d{1,2})月"), re.compile(r"(?<!\d)(20\d\d)-(\d{2})(?:-\d{2})?(?!\d)"))
_UNIT = re.compile(r"单位\s*:\s*(?:人民币)?(亿元|万元|千元|元)")
_INSTITUTION = re.compile(r"(?:填报|报送)?机构(?:名称)?\s*:\s*(\S+)")
_ITEM = re.compile(r"(?:其中:?)?\(?([0-9]+(?:\.[0-9a-z]+)*)[.)、:\s]*(.*)", re.DOTALL)

Table = Sequence[Sequence[Any]]


@dataclass
class Sheet:
    """One sheet of the file, as rows of cells, with what its head says (the rows above the data)."""

    name: str
    rows: Table
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)

    def head(self, first_row: int) -> Iterator[tuple[int, int, str]]:
        """Each cell of the head that holds something: row, column, text."""
        for number, row in enumerate(self.rows[:first_row]):
            for place, raw in enumerate(row):
                if text := said(raw):
                    yield number, place, text


def said(raw: Any) -> str:
    """What a cell says, in one width of characters."""
    if isinstance(raw, bool) or raw is None:
        return ""
    if isinstance(raw, int | float):
        return f"{from_float(float(raw)):f}"
    if isinstance(raw, datetime | date):
        return raw.strftime("%Y-%m-%d")
    return unicodedata.normalize("NFKC", str(raw)).strip()


def _named(text: str) -> str:
    return _SEPARATORS.sub("-", unicodedata.normalize("NFKC", text).upper())


def names_part(mapping: ReturnMapping, text: str) -> bool:
    """Whether a text names this part of a return, and no other that begins alike (S71-I, not S71-II)."""
    words = _named(text)
    return any(re.search(rf"(?<![0-9A-Z]){re.escape(_named(name))}(?![0-9A-Z])", words) for name in mapping.sheets)


def periods_in(texts: Sequence[str]) -> set[tuple[int, int]]:
    """The months that these texts name."""
    return {
        (int(year), int(month))
        for text in texts
        for pattern in _PERIODS
        for year, month in pattern.findall(unicodedata.normalize("NFKC", text))
    }


def units_in(texts: Sequence[str]) -> set[str]:
    """The units of money that a head names."""
    return {unit for text in texts for unit in _UNIT.findall(text)}


def institutions_in(texts: Sequence[str]) -> list[str]:
    """The institutions that a head names."""
    return list(dict.fromkeys(name for text in texts for name in _INSTITUTION.findall(text)))


def items_of(mapping: ReturnMapping, sheet: Sheet) -> dict[str, list[tuple[int, str]]]:
    """By item number, each row that says it, with the row's name.

    Where any row holds number and name in one cell, only such rows count: what stands alone is then a running number.
    """
    whole: dict[str, list[tuple[int, str]]] = {}
    alone: dict[str, list[tuple[int, str]]] = {}
    for number in range(mapping.first_row, len(sheet.rows)):
        labels = [said(raw) for raw in sheet.rows[number][: mapping.first_column]]
        for place, text in enumerate(labels):
            found = _ITEM.fullmatch(text)
            if found is None:
                continue
            if found[2].strip():
                whole.setdefault(found[1], []).append((number, found[2].strip()))
            else:
                alone.setdefault(found[1], []).append((number, " ".join(filter(None, labels[place + 1 :]))))
    return whole or alone


def columns_of(mapping: ReturnMapping, sheet: Sheet) -> Mapping[str, list[int]]:
    """By letter and band, each column of data whose head says it."""
    found: dict[str, set[int]] = {id: set() for id in mapping.columns}
    for _row, place, text in sheet.head(mapping.first_row):
        for id in mapping.columns if place >= mapping.first_column else ():
            if re.match(rf"{id}(?![0-9A-Z])", text.upper()):
                found[id].add(place)
    return {id: sorted(places) for id, places in found.items()}


def cell_at(sheet: Sheet, row: int, column: int) -> Any:
    """What stands in a cell; "" where nothing does."""
    cells = sheet.rows[row]
    raw = cells[column] if column < len(cells) else ""
    return raw.replace("\x00", "") if isinstance(raw, str) else raw


def span(first: tuple[int, int], last: tuple[int, int]) -> str:
    """A block of cells as a spreadsheet names it."""
    return f"{address(*first)}:{address(*last)}"
