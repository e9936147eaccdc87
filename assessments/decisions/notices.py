"""The letter that tells the bank its rating: numbered and frozen when it is sent, acknowledged by the bank.

``issue_notice`` and ``acknowledge_notice`` are effects of the workflow: they run inside its transaction, with the
assessment locked, and return what goes into the event of the step.
"""

from datetime import datetime
from typing import Any, TypedDict

from django.conf import settings

from assessments.decisions.letters import letter
from assessments.decisions.numbers import NOTICE, next_number
from assessments.decisions.reminders import plan_notice
from assessments.models import Notice, Rating
from assessments.rounds.working_days import last_instant
from assessments.rulebooks.cache import engine_rulebook
from assessments.workflow.step import AnyStep
from scorecard.audit.checkpoints import last_checkpoint
from scorecard.audit.models import Event
from scorecard.audit.services import GENESIS


class NoticeData(TypedDict):
    """What the event names of a notice: its number and, when it is sent, the last instant for an objection."""

    notice: dict[str, Any]


def issue_notice(step: AnyStep) -> NoticeData:
    """Freeze the letter to the bank: number, outcome with clauses, measures, last day for an objection, and the
    trail's head.

    The last day for an objection is the last of the round's number of working days after the day of issue. What the
    letter says never changes afterwards, whatever is renamed or republished. The notice of a corrected rating names the
    notice that it replaces; from then on the corrected rating and its score run are the ones that hold.
    """
    here = step.assessment
    held = here.rating_in_hand
    rating = Rating.objects.select_related("run__version", "replaces__notice").get(pk=held.pk if held else 0)
    before = getattr(rating.replaces, "notice", None) if rating.replaces else None
    head = Event.objects.order_by("-seq").first()
    until = last_instant(step.now, here.round.appeal_days)
    body = letter(rating, engine_rulebook(here.round.rulebook))
    body["authority"] = {"zh": settings.AUTHORITY_NAME.strip(), "en": settings.AUTHORITY_NAME_EN.strip()}
    body["copies"], body["seal"] = settings.LETTER_COPIES.strip(), settings.LETTER_SEAL.strip()
    body["trail"] = {"seq": head.seq if head else 0, "hash": head.hash if head else GENESIS}
    if (known := last_checkpoint()) is not None:
        body["trail"]["checkpoint"] = {"size": known.size, "root": known.root.hex()}
    if before is not None:
        body["replaces"] = {"number": before.number, "issued_at": before.issued_at.isoformat()}
    here.rating, here.reviewed_run = rating, rating.run
    notice = Notice.objects.create(
        rating=rating,
        replaces=before,
        number=next_number(NOTICE, Notice.objects.all(), step.now),
        body=body,
        issued_by=step.actor,
        issued_at=step.now,
        appeal_until=until,
    )
    plan_notice(notice, here)
    replaced = {"replaces": before.number} if before is not None else {}
    return {"notice": {"number": notice.number, "appeal_until": until, **replaced}}


def preview_notice(rating: Rating, now: datetime) -> Notice:
    """The letter as it would be sent at this moment; nothing is written, and number and trail come with the sending."""
    until = last_instant(now, rating.assessment.round.appeal_days)
    return Notice(rating=rating, body=notice_body(rating), issued_at=now, appeal_until=until)


def notice_body(rating: Rating) -> dict[str, Any]:
    """What the letter would say, apart from what comes with the sending: authority, copies, seal and trail."""
    body = letter(rating, engine_rulebook(rating.assessment.round.rulebook))
    before = Notice.objects.filter(rating=rating.replaces_id).first() if rating.replaces_id else None
    if before is not None:
        body["replaces"] = {"number": before.number, "issued_at": before.issued_at.isoformat()}
    return body


def acknowledge_notice(step: AnyStep) -> NoticeData:
    """The bank's signatory confirms that the notice has been received; the right to object stays."""
    notice = Notice.objects.get(rating=step.assessment.rating_id)
    notice.acknowledged_by, notice.acknowledged_at = step.actor, step.now
    notice.save(update_fields=["acknowledged_by", "acknowledged_at"])
    return {"notice": {"number": notice.number}}
