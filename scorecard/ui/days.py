"""Which days a form takes: those of a calendar that people plan by."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

FIRST_YEAR, LAST_YEAR = 2000, 2200


def planned_day(day: date | datetime) -> None:
    """Validator of a field with a day: a slip of the keyboard such as the year 0217 or 9999 is said in its field.

    Days at either end of Python's calendar have no day before or after them, and no time in another zone: whoever
    reckons with them, a reminder or the database, fails with an error instead.
    """
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        words = _("Give a day between the years %(first)d and %(last)d.")
        raise ValidationError(words % {"first": FIRST_YEAR, "last": LAST_YEAR})
