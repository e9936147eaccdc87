"""Reading facts: the current value is the row with the highest revision."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from django.db.models import F, Max, QuerySet, Window
from django.utils.translation import gettext as _

from banks.access import visible_facts
from banks.models import FactEntry, FactSource

if TYPE_CHECKING:
    from banks.models import User


def latest(entries: QuerySet[FactEntry]) -> QuerySet[FactEntry]:
    """Of these entries, the current one of each bank, period and fact. Still one query."""
    newest = Window(Max("revision"), partition_by=[F("bank_id"), F("period"), F("fact")])
    return entries.annotate(newest=newest).filter(revision=F("newest"))


def current_facts(
    bank_id: int, periods: Collection[str], facts: Collection[str] | None = None
) -> dict[str, dict[str, FactEntry]]:
    """One bank's current facts, ``{period: {fact id: entry}}``, every asked period present, in ONE query.

    ``facts`` asks for these facts alone. For services and for pages that have already found the bank through an
    access function.
    """
    found: dict[str, dict[str, FactEntry]] = {period: {} for period in periods}
    rows = FactEntry.objects.filter(bank=bank_id, period__in=periods)
    for entry in latest(rows if facts is None else rows.filter(fact__in=facts)):
        found[entry.period][entry.fact] = entry
    return found


def current_facts_of(bank_ids: Iterable[int], periods: Collection[str]) -> dict[int, dict[str, dict[str, FactEntry]]]:
    """The newest facts of many banks, ``{bank id: {period: {fact id: entry}}}``, in one query."""
    ids = list(bank_ids)
    found: dict[int, dict[str, dict[str, FactEntry]]] = {pk: {period: {} for period in periods} for pk in ids}
    for entry in latest(FactEntry.objects.filter(bank__in=ids, period__in=periods)):
        found[entry.bank_id][entry.period][entry.fact] = entry
    return found


def fact_history(actor: "User", bank_id: int, period: str, fact: str) -> QuerySet[FactEntry]:
    """Every revision of one fact that the actor may see, the newest first."""
    return (
        visible_facts(actor)
        .filter(bank=bank_id, period=period, fact=fact)
        .select_related("entered_by")
        .order_by("-revision")
    )


def readable_source(actor: "User", entry: FactEntry) -> tuple[str, str]:
    """Where an entry came from and who made it, as the actor may read them: a supervisor's note and name are for
    supervisors; the bank reads "" and that it was the supervisor. A blank name is the system's.
    """
    person = entry.entered_by
    if actor.bank_id is not None and (entry.source == FactSource.SUPERVISOR or (person and person.bank_id is None)):
        return "", str(_("The supervisor")) if person else ""
    return entry.source_note, str(person) if person else ""


def fact_periods(actor: "User", bank_id: int) -> list[str]:
    """The years for which the actor may see facts of the bank, the latest first."""
    return sorted(visible_facts(actor).filter(bank=bank_id).values_list("period", flat=True).distinct(), reverse=True)
