"""Files of exactly what a list shows: XLSX written row by row in constant memory, CSV that spreadsheets open safely."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import xlsxwriter
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
}
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


def write_xlsx(target: Any, head: Sequence[Any], rows: Iterable[Sequence[Any]], sheet: str = "") -> int:
    """Write a sheet with a fixed head to a binary file; returns the count of rows.

    Text is written as text, never as a formula or a link. A decimal that a double cannot hold exactly is written as
    text too, so that no digit is lost. Raises ``TooManyRows`` beyond what a sheet holds.
    """
    book = xlsxwriter.Workbook(
        target,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    try:
        page = book.add_worksheet(sheet[:31] or None)
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        day, instant = (
            book.add_format({"num_format": "yyyy-mm-dd"}),
            book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        )
        page.freeze_panes(1, 0)
        page.set_column(0, max(0, len(head) - 1), 18)
        for column, title in enumerate(head):
            page.write_string(0, column, str(title), bold)
        count = 0
        for count, row in enumerate(rows, start=1):
            if count >= EXCEL_ROWS:
                raise TooManyRows
            for column, raw in enumerate(row):
                value = cell(raw)
                if isinstance(value, bool):
                    page.write_boolean(count, column, value)
                elif isinstance(value, datetime):
                    page.write_datetime(count, column, value, instant)
                elif isinstance(value, date):
                    page.write_datetime(count, column, value, day)
                elif isinstance(value, int | Decimal):
                    if Decimal(repr(float(value))) == value:
                        page.write_number(count, column, float(value))
                    else:
                        page.write_string(count, column, f"{value:f}" if isinstance(value, Decimal) else str(value))
                elif value != "":
                    page.write_string(count, column, value)
        return count
    finally:
        book.close()


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
