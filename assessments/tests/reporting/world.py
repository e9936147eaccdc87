"""A round of 2017 whose sums are those of the report's year."""

import io

from django.conf import settings
from django.core.management import call_command

from assessments.demo.loans import CITY

ALL = ("1", "5-4", "7-1")
#: The city's sums of the report's year, as one institution's figures: 1-2-1-1, 1-2-2-1 and 5-4-z-1 as printed.
SUMS = {
    **{fact: str(years[2017]) for fact, years in CITY.items()},
    "sme_bal_prev": str(CITY["sme_bal_end"][2016]),
    "all_bal_prev": str(CITY["all_bal_end"][2016]),
    "sme_hh_prev": str(CITY["sme_hh_end"][2016]),
    "applied_prev": str(CITY["applied"][2016]),
    "approved_prev": str(CITY["approved"][2016]),
    "sme_rate": "0.0511",
    "tax_bal": "1666500",
    "tax_bal_prev": "578650",
}


def load_report() -> None:
    """The report's own figures."""
    call_command("load_report", str(settings.BASE_DIR / "fixtures" / "report_2017"), stdout=io.StringIO())
