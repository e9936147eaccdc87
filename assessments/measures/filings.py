"""What a bank writes for an obligation before its signatory files it: words and files, by the checks of evidence."""

from collections.abc import Iterator
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.filings.evidence import keep_file, require_room, withdraw
from assessments.measures.selectors import filing_in_hand, visible_obligation
from assessments.models import OBLIGATION, OWED, Evidence, LiveState, Obligation, ObligationFiling
from banks.models import User
from scorecard.access.decisions import Hidden, Refused, Stale
from scorecard.access.roles import Role
from scorecard.audit.services import record

TEXT_LENGTH = 4000


def against_writing(actor: User, obligation: Obligation) -> Iterator[Any]:
    """Every reason why this person does not write for this obligation now."""
    live = obligation.live
    if not actor.holds(Role.BANK_PREPARER):
        yield _("The preparer of your bank writes this.")
    if not live.binds(timezone.localdate()):
        yield _("The measure binds your bank no longer; nothing is to be filed under it.")
    elif live.state != LiveState.RUNNING or obligation.state not in OWED:
        yield _("This has been filed; nothing of it can be changed.")


@transaction.atomic
def save_filing(*, actor: User, obligation_id: int, text: str, revision: int) -> ObligationFiling:
    """Save the draft of what is filed. ``revision`` is that of the draft on the screen, 0 for none; another one is
    ``Stale`` with the newer draft.
    """
    obligation = visible_obligation(actor, obligation_id, lock=True)
    draft = filing_in_hand(obligation)
    text = text.strip()
    reasons = list(against_writing(actor, obligation))
    if len(text) > TEXT_LENGTH:
        reasons.append(_("The text is longer than %(limit)d characters; shorten it.") % {"limit": TEXT_LENGTH})
    if reasons:
        raise Refused(reasons)
    if revision != (draft.revision if draft else 0):
        raise Stale([_("This has been saved since you opened it, by somebody else or in another window.")], draft)
    draft = draft or _begin(actor, obligation)
    draft.text, draft.saved_by, draft.saved_at = text, actor, timezone.now()
    draft.revision += 1
    draft.save()
    _record_saved(actor, obligation, draft)
    return draft


def _begin(actor: User, obligation: Obligation) -> ObligationFiling:
    number = obligation.filings.count() + 1
    return ObligationFiling.objects.create(
        obligation=obligation, number=number, saved_by=actor, saved_at=timezone.now()
    )


def _record_saved(actor: User, obligation: Obligation, draft: ObligationFiling) -> None:
    live = obligation.live
    data = {"measure": live.measure.code, "obligation": obligation.kind, "number": draft.number}
    data["revision"] = draft.revision
    bank_id = live.assessment.bank_id
    record("assessments.measure.saved", actor=actor, target=live, bank_id=bank_id, data=data, seals=[draft])


def add_document(*, actor: User, obligation_id: int, upload: File) -> Evidence:  # type: ignore[type-arg]
    """Keep a file with the draft; a draft without words is begun with it."""

    def begin(sha256: str) -> Evidence:
        obligation = visible_obligation(actor, obligation_id, lock=True)
        if reasons := list(against_writing(actor, obligation)):
            raise Refused(reasons)
        draft = filing_in_hand(obligation)
        if draft is None:
            draft = _begin(actor, obligation)
            _record_saved(actor, obligation, draft)
        require_room(draft.documents.all(), sha256, obligation.get_kind_display())
        assessment = obligation.live.assessment
        return Evidence(assessment=assessment, indicator=OBLIGATION, obligation_filing=draft, uploaded_by=actor)

    return keep_file(upload, begin)


@transaction.atomic
def withdraw_document(*, actor: User, obligation_id: int, evidence_id: int) -> Evidence:
    """Take a file out of the draft; it stays in the trail."""
    obligation = visible_obligation(actor, obligation_id, lock=True)
    if reasons := list(against_writing(actor, obligation)):
        raise Refused(reasons)
    draft = filing_in_hand(obligation)
    row = draft.documents.filter(pk=evidence_id, withdrawn_at=None).first() if draft else None
    if row is None:
        raise Hidden
    return withdraw(row, actor)
