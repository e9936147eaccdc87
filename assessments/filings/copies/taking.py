"""Taking over what another branch offers: into what is still empty, and never a figure."""

from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.db import transaction
from django.utils.translation import gettext as _

from assessments import workflow
from assessments.access import get_assessment
from assessments.filings.copies.offers import get_offer
from assessments.filings.drafts import DraftChange, against_editing, save_draft
from assessments.filings.evidence import add_evidence
from assessments.filings.selectors import Draft, get_draft
from assessments.models import BranchOffer, Evidence
from assessments.rulebooks.stored_values import to_engine
from assessments.workflow.machine import EDIT_DRAFT
from banks.models import User
from scorecard.access.decisions import Refused
from scorecard.audit.services import record
from scorecard.engine import FactValue, Nothing


@dataclass(frozen=True)
class Piece:
    """What one indicator would get: only what is still empty. Files are those that are not there yet."""

    indicator: str
    narrative: str
    answers: dict[str, FactValue]
    files: list[dict[str, Any]]
    own: bool  # whether the bank has something of its own there, which stays

    def __bool__(self) -> bool:
        return bool(self.narrative or self.answers or self.files)


def pieces(draft: Draft, row: BranchOffer) -> list[Piece]:
    """What is offered, by indicator in the order of the form, less what the draft has already."""
    found = []
    for item in draft.form_pages.items.values():
        given = row.content.get(item.indicator.id)
        if given is None:
            continue
        name = item.indicator.id
        answers = {
            spec.id: to_engine(spec, kept["state"], kept["value"])
            for spec in item.own
            if not spec.is_number and (kept := given["answers"].get(spec.id)) is not None
        }
        facts = draft.rulebook.facts
        blank = {one: value for one, value in answers.items() if draft.value(facts[one]) is Nothing.UNANSWERED}
        has = {file.sha256 for file in draft.evidence.get(name, ())}
        files = [file for file in given["files"] if file["sha256"] not in has]
        narrative = "" if draft.narrative(name).strip() else given["narrative"]
        own = bool(draft.narrative(name).strip()) or len(blank) < len(answers)
        found.append(Piece(name, narrative, blank, files, own))
    return found


@transaction.atomic
def take_over(*, actor: User, assessment_id: int, offer_id: int, indicators: list[str]) -> tuple[int, list[str]]:
    """Take over what is offered for these indicators; how many of them got something, and why a part was not taken.

    Texts and answers are saved as typed by the actor, who counts as a preparer. Raises ``Refused`` where the draft is
    not the actor's to change; 404 without an offer that holds.
    """
    assessment = get_assessment(actor, assessment_id, lock=True)
    row = get_offer(actor, assessment, offer_id)
    if EDIT_DRAFT not in workflow.capabilities(actor=actor, assessment=assessment):
        raise Refused(against_editing(actor, assessment))
    chosen = [piece for piece in pieces(get_draft(assessment), row) if piece.indicator in indicators and piece]
    if not chosen:
        raise Refused([_("Choose at least one indicator for which something is offered.")])
    change = DraftChange(
        facts={fact: value for piece in chosen for fact, value in piece.answers.items()},
        narratives={piece.indicator: piece.narrative for piece in chosen if piece.narrative},
    )
    note = _("taken over from %(bank)s") % {"bank": row.giver.name}
    saved = save_draft(actor=actor, assessment_id=assessment_id, revision=assessment.revision, change=change, note=note)
    reasons = [str(why) for why in saved.errors.values()]
    for piece in chosen:
        for file in piece.files:
            reasons += _add(actor, assessment_id, piece.indicator, file)
    data = {"offer": row.pk, "from": row.giver_id, "indicators": [piece.indicator for piece in chosen]}
    record("assessments.offer.taken", actor=actor, target=assessment, bank_id=assessment.bank_id, data=data)
    return len(chosen), list(dict.fromkeys(reasons))


def _add(actor: User, assessment_id: int, indicator: str, file: dict[str, Any]) -> list[str]:
    """Keep a copy of a file of its own; why not, where it cannot be had."""
    storage: Storage = Evidence._meta.get_field("file").storage
    try:
        with storage.open(file["path"], "rb") as stream:
            upload = ContentFile(stream.read(), name=file["name"])
        add_evidence(actor=actor, assessment_id=assessment_id, indicator=indicator, upload=upload)
    except FileNotFoundError:
        return [_("%(name)s: the content of this file is not kept any more.") % {"name": file["name"]}]
    except Refused as refused:
        return [f"{file['name']}{_(': ')}{why}" for why in refused.reasons]
    return []
