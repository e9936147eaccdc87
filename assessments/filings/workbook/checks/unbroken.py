"""The hidden sheet is as it was written."""

from django.utils.translation import gettext as _

from assessments.filings.workbook.checks.registry import Reading, of_book
from assessments.filings.workbook.checks.words import current


@of_book
def unbroken(reading: Reading) -> str:
    """Without what stood at the download nobody can tell what was changed since."""
    if reading.flat.damaged:
        said = _("The hidden sheet of the workbook has been changed, so it cannot be read.")
        return f"{said} {current(reading.expected)}"
    return ""
