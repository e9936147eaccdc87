"""What several checks say."""

from django.utils.translation import gettext as _

from assessments.filings.workbook.checks.registry import Expected
from assessments.filings.workbook.stamp import TEMPLATE


def current(expected: Expected) -> str:
    """Which template is current, as the end of a refusal."""
    words = _(
        "The current workbook is template %(template)s of round %(round)s, %(rulebook)s; download it and fill it in."
    )
    return words % {"template": TEMPLATE, "round": expected.round, "rulebook": expected.rulebook}
