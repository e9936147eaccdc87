"""What a token may be for, and which scope each operation needs (docs/api.md, Tokens).

An operation without an entry is closed; a test compares the table with what there is.
"""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from scorecard.access.roles import ALL_ROLES, BANK_ROLES, READ_ROLES, Role


class Scope(TextChoices):
    """What a token may do, beside what its person may not."""

    ROUNDS = "rounds.read", _("Read rounds, forms and the states of filings")
    DRAFT = "draft.read", _("Read drafts, checks and the provisional score")
    WRITE = "draft.write", _("Fill in drafts and upload evidence")
    STEPS = "steps", _("Pass filings on and back inside the bank")
    SIGN = "sign", _("Sign and submit, each time with the password")
    RESULTS = "results.read", _("Read results, explanations and notices")
    BULK = "bulk.read", _("Read points and figures of a whole round")
    READINGS = "readings.read", _("Read readings through the year, their checks and standing")
    READINGS_WRITE = "readings.write", _("Fill in readings through the year")
    READINGS_CONFIRM = "readings.confirm", _("Confirm readings through the year, each time with the password")


# Who may use a scope; a token for somebody who holds none of the roles would open nothing by it.
ROLES: dict[str, frozenset[str]] = {
    Scope.ROUNDS: frozenset(ALL_ROLES),
    Scope.DRAFT: frozenset(BANK_ROLES),
    Scope.WRITE: frozenset({Role.BANK_PREPARER}),
    Scope.STEPS: frozenset(BANK_ROLES),
    Scope.SIGN: frozenset({Role.BANK_SIGNATORY}),
    Scope.RESULTS: frozenset(BANK_ROLES | READ_ROLES),
    Scope.BULK: frozenset(READ_ROLES),
    Scope.READINGS: frozenset(BANK_ROLES | READ_ROLES),
    Scope.READINGS_WRITE: frozenset({Role.BANK_PREPARER}),
    Scope.READINGS_CONFIRM: frozenset({Role.BANK_REVIEWER, Role.BANK_SIGNATORY}),
}


@dataclass(frozen=True)
class Needs:
    """What an operation needs: one of these scopes, or none; ``sensitive`` reads are events of their own."""

    scopes: tuple[Scope, ...] = ()
    sensitive: bool = False


# By name of the address and method. A step that is a signature asks for ``SIGN`` by itself.
OPERATIONS: dict[tuple[str, str], Needs] = {
    ("me", "GET"): Needs(),
    ("rounds", "GET"): Needs((Scope.ROUNDS,)),
    ("round", "GET"): Needs((Scope.ROUNDS,)),
    ("form", "GET"): Needs((Scope.ROUNDS,)),
    ("assessments", "GET"): Needs((Scope.ROUNDS,)),
    ("assessment", "GET"): Needs((Scope.ROUNDS,)),
    ("draft", "GET"): Needs((Scope.DRAFT,), sensitive=True),
    ("draft", "PATCH"): Needs((Scope.WRITE,)),
    ("checks", "GET"): Needs((Scope.DRAFT,), sensitive=True),
    ("score", "GET"): Needs((Scope.DRAFT,), sensitive=True),
    ("evidence", "GET"): Needs((Scope.DRAFT,), sensitive=True),
    ("evidence", "POST"): Needs((Scope.WRITE,)),
    ("evidence-file", "DELETE"): Needs((Scope.WRITE,)),
    ("steps", "GET"): Needs((Scope.DRAFT,)),
    ("step", "GET"): Needs((Scope.DRAFT,), sensitive=True),
    ("step", "POST"): Needs((Scope.STEPS, Scope.SIGN)),
    ("result", "GET"): Needs((Scope.RESULTS,), sensitive=True),
    ("explanation", "GET"): Needs((Scope.RESULTS,), sensitive=True),
    ("notices", "GET"): Needs((Scope.RESULTS,)),  # each letter is an event, as on its page
    ("round-points", "GET"): Needs((Scope.BULK,)),  # ``assessments.list.exported`` says more
    ("round-facts", "GET"): Needs((Scope.BULK,)),
    ("readings", "GET"): Needs((Scope.READINGS,)),
    ("reading", "GET"): Needs((Scope.READINGS,)),
    ("reading-draft", "GET"): Needs((Scope.READINGS,), sensitive=True),
    ("reading-draft", "PATCH"): Needs((Scope.READINGS_WRITE,)),
    ("reading-confirmation", "GET"): Needs((Scope.READINGS,), sensitive=True),
    ("reading-confirmation", "POST"): Needs((Scope.READINGS_CONFIRM,)),
    ("reading-bank", "GET"): Needs((Scope.READINGS,)),  # ``assessments.reading.viewed``, as on its page
}


def scopes_for(roles: frozenset[str]) -> list[Scope]:
    """The scopes that open something to somebody with these roles."""
    return [scope for scope in Scope if not ROLES[scope].isdisjoint(roles)]


def opens(needs: Needs, scopes: list[str], roles: frozenset[str]) -> bool:
    """Whether a token with these scopes, of somebody with these roles, may take an operation."""
    if not needs.scopes:
        return True
    return any(scope in scopes and not ROLES[scope].isdisjoint(roles) for scope in needs.scopes)
