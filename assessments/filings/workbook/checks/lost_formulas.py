"""Each formula in an input cell has its value with it."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from assessments.filings.workbook.checks.registry import Problem, Reading, of_cells


@of_cells
def lost_formulas(reading: Reading) -> Iterator[Problem]:
    """A formula that nobody has worked out reads as a blank."""
    for cell in reading.flat.cells if reading.flat.lost else ():
        lost = reading.flat.lost.get((cell.sheet, cell.address))
        if lost is not None and lost.what == "formula":
            words = _(
                "The formula %(formula)s has no kept value; open the file in a spreadsheet, save it, "
                "and upload it again."
            )
            yield Problem(cell.sheet, cell.address, words % {"formula": lost.text[:60]})
