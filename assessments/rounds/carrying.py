"""Last year's closing figures as this year's opening ones (``carries_from`` of the rulebook), marked as carried.

What a bank filed counts only as it was signed: the version that was decided on, else the one that was signed last. A
draft that nobody signed is no base. What the supervisor gave, or the system counted, stands on file as it is.
"""

from collections.abc import Collection, Iterable, Iterator
from functools import reduce
from operator import or_
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.lookups import Exact
from django.utils.translation import gettext as _

from assessments.models import Assessment, Filing, Review, Round, RoundState
from assessments.rulebooks.cache import engine_rulebook
from assessments.rulebooks.services import require_administrator
from assessments.workflow.shown import ShownItem, hold_to_seal
from banks.models import Bank, FactEntry, FactSource, FactState, User
from banks.selectors.facts import current_facts_of
from banks.services.facts import record_many
from scorecard.access.decisions import Refused
from scorecard.audit.services import canonical, record
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.words.language import screen_language

OF_THE_BANK = (FactSource.FORM, FactSource.WORKBOOK, FactSource.RETURN, FactSource.API)
DECIDED = (Review.DECIDED, Review.NOTIFIED, Review.ACKNOWLEDGED)


def carried_pairs(rulebook: Rulebook) -> dict[str, str]:
    """Opening figure → the closing figure that it carries from."""
    return {fact: spec.carries_from for fact, spec in rulebook.facts.items() if spec.carries_from}


def signed_figures(year: int, bank_ids: Collection[int], facts: Collection[str]) -> dict[int, dict[str, str]]:
    """By bank, these figures of a year as they were signed, decided ones before others. One query."""
    found: dict[int, dict[str, str]] = {}
    rows = Assessment.objects.filter(round__year=year, bank__in=bank_ids, version__isnull=False)
    ordered = sorted(
        rows.values_list("review_state", "pk", "bank", "version__facts"), key=lambda row: (row[0] in DECIDED, row[1])
    )
    for _state, _pk, bank, filed in ordered:  # the last of a bank stays
        here = found.setdefault(bank, {})
        here |= {f: filed[f]["value"] for f in facts if f in filed and filed[f]["state"] == FactState.VALUE}
    return found


def _bases(round_: Round, rulebook: Rulebook, bank_ids: list[int]) -> tuple[dict[int, dict[str, str]], dict[int, Any]]:
    """By bank, the closing figures of last year that may be carried, and this year's entries. Two queries."""
    sources = sorted(set(carried_pairs(rulebook).values()))
    last, this = str(round_.year - 1), round_.period
    bases = signed_figures(round_.year - 1, bank_ids, sources)
    current: dict[int, dict[str, FactEntry]] = {}
    for bank, periods in current_facts_of(bank_ids, [this, last]).items():
        current[bank] = periods[this]
        on_file = {
            fact: entry.value
            for fact, entry in periods[last].items()
            if fact in sources and entry.state == FactState.VALUE and entry.source not in OF_THE_BANK
        }
        bases[bank] = on_file | bases.get(bank, {})
    return bases, current


def carry_forward(actor: User | None, round_: Round, banks: Iterable[Bank]) -> int:
    """Carry last year's figures for these banks; a figure that is already there stays, unless it was itself carried.
    Returns how many. Two reads, one write.
    """
    batch = {
        (bank, round_.period): {fact: (FactState.VALUE.value, value) for fact, value in values.items()}
        for bank, values in _to_carry(round_, [bank.pk for bank in banks]).items()
    }
    if not batch:
        return 0
    return len(record_many(actor=actor, batch=batch, source=FactSource.CARRIED, note=str(round_.year - 1)))


def _to_carry(round_: Round, bank_ids: list[int]) -> dict[int, dict[str, str]]:
    """By bank, the opening figures that carrying would write now."""
    rulebook = engine_rulebook(round_.rulebook)
    pairs = carried_pairs(rulebook)
    if not pairs or not bank_ids:
        return {}
    bases, current = _bases(round_, rulebook, bank_ids)
    found = {}
    for bank, base in bases.items():
        here = current.get(bank, {})
        values = {
            fact: base[source]
            for fact, source in pairs.items()
            if source in base
            and (fact not in here or (here[fact].source == FactSource.CARRIED and here[fact].value != base[source]))
        }
        if values:
            found[bank] = values
    return found


def _drafts(round_: Round) -> QuerySet[Assessment]:
    """The filings that carrying once more may change: those that the preparer still works on."""
    return round_.taking_part.filter(filing_state=Filing.PREPARING)


def carrying_content(round_: Round) -> Iterator[ShownItem]:
    """What carrying once more would write: of each bank, the figures with their values."""
    facts, lang = engine_rulebook(round_.rulebook).facts, screen_language()
    found = _to_carry(round_, list(_drafts(round_).values_list("bank", flat=True)))
    for bank in Bank.objects.filter(pk__in=found).order_by("code"):
        values = found[bank.pk]
        words = "; ".join(f"{facts[fact].label.get(lang)} {value}" for fact, value in values.items())
        yield ShownItem(f"bank {bank.code}", bank.name, canonical(values), words)


def banks_without_base(round_: Round) -> QuerySet[Bank]:
    """The banks of the round without a figure of last year that may be carried, by code; a rulebook that carries none
    lacks none. The database looks through the figures: none of them is read here.
    """
    sources = sorted(set(carried_pairs(engine_rulebook(round_.rulebook)).values()))
    if not sources:
        return Bank.objects.none()
    last, value = str(round_.year - 1), FactState.VALUE.value
    states = [KeyTextTransform("state", KeyTransform(fact, "version__facts")) for fact in sources]
    signed = Assessment.objects.filter(bank=OuterRef("pk"), round__year=round_.year - 1, version__isnull=False)
    signed = signed.filter(reduce(or_, (Q(Exact(state, Value(value))) for state in states)))
    newer = FactEntry.objects.filter(
        bank=OuterRef("bank"), period=last, fact=OuterRef("fact"), revision__gt=OuterRef("revision")
    )
    given = FactEntry.objects.filter(bank=OuterRef("pk"), period=last, fact__in=sources, state=value)
    given = given.exclude(source__in=OF_THE_BANK).exclude(Exists(newer))
    banks = Bank.objects.filter(pk__in=round_.taking_part.values("bank"))
    return banks.exclude(Exists(signed)).exclude(Exists(given)).order_by("code")


@transaction.atomic
def carry_again(*, actor: User | None, round_id: int, seen: str | None = None) -> int:
    """Carry once more while the round is open, after last year's filings were signed or decided; returns how many.

    Only drafts in the preparer's hands change: nothing that somebody has checked or signed. What the bank or the
    supervisor gave stays. ``seen`` is the seal of what the page showed, None for a caller without a page: other figures
    are ``Stale``.
    """
    require_administrator(actor)
    round_ = Round.objects.select_for_update(of=("self",)).select_related("rulebook").filter(pk=round_id).first()
    if round_ is not None and round_.is_closed:
        raise Refused([_("The round is closed and archived; nothing in it changes any more.")])
    if round_ is None or round_.state != RoundState.OPEN:
        raise Refused([_("Figures are carried into an open round alone.")])
    drafts = {case.bank_id: case for case in _drafts(round_).select_for_update().order_by("pk")}
    if seen is not None:
        hold_to_seal("carry", round_id, carrying_content(round_), seen)
    before = FactEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    carried = carry_forward(actor, round_, Bank.objects.filter(pk__in=drafts))
    rows = FactEntry.objects.filter(pk__gt=before, bank__in=drafts, period=round_.period, source=FactSource.CARRIED)
    for bank, fact in rows.values_list("bank", "fact"):
        # A page that was opened before meets the carried figure as somebody else's change.
        drafts[bank].touched[f"fact:{fact}"] = drafts[bank].revision + 1
    changed = [drafts[bank] for bank in set(rows.values_list("bank", flat=True))]
    for case in changed:
        case.revision += 1
    Assessment.objects.bulk_update(changed, ["revision", "touched"])
    data = {"code": round_.code, "carried": carried, "banks": len(changed)}
    record("assessments.round.carried", actor=actor, target=round_, data=data)
    return carried
