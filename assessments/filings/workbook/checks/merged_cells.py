"""No input cell is hidden under another one."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from assessments.filings.workbook.checks.registry import Problem, Reading, of_cells
from assessments.filings.workbook.flat import address


@of_cells
def merged_cells(reading: Reading) -> Iterator[Problem]:
    """Of merged cells the first holds the value and the others read as blank."""
    if not reading.flat.merged:
        return
    for cell in reading.flat.cells:
        for first, last in reading.flat.merged.get(cell.sheet, ()):
            inside = first[0] <= cell.row <= last[0] and first[1] <= cell.column <= last[1]
            if inside and (cell.row, cell.column) != first:
                words = _(
                    "The cell is merged with %(span)s, so what stands there is not its own; unmerge "
                    "the cells and fill each in."
                )
                yield Problem(cell.sheet, cell.address, words % {"span": f"{address(*first)}:{address(*last)}"})
