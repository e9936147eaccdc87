"""The workbook as a file. What stands in it is ``Contents``' to say; here is how it looks and how it computes."""

import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from assessments.filings.keys import Key, Kind
from assessments.filings.workbook.contents import Contents
from assessments.filings.workbook.flat import MARK, address
from assessments.filings.workbook.shown import cell_of
from assessments.filings.workbook.stamp import SHEET, Value

LISTS = "_lists"
PREFIXES = {Kind.FACT: "f_", Kind.SELF_POINTS: "s_", Kind.NOT_APPLICABLE: "x_", Kind.NARRATIVE: "n_"}
LINE = 15.0  # height of a line of text, in points
INPUT = "#FFFBE6"  # the fill of a cell to fill in
HEAD_ROW = 2  # rows 0 (keys, hidden), 1 (title), 2 (heads)
PROTECTED = {"format_cells": True, "format_columns": True, "format_rows": True, "autofilter": True}
_ODD = re.compile(r"[^A-Za-z0-9_.]")


class Book(xlsxwriter.Workbook):
    """A workbook whose sheets can be neither moved nor renamed."""

    def _write_book_views(self) -> None:
        self._xml_empty_tag("workbookProtection", [("lockStructure", 1)])
        super()._write_book_views()


class Writer:
    """One workbook being written: its formats, its names, and where each input stands."""

    def __init__(self, contents: Contents) -> None:
        self.contents, self.target = contents, io.BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self.book = Book(self.target, options | {"strings_to_numbers": False})
        self.formats: dict[tuple[tuple[str, Any], ...], Format] = {}
        self.names: dict[Key, str] = {}
        self.links: dict[Key, str] = {}
        self.lists = 0
        self.filled: list[Worksheet] = []

    def format(self, **how: Any) -> Format:
        """A format; the same one for the same words."""
        how = {"valign": "top", "font_name": "Microsoft YaHei", "font_size": 10} | how
        kept = tuple(sorted(how.items()))
        if kept not in self.formats:
            self.formats[kept] = self.book.add_format(how)
        return self.formats[kept]

    def input_format(self, **how: Any) -> Format:
        """The format of a cell to fill in."""
        return self.format(locked=False, bg_color=INPUT, border=1, border_color="#C9C4A8", text_wrap=True, **how)

    # --- Sheets ------------------------------------------------------------------------------------------------------

    def sheet(self, name: str, title: str, heads: Sequence[tuple[str, float]], id: str = "") -> Worksheet:
        """A sheet with its title and the heads of its columns (from B on, each with a width). ``id`` is that of a sheet
        that is filled in."""
        page = self.book.add_worksheet(name)
        page.set_row(0, None, None, {"hidden": True})
        page.set_column(0, 0, None, None, {"hidden": True})
        if id:
            self.filled.append(page)
            page.write_string(0, 0, MARK + id)
            page.write_string(HEAD_ROW, 0, MARK)
        page.set_row(1, 24)
        page.write_string(1, 1, title, self.format(bold=True, font_size=14))
        head = self.format(bold=True, bg_color="#E8EEF4", border=1, border_color="#B8C4D0", text_wrap=True)
        for place, (words, width) in enumerate(heads, start=1):
            page.set_column(place, place, width)
            page.write_string(HEAD_ROW, place, words, head)
        page.freeze_panes(HEAD_ROW + 1, 0)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.7)
        page.repeat_rows(1, HEAD_ROW)
        whose = f"{self.contents.head.bank_name}  {self.contents.head.round_title}".replace("&", "&&")
        page.set_header(f"&L&9{whose}&R&9{name.replace('&', '&&')}")
        page.set_footer("&C&9&P / &N")
        page.protect("", PROTECTED)
        return page

    def finish(self, page: Worksheet, rows: int, columns: int) -> None:
        """The print area of a sheet, once its last row is known."""
        page.print_area(1, 1, max(rows - 1, HEAD_ROW), columns)

    def fit(self, page: Worksheet, row: int, texts: Iterable[tuple[str, float]], least: float = LINE) -> None:
        """Make a row high enough for these texts, each in a column of that width; not every spreadsheet does so."""
        lines = max(sum(-(-_wide(line) // max(1, int(width) - 2)) or 1 for line in t.split("\n")) for t, width in texts)
        page.set_row(row, min(400, max(least, LINE * lines)))

    def heading(self, page: Worksheet, row: int, words: str, columns: int) -> None:
        """The heading of a group across its columns."""
        band = self.format(bold=True, bg_color="#F3F5F7")
        for place in range(1, columns + 1):
            page.write_blank(row, place, None, band)
        page.write_string(row, 1, words, band)

    def kinds(self, page: Worksheet, columns: dict[int, Kind]) -> None:
        """Say in the hidden row what stands in each input column."""
        for place, kind in columns.items():
            page.write_string(0, place, str(kind))

    # --- Cells -------------------------------------------------------------------------------------------------------

    def put(self, page: Worksheet, row: int, column: int, value: str | Decimal, how: Format) -> None:
        """A number or a text; a blank keeps its format."""
        if isinstance(value, Decimal):
            page.write_number(row, column, float(value), how)
        elif value:
            page.write_string(row, column, value, how)
        else:
            page.write_blank(row, column, None, how)

    def enter(self, page: Worksheet, row: int, column: int, key: Key, how: Format, item: str = "") -> None:
        """An input with what the draft holds, and its name."""
        value: Value = self.contents.value(key)
        self.put(page, row, column, cell_of(self.contents.rulebook, self.contents.language, key, value, item), how)
        if not item:
            self.name(page, key, row, row, column)

    def name(self, page: Worksheet, key: Key, first: int, last: int, column: int) -> None:
        """The name of an input, and where a link to it leads."""
        name = base = PREFIXES[key.kind] + _ODD.sub("_", key.id)
        count = 1
        while name in self.names.values():
            count += 1
            name = f"{base}.{count}"
        start, end = _absolute(first, column), _absolute(last, column)
        where = f"'{page.get_name()}'!{start}" + (f":{end}" if last > first else "")
        self.book.define_name(name, f"={where}")
        self.names[key] = name
        self.links[key] = f"internal:'{page.get_name()}'!{address(first, column)}"

    def choices(self, words: Iterable[str]) -> str:
        """A list for drop-downs, on its own hidden sheet; returns its range."""
        several = list(words)
        for row, each in enumerate(several):
            self.list_sheet.write_string(row, self.lists, each)
        where = f"={LISTS}!{_absolute(0, self.lists)}:{_absolute(len(several) - 1, self.lists)}"
        self.lists += 1
        return where

    def save(self) -> bytes:
        """The file."""
        self.book.close()
        return self.target.getvalue()

    def open_lists(self) -> None:
        """The hidden sheet of what drop-downs offer; before the sheets that use it are filled."""
        self.list_sheet = self.book.add_worksheet(LISTS)
        self.list_sheet.hide()
        self.list_sheet.protect()

    def write_stamp(self) -> None:
        """The hidden sheet that says what the workbook is for."""
        page = self.book.add_worksheet(SHEET)
        text = self.book.add_format({"num_format": "@"})
        filled = {page.get_name() for page in self.filled}
        computed = [each.get_name() for each in self.book.worksheets() if each.get_name() not in filled | {SHEET}]
        for row, (name, value) in enumerate(self.contents.stamp(computed).rows()):
            page.write_string(row, 0, name, text)
            page.write_string(row, 1, value, text)
        page.very_hidden()
        page.protect()


def _wide(text: str) -> int:
    """How wide a text is, in digits."""
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)


def _absolute(row: int, column: int) -> str:
    cell = address(row, column)
    letters = cell.rstrip("0123456789")
    return f"${letters}${cell[len(letters) :]}"


def sheet_name(words: str) -> str:
    """A name that a sheet can have."""
    return re.sub(r"[\[\]:*?/\\]", " ", words)[:31]


def explain(title: str, text: str) -> dict[str, Any]:
    """What a cell says when it is chosen: a title of 32 characters, a text of 255."""
    return {"input_title": title[:32], "input_message": text[:255]} if text else {}
