"""Each key stands once."""

from collections import defaultdict
from collections.abc import Iterator

from django.utils.translation import gettext as _

from assessments.filings.workbook.checks.registry import Problem, Reading, of_cells
from assessments.filings.workbook.flat import Cell


@of_cells
def rows_once(reading: Reading) -> Iterator[Problem]:
    """A row or a sheet was copied: nobody can tell which of the two counts. Copies that say the same are one."""
    found = defaultdict[object, list[Cell]](list)
    for cell in reading.flat.cells:
        found[cell.key, cell.item].append(cell)
    for cells in found.values():
        if len(cells) > 1 and len({(type(cell.raw), cell.raw) for cell in cells}) > 1:
            for cell in cells:
                other = next(each for each in cells if each is not cell)
                words = _(
                    "The same item stands again in %(cell)s of sheet “%(sheet)s” with another value; "
                    "delete one of the two rows."
                )
                yield Problem(cell.sheet, cell.address, words % {"cell": other.address, "sheet": other.sheet})
