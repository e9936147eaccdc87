"""Entering and changing banks, and importing the register. Every rule on a bank's own data is here, once."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from banks.models import Bank, Category, EntityKind, User
from banks.services.duties import require_administrator
from banks.services.errors import Invalid
from banks.services.identifiers import normalise_code
from scorecard.access.decisions import Stale
from scorecard.access.roles import Role
from scorecard.audit.services import record

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
    "differentiated",
    "case_officer",
)
REQUIRED = ("code", "name_zh", "category", "entity_kind", "active_from")
UNIQUE = ("code", "name_zh", "uscc")

Values = Mapping[str, Any]
Problems = dict[str, list[Any]]


def plain(bank: Bank) -> dict[str, Any]:
    """A bank's fields as they are compared, shown and traced: texts, ids, ISO dates."""
    found: dict[str, Any] = {}
    for name in FIELDS:
        value = getattr(bank, f"{name}_id" if name in ("head_office", "case_officer") else name)
        found[name] = value.isoformat() if isinstance(value, date) else value
    return found


@transaction.atomic
def create_bank(*, actor: User | None, values: Values) -> Bank:
    """Enter a bank. ``values`` are model fields (``head_office`` and ``case_officer`` as objects).

    Raises ``Invalid`` with every reason by field; an odd identifier only warns (``identifiers.identifier_warnings``).
    """
    require_administrator(actor)
    bank = Bank(**_clean(values))
    if problems := bank_problems(bank, Register.load()):
        raise Invalid(problems)
    bank.save(force_insert=True)
    record("banks.bank.created", actor=actor, target=bank, bank_id=bank.pk, data={"values": plain(bank)})
    return bank


@transaction.atomic
def change_bank(*, actor: User | None, bank: Bank, revision: int, values: Values) -> Bank:
    """Change a bank. ``revision`` is the one the page showed: another one raises ``Stale`` with the present bank.

    Fields that ``values`` does not name stay as they are. Where nothing changes, nothing is written or recorded.
    """
    require_administrator(actor)
    locked = Bank.objects.select_for_update(of=("self",)).select_related("head_office", "case_officer").get(pk=bank.pk)
    if locked.revision != revision:
        raise Stale([_("Somebody else has changed this bank since you opened the page.")], locked)
    before = plain(locked)
    for name, value in _clean(values).items():
        setattr(locked, name, value)
    problems = bank_problems(locked, Register.load())
    if locked.code != before["code"]:
        reason = _("The bank code stays as it was entered (%(code)s): files and notices name the bank by it.")
        problems["code"] = [reason % {"code": before["code"]}]
    if problems:
        raise Invalid(problems)
    after = plain(locked)
    changes = {name: [before[name], after[name]] for name in FIELDS if before[name] != after[name]}
    if changes:
        locked.revision += 1
        locked.save()
        record("banks.bank.changed", actor=actor, target=locked, bank_id=locked.pk, data={"changes": changes})
    return locked


def _clean(values: Values) -> dict[str, Any]:
    """Trim texts and write identifiers one way; an unknown field is the programmer's error."""
    if unknown := set(values) - set(FIELDS):
        raise TypeError(f"A bank has no field {', '.join(sorted(unknown))}.")
    cleaned = dict(values)
    for name in TEXT_FIELDS:
        if name in cleaned:
            cleaned[name] = (cleaned[name] or "").strip()
    for name in CODE_FIELDS:
        if name in cleaned:
            cleaned[name] = normalise_code(cleaned[name])
    return cleaned


@dataclass
class Register:
    """What is taken already, and who is whose head office: read once, so that many rows cost no more than one.

    ``taken`` maps each unique field's values to the bank that has them; ``kinds`` and ``heads`` map bank codes to the
    kind of entity and to the head office's code.
    """

    taken: dict[str, dict[str, int]]
    kinds: dict[str, str]
    heads: dict[str, str]
    officers: dict[int, str]

    @classmethod
    def load(cls) -> "Register":
        """Two queries over the whole register."""
        taken: dict[str, dict[str, int]] = {name: {} for name in UNIQUE}
        kinds: dict[str, str] = {}
        heads: dict[str, str] = {}
        for pk, kind, head, *unique in Bank.objects.values_list("pk", "entity_kind", "head_office__code", *UNIQUE):
            kinds[unique[0]], heads[unique[0]] = kind, head or ""
            for name, value in zip(UNIQUE, unique, strict=True):
                if value:
                    taken[name][value] = pk
        officers = User.objects.filter(is_active=True, bank=None, grants__role=Role.CASE_OFFICER)
        return cls(taken, kinds, heads, dict(officers.values_list("pk", "username")))


def bank_problems(bank: Bank, register: Register, head: str | None = None) -> Problems:
    """Everything that is wrong with a bank, by field, in full sentences.

    ``head`` is the code of its head office where that may come in the same file; by default the linked bank's.
    """
    problems: Problems = {}

    def add(name: str, reason: Any) -> None:
        problems.setdefault(name, []).append(reason)

    for name in REQUIRED:
        if not getattr(bank, name):
            add(name, _("%(field)s is missing; every bank has one.") % {"field": label(name)})
    for name in TEXT_FIELDS:
        limit, value = column(name).max_length, getattr(bank, name)
        if limit and len(value) > limit:
            add(
                name,
                _("%(field)s has %(length)d characters; at most %(limit)d are kept.")
                % {"field": label(name), "length": len(value), "limit": limit},
            )
    for name, choices in (("category", Category), ("entity_kind", EntityKind)):
        value = getattr(bank, name)
        if value and value not in choices.values:
            words = _(", ").join(str(word) for word in choices.labels)
            add(name, _("“%(value)s” is not one of: %(words)s.") % {"value": value, "words": words})
    for name in UNIQUE:
        value = getattr(bank, name)
        if value and register.taken[name].get(value, bank.pk) != bank.pk:
            add(
                name,
                _("%(field)s “%(value)s” already belongs to another bank on the register.")
                % {"field": label(name), "value": value},
            )
    if bank.contact_email:
        try:
            validate_email(bank.contact_email)
        except ValidationError:
            add("contact_email", _("This is not an e-mail address; it looks like name@example.com."))
    if bank.active_from and bank.active_to and bank.active_to < bank.active_from:
        add("active_to", _("The last day on the register lies before the first; correct one of the two dates."))
    if head is None:
        head = bank.head_office.code if bank.head_office is not None else ""
    _head_office_problems(bank, register, head, add)
    if bank.case_officer_id is not None and bank.case_officer_id not in register.officers:
        add("case_officer", _("This person is not an active case officer; choose one who is."))
    return problems


def _head_office_problems(bank: Bank, register: Register, head: str, add: Callable[[str, Any], None]) -> None:
    """A branch has a head office, on the register or named; a legal entity has none (issue 2, section 3)."""
    if bank.entity_kind == EntityKind.LEGAL_ENTITY:
        if head:
            add("head_office", _("A legal entity has no head office; take it out, or make this bank a branch."))
        if bank.head_office_name:
            add("head_office_name", _("A legal entity has no head office; take it out, or make this bank a branch."))
        return
    if bank.entity_kind != EntityKind.BRANCH:
        return
    if bank.code in register.heads.values():
        add("entity_kind", _("Other banks have this one as their head office, so it stays a legal entity."))
    if head and bank.head_office_name:
        add("head_office_name", _("Give the head office once: from the register, or by its name."))
    if not head and not bank.head_office_name:
        add("head_office", _("A branch has a head office: choose it from the register, or write its name."))
    elif head and head == bank.code:
        add("head_office", _("A bank is not its own head office."))
    elif head and head not in register.kinds:
        add("head_office", _("There is no bank with the code “%(code)s” on the register.") % {"code": head})
    elif head and register.kinds[head] != EntityKind.LEGAL_ENTITY:
        add("head_office", _("The head office must be a legal entity on the register."))


def column(name: str) -> Any:
    """The model's field of this name, for its words and its length."""
    return Bank._meta.get_field(name)


def label(name: str) -> str:
    """A field's words on the screen."""
    words = str(column(name).verbose_name)
    return words[:1].upper() + words[1:]


# --- Import of the register ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ImportRow:
    """One row of a file: its number in the file, and the fields that its columns give.

    ``head_office`` is a bank code (of the register or of the same file) and ``case_officer`` a user name, or blank.
    ``seen`` is the revision of the bank in the preview; None for a bank that was not there.
    """

    number: int
    values: Mapping[str, Any]
    seen: int | None = None


@dataclass
class Planned:
    """What an import row would do: nothing, enter a bank, or change these fields from … to …."""

    number: int
    bank: Bank
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        """Whether the bank is not on the register yet."""
        return self.bank.pk is None

    @property
    def unchanged(self) -> bool:
        """Whether the row says what the register holds already."""
        return not self.is_new and not self.changes


@dataclass
class Plan:
    """The outcome of validating a whole file: what each row would do, and every problem by row number and field."""

    rows: list[Planned] = field(default_factory=list)
    problems: dict[int, Problems] = field(default_factory=dict)
    stale: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether the file can be written as it is."""
        return not self.problems

    def counts(self) -> dict[str, int]:
        """How many banks would be entered, changed, left alone."""
        new = sum(row.is_new for row in self.rows)
        same = sum(row.unchanged for row in self.rows)
        return {"new": new, "changed": len(self.rows) - new - same, "unchanged": same}


def plan_import(rows: Iterable[ImportRow]) -> Plan:
    """Validate every row against the register and against one another; writes nothing. A constant number of queries.

    A row whose code is on the register changes that bank, in the fields that the file has; any other row is a new bank.
    """
    rows = list(rows)
    plan, register = Plan(), Register.load()
    known = {bank.code: bank for bank in Bank.objects.select_related("head_office", "case_officer")}
    officers = {user.username.lower(): user for user in User.objects.filter(pk__in=register.officers)}
    repeated = {
        name: {value for value, count in Counter(_text(row, name) for row in rows).items() if value and count > 1}
        for name in UNIQUE
    }
    for row in rows:  # as it will be once every row is written: a file may hold a head office and its branch
        code = _text(row, "code")
        if kind := row.values.get("entity_kind"):
            register.kinds[code] = kind
        if row.values.get("head_office") is not None:
            register.heads[code] = row.values["head_office"]
    for row in rows:
        bank = known.get(_text(row, "code")) or Bank()
        if (bank.revision if bank.pk else None) != row.seen:
            plan.stale.append(_text(row, "code"))
        before = _readable(bank)
        values = _clean(row.values)
        head, officer = values.pop("head_office", before["head_office"]), values.pop("case_officer", None)
        for name, value in values.items():
            setattr(bank, name, value)
        if head != before["head_office"]:
            bank.head_office = known.get(head)
        if officer is not None:
            bank.case_officer = officers.get(officer.lower())
        problems = bank_problems(bank, register, head)
        if officer and bank.case_officer is None:
            reason = _("There is no active case officer with the user name “%(name)s”.") % {"name": officer}
            problems["case_officer"] = [reason]
        for name in UNIQUE:
            if (value := _text(row, name)) in repeated[name]:
                reason = _("%(field)s “%(value)s” stands in more than one row of the file.")
                problems.setdefault(name, []).append(reason % {"field": label(name), "value": value})
        after = _readable(bank) | {"head_office": head}
        changes = {name: (before[name], after[name]) for name in FIELDS if before[name] != after[name]}
        plan.rows.append(Planned(row.number, bank, changes))
        if problems:
            plan.problems[row.number] = problems
    return plan


@transaction.atomic
def import_register(*, actor: User | None, rows: Iterable[ImportRow], source: str = "") -> dict[str, int]:
    """Write a validated file, all of it or nothing, with one event; returns how many banks were entered and changed.

    Every row is validated again against the register as it is now. Raises ``Stale`` when a bank has changed since the
    preview, ``Invalid`` when a row no longer holds.
    """
    require_administrator(actor)
    rows = list(rows)
    list(Bank.objects.select_for_update().order_by("pk").values_list("pk"))
    plan = plan_import(rows)
    if plan.stale:
        raise Stale(
            [
                _(
                    "The register has changed since the preview (%(codes)s). "
                    "Upload the file again to see what it does now."
                )
                % {"codes": _(", ").join(plan.stale)}
            ]
        )
    if plan.problems:
        raise Invalid(
            {
                "": [
                    _("Row %(row)d: %(reason)s") % {"row": number, "reason": reason}
                    for number, problems in plan.problems.items()
                    for reasons in problems.values()
                    for reason in reasons
                ]
            }
        )
    created = [row.bank.code for row in plan.rows if row.is_new]
    written = [row for row in plan.rows if not row.unchanged]
    counts = plan.counts()
    # Head offices first: a branch in the same file points to one.
    for planned in sorted(written, key=lambda row: row.bank.entity_kind != EntityKind.LEGAL_ENTITY):
        bank = planned.bank
        if head := planned.changes.get("head_office", ("", ""))[1]:
            bank.head_office = Bank.objects.get(code=head)
        if not planned.is_new:
            bank.revision += 1
        bank.save()
    changes = {row.bank.code: {name: list(pair) for name, pair in row.changes.items()} for row in written}
    record(
        "banks.register.imported",
        actor=actor,
        data={"source": source, **counts, "created": created, "changes": changes},
    )
    return counts


def _text(row: ImportRow, name: str) -> str:
    value = str(row.values.get(name) or "").strip()
    return normalise_code(value) if name in CODE_FIELDS else value


def _readable(bank: Bank) -> dict[str, Any]:
    """Like ``plain``, with the head office by its code and the officer by the user name, as a file has them."""
    found = plain(bank)
    found["head_office"] = bank.head_office.code if bank.head_office is not None else ""
    found["case_officer"] = bank.case_officer.username if bank.case_officer is not None else ""
    return found
