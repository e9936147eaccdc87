"""What a letter on an objection says, in both languages, as plain data. Nothing here writes."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from assessments.models import Assessment, Objection, ObjectionLetter
from assessments.objections.selectors import subject_label
from assessments.rulebooks.cache import engine_rulebook
from scorecard.audit.models import Event
from scorecard.audit.services import GENESIS, canonical


def letter_digest(sent: ObjectionLetter) -> str:
    """What stands on a letter beside its number: SHA-256 over all that it says, frozen when it was sent."""
    told = {
        "number": sent.number,
        "kind": sent.kind,
        "body": sent.body,
        "issued_at": sent.issued_at.astimezone(UTC).isoformat(timespec="microseconds"),
    }
    return hashlib.sha256(canonical(told).encode()).hexdigest()


def letter(assessment: Assessment, objection: Objection, reason: str, now: datetime) -> dict[str, Any]:
    """Everything that the letter says. It never changes afterwards, whatever is renamed or republished."""
    head = Event.objects.order_by("-seq").first()
    rulebook = engine_rulebook(assessment.round.rulebook)
    document = rulebook.documents.get(rulebook.instrument)
    bank, lodged = assessment.bank, objection.lodged_at
    return {
        "bank": {"code": bank.code, "zh": bank.name_zh, "en": bank.name_en or bank.name_zh},
        "round": {"code": assessment.round.code, "year": assessment.round.year},
        "instrument": document.cite.to_json() if document else None,
        "notice": {"number": objection.notice.number, "issued_at": objection.notice.issued_at.isoformat()},
        "objection": {
            "number": objection.number,
            "lodged_at": lodged.isoformat() if lodged else "",
            "statement": objection.statement,
            "digest": objection.digest,
        },
        "grounds": [
            {
                "subject": ground.subject,
                "label": subject_label(assessment, ground.subject),
                "text": ground.text,
                "outcome": str(ground.outcome),
                "answer": ground.answer,
            }
            for ground in objection.grounds.all()
        ],
        "outcome": str(objection.outcome),
        "reason": reason,
        "at": now.isoformat(),
        "authority": {"zh": settings.AUTHORITY_NAME.strip(), "en": settings.AUTHORITY_NAME_EN.strip()},
        "copies": settings.LETTER_COPIES.strip(),
        "seal": settings.LETTER_SEAL.strip(),
        "trail": {"seq": head.seq if head else 0, "hash": head.hash if head else GENESIS},
    }
