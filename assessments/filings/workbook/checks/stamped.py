"""The file is a workbook of this system at all."""

from django.utils.translation import gettext as _

from assessments.filings.workbook.checks.registry import Reading, of_book
from assessments.filings.workbook.checks.words import current


@of_book
def stamped(reading: Reading) -> str:
    """A workbook that was downloaded here has a hidden sheet that says what it is for."""
    if reading.flat.stamp is None and not reading.flat.damaged:
        return f"{_('This is not a workbook of a filing: its hidden sheet is missing.')} {current(reading.expected)}"
    return ""
