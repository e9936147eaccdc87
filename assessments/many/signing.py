"""Signs a list: holds each entry to what was on the screen, and carries it out by the service of the single step.

docs/many.md has the algorithm. Each entry is a transaction of its own: one that has changed, or is refused, is not
carried out, and the others stand.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from assessments.access import get_assessment
from assessments.many.declared import ManyStep
from assessments.many.loading import Entry, load
from assessments.many.shared import Attempt, Shared
from assessments.models import Assessment
from assessments.workflow.shown import Difference, content_digest, hold_to_seal, seal_content
from banks.models import User
from scorecard.access.decisions import Refused, Stale
from scorecard.access.reauthentication import Signature
from scorecard.audit.models import Event
from scorecard.audit.services import canonical, record

MOST = 100  # entries of one list
SALT = "assessments.many"


@dataclass(frozen=True)
class Line:
    """One entry as the page shows it before the signature, with its seal."""

    entry: Entry
    cells: list[Any]
    against: list[str]
    seal: str = ""
    digest: str = ""
    differences: Sequence[Difference] = ()
    refused: Sequence[str] = ()

    @property
    def case(self) -> Assessment:
        return self.entry.case


@dataclass
class Outcome:
    """What became of a signed list: the entries carried out, those that the same signature had carried out before (it
    was sent twice), and by case why the others were not.
    """

    digest: str
    done: list[Assessment] = field(default_factory=list)
    before: list[int] = field(default_factory=list)
    refused: dict[int, list[str]] = field(default_factory=dict)
    changed: dict[int, Sequence[Difference]] = field(default_factory=dict)


def lines_of(step: ManyStep, actor: User, pks: Sequence[int] | None = None, *, sealed: bool = False) -> list[Line]:
    """The entries of a list with what stands against each; those named, or the first ``MOST`` that wait. ``sealed``
    adds the seal of each that can be ticked. A constant number of queries.
    """
    rows = step.candidates(actor)
    if pks is not None:
        rows = rows.filter(pk__in=pks)
    return lines(step, actor, list(rows[:MOST]), sealed=sealed)


def lines(step: ManyStep, actor: User, cases: Sequence[Assessment], *, sealed: bool = False) -> list[Line]:
    """The lines of these cases."""
    found = []
    for entry in load(actor, cases, step.parts):
        against = step.against(actor, entry)
        seal = digest = ""
        if sealed and not against:
            items = list(step.content(entry))
            seal, digest = seal_content(_name(step), entry.case.pk, items), content_digest(items)
        found.append(Line(entry, list(step.cells(entry)), against, seal, digest))
    return found


def seal_list(step: ManyStep, actor: User, found: Sequence[Line]) -> str:
    """Which entries were on the screen, each by the digest of its content: for a hidden field of the page."""
    entries = {str(line.case.pk): line.digest for line in found if line.digest}
    return signing.dumps(entries, salt=f"{SALT}.{step.name}.{actor.pk}", compress=True)


def list_digest(step: ManyStep, shared: Shared, entries: Mapping[str, str]) -> str:
    """What is signed: SHA-256 of the canonical JSON of the step, what is said for all, and each entry with the digest
    of its content as it was on the screen.
    """
    said = {"step": step.name, "shared": shared.words(), "entries": dict(entries)}
    return hashlib.sha256(canonical(said).encode()).hexdigest()


def sign_list(
    step: ManyStep,
    *,
    actor: User,
    chosen: Sequence[int],
    shown: str,
    seals: Mapping[int, str],
    shared: Shared,
    signed: Signature | None,
) -> Outcome:
    """Carry out the chosen entries of the list that was on the screen.

    The event of the list comes first, with the digest over what was signed; each entry's own events name that digest.
    Raises ``Stale`` where the page's list cannot be read or an entry was not on it, ``Refused`` where none is chosen.
    """
    if not chosen:
        raise Refused([_("Tick at least one case.")])
    try:
        on_screen: dict[str, str] = signing.loads(shown, salt=f"{SALT}.{step.name}.{actor.pk}")
    except signing.BadSignature:
        on_screen = {}
    entries = {str(pk): on_screen[str(pk)] for pk in chosen if str(pk) in on_screen}
    if len(entries) != len(set(chosen)):
        raise Stale([_("This is not the list that was shown to you; nothing has been done. Look at it again.")])
    outcome = Outcome(list_digest(step, shared, entries))
    record(
        "assessments.list.signed",
        actor=actor,
        data={
            "step": step.name,
            "digest": outcome.digest,
            "entries": entries,
            "left_out": sorted(int(pk) for pk in on_screen if pk not in entries),
            "shared": shared.words(),
            **({"signature": {"factors": signed.factors}} if signed is not None else {}),
        },
    )
    for pk in chosen:
        try:
            sealed = (seals.get(pk, ""), entries[str(pk)])
            outcome.done.append(_carry_out(step, actor, pk, sealed, shared, signed, outcome.digest))
        except Stale as error:
            if isinstance(error.current, list):
                outcome.changed[pk] = error.current
            outcome.refused[pk] = [str(reason) for reason in error.reasons]
        except Refused as error:
            outcome.refused[pk] = [str(reason) for reason in error.reasons]
    for pk in _carried_before(actor, outcome.digest, outcome.refused):
        outcome.before.append(pk)
        outcome.refused.pop(pk)
        outcome.changed.pop(pk, None)
    return outcome


def _carried_before(actor: User, digest: str, refused: Collection[int]) -> list[int]:
    """Of what was refused, what this very list had carried out already: two clicks, two windows, an answer that never
    came. Each entry's own event names the list.
    """
    events = Event.objects.filter(
        object_type__iexact=Assessment._meta.label, object_id__in=[str(pk) for pk in refused], actor_id=actor.pk
    )
    found = events.filter(data__contains=f'"list":"{digest}"').values_list("object_id", flat=True)
    return sorted({int(pk) for pk in found}) if refused else []


@transaction.atomic
def _carry_out(
    step: ManyStep, actor: User, pk: int, sealed: tuple[str, str], shared: Shared, signed: Signature | None, digest: str
) -> Assessment:
    """One entry, under its lock: it must be what was on the screen, by the seal of its line and by its digest in the
    list that is signed, and nothing may stand against it now.
    """
    get_assessment(actor, pk, lock=True)
    case = step.candidates(actor).filter(pk=pk).first()
    if case is None:
        raise Refused([_("This step is not possible at this stage; somebody may have moved the case on.")])
    entry = load(actor, [case], step.parts)[0]
    items = list(step.content(entry))
    hold_to_seal(_name(step), pk, items, sealed[0])
    if content_digest(items) != sealed[1]:  # the line's seal is of another page than the list
        raise Stale([_("This is not the list that was shown to you; nothing has been done. Look at it again.")])
    if reasons := step.against(actor, entry):
        raise Refused(reasons)
    step.carry(Attempt(actor, entry, shared, signed, digest))
    return case


def _name(step: ManyStep) -> str:
    return f"many.{step.name}"
