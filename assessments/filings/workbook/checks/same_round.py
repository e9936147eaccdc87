"""The workbook is of this round."""

from django.utils.translation import gettext as _

from assessments.filings.workbook.checks.registry import Reading, of_book
from assessments.filings.workbook.checks.words import current


@of_book
def same_round(reading: Reading) -> str:
    """Figures of another year stand in a workbook of another round."""
    if reading.stamp.round == reading.expected.round:
        return ""
    said = _("The workbook is of another round (%(round)s).") % {"round": reading.stamp.round[:40]}
    return f"{said} {current(reading.expected)}"
