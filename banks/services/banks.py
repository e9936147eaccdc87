"""Entering and changing banks. Every rule on a bank's own data is here, once."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from banks.fields import CODE_FIELDS, DATED, FIELDS, LINKS, REQUIRED, TEXT_FIELDS, UNIQUE, column, label
from banks.models import Bank, BankName, Category, EntityKind, User
from banks.services.duties import require_administrator
from banks.services.errors import Invalid
from banks.services.identifiers import normalise_code, one_line
from scorecard.access.decisions import Refused, Stale
from scorecard.access.roles import Role
from scorecard.audit.seals import Sealing
from scorecard.audit.services import record

Values = Mapping[str, Any]
Problems = dict[str, list[Any]]


def plain_values(bank: Bank) -> dict[str, Any]:
    """A bank's fields as they are compared, shown and traced: texts, ids, ISO dates."""
    found: dict[str, Any] = {}
    for name in FIELDS:
        value = getattr(bank, f"{name}_id" if name in LINKS else name)
        found[name] = value.isoformat() if isinstance(value, date) else value
    return found


@transaction.atomic
def create_bank(*, actor: User | None, values: Values) -> Bank:
    """Enter a bank. ``values`` are model fields (``head_office`` and ``case_officer`` as objects).

    Raises ``Invalid`` with every reason by field; an odd identifier only warns (``identifiers.identifier_warnings``).
    """
    require_administrator(actor)
    bank = Bank(**clean_values(values))
    if problems := bank_problems(bank, Register.load()):
        raise Invalid(problems)
    bank.save(force_insert=True)
    name = keep_name(bank, bank.active_from, actor)
    name.save()
    data = {"values": plain_values(bank)}
    record("banks.bank.created", actor=actor, target=bank, bank_id=bank.pk, data=data, seals=[bank, name])
    return bank


@transaction.atomic
def change_bank(*, actor: User | None, bank: Bank, revision: int, values: Values, since: date | None = None) -> Bank:
    """Change a bank. ``revision`` is the one the page showed: another one raises ``Stale`` with the present bank.

    Fields that ``values`` does not name stay as they are. Where nothing changes, nothing is written or recorded.
    ``since`` is the day from which a new name or category holds, today by default; it is not ahead and not before the
    name that it follows.
    """
    require_administrator(actor)
    locked = Bank.objects.select_for_update(of=("self",)).select_related(*LINKS).get(pk=bank.pk)
    if locked.revision != revision:
        raise Stale(
            [_("This bank has been changed since you opened the page, by somebody else or in another window.")], locked
        )
    before = plain_values(locked)
    for name, value in clean_values(values).items():
        setattr(locked, name, value)
    problems = bank_problems(locked, Register.load())
    if before["case_officer"] == locked.case_officer_id:
        problems.pop("case_officer", None)  # an officer who has left is handed over by a change of officer alone
    if locked.code != before["code"]:
        reason = _("The bank code stays as it was entered (%(code)s): files and notices name the bank by it.")
        problems["code"] = [reason % {"code": before["code"]}]
    after = plain_values(locked)
    changes = {name: [before[name], after[name]] for name in FIELDS if before[name] != after[name]}
    renamed = not changes.keys().isdisjoint(DATED)
    day = since or timezone.localdate()
    if renamed and (reasons := list(_day_reasons(locked, day))):
        problems["since"] = reasons
    if problems:
        raise Invalid(problems)
    if changes:
        data: dict[str, Any] = {"changes": changes}
        seals: list[Sealing] = [locked]
        locked.revision += 1
        locked.save()
        if renamed:
            kept = keep_name(locked, day, actor)
            kept.save()
            seals.append(kept)
            data["since"] = day.isoformat()
        record("banks.bank.changed", actor=actor, target=locked, bank_id=locked.pk, data=data, seals=seals)
    return locked


def hand_over_banks(*, actor: User, person: User, successor: User) -> int:
    """Put every bank on the register that a case officer is in charge of into the charge of another one; returns how
    many. For the administrator and, as the head, a decision maker; one event for each bank."""
    if not actor.holds(Role.ADMINISTRATOR, Role.DECISION_MAKER):
        raise Refused([_("An administrator hands work over; a decision maker that of a case officer.")])
    still = Q(active_to__isnull=True) | Q(active_to__gte=timezone.localdate())
    banks = list(Bank.objects.select_for_update(of=("self",)).filter(still, case_officer=person).order_by("pk"))
    for bank in banks:
        bank.case_officer = successor
        bank.revision += 1
        bank.save(update_fields=["case_officer", "revision", "updated_at"])
        data = {"changes": {"case_officer": [person.pk, successor.pk]}}
        record("banks.bank.changed", actor=actor, target=bank, bank_id=bank.pk, data=data, seals=[bank])
    return len(banks)


def keep_name(bank: Bank, since: date, actor: User | None) -> BankName:
    """The row that keeps from when a bank has the name and category that it has now."""
    return BankName(bank=bank, since=since, recorded_by=actor, **{name: getattr(bank, name) for name in DATED})


def _day_reasons(bank: Bank, day: date) -> Iterator[str]:
    """Why a new name or category cannot hold from this day on."""
    last = bank.names.order_by("-since").values_list("since", flat=True).first()
    if day > timezone.localdate():
        yield _("A new name or category is entered once it holds; this day is still to come.")
    if last is not None and day < last:
        yield _("The present name and category hold since %(day)s; a later one cannot begin before.") % {
            "day": last.isoformat()
        }


def clean_values(values: Values) -> dict[str, Any]:
    """Trim texts and write identifiers one way; an unknown field is the programmer's error."""
    if unknown := set(values) - set(FIELDS):
        raise TypeError(f"A bank has no field {', '.join(sorted(unknown))}.")
    cleaned = dict(values)
    for name in TEXT_FIELDS:
        if name in cleaned:
            cleaned[name] = one_line(cleaned[name] or "")
    for name in CODE_FIELDS:
        if name in cleaned:
            cleaned[name] = normalise_code(cleaned[name])
    return cleaned


@dataclass
class Register:
    """What is taken already, and who is whose head office: read once, so that many rows cost no more than one.

    ``taken`` maps each unique field's values to the bank that has them; ``kinds`` and ``heads`` map bank codes to the
    kind of entity, to the head office's and to the successor's code.
    """

    taken: dict[str, dict[str, int]]
    kinds: dict[str, str]
    heads: dict[str, str]
    successors: dict[str, str]
    officers: dict[int, str]

    @classmethod
    def load(cls) -> "Register":
        """Two queries over the whole register."""
        taken: dict[str, dict[str, int]] = {name: {} for name in UNIQUE}
        kinds: dict[str, str] = {}
        heads: dict[str, str] = {}
        successors: dict[str, str] = {}
        columns = ("pk", "entity_kind", "head_office__code", "successor__code", *UNIQUE)
        for pk, kind, head, successor, *unique in Bank.objects.values_list(*columns):
            kinds[unique[0]], heads[unique[0]] = kind, head or ""
            successors[unique[0]] = successor or ""
            for name, value in zip(UNIQUE, unique, strict=True):
                if value:
                    taken[name][value] = pk
        officers = User.objects.filter(is_active=True, bank=None, grants__role=Role.CASE_OFFICER)
        return cls(taken, kinds, heads, successors, dict(officers.values_list("pk", "username")))

    @cached_property
    def head_offices(self) -> frozenset[str]:
        """The codes of all head offices; read once ``heads`` says how it will be."""
        return frozenset(self.heads.values())


def bank_problems(bank: Bank, register: Register, head: str | None = None, successor: str | None = None) -> Problems:
    """Everything that is wrong with a bank, by field, in full sentences.

    ``head`` and ``successor`` are the codes of those banks where they may come in the same file; by default the linked
    banks'.
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
    if successor is None:
        successor = bank.successor.code if bank.successor is not None else ""
    _succession_problems(bank, register, successor, add)
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
    if bank.code in register.head_offices:
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


def _succession_problems(bank: Bank, register: Register, successor: str, add: Callable[[str, Any], None]) -> None:
    """A bank that another one has taken over has the day of that and its last day on the register, and is not its own
    successor over however many steps."""
    if not successor:
        if bank.succeeded_on is not None:
            add("successor", _("Choose the bank that has taken this one over, or take the day of the succession out."))
        return
    if bank.succeeded_on is None:
        add("succeeded_on", _("Give the day on which %(code)s has taken this bank over.") % {"code": successor})
    elif bank.active_to is None:
        add("active_to", _("A bank that has been taken over has a last day on the register; give it."))
    elif bank.active_to > bank.succeeded_on:
        add("active_to", _("The last day on the register lies after the day of the succession; correct one of them."))
    if successor not in register.kinds:
        add("successor", _("There is no bank with the code “%(code)s” on the register.") % {"code": successor})
    seen = {bank.code}
    while successor:
        if successor in seen:
            add("successor", _("A bank cannot be its own successor, neither directly nor by way of others."))
            return
        seen.add(successor)
        successor = register.successors.get(successor, "")
