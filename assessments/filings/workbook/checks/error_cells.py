"""No input cell shows an error."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from assessments.filings.workbook.checks.registry import Problem, Reading, of_cells


@of_cells
def error_cells(reading: Reading) -> Iterator[Problem]:
    """A reader would take an error for a blank."""
    for cell in reading.flat.cells if reading.flat.lost else ():
        lost = reading.flat.lost.get((cell.sheet, cell.address))
        if lost is not None and lost.what == "error":
            words = _("The cell holds the spreadsheet error %(error)s; write the value itself.")
            yield Problem(cell.sheet, cell.address, words % {"error": lost.text[:20]})
