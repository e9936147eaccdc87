"""The uploaded file given back with its problems: cells marked and commented, and a first sheet that lists them."""

import io
from collections.abc import Iterable
from copy import copy
from dataclasses import replace

import openpyxl
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from assessments.filings.workbook.checks.registry import Problem
from assessments.filings.workbook.gate import damaged
from assessments.filings.workbook.write import INPUT, sheet_name

AUTHOR = "Scorecard"
LIST = "_problems"  # the name by which our list is found again, whatever it is called
WRONG = PatternFill("solid", fgColor="FFF8C9C4")
RIGHT = PatternFill("solid", fgColor="FF" + INPUT[1:])


def annotated(content: bytes, problems: Iterable[Problem]) -> bytes:
    """The file with each problem at its cell. Marks of an earlier copy are taken away first.

    Raises ``Refused`` for a file that our reader takes and that of the copy does not.
    """
    try:
        book = openpyxl.load_workbook(io.BytesIO(content))
    except Exception as error:  # a crafted file may break the reader anywhere; whatever it raises, the file is bad
        raise damaged() from error
    _clear(book)
    listed = [replace(problem, text=ILLEGAL_CHARACTERS_RE.sub("", problem.text)) for problem in problems]
    texts: dict[tuple[str, str], list[str]] = {}
    for problem in listed:
        texts.setdefault((problem.sheet, problem.cell), []).append(problem.text)
    for (sheet, address), said in texts.items():
        if sheet in book.sheetnames and (cell := _anchor(book[sheet], address)) is not None:
            note = Comment("\n".join(said), AUTHOR, width=320, height=40 + 40 * len(said))
            cell.comment, cell.fill = note, copy(WRONG)
    _list(book, listed)
    if book.calculation is not None:
        book.calculation.fullCalcOnLoad = True  # the copy keeps no values with its formulas
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _anchor(sheet: Worksheet, address: str) -> Cell | None:
    """The cell of an address; of one that is merged into another, the one that shows."""
    cell = sheet[address]
    if isinstance(cell, MergedCell):
        span = next(each for each in sheet.merged_cells.ranges if address in each)
        cell = sheet.cell(span.min_row, span.min_col)
    return cell if isinstance(cell, Cell) else None


def _clear(book: Workbook) -> None:
    for sheet in list(book.worksheets):
        if sheet["A1"].value == LIST:
            book.remove(sheet)
            continue
        for row in sheet.iter_rows():
            for cell in row:
                if cell.comment is not None and cell.comment.author == AUTHOR and isinstance(cell, Cell):
                    cell.comment, cell.fill = None, copy(RIGHT)


def _list(book: Workbook, problems: list[Problem]) -> None:
    page = book.create_sheet(sheet_name(pgettext("sheet", "To mend")), 0)
    book.active = 0
    for sheet in book.worksheets[1:]:
        sheet.sheet_view.tabSelected = False
    page.append([LIST, pgettext("sheet", "Sheet"), _("Cell"), _("What is wrong and what mends it")])
    for number, problem in enumerate(problems, start=2):
        page.append([None, problem.sheet, problem.cell, problem.text])
        page.cell(number, 4).data_type = page.cell(number, 2).data_type = "s"  # text, whatever it begins with
        name = problem.sheet.replace("'", "''")
        page.cell(number, 3).hyperlink = f"#'{name}'!{problem.cell}"
        page.cell(number, 3).font = Font(color="FF1F5FA8", underline="single")
    for cell in page[1]:
        cell.font = Font(bold=True)
    page.column_dimensions["A"].hidden = True
    for letter, width in (("B", 18), ("C", 10), ("D", 110)):
        page.column_dimensions[letter].width = width
    page.freeze_panes = "A2"
