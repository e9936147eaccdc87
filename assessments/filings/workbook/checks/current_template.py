"""The template is one that is still read."""

from django.utils.translation import gettext as _

from assessments.filings.workbook.checks.registry import Reading, of_book
from assessments.filings.workbook.checks.words import current
from assessments.filings.workbook.stamp import ACCEPTED


@of_book
def current_template(reading: Reading) -> str:
    """An older template may mean something else by the same cell."""
    if reading.stamp.template in ACCEPTED:
        return ""
    said = _("The workbook was made from template %(template)s, which is not read any more.")
    return f"{said % {'template': reading.stamp.template[:20]}} {current(reading.expected)}"
