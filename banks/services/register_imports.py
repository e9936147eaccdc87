"""Importing the register from a file: what each row would do, and writing all of them or none."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from django.utils.translation import gettext as _

from banks.fields import CODE_FIELDS, DATED, FIELDS, LINKS, UNIQUE, column, label
from banks.models import Bank, BankName, EntityKind, User
from banks.services.banks import Problems, Register, bank_problems, clean_values, keep_name, plain_values
from banks.services.duties import require_administrator
from banks.services.errors import Invalid
from banks.services.identifiers import normalise_code, one_line
from scorecard.access.decisions import Stale
from scorecard.audit.services import record

BATCH = 500  # rows that one statement writes
NAME_KEYS = ("name_sort", "name_initials")  # they follow the name


@dataclass(frozen=True)
class ImportRow:
    """One row of a file: its number in the file, and the fields that its columns give.

    ``head_office`` and ``successor`` are bank codes (of the register or of the same file) and ``case_officer`` a
    user name, or blank.
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
class ImportPlan:
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


def plan_import(rows: Iterable[ImportRow]) -> ImportPlan:
    """Validate every row against the register and against one another; writes nothing. A constant number of queries.

    A row whose code is on the register changes that bank, in the fields that the file has; any other row is a new bank.
    """
    rows = list(rows)
    plan, register = ImportPlan(), Register.load()
    known = {bank.code: bank for bank in Bank.objects.select_related(*LINKS)}
    officers = {user.username.lower(): user for user in User.objects.filter(pk__in=register.officers)}
    repeated = {
        name: {value for value, count in Counter(_text(row, name) for row in rows).items() if value and count > 1}
        for name in UNIQUE
    }
    for row in rows:  # as it will be once every row is written: a file may hold a head office and its branch, or pass
        code = _text(row, "code")  # a name from one bank to another
        for name in UNIQUE:
            before = getattr(known.get(code), name, "")
            if row.values.get(name) is not None and before != _text(row, name):
                register.taken[name].pop(before, None)
        if kind := row.values.get("entity_kind"):
            register.kinds[code] = kind
        if row.values.get("head_office") is not None:
            register.heads[code] = row.values["head_office"]
        if row.values.get("successor") is not None:
            register.successors[code] = row.values["successor"]
    for row in rows:
        bank = known.get(_text(row, "code")) or Bank()
        if (bank.revision if bank.pk else None) != row.seen:
            plan.stale.append(_text(row, "code"))
        before = _readable(bank)
        values = clean_values(row.values)
        head, officer = values.pop("head_office", before["head_office"]), values.pop("case_officer", None)
        successor = values.pop("successor", before["successor"])
        for name, value in values.items():
            setattr(bank, name, value)
        if head != before["head_office"]:
            bank.head_office = known.get(head)
        if successor != before["successor"]:
            bank.successor = known.get(successor)
        if officer is not None:
            bank.case_officer = officers.get(officer.lower())
        problems = bank_problems(bank, register, head, successor)
        if officer and bank.case_officer is None:
            reason = _("There is no active case officer with the user name “%(name)s”.") % {"name": officer}
            problems["case_officer"] = [reason]
        for name in UNIQUE:
            if (value := _text(row, name)) in repeated[name]:
                reason = _("%(field)s “%(value)s” stands in more than one row of the file.")
                problems.setdefault(name, []).append(reason % {"field": label(name), "value": value})
        after = _readable(bank) | {"head_office": head, "successor": successor}
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
    names = _write(written, actor)
    changes = {row.bank.code: {name: list(pair) for name, pair in row.changes.items()} for row in written}
    record(
        "banks.register.imported",
        actor=actor,
        data={"source": source, **counts, "created": created, "changes": changes},
        seals=[*(row.bank for row in written), *names],
    )
    return counts


def _write(written: Iterable[Planned], actor: User | None) -> list[BankName]:
    """Write these rows, many with one statement. New banks come first and head offices among them, since a branch in
    the same file points to one; successors once every bank of the file is there. A new name or category holds from
    today; returns the rows that keep it."""
    rows = sorted(written, key=lambda row: row.bank.entity_kind != EntityKind.LEGAL_ENTITY)
    new, changed = [row for row in rows if row.is_new], [row for row in rows if not row.is_new]
    today, succeeded = timezone.localdate(), list[tuple[Planned, date | None]]()
    for row in rows:
        if row.changes.get("successor", ("", ""))[1]:
            succeeded.append((row, row.bank.succeeded_on))
            row.bank.successor, row.bank.succeeded_on = None, None
    for legal in (True, False):
        part = [row for row in new if (row.bank.entity_kind == EntityKind.LEGAL_ENTITY) is legal]
        _link(part, "head_office")
        Bank.objects.bulk_create([row.bank for row in part], batch_size=BATCH)
    _link(changed, "head_office")
    _free_unique(changed)
    Bank.objects.bulk_update([row.bank for row in changed], _prepare(changed), batch_size=BATCH)
    _link([row for row, _day in succeeded], "successor")
    for row, day in succeeded:
        row.bank.succeeded_on = day
    Bank.objects.bulk_update([row.bank for row, _day in succeeded], ["successor", "succeeded_on"], batch_size=BATCH)
    named = [keep_name(row.bank, row.bank.active_from, actor) for row in new]
    named += [keep_name(row.bank, today, actor) for row in changed if not row.changes.keys().isdisjoint(DATED)]
    return BankName.objects.bulk_create(named, batch_size=BATCH)


def _prepare(rows: list[Planned]) -> list[str]:
    """Bring these banks' further columns up to date; returns the columns that a statement has to write."""
    fields = {"revision", "updated_at"}.union(*(row.changes for row in rows))
    fields |= {"successor", "succeeded_on"} if fields & {"successor", "succeeded_on"} else set()
    fields |= set(NAME_KEYS) if Bank.named_by in fields else set()
    for row in rows:
        row.bank.revision += 1
        row.bank.updated_at = timezone.now()
        if Bank.named_by in row.changes:
            for name in NAME_KEYS:
                column(name).pre_save(row.bank, add=False)
    return sorted(fields)


def _link(rows: list[Planned], name: str) -> None:
    """Point these rows' banks to others by code; all of those are on the register by now."""
    codes = {row.bank.code: code for row in rows if (code := row.changes.get(name, ("", ""))[1])}
    if codes:
        found = dict(Bank.objects.values_list("code", "pk"))
        for row in rows:
            if code := codes.get(row.bank.code):
                setattr(row.bank, f"{name}_id", found[code])


def _free_unique(rows: list[Planned]) -> None:
    """Free what another bank of the file may take over: a name or a code that is passed on belongs to two for a while,
    whatever the order of writing."""
    passed = [row.bank.pk for row in rows if not row.changes.keys().isdisjoint({"name_zh", "uscc"})]
    for start in range(0, len(passed), BATCH):
        few = Bank.objects.filter(pk__in=passed[start : start + BATCH])
        few.update(uscc="", name_zh=Concat(Value("\u2026"), Cast("pk", CharField())))


def _text(row: ImportRow, name: str) -> str:
    value = one_line(str(row.values.get(name) or ""))
    return normalise_code(value) if name in CODE_FIELDS else value


def _readable(bank: Bank) -> dict[str, Any]:
    """Like ``plain_values``, as a file has them: head office and successor by code, the officer by user name."""
    found = plain_values(bank)
    found["head_office"] = bank.head_office.code if bank.head_office is not None else ""
    found["successor"] = bank.successor.code if bank.successor is not None else ""
    found["case_officer"] = bank.case_officer.username if bank.case_officer is not None else ""
    return found
