"""What a bank has tried and kept: under a name, compared, taken over into the draft (``docs/what-if.md``)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import workflow
from assessments.access import get_assessment
from assessments.filings.drafts import DraftChange, Saved, against_editing, save_draft
from assessments.filings.form_layout import own_facts
from assessments.filings.selectors import Draft, get_draft
from assessments.models import Assessment, KeptWhatIf
from assessments.rulebooks.stored_values import to_engine, to_stored
from assessments.scoring.what_if import Tried, try_facts, try_values
from assessments.workflow.duties import against_change
from assessments.workflow.machine import EDIT_DRAFT
from banks.models import User
from scorecard.access.decisions import Hidden, Refused, Stale
from scorecard.audit.services import canonical, record
from scorecard.engine import FactValue

MOST, NAME_LENGTH = 12, 60


@dataclass(frozen=True)
class Kept:
    """A kept what-if on the draft as it stands: what it would come to now. ``values`` are all that it holds."""

    row: KeptWhatIf
    values: Mapping[str, FactValue]
    tried: Tried


def kept_what_ifs(draft: Draft) -> list[Kept]:
    """What is kept of a filing, the oldest first, each worked out on the draft as it stands. One query."""
    rows = KeptWhatIf.objects.filter(assessment=draft.assessment, removed_at=None).select_related("made_by")
    return [_kept(draft, row) for row in rows]


def get_kept(draft: Draft, pk: int) -> Kept:
    """One of them, or 404."""
    row = KeptWhatIf.objects.filter(pk=pk, assessment=draft.assessment, removed_at=None).first()
    if row is None:
        raise Hidden(bank_id=draft.assessment.bank_id)
    return _kept(draft, row)


def _kept(draft: Draft, row: KeptWhatIf) -> Kept:
    specs = own_facts(draft.rulebook)
    values = {fact: to_engine(specs[fact], **stored) for fact, stored in row.facts.items() if fact in specs}
    changed = {fact: value for fact, value in values.items() if value != draft.value(specs[fact])}
    return Kept(row, values, try_values(draft, changed))


def kept_digest(draft: Draft, kept: Kept) -> str:
    """The SHA-256 of what a page shows of it: each of its figures, and the draft's."""
    specs = own_facts(draft.rulebook)
    said = {
        fact: [list(to_stored(value)), list(to_stored(draft.value(specs[fact])))] for fact, value in kept.values.items()
    }
    return hashlib.sha256(canonical({"kept": kept.row.pk, "facts": said}).encode()).hexdigest()


@transaction.atomic
def keep_what_if(*, actor: User, assessment_id: int, name: str, typed: Mapping[str, str]) -> KeptWhatIf:
    """Keep the typed figures that differ from the draft's under a name; one event.

    Raises ``Refused`` with every reason: a figure that cannot be read, no change, no name, one that is taken, too many.
    """
    assessment = _of_the_bank(actor, assessment_id)
    tried, name = try_facts(get_draft(assessment), typed), " ".join(name.split())
    rows = KeptWhatIf.objects.filter(assessment=assessment, removed_at=None)
    reasons: list[Any] = list(tried.errors.values())
    if not tried.changed and not reasons:
        reasons.append(_("No figure differs from the filing, so there is nothing to keep."))
    if not name or len(name) > NAME_LENGTH:
        reasons.append(_("Give it a name of at most %(limit)d characters.") % {"limit": NAME_LENGTH})
    elif rows.filter(name=name).exists():
        reasons.append(_("“%(name)s” is the name of another one that is kept.") % {"name": name})
    if rows.count() >= MOST:
        reasons.append(_("At most %(limit)d are kept of a filing; remove one first.") % {"limit": MOST})
    if reasons:
        raise Refused(reasons)
    facts = {}
    for fact, value in tried.changed.items():
        state, text = to_stored(value)
        facts[fact] = {"state": state, "value": text}
    row = KeptWhatIf.objects.create(assessment=assessment, name=name, facts=facts, made_by=actor)
    _event("assessments.what_if.kept", actor, row)
    return row


@transaction.atomic
def remove_what_if(*, actor: User, assessment_id: int, kept_id: int) -> None:
    """Show a kept one no more; one event."""
    assessment = _of_the_bank(actor, assessment_id)
    row = get_kept(get_draft(assessment), kept_id).row
    row.removed_by, row.removed_at = actor, timezone.now()
    row.save(update_fields=["removed_by", "removed_at"])
    _event("assessments.what_if.removed", actor, row)


@transaction.atomic
def take_what_if(*, actor: User, assessment_id: int, kept_id: int, seen: str) -> Saved:
    """Take the figures of a kept one over into the draft, as one save with its name as the note.

    ``seen`` is the digest of the page: another draft by then is ``Stale``. What a save refuses comes back in its
    errors.
    """
    assessment = get_assessment(actor, assessment_id, lock=True)
    if EDIT_DRAFT not in workflow.capabilities(actor=actor, assessment=assessment):
        raise Refused(against_editing(actor, assessment))
    draft = get_draft(assessment)
    kept = get_kept(draft, kept_id)
    if kept_digest(draft, kept) != seen:
        raise Stale([_("The draft has changed since this page was opened. Look at it again; nothing has been taken.")])
    change = DraftChange(facts=dict(kept.tried.changed))
    return save_draft(
        actor=actor, assessment_id=assessment.pk, revision=assessment.revision, change=change, note=kept.row.name
    )


def _of_the_bank(actor: User, assessment_id: int) -> Assessment:
    """The filing, locked, for anybody of its bank while the round is open."""
    assessment = get_assessment(actor, assessment_id, lock=True)
    if actor.bank_id is None:
        raise Hidden(bank_id=assessment.bank_id)
    if reasons := list(against_change(assessment)):
        raise Refused(reasons)
    return assessment


def _event(name: str, actor: User, row: KeptWhatIf) -> None:
    data = {"what_if": row.pk, "name": row.name, "facts": sorted(row.facts)}
    record(name, actor=actor, target=row.assessment, bank_id=row.assessment.bank_id, data=data)
