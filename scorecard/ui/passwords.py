"""What a password may not be: NIST SP 800-63B-4, section 3.1.1 (``docs/identity.md``, Passwords).

Length and lists, no rule of composition. Everything is compared without regard to case and width.
"""

import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scorecard.demo import password as demonstration_password

DIFFERENT = 5  # characters that differ, blanks not counted
SHORTEST, SHORTEST_ALONE = 12, 15  # with a second factor or the duty to have one; where the password is all there is
PART = 4  # letters or digits of a name from which on a password may not hold it; two for characters of Chinese
_RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qazwsxedcrfvtgbyhnujmikolp",
)
_OF_A_BANK = ("code", "name_zh", "name_en", "short_name")
_PRODUCT = ("scorecard", "普惠金融", "监管评价", "puhuijinrong")


def plain(text: str) -> str:
    """A text as it is compared."""
    return unicodedata.normalize("NFKC", text).casefold()


class LengthValidator:
    """Long enough for what it stands for: alone, or with a second factor beside it."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ``ValidationError`` with what is wrong."""
        least = SHORTEST if user is not None and _has_more(user) else SHORTEST_ALONE
        if len(unicodedata.normalize("NFKC", password)) < least:
            raise ValidationError(
                ngettext(
                    "The password is too short; use at least %(count)d character.",
                    "The password is too short; use at least %(count)d characters.",
                    least,
                )
                % {"count": least}
            )

    def get_help_text(self) -> str:
        """The rule in words."""
        return _("At least %(alone)d characters, %(least)d with a second factor.") % {
            "alone": SHORTEST_ALONE,
            "least": SHORTEST,
        }


def _has_more(user: Any) -> bool:
    from scorecard.identity.confirmation import factors_of, must_have  # the settings name this module before the models

    return user.pk is not None and (must_have(user) or bool(factors_of(user)))


class VariedPasswordValidator:
    """Refuses one character or word again and again, blanks alone, runs of the keyboard and of the alphabet, and the
    password that stands on the demonstration's page."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ``ValidationError`` with what is wrong."""
        text = plain(password)
        if len(set(text) - set(" \t\u3000")) < DIFFERENT:
            raise ValidationError(
                _("The password has too few different characters; use at least %(count)d.") % {"count": DIFFERENT}
            )
        if text in (text + text)[1:-1] or _is_run(text):
            raise ValidationError(
                _("The password repeats itself or follows the keyboard; whoever guesses tries that first.")
            )
        if text.strip() == plain(demonstration_password()):
            raise ValidationError(_("This is the public password of the demonstration; choose another one."))

    def get_help_text(self) -> str:
        """The rule in words."""
        return _("At least %(count)d different characters.") % {"count": DIFFERENT}


def _is_run(text: str) -> bool:
    """Whether nearly all of it goes along an alphabet, the digits or a row of keys, in either direction."""
    letters = [letter for letter in text if letter.isalnum()]
    steps = {pair for run in _RUNS for pair in (*pairwise(run), *pairwise(run[::-1]))}
    along = sum(pair in steps or pair[0] == pair[1] for pair in pairwise(letters))
    return len(letters) > 1 and along >= 0.8 * (len(letters) - 1)


class ListedPasswordValidator(CommonPasswordValidator):
    """Refuses the 20 000 commonest passwords, also with digits, signs and blanks before or after them."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ``ValidationError`` with what is wrong."""
        text = plain(password).strip()
        cores = {text, text.strip(_AROUND), "".join(letter for letter in text if letter.isalpha())}
        if not cores.isdisjoint(self.passwords):
            raise ValidationError(
                _("This is a common password, or one with digits or signs around it; choose another one.")
            )


_AROUND = "0123456789 .,;:!?@#$%^&*()[]{}<>/\\|_-+=~`'\""


class OwnWordsValidator:
    """Refuses what somebody who knows the person or the product would try: names, user name, bank, telephone."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ``ValidationError`` with what is wrong."""
        text = plain(password)
        for word in (*_PRODUCT, *(own_words(user) if user is not None else ())):
            if word in text:
                raise ValidationError(
                    _("The password holds “%(word)s”, which others know of you or of this system; leave it out.")
                    % {"word": word}
                )

    def get_help_text(self) -> str:
        """The rule in words."""
        return _("Nothing of your name, your user name, your bank or this system.")


def own_words(user: Any) -> Iterator[str]:
    """What is known of a person: the names whole and in parts, the bank's code and names, the telephone."""
    bank = getattr(user, "bank", None)
    known = {plain(text) for text in (user.phone, *(getattr(bank, field, "") for field in _OF_A_BANK))}
    for text in map(plain, (user.username, user.name, user.email.partition("@")[0])):
        known |= {text, *"".join(letter if letter.isalnum() else " " for letter in text).split()}
    yield from sorted(word for word in known if len(word) >= (PART if word.isascii() else 2))
