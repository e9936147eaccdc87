"""Recording facts. Entries are append-only: a changed value is a new row with the next revision (architecture.md)."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from banks.models import Bank, FactEntry, FactSource, FactState, User
from banks.selectors.facts import latest
from scorecard.access.decisions import Hidden, Refused
from scorecard.access.roles import BANK_ROLES, REVIEW_ROLES, Role
from scorecard.audit.seals import Rows
from scorecard.audit.services import record

# fact id → (state, value); the value is exact text, blank unless the state is "given".
Values = Mapping[str, tuple[str, str]]
VALUE_LENGTH = 400

# Who may record from which source. An empty set: the system itself, on the way of somebody else's step.
_ALLOWED: dict[str, frozenset[str]] = {
    FactSource.FORM: frozenset({Role.BANK_PREPARER}),
    FactSource.WORKBOOK: frozenset({Role.BANK_PREPARER}),
    FactSource.RETURN: frozenset({Role.BANK_PREPARER}),
    FactSource.API: frozenset({Role.BANK_PREPARER}),
    FactSource.SUPERVISOR: REVIEW_ROLES,
    FactSource.CARRIED: frozenset({Role.ADMINISTRATOR, Role.BANK_PREPARER}),
    FactSource.SYSTEM: frozenset(BANK_ROLES | REVIEW_ROLES | {Role.ADMINISTRATOR}),
    FactSource.DEMO: frozenset({Role.ADMINISTRATOR}),
}


def record_facts(
    *,
    actor: User | None,
    bank: Bank,
    period: str,
    values: Values,
    source: str,
    note: str = "",
    notes: Mapping[str, str] | None = None,
) -> list[FactEntry]:
    """Record facts of one bank and period; returns the new rows, none for values that are already current.

    ``actor`` is None for the system. ``notes`` says by fact where it came from, in place of ``note``. Raises ``Hidden``
    for another bank's person, ``Refused`` with every reason for a value that cannot be kept as it is. One event for all
    rows.
    """
    batch = {(bank.pk, period): values}
    return record_many(actor=actor, batch=batch, source=source, note=note, notes=notes, bank=bank)


@transaction.atomic
def record_many(
    *,
    actor: User | None,
    batch: Mapping[tuple[int, str], Values],
    source: str,
    note: str = "",
    notes: Mapping[str, str] | None = None,
    bank: Bank | None = None,
) -> list[FactEntry]:
    """Record facts of many banks and periods at once (``{(bank id, period): values}``), with one event.

    Locks the banks concerned, in the order of their ids, so that two writers of one bank number their revisions one
    after the other.
    """
    bank_ids = sorted({bank_id for bank_id, _period in batch})
    if reasons := [*_actor_reasons(actor, bank_ids, source), *_value_reasons(batch)]:
        raise Refused(reasons)
    list(Bank.objects.select_for_update().filter(pk__in=bank_ids).order_by("pk").values_list("pk"))
    periods = {period for _bank_id, period in batch}
    wanted = {fact for values in batch.values() for fact in values}
    known = {
        (entry.bank_id, entry.period, entry.fact): entry
        for entry in latest(FactEntry.objects.filter(bank__in=bank_ids, period__in=periods, fact__in=wanted))
    }
    rows = []
    for (bank_id, period), values in batch.items():
        for fact, (state, value) in values.items():
            before = known.get((bank_id, period, fact))
            if before is not None and (before.state, before.value) == (state, value):
                continue
            rows.append(
                FactEntry(
                    bank_id=bank_id,
                    period=period,
                    fact=fact,
                    revision=before.revision + 1 if before else 1,
                    state=state,
                    value=value,
                    source=source,
                    source_note=(notes or {}).get(fact, note),
                    entered_by=actor,
                )
            )
    if not rows:
        return []
    created = FactEntry.objects.bulk_create(rows, batch_size=500)
    one = bank_ids[0] if len(bank_ids) == 1 else None
    data, rows_made = _trace(created, source, note), Rows(FactEntry, [row.pk for row in created])
    record("banks.facts.recorded", actor=actor, target=bank, bank_id=one, data=data, seals=[rows_made])
    return created


def _actor_reasons(actor: User | None, bank_ids: Iterable[int], source: str) -> list[Any]:
    if actor is None:
        return []
    if actor.bank_id is not None and (foreign := [pk for pk in bank_ids if pk != actor.bank_id]):
        raise Hidden(bank_id=foreign[0])
    if not actor.holds(*_ALLOWED[source]):
        return [_("Your role does not record figures from this source.")]
    return []


def _value_reasons(batch: Mapping[tuple[int, str], Values]) -> list[Any]:
    reasons = []
    for values in batch.values():
        for fact, (state, value) in values.items():
            if state not in FactState.values:
                reasons.append(_("%(fact)s: the state %(state)s is not known.") % {"fact": fact, "state": state})
            elif state == FactState.VALUE and not value:
                reasons.append(
                    _("%(fact)s: a given figure needs a value; leave it unanswered where there is none.")
                    % {"fact": fact}
                )
            elif state != FactState.VALUE and value:
                reasons.append(_("%(fact)s: only a given figure has a value.") % {"fact": fact})
            if len(value) > VALUE_LENGTH:
                reasons.append(
                    _("%(fact)s: the value is longer than %(limit)d characters.")
                    % {"fact": fact, "limit": VALUE_LENGTH}
                )
    return reasons


def _trace(rows: list[FactEntry], source: str, note: str) -> dict[str, Any]:
    """What the trail keeps: how many rows, of which facts, and a digest over them that shows a later change.

    The figures themselves stay out: who may read the trail need not be somebody who may read the figures.
    """
    content = [[row.bank_id, row.period, row.fact, row.revision, row.state, row.value] for row in rows]
    digest = hashlib.sha256(json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()
    data: dict[str, Any] = {
        "rows": len(rows),
        "banks": len({row.bank_id for row in rows}),
        "periods": sorted({row.period for row in rows}),
        "source": source,
        "digest": digest,
    }
    if data["banks"] == 1:
        data["facts"] = sorted({row.fact for row in rows})
    if note:
        data["note"] = note
    return data
