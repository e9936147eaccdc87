"""Each key in column A is one that was written there."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from assessments.filings.workbook.checks.registry import Problem, Reading, of_cells


@of_cells
def known_rows(reading: Reading) -> Iterator[Problem]:
    """What is typed beside a key that somebody changed belongs to nothing."""
    base = reading.stamp.base
    for cell in reading.flat.cells:
        if cell.raw != "" and (cell.key not in base or not _item(reading, cell.key.id, cell.item)):
            words = _(
                "The key of this row (“%(key)s”, hidden in column A) is not one of the workbook; use a new download."
            )
            yield Problem(cell.sheet, cell.address, words % {"key": cell.key.id[:40]})


def _item(reading: Reading, id: str, item: str) -> bool:
    if not item:
        return True
    spec = reading.rulebook.facts.get(id)
    return spec is not None and spec.kind == "checklist" and item in spec.options
