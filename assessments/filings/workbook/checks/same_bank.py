"""The workbook is of this bank."""

from django.utils.translation import gettext as _

from assessments.filings.workbook.checks.registry import Reading, of_book
from assessments.filings.workbook.checks.words import current


@of_book
def same_bank(reading: Reading) -> str:
    """A branch may hold the workbook of its head office."""
    if reading.stamp.bank == reading.expected.bank:
        return ""
    said = _("The workbook is of another bank (%(bank)s).") % {"bank": reading.stamp.bank[:40]}
    return f"{said} {current(reading.expected)}"
