"""No input cell holds a date."""

from collections.abc import Iterator
from datetime import date, time, timedelta

from django.utils.translation import gettext as _

from assessments.filings.workbook.checks.registry import Problem, Reading, of_cells


@of_cells
def dates(reading: Reading) -> Iterator[Problem]:
    """A spreadsheet turns “1-2” into a date; no figure, answer or text of a filing is one."""
    for cell in reading.flat.cells:
        if isinstance(cell.raw, date | time | timedelta):
            words = _(
                "The spreadsheet has made a date or time of this (%(value)s); format the cell as "
                "number or text and type it again."
            )
            yield Problem(cell.sheet, cell.address, words % {"value": cell.raw})
