"""A checklist is answered as a whole or not at all."""

from collections import defaultdict
from collections.abc import Iterator

from django.utils.translation import gettext as _

from assessments.filings.keys import Kind
from assessments.filings.workbook.checks.registry import Problem, Reading, of_cells
from assessments.filings.workbook.flat import Cell


@of_cells
def whole_checklists(reading: Reading) -> Iterator[Problem]:
    """An item that is left blank beside answered ones may be a no or may be forgotten."""
    found = defaultdict[str, list[Cell]](list)
    for cell in reading.flat.cells:
        if cell.item and cell.key.kind == Kind.FACT:
            found[cell.key.id].append(cell)
    for cells in found.values():
        blank = [cell for cell in cells if cell.raw == ""]
        if blank and len(blank) < len(cells):
            for cell in blank:
                if (cell.sheet, cell.address) not in reading.flat.lost:
                    words = _("Other items of the list are answered; answer this one too, with yes or no.")
                    yield Problem(cell.sheet, cell.address, words)
