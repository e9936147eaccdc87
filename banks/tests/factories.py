"""Banks and people for tests, made by the services that the product uses."""

from datetime import date
from itertools import count
from typing import Any

from banks.models import Bank, Category, EntityKind, User
from banks.services.banks import create_bank
from banks.services.people import create_person

_number = count(1)


def make_bank(**values: Any) -> Bank:
    """A legal entity unless ``values`` say otherwise."""
    number = next(_number)
    given = {
        "code": f"T{number:04d}",
        "name_zh": f"测试银行{number}",
        "category": Category.CITY,
        "entity_kind": EntityKind.LEGAL_ENTITY,
        "active_from": date(2010, 1, 1),
    }
    return create_bank(actor=None, values=given | values)


def make_person(*roles: str, bank: Bank | None = None, **values: Any) -> User:
    """A person with these roles."""
    number = next(_number)
    given: dict[str, Any] = {"username": f"person{number}", "name": f"测试人员{number}"}
    return create_person(actor=None, roles=roles, bank=bank, **given | values)
