"""Everybody of the demonstration, and the banks that they work for or supervise."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.auth.hashers import make_password

from assessments.demo.banks import DemoBank
from banks.models import Bank, User
from banks.services.banks import create_bank
from banks.services.people import create_person
from scorecard.access.roles import Role
from scorecard.demo import password

SUPERVISORS: tuple[tuple[str, str, tuple[Role, ...]], ...] = (
    ("officer1", "演示主监管员甲", (Role.CASE_OFFICER,)),
    ("officer2", "演示主监管员乙", (Role.CASE_OFFICER,)),
    ("officer3", "演示主监管员丙", (Role.CASE_OFFICER,)),
    ("second1", "演示复审人甲", (Role.SECOND_REVIEWER,)),
    ("second2", "演示复审人乙", (Role.SECOND_REVIEWER,)),
    ("decider", "演示审定人", (Role.DECISION_MAKER,)),
    ("decider2", "演示审定人乙", (Role.DECISION_MAKER,)),
    ("auditor", "演示审计员", (Role.AUDITOR,)),
)
BANK_PEOPLE = (
    ("preparer", "填报人", Role.BANK_PREPARER),
    ("reviewer", "复核人", Role.BANK_REVIEWER),
    ("signatory", "签发人", Role.BANK_SIGNATORY),
)


@dataclass
class People:
    """Everybody of the demonstration."""

    admin: User
    supervisors: dict[str, User] = field(default_factory=dict)
    bank: dict[str, dict[str, User]] = field(default_factory=dict)  # bank code → preparer, reviewer, signatory

    @property
    def officers(self) -> list[User]:
        """The case officers."""
        return [self.supervisors[f"officer{number}"] for number in (1, 2, 3)]


def create_people_and_banks(banks: Sequence[DemoBank]) -> tuple[People, dict[str, Bank]]:
    """Everybody, and the banks' rows by code. One password hash for all: the password stands on the sign-in page."""
    encoded = make_password(password())
    admin = create_person(
        actor=None, username="admin", name="演示管理员", roles=[Role.ADMINISTRATOR], encoded_password=encoded
    )
    people, rows = People(admin), dict[str, Bank]()
    for username, name, roles in SUPERVISORS:
        people.supervisors[username] = create_person(
            actor=None, username=username, name=name, roles=roles, encoded_password=encoded
        )
    for bank in banks:
        rows[bank.code] = create_bank(actor=admin, values=register_values(bank, people))
    for bank in banks:
        people.bank[bank.code] = {
            key: create_person(
                actor=None,
                username=f"{bank.code.lower()}-{key}",
                name=f"演示{title}{bank.code}",
                roles=[role],
                bank=rows[bank.code],
                encoded_password=encoded,
            )
            for key, title, role in BANK_PEOPLE
        }
    return people, rows


def register_values(bank: DemoBank, people: People) -> dict[str, Any]:
    """The bank's entry with dates and linked objects."""
    values = dict(bank.values)
    for name in ("active_from", "active_to"):
        values[name] = date.fromisoformat(values[name]) if values[name] else None
    values["case_officer"] = people.officers[bank.officer]
    return values
