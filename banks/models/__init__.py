"""Banks, people, facts."""

from .banks import Bank, BankName, Category, EntityKind
from .facts import FactEntry, FactSource, FactState
from .people import FactorReset, PasswordReset, RoleGrant, RoleRequest, SignInFailure, StandIn, User

__all__ = [
    "Bank",
    "BankName",
    "Category",
    "EntityKind",
    "FactEntry",
    "FactSource",
    "FactState",
    "FactorReset",
    "PasswordReset",
    "RoleGrant",
    "RoleRequest",
    "SignInFailure",
    "StandIn",
    "User",
]
