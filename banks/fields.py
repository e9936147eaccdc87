"""The fields of a bank that an administrator keeps: which they are, and what they are called."""

from typing import Any

from banks.models import Bank

TEXT_FIELDS = (
    "code",
    "name_zh",
    "name_en",
    "short_name",
    "head_office_name",
    "uscc",
    "licence_code",
    "pboc_code",
    "contact_name",
    "contact_phone",
    "contact_email",
)
CODE_FIELDS = ("uscc", "licence_code", "pboc_code")
FIELDS = (
    *TEXT_FIELDS,
    "category",
    "entity_kind",
    "head_office",
    "active_from",
    "active_to",
    "successor",
    "succeeded_on",
    "differentiated",
    "case_officer",
)
# Fields that point to another row; a plain value is its id, a file has the other bank's code or the user name.
LINKS = ("head_office", "successor", "case_officer")
DAYS = ("active_from", "active_to", "succeeded_on")
# What is kept with the day from which it holds (``BankName``).
DATED = ("name_zh", "name_en", "short_name", "category")
REQUIRED = ("code", "name_zh", "category", "entity_kind", "active_from")
UNIQUE = ("code", "name_zh", "uscc")


def column(name: str) -> Any:
    """The model's field of this name, for its words and its length."""
    return Bank._meta.get_field(name)


def label(name: str) -> str:
    """A field's words on the screen."""
    words = str(column(name).verbose_name)
    return words[:1].upper() + words[1:]
