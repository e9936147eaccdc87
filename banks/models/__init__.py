"""Banks, people, facts."""

from .banks import Bank, BankName, Category, EntityKind
from .facts import FactEntry, FactSource, FactState
from .people import RoleGrant, RoleRequest, SignInFailure, User

__all__ = [
    "Bank",
    "BankName",
    "Category",
    "EntityKind",
    "FactEntry",
    "FactSource",
    "FactState",
    "RoleGrant",
    "RoleRequest",
    "SignInFailure",
    "User",
]
