"""The workbook is of the rulebook that the round uses."""

from django.utils.translation import gettext as _

from assessments.filings.workbook.checks.registry import Reading, of_book
from assessments.filings.workbook.checks.words import current


@of_book
def same_rulebook(reading: Reading) -> str:
    """The same words may ask for something else under another version."""
    if reading.stamp.hash == reading.expected.hash:
        return ""
    said = _("The workbook was made under another rulebook (%(rulebook)s).") % {"rulebook": reading.stamp.rulebook[:60]}
    return f"{said} {current(reading.expected)}"
