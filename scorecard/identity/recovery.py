"""Recovery codes: ``03-ABCD-EFGH-JKMN``, a number and sixty random bits, each of which works once."""

import re
import secrets
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.utils import timezone

from .models import RecoveryCode

CODES = 10
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without those that are taken for one another
_FORM = re.compile(rf"(\d\d)([{_LETTERS}]{{12}})")


def draw(person: Any) -> list[str]:
    """New codes in place of all older ones; nothing but their hashes is kept."""
    RecoveryCode.objects.filter(person=person).delete()
    drawn = ["".join(secrets.choice(_LETTERS) for _letter in range(12)) for _code in range(CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(person=person, number=number, encoded=make_password(code)) for number, code in enumerate(drawn, 1)
    )
    return [f"{number:02}-{code[:4]}-{code[4:8]}-{code[8:]}" for number, code in enumerate(drawn, 1)]


def looks_like_one(text: str) -> bool:
    """Whether this has the form of a recovery code, however it is cut."""
    return _FORM.fullmatch(_plain(text)) is not None


def spend(person: Any, text: str) -> bool:
    """Whether this is a code of the person that nobody has used; it is used from now on."""
    found = _FORM.fullmatch(_plain(text))
    if found is None:
        return False
    row = RecoveryCode.objects.filter(person=person, number=int(found[1]), used_at=None).first()
    if row is None or not check_password(found[2], row.encoded):
        return False
    return bool(RecoveryCode.objects.filter(pk=row.pk, used_at=None).update(used_at=timezone.now()))


def left(person: Any) -> int:
    """How many codes the person has not used."""
    return RecoveryCode.objects.filter(person=person, used_at=None).count()


def _plain(text: str) -> str:
    return re.sub(r"[\s-]", "", text).upper()
