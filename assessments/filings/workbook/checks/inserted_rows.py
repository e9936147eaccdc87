"""Nothing is typed in rows that were inserted."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from assessments.filings.workbook.checks.registry import Problem, Reading, of_cells
from assessments.filings.workbook.flat import address


@of_cells
def inserted_rows(reading: Reading) -> Iterator[Problem]:
    """Something in a row of no key would be lost."""
    for stray in reading.flat.strays:
        words = _(
            "This row was inserted and belongs to no item, so the cell is not read; move it to the "
            "item's own row, or empty it."
        )
        yield Problem(stray.sheet, address(stray.row, stray.column), words)
