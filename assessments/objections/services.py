"""Writes of objections: the bank's draft and its files, and the effects of the steps that lodge and decide it.

``lodge``, ``decide`` and ``tell_unchanged`` are effects of the workflow: they run inside its transaction, with the
assessment locked, and return what goes into the event of the step.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import workflow
from assessments.access import get_assessment
from assessments.decisions.numbers import RECEIPT, REPLY, next_number
from assessments.filings.evidence import keep_file, require_room, withdraw
from assessments.models import (
    OBJECTION,
    Assessment,
    Evidence,
    Notice,
    Objection,
    ObjectionGround,
    ObjectionLetter,
    ObjectionOutcome,
)
from assessments.objections.letters import letter
from assessments.objections.selectors import TEXT_LENGTH, current_objection, subjects
from assessments.workflow.duties import objection_of
from assessments.workflow.machine import WRITE_OBJECTION
from assessments.workflow.payloads import ObjectionPayload
from assessments.workflow.step import AnyStep, Step
from assessments.workflow.telling import tell_of
from banks.models import User
from scorecard.access.decisions import Hidden, Refused, Stale
from scorecard.access.roles import Role
from scorecard.audit.seals import Gone
from scorecard.audit.services import canonical, record

Json = dict[str, Any]


def against_writing(actor: User, assessment: Assessment) -> Iterator[Any]:
    """Every reason why this person does not write the bank's objection now."""
    if WRITE_OBJECTION in workflow.capabilities(actor=actor, assessment=assessment):
        return
    if not actor.holds(Role.BANK_PREPARER):
        yield _("The preparer of your bank writes the objection.")
        return
    reasons = workflow.check("lodge_objection", actor=actor, assessment=assessment).reasons
    yield from reasons[1:2] or [_("An objection cannot be written at this stage. Reload the page.")]


@transaction.atomic
def save_objection(
    *, actor: User, assessment_id: int, statement: str, grounds: Mapping[str, str], revision: int
) -> Objection:
    """Save the draft of an objection: what the bank asks for, and each ground by its subject; a blank one is taken out.

    ``revision`` is that of the draft on the screen, 0 for none. Raises ``Stale`` (``current`` is the newer draft) where
    somebody was faster, ``Refused`` with every reason.
    """
    assessment = get_assessment(actor, assessment_id, lock=True)
    draft = current_objection(assessment)
    if revision != (draft.revision if draft else 0):
        raise Stale(
            [_("This objection has been saved since you opened it, by somebody else or in another window.")], draft
        )
    statement = statement.strip()
    texts = {subject: text.strip() for subject, text in grounds.items()}
    known = {found.key for found in subjects(assessment)}
    reasons = list(against_writing(actor, assessment))
    if unknown := sorted(subject for subject, text in texts.items() if text and subject not in known):
        reasons.append(_("The notice tells nothing of “%(name)s”.") % {"name": unknown[0]})
    if any(len(text) > TEXT_LENGTH for text in (statement, *texts.values())):
        reasons.append(_("The text is longer than %(limit)d characters; shorten it.") % {"limit": TEXT_LENGTH})
    if reasons:
        raise Refused(reasons)
    now = timezone.now()
    if draft is None:
        notice = Notice.objects.get(rating=assessment.rating_id or 0)
        draft = Objection.objects.create(notice=notice, saved_by=actor, saved_at=now)
    gone = _write_grounds(draft, texts, actor)
    draft.statement, draft.saved_by, draft.saved_at = statement, actor, now
    draft.revision += 1
    draft.save()
    data = {"notice": draft.notice.number, "revision": draft.revision, "grounds": sorted(t for t in texts if texts[t])}
    seals: list[Model | Gone] = [draft, *draft.grounds.all(), *gone]
    record("assessments.objection.saved", actor=actor, target=draft, bank_id=assessment.bank_id, data=data, seals=seals)
    return draft


def _write_grounds(draft: Objection, texts: Mapping[str, str], actor: User) -> list[Gone]:
    """The grounds of a draft as they were sent; who changed one wrote it. Returns those that are taken out."""
    gone = []
    kept = {ground.subject: ground for ground in draft.grounds.all()}
    for subject, text in texts.items():
        ground = kept.get(subject)
        if not text:
            if ground is not None:
                gone.append(Gone.of(ground))
                ground.delete()
        elif ground is None:
            ObjectionGround.objects.create(objection=draft, subject=subject, text=text, written_by=actor)
        elif ground.text != text:
            ground.text, ground.written_by = text, actor
            ground.save()
    return gone


def add_document(*, actor: User, assessment_id: int, upload: File) -> Evidence:  # type: ignore[type-arg]
    """Keep a file with the draft of an objection; a draft without words is begun with it."""

    def begin(sha256: str) -> Evidence:
        assessment = get_assessment(actor, assessment_id, lock=True)
        if reasons := list(against_writing(actor, assessment)):
            raise Refused(reasons)
        draft = current_objection(assessment)
        if draft is None:
            notice = Notice.objects.get(rating=assessment.rating_id or 0)
            draft = Objection.objects.create(notice=notice, saved_by=actor, saved_at=timezone.now())
            data = {"notice": notice.number, "revision": 0, "grounds": []}
            bank_id = assessment.bank_id
            record("assessments.objection.saved", actor=actor, target=draft, bank_id=bank_id, data=data, seals=[draft])
        require_room(draft.documents.all(), sha256, _("The objection"))
        return Evidence(assessment=assessment, indicator=OBJECTION, objection=draft, uploaded_by=actor)

    return keep_file(upload, begin)


@transaction.atomic
def withdraw_document(*, actor: User, assessment_id: int, evidence_id: int) -> Evidence:
    """Take a file out of the draft of an objection; it stays in the trail."""
    assessment = get_assessment(actor, assessment_id, lock=True)
    if reasons := list(against_writing(actor, assessment)):
        raise Refused(reasons)
    draft = current_objection(assessment)
    row = draft.documents.filter(pk=evidence_id, withdrawn_at=None).first() if draft else None
    if row is None:
        raise Hidden
    return withdraw(row, actor)


def lodge(step: AnyStep) -> Json:
    """Freeze the bank's words, and draw the number of the receipt."""
    found = _in_hand(step)
    content = {
        "notice": found.notice.number,
        "statement": found.statement,
        "grounds": {ground.subject: ground.text for ground in found.grounds.all()},
        "files": list(found.documents.filter(withdrawn_at=None).order_by("id").values_list("sha256", flat=True)),
    }
    found.number = next_number(RECEIPT, Objection.objects.all(), step.now)
    found.digest = hashlib.sha256(canonical(content).encode()).hexdigest()
    found.lodged_by, found.lodged_at = step.actor, step.now
    found.save()
    return {"objection": {"number": found.number, "digest": found.digest, **content}}


def decide(step: Step[ObjectionPayload]) -> Json:
    """Write what is decided of each ground and of the whole, and send the letter."""
    found, answers = _in_hand(step), step.payload.answers
    grounds = list(found.grounds.all())
    if set(answers) != {ground.subject for ground in grounds}:
        raise Refused([_("Decide each ground, and no other.")])
    for ground in grounds:
        answer = answers[ground.subject]
        ground.outcome = ObjectionOutcome.UPHELD if answer.upheld else ObjectionOutcome.REFUSED
        ground.answer = answer.answer.strip()
        ground.save(update_fields=["outcome", "answer"])
    upheld = [ground for ground in grounds if ground.outcome == ObjectionOutcome.UPHELD]
    found.outcome = ObjectionOutcome.REFUSED
    if upheld:
        found.outcome = ObjectionOutcome.UPHELD if len(upheld) == len(grounds) else ObjectionOutcome.PARTLY
    found.reason, found.decided_by, found.decided_at = step.reason, step.actor, step.now
    found.save(update_fields=["outcome", "reason", "decided_by", "decided_at"])
    sent = _send(step, found, ObjectionLetter.Kind.DECISION)
    answered = {ground.subject: [ground.outcome, ground.answer] for ground in grounds}
    return {
        "objection": {"number": found.number, "outcome": str(found.outcome), "grounds": answered},
        "letter": sent.number,
    }


def tell_unchanged(step: AnyStep) -> Json:
    """The letter that the new examination gives the same result; none where the bank did not object."""
    told = step.assessment.rating
    found = objection_of(told) if told is not None else None
    if found is None:
        return {}
    return {"letter": _send(step, found, ObjectionLetter.Kind.UNCHANGED).number}


def _in_hand(step: AnyStep) -> Objection:
    found = current_objection(step.assessment)
    if found is None:
        raise Refused([_("There is no objection to decide.")])
    return found


def _send(step: AnyStep, found: Objection, kind: ObjectionLetter.Kind) -> ObjectionLetter:
    sent = ObjectionLetter.objects.create(
        objection=found,
        kind=kind,
        number=next_number(REPLY, ObjectionLetter.objects.all(), step.now),
        body=letter(step.assessment, found, step.reason, step.now),
        issued_by=step.actor,
        issued_at=step.now,
    )
    tell_of("assessments.letter", step.assessment, f"letter:{sent.pk}", letter=sent.pk)
    return sent
