"""Who takes part in a round: at its opening, and banks taken out or added after it, each with a reason."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import Assessment, Leaving, ParticipantChange, Review, Round, RoundState
from assessments.rounds.carrying import carry_forward
from assessments.rulebooks.services import require_administrator
from assessments.workflow.telling import tell_of, title_of
from banks.models import Bank, User
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.services import record
from scorecard.inbox.services import tell

REASON_LENGTH = 4000
OPENED, MOVED, TAKEN_OUT = "assessments.round_opened", "assessments.deadline_moved", "assessments.taken_out"


def participants(round_: Round) -> list[Bank]:
    """The banks that take part: on the register on the last day of the year assessed, both ends counting."""
    day = date(round_.year, 12, 31)
    return list(
        Bank.objects.filter(active_from__lte=day)
        .filter(Q(active_to__isnull=True) | Q(active_to__gte=day))
        .order_by("pk")
    )


def make_assessments(round_: Round, banks: Iterable[Bank]) -> list[Assessment]:
    """One assessment for each of these banks, with its case officer where that one can act."""
    banks = list(banks)
    officers = set(
        User.objects.filter(is_active=True, grants__role=Role.CASE_OFFICER, banks_in_charge__in=banks).values_list(
            "pk", flat=True
        )
    )
    cases = (
        Assessment(
            round=round_, bank=bank, officer_id=bank.case_officer_id if bank.case_officer_id in officers else None
        )
        for bank in banks
    )
    return Assessment.objects.bulk_create(cases, batch_size=500)


@transaction.atomic
def add_bank(*, actor: User | None, round_id: int, bank_id: int, reason: str) -> Assessment:
    """Let a bank take part that was forgotten at the opening, or was taken out by mistake; for a reason that the
    round's page and the trail keep.

    It was on the register on the last day of the year assessed, or has taken over a bank of the round. Its figures of
    the year before are carried forward as at the opening; a bank that comes back goes on where it stood. Raises
    ``Refused`` with every reason.
    """
    require_administrator(actor)
    locked = locked_round(round_id)
    bank = Bank.objects.filter(pk=bank_id).first()
    here = Assessment.objects.select_for_update().filter(round=locked, bank=bank_id).first()
    reasons = [*_change_reasons(locked, reason)]
    if bank is None:
        reasons.append(_("This bank does not exist."))
    elif here is not None and here.taken_out_at is None:
        reasons.append(_("%(bank)s takes part already.") % {"bank": bank})
    elif not may_take_part(locked).filter(pk=bank.pk).exists():
        reasons.append(
            _("%(bank)s was not on the register on %(day)s and has not taken over a bank of the round.")
            % {"bank": bank, "day": f"{locked.year}-12-31"}
        )
    if reasons or bank is None:
        raise Refused(reasons)
    if here is None:
        here = make_assessments(locked, [bank])[0]
        carry_forward(actor, locked, [bank])
    else:
        here.taken_out_at, here.leaving = None, ""
        here.save(update_fields=["taken_out_at", "leaving"])
    _keep_change(actor, here, reason, added=True)
    return here


@transaction.atomic
def take_bank_out(*, actor: User | None, round_id: int, bank_id: int, leaving: str, reason: str) -> Assessment:
    """Take a bank out of an open round, for a reason that the round's page and the trail keep.

    What it has filed stays readable; it is counted, summed, ranked and compared no more, and nothing of it changes.
    That it has left or was absorbed is a fact of the register, entered there first. A rating that is decided stands,
    so its bank stays. Raises ``Refused`` with every reason.
    """
    require_administrator(actor)
    locked = locked_round(round_id)
    here = Assessment.objects.select_for_update(of=("self",)).select_related("bank").filter(round=locked, bank=bank_id)
    found = here.first()
    reasons = [*_change_reasons(locked, reason)]
    if found is None or found.taken_out_at is not None:
        reasons.append(_("This bank does not take part in the round."))
    elif found.review_state in (Review.DECIDED, Review.NOTIFIED, Review.ACKNOWLEDGED):
        reasons.append(
            _("The rating of %(bank)s is decided and stands; the bank stays in the round.") % {"bank": found.bank}
        )
    if leaving not in Leaving.values:
        reasons.append(_("Say why the bank takes part no more: it has left, was absorbed, or was never to take part."))
    elif found is not None and leaving == Leaving.LEFT and found.bank.active_to is None:
        reasons.append(_("The register has no last day of %(bank)s; enter it there first.") % {"bank": found.bank})
    elif found is not None and leaving == Leaving.ABSORBED and found.bank.successor_id is None:
        reasons.append(_("The register has no successor of %(bank)s; enter it there first.") % {"bank": found.bank})
    if reasons or found is None:
        raise Refused(reasons)
    found.taken_out_at, found.leaving = timezone.now(), leaving
    found.save(update_fields=["taken_out_at", "leaving"])
    _keep_change(actor, found, reason, added=False)
    return found


def may_take_part(round_: Round) -> Any:
    """The banks that may be added: those of the opening, and those that have taken over a bank of the round."""
    taken_over = round_.assessments.exclude(bank__successor=None).values("bank__successor")
    day = date(round_.year, 12, 31)
    on_register = Q(active_from__lte=day) & (Q(active_to__isnull=True) | Q(active_to__gte=day))
    return Bank.objects.filter(on_register | Q(pk__in=taken_over)).exclude(pk__in=round_.taking_part.values("bank"))


def _change_reasons(round_: Round, reason: str) -> Iterator[str]:
    """Why nobody is added or taken out now, whoever it is."""
    if round_.state != RoundState.OPEN:
        yield _("Banks are added and taken out while the round is open.")
    if not reason.strip():
        yield _("Give the reason; it stands on the round's page and in the trail.")
    elif len(reason) > REASON_LENGTH:
        yield _("The text is longer than %(limit)d characters; shorten it.") % {"limit": REASON_LENGTH}


def _keep_change(actor: User | None, here: Assessment, reason: str, *, added: bool) -> None:
    kept = ParticipantChange.objects.create(
        round=here.round, assessment=here, added=added, leaving=here.leaving, reason=reason.strip(), actor=actor
    )
    data: dict[str, Any] = {"round": here.round.code, "reason": reason.strip(), "leaving": here.leaving}
    if here.leaving == Leaving.ABSORBED:
        data["successor"] = here.bank.successor_id
    event = "assessments.round.bank_added" if added else "assessments.round.bank_taken_out"
    record(event, actor=actor, target=here, bank_id=here.bank_id, data=data, seals=[here, kept])
    if added:
        tell_days(here.round, only=here)
    else:
        tell_of(TAKEN_OUT, here, f"taken-out:{kept.pk}")


def tell_days(round_: Round, *, was_open: bool = False, only: Assessment | None = None) -> None:
    """The banks of an open round, or one that was added, are told that they may file, at the moment from which they
    may; where they could before (``was_open``), that the last day is another one.
    """
    now, until = timezone.now(), only.files_until if only else round_.filing_deadline
    kind = MOVED if was_open and round_.opens_at <= now else OPENED
    told = {"round": round_.pk, "title": title_of(round_), "until": until.isoformat()}
    key = f"{kind}:{round_.pk}:{only.pk if only else ''}:{round_.revision}:{now.isoformat()}"
    data = {**told, "opens": round_.opens_at.isoformat()}
    tell(kind, key=key, due_at=max(round_.opens_at, now), bank_id=only.bank_id if only else None, data=data)


def locked_round(round_id: int) -> Round:
    """The round, locked for the running transaction with its rulebook at hand."""
    found = Round.objects.select_for_update(of=("self",)).select_related("rulebook").filter(pk=round_id).first()
    if found is None:
        raise Refused([_("This round does not exist.")])
    return found
