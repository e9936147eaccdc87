"""What a password may not be, beside Django's own rules."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from scorecard.demo import password as demonstration_password

DIFFERENT = 5  # characters that differ, blanks not counted


class VariedPasswordValidator:
    """Refuses one character many times, blanks alone, and the password that stands on the demonstration's page."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ``ValidationError`` with what is wrong."""
        if len(set(password.casefold()) - set(" \t\u3000")) < DIFFERENT:
            raise ValidationError(
                _("The password has too few different characters; use at least %(count)d.") % {"count": DIFFERENT}
            )
        if password.strip() == demonstration_password():
            raise ValidationError(_("This is the public password of the demonstration; choose another one."))

    def get_help_text(self) -> str:
        """The rule in words."""
        return _("At least %(count)d different characters.") % {"count": DIFFERENT}
