"""Proving again who one is: the password, and a second factor where the person has one (``docs/identity.md``)."""

import unicodedata
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import transaction

from scorecard.access.reauthentication import Signature, confirm
from scorecard.access.roles import SUPERVISOR_ROLES, Role
from scorecard.audit.services import record

from . import passkeys, recovery, totp
from .models import Factor, Kind

MUST_HAVE = SUPERVISOR_ROLES | {Role.BANK_SIGNATORY}
# Which part of a proof does not fit.
PASSWORD, FACTOR = "password", "factor"  # nosec B105


def must_have(person: Any) -> bool:
    """Whether this person works here with a second factor or not at all."""
    return bool(settings.REQUIRE_SECOND_FACTOR) and not MUST_HAVE.isdisjoint(person.roles)


def factors_of(person: Any) -> list[Factor]:
    """The person's second factors, in the order in which they were added."""
    return list(Factor.objects.filter(person=person))


@transaction.atomic
def prove(person: Any, factors: Sequence[Factor], *, code: str, answer: str, purpose: str) -> str:
    """With which second factor the person has proved who they are, "" where neither the code nor the answer of a
    passkey fits. What fits is used up by it.
    """
    if answer:
        named = passkeys.factor_of(answer)
        fits = named is not None and named in factors and passkeys.spend(named, answer, purpose, person.pk)
        return Kind.PASSKEY.value if fits else ""
    typed = "".join(unicodedata.normalize("NFKC", code).split())
    if len(typed) == totp.DIGITS and typed.isdigit():
        apps = [one for one in factors if one.kind == Kind.TOTP]
        return Kind.TOTP.value if any(totp.spend(one, typed) for one in apps) else ""
    if factors and recovery.spend(person, typed):
        left = recovery.left(person)
        record("identity.code.used", actor=person, target=person, bank_id=person.bank_id, data={"left": left})
        return "recovery"
    return ""


def sign(
    person: Any, factors: Sequence[Factor], *, password: str, code: str = "", answer: str = ""
) -> tuple[str, Signature | None]:
    """Ask somebody who is signed in to prove it again: which part does not fit ("" where all does), and with what it
    was proved. A wrong part is counted and recorded; ``TooManyAttempts`` while the next try waits.
    """
    shown = ["password"]

    def check() -> str:
        if not person.check_password(password):
            return PASSWORD
        if factors:
            kind = prove(person, factors, code=code, answer=answer, purpose=passkeys.CONFIRM)
            if not kind:
                return FACTOR
            shown.append(kind)
        return ""

    wrong = confirm(person, check)
    return wrong, None if wrong else Signature(tuple(shown))
