"""What of people, banks and figures is append-only, and what events seal of it."""

from banks.fields import FIELDS
from banks.models import Bank, BankName, FactEntry, RoleGrant, User
from scorecard.audit.protection import protect

protect(Bank, sealed=FIELDS, append_only=False)
protect(BankName, sealed=("bank", "since", "name_zh", "name_en", "short_name", "category", "recorded_by"))
protect(User, sealed=("username", "name", "email", "phone", "bank", "is_active", "created_by"), append_only=False)
protect(RoleGrant, sealed=("user", "role", "granted_by", "granted_at"), append_only=False)
protect(
    FactEntry,
    sealed=(
        "bank", "period", "fact", "revision", "state", "value", "source", "source_note", "entered_by", "entered_at",
    ),
)  # fmt: skip
