"""Files of exactly what a list shows: XLSX written row by row in constant memory, CSV that spreadsheets open safely."""

import csv
import io
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.utils import timezone

from scorecard.engine.values.rational import Fraction

# Characters that a spreadsheet takes for the beginning of a formula, full-width ones among them (an input method or a
# spreadsheet of East Asia reads them as the plain ones).
FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# What a spreadsheet skips before one: white space of every width, the byte order mark, zero-width characters.
SKIPPED = "".join(
    map(chr, (*range(0x21), 0x7F, 0x85, 0xA0, 0x3000, 0xFEFF, *range(0x2000, 0x2010), 0x2028, 0x2029, 0x202F))
)
CONTENT_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "zip": "application/zip",
}
# What a job may leave as a file: exports, and many files in one.
FILE_TYPES = CONTENT_TYPES | {"zip": "application/zip"}
EXCEL_ROWS = 1_048_576
EXPORT_JOB = "ui.export"  # the kind of work that writes a long list


class TooManyRows(ValueError):
    """A sheet holds at most 1,048,576 rows; the reader is told to export CSV instead."""


def cell(value: Any) -> Any:
    """A value as it goes into a file: exact numbers stay numbers, instants are in Shanghai time, the rest is text."""
    if value is None:
        return ""
    if isinstance(value, bool | int | Decimal | date) and not isinstance(value, datetime):
        return value
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None) if timezone.is_aware(value) else value
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    return str(value)


def neutral(value: Any) -> str:
    """A cell of a CSV file: text that a spreadsheet would run as a formula is given a leading apostrophe."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int):
        return str(value)
    text = str(value)
    return f"'{text}" if _runs(text) else text


def _runs(text: str) -> bool:
    """Whether a spreadsheet may run a text: a formula sign behind whatever it skips, or a control character first."""
    shown = text.lstrip(SKIPPED)
    return shown.startswith(FORMULA_STARTS) or (len(shown) < len(text) and text[0] in "\t\r\n\v\f\0")


class Share(Decimal):
    """A fraction that a spreadsheet shows as a percentage, and takes a percentage for."""


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook: its rows under a fixed head. ``hidden`` are the places of columns that stay unseen,
    ``fixed`` is how many columns stay in view."""

    title: str
    head: Sequence[Any]
    rows: Iterable[Sequence[Any]]
    hidden: Collection[int] = ()
    fixed: int = 0


def write_xlsx(target: Any, head: Sequence[Any], rows: Iterable[Sequence[Any]], sheet: str = "") -> int:
    """Write one sheet with a fixed head to a binary file (``write_sheets``); returns the count of rows."""
    return write_sheets(target, [Sheet(sheet, head, rows)])[0]


def write_sheets(target: Any, sheets: Iterable[Sheet]) -> list[int]:
    """Write a workbook to a binary file, sheet by sheet and row by row; returns the counts of rows.

    Text is written as text, never as a formula or a link. A decimal that a double cannot hold exactly is written as
    text too, so that no digit is lost. Raises ``TooManyRows`` beyond what a sheet holds.
    """
    import xlsxwriter

    book = xlsxwriter.Workbook(
        target,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    formats = {
        "head": book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "instant": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        "share": book.add_format({"num_format": "0.00######%"}),
    }
    try:
        return [_write_sheet(book.add_worksheet(sheet.title[:31] or None), sheet, formats) for sheet in sheets]
    finally:
        book.close()


def _write_sheet(page: Any, sheet: Sheet, formats: dict[str, Any]) -> int:
    page.freeze_panes(1, sheet.fixed)
    page.set_column(0, max(0, len(sheet.head) - 1), 18)
    for place in sheet.hidden:
        page.set_column(place, place, None, None, {"hidden": True})
    for column, title in enumerate(sheet.head):
        page.write_string(0, column, str(title), formats["head"])
    count = 0
    for count, row in enumerate(sheet.rows, start=1):
        if count >= EXCEL_ROWS:
            raise TooManyRows
        for column, raw in enumerate(row):
            _write_cell(page, count, column, cell(raw), formats)
    return count


def _write_cell(page: Any, row: int, column: int, value: Any, formats: dict[str, Any]) -> None:
    if isinstance(value, bool):
        page.write_boolean(row, column, value)
    elif isinstance(value, datetime):
        page.write_datetime(row, column, value, formats["instant"])
    elif isinstance(value, date):
        page.write_datetime(row, column, value, formats["day"])
    elif isinstance(value, int | Decimal):
        share = isinstance(value, Share)
        if Decimal(repr(float(value))) == value:
            page.write_number(row, column, float(value), formats["share"] if share else None)
        elif share:
            page.write_string(row, column, f"{value * 100:f}%")
        else:
            page.write_string(row, column, f"{value:f}" if isinstance(value, Decimal) else str(value))
    elif value != "":
        page.write_string(row, column, value)


def csv_lines(head: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The lines of a CSV file in UTF-8 with the mark that makes Excel read it as such."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield b"\xef\xbb\xbf"
    writer.writerow([neutral(str(title)) for title in head])
    for row in rows:
        writer.writerow([neutral(cell(value)) for value in row])
        if buffer.tell() > 64 * 1024:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def disposition(name: str) -> str:
    """``Content-Disposition`` of a download whose name may be Chinese."""
    return f"attachment; filename*=UTF-8''{quote(name)}"


def export_response(
    kind: str, name: str, head: Sequence[Any], rows: Iterable[Sequence[Any]]
) -> HttpResponse | StreamingHttpResponse | FileResponse:
    """A download named ``name`` with today's date, as ``xlsx`` or ``csv``."""
    stamped = f"{name}-{timezone.localdate():%Y%m%d}.{kind}"
    response: StreamingHttpResponse | FileResponse
    if kind == "csv":
        response = StreamingHttpResponse(csv_lines(head, rows), content_type=CONTENT_TYPES["csv"])
    else:
        target = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 (FileResponse closes it)
        write_xlsx(target, head, rows, name)
        target.seek(0)
        response = FileResponse(target, content_type=CONTENT_TYPES["xlsx"])
    response["Content-Disposition"] = disposition(stamped)
    response["Cache-Control"] = "no-store"
    return response
