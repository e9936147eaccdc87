"""What may stand against a step of a measure: each guard yields every reason, each a full sentence."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from assessments.filings.scanning import refused_names
from assessments.measures.steps import Attempt, Days, Handing
from assessments.models import LiveMeasure, Obligation, ObligationKind, ObligationState
from banks.models import User
from banks.services.stand_ins import stands_in_for
from scorecard.access.roles import Role

# The order in which a bank files what it owes.
ORDER = [str(kind) for kind in ObligationKind]


def acts_for(actor: User, live: LiveMeasure, today: date) -> User | None:
    """The absent owner for whom the actor acts today; None for the owner and for everybody else."""
    owner = live.owner
    if owner is None or owner == actor or not actor.holds(Role.CASE_OFFICER):
        return None
    return owner if owner.pk in stands_in_for(actor, today) else None


def binds(step: Attempt) -> Iterator[Any]:
    """A measure whose last day is over has ended; nothing of it moves."""
    if not step.live.binds(step.today) and step.live.ends_on is not None:
        yield _("The measure ended on its last day, %(day)s.") % {"day": step.live.ends_on}


def the_owner(step: Attempt) -> Iterator[Any]:
    """The owner or a stand-in of the day, or any case officer where nobody owns the entry."""
    owner = step.live.owner
    if owner is not None and owner != step.actor and acts_for(step.actor, step.live, step.today) is None:
        yield _("%(name)s owns this measure; it can be handed to you.") % {"name": owner}


def the_owner_or_the_head(step: Attempt) -> Iterator[Any]:
    """A decision maker hands any entry over; a case officer their own."""
    if not step.actor.holds(Role.DECISION_MAKER):
        yield from the_owner(step)


def another_officer(step: Attempt) -> Iterator[Any]:
    """An entry goes to a case officer who is active, and who does not own it."""
    if not isinstance(step.told, Handing):
        return
    officer = step.told.officer
    if officer is None or not officer.is_active or not officer.holds(Role.CASE_OFFICER):
        yield _("Choose a case officer who is active.")
    elif officer == step.live.owner:
        yield _("%(name)s owns this measure already.") % {"name": officer}


def days_right(step: Attempt) -> Iterator[Any]:
    """Days that can be kept: none in the past, the obligations in their order and not after the due day, the proposed
    result of the accountability before it, the last day not before it.
    """
    if not isinstance(step.told, Days):
        return
    days = step.told
    if days.due_on is None:
        yield _("Give the due day of the measure: by when it is to be fulfilled.")
        return
    if days.due_on < step.today:
        yield _("The due day lies in the past.")
    if days.ends_on is not None and days.ends_on < days.due_on:
        yield _("The last day lies before the due day.")
    yield from _obligations_right(step, days, days.due_on)
    proposal = str(ObligationKind.PROPOSAL)
    if step.live.measure.proposal.get("needs_filing") and proposal not in days.obligations:
        yield _("The clause asks for the proposed result of the accountability beforehand: give the day for it.")


def _obligations_right(step: Attempt, days: Days, due_on: date) -> Iterator[Any]:
    before: tuple[str, date] | None = None
    for kind in ORDER:
        day = days.obligations.get(kind)
        if day is None:
            continue
        name = {"name": ObligationKind(kind).label}
        if day < step.today and not _kept(step.live, kind, day):
            yield _("%(name)s: the day lies in the past.") % name
        if day > due_on:
            yield _("%(name)s: the day lies after the due day of the measure.") % name
        if kind == ObligationKind.PROPOSAL and day == due_on:
            yield _("%(name)s: the day must lie before the due day of the measure.") % name
        if before is not None and day < before[1]:
            names = {**name, "before": ObligationKind(before[0]).label}
            yield _("%(name)s: the day lies before that of “%(before)s”.") % names
        before = kind, day


def _kept(live: LiveMeasure, kind: str, day: date) -> bool:
    """Whether an obligation has this day already."""
    return live.obligations.filter(kind=kind, due_on=day).exists()


def days_later(step: Attempt) -> Iterator[Any]:
    """An extension moves days later, at least one of them, and none earlier; an accepted obligation keeps its day."""
    if not isinstance(step.told, Days):
        return
    days, live = step.told, step.live
    pairs = [(_("Due day"), live.due_on, days.due_on), (_("Binds until"), live.ends_on, days.ends_on)]
    known = {row.kind: row for row in live.obligations.all()}
    for kind, row in known.items():
        pairs.append((row.get_kind_display(), row.due_on, days.obligations.get(kind)))
        if row.state == ObligationState.ACCEPTED and days.obligations.get(kind) != row.due_on:
            yield _("%(name)s: it has been accepted; its day stays.") % {"name": row.get_kind_display()}
    if set(days.obligations) - set(known):
        yield _("An extension adds no obligation.")
    moved = False
    for name, was, now in pairs:
        if was is None and now is None:
            continue
        if now is None or was is None or now < was:
            yield _("%(name)s: an extension gives a later day, and leaves the others as they are.") % {"name": name}
        moved = moved or was != now
    if not moved:
        yield _("Give at least one later day.")
    yield from days_right(step)


def earlier_accepted(step: Attempt) -> Iterator[Any]:
    """What comes before in the order is accepted before the next is filed."""
    if step.obligation is None:
        return
    place = ORDER.index(step.obligation.kind)
    rows = step.live.obligations.filter(kind__in=ORDER[:place]).exclude(state=ObligationState.ACCEPTED)
    for row in sorted(rows, key=lambda one: ORDER.index(one.kind)):
        yield _("“%(name)s” must be accepted first.") % {"name": row.get_kind_display()}


def written(step: Attempt) -> Iterator[Any]:
    """There is something to file: words and at least one file."""
    draft = step.draft
    if draft is None or not draft.text.strip():
        yield _("Write what your bank files.")
    if draft is None or not draft.documents.filter(withdrawn_at=None).exists():
        yield _("Add at least one file: the document of your bank.")
    elif names := refused_names(draft.documents.all()):
        yield _("Withdraw the files in which malware was found: %(names)s.") % {"names": names}


def not_the_writer(step: Attempt) -> Iterator[Any]:
    """Who wrote it or added a file does not sign it."""
    draft = step.draft
    if draft is None:
        return
    if step.actor.pk in {draft.saved_by_id, *draft.documents.values_list("uploaded_by", flat=True)}:
        yield _("You wrote this; somebody else must sign it.")


def all_accepted(step: Attempt) -> Iterator[Any]:
    """A measure is fulfilled once everything that the bank owes is accepted."""
    rows: list[Obligation] = list(step.live.obligations.exclude(state=ObligationState.ACCEPTED))
    for row in rows:
        yield _("“%(name)s” is not accepted yet.") % {"name": row.get_kind_display()}
