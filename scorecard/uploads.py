"""Reading an uploaded workbook cell by cell: what is wrong with a cell, and with the file as a whole."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from scorecard.access.decisions import Refused
from scorecard.exports import SKIPPED
from scorecard.workbooks import lost_cells

ZIP = b"PK\x03\x04"
MAX_UNPACKED = 100 * 1024 * 1024
MOST_LOST = 300  # cells that are listed
CLEAR = ("清空", "(clear)")  # what a cell says whose field is to be emptied; a blank cell leaves it as it is


@dataclass(frozen=True)
class CellProblem:
    """One thing that is wrong: in which cell, under which title, what it is and what mends it.

    ``sheet`` is named where a file has several that are read.
    """

    cell: str
    title: str
    text: Any
    sheet: str = ""

    @property
    def where(self) -> str:
        """The cell with its sheet, or the row where the file has no such column."""
        cell = _("row %(row)s") % {"row": self.cell} if self.cell.isdigit() else self.cell
        return f"{self.sheet} {cell}" if self.sheet else cell


def cell_text(raw: Any) -> str:
    """A cell as text: a whole number without “.0”, without the apostrophe that our own exports put before a formula."""
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, float) and raw.is_integer():
        return f"{Decimal(raw):f}"
    text = str(raw).strip().strip(SKIPPED)
    return text[1:] if text[:2] in ("'=", "'+", "'-", "'@") else text


def lost_problems(content: bytes, sheet: str | None = None) -> Iterator[CellProblem]:
    """The cells of one sheet of a workbook (the first) that only look blank to a reader, each with its sheet."""
    words = {
        "formula": _(
            "Sheet “%(sheet)s”: the formula %(text)s has no kept value; open the file in Excel, save it, and upload it "
            "again."
        ),
        "error": _("Sheet “%(sheet)s”: the cell holds the spreadsheet error %(text)s; write the value itself."),
        "merged": _(
            "Sheet “%(sheet)s”: the cells %(text)s are merged, so all but the first read as blank; unmerge and fill "
            "them."
        ),
    }
    if not content.startswith(ZIP):
        return
    try:
        for lost in islice(lost_cells(content, sheet), MOST_LOST):
            said = words[lost.what] % {"sheet": lost.sheet, "text": lost.text[:60]}
            yield CellProblem(lost.cell, lost.text[:60] if lost.what == "merged" else "", said)
    except Exception as error:  # as in ``_open``: whatever a crafted file raises, it is bad
        raise _damaged() from error


def sheet_titles(content: bytes) -> list[str]:
    """The sheets of a workbook, in their order. Raises ``Refused`` for what is none."""
    if not content.startswith(ZIP):
        raise Refused([_("This is not an Excel file (.xlsx); save it as one and upload that.")])
    book = _open(content)
    try:
        return [sheet.title for sheet in book.worksheets]
    finally:
        book.close()


def sheet_rows(content: bytes, *, place: int = 0, columns: int, rows: int) -> Iterator[Sequence[Any]]:
    """The rows of one sheet of a workbook, with the values that were kept with its formulas; at most so many columns
    and rows. Raises ``Refused`` for a file that cannot be read."""
    book = _open(content)
    try:
        if not book.worksheets:
            raise _damaged()
        yield from book.worksheets[place].iter_rows(max_col=columns, max_row=rows, values_only=True)
    except Refused:
        raise
    except Exception as error:
        raise _damaged() from error
    finally:
        book.close()


def _open(content: bytes) -> Any:
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = {member.filename for member in archive.infolist()}
            if sum(member.file_size for member in archive.infolist()) > MAX_UNPACKED or len(names) > 500:
                raise Refused(
                    [_("The Excel file unfolds to far more than a register holds; copy the sheet to a new file.")]
                )
            if "xl/workbook.xml" not in names:
                raise Refused([_("This is an archive and not an Excel file; upload the .xlsx itself.")])
        return openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except Refused:
        raise
    except Exception as error:  # a crafted file may break the reader anywhere; whatever it raises, the file is bad
        raise _damaged() from error


def _damaged() -> Refused:
    return Refused([_("The Excel file is damaged and cannot be opened; save it again and upload it again.")])
