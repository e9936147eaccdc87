"""Reminding chosen banks of their filing (催报): written by an officer or a decision maker, read by the banks."""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.access import get_round, visible_assessments
from assessments.messages.calendar import unfiled
from assessments.models import Assessment, RoundState
from assessments.workflow.telling import about
from banks.models import User
from banks.services.stand_ins import stands_in_for
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.services import record
from scorecard.inbox.services import tell_many

URGED = "assessments.urged"
TEXT_LENGTH = 500
NAMED = 8  # banks that a sentence names


def key_of(round_id: int) -> str:
    """How the keys of these reminders of a round begin."""
    return f"urged:{round_id}:"


def urgeable(actor: User, round_id: int) -> QuerySet[Assessment]:
    """The filings of a round that are still with their banks and of which this person may remind them: a decision maker
    of all, an officer of the own ones, of those of whom the officer stands in for, and of those that nobody has.
    """
    rows = unfiled(round_id).filter(pk__in=visible_assessments(actor).values("pk")).select_related("bank", "round")
    if actor.holds(Role.DECISION_MAKER):
        return rows
    if not actor.holds(Role.CASE_OFFICER):
        return rows.none()
    mine = [actor.pk, *stands_in_for(actor, timezone.localdate())]
    return rows.filter(Q(officer__in=mine) | Q(officer=None))


@transaction.atomic
def urge_banks(*, actor: User, round_id: int, assessment_ids: Collection[int], text: str) -> int:
    """Remind the banks of these assessments, with the same words to each; returns how many. One event names them all.

    The words are for the banks: they stand in the message and in the e-mail. Raises ``Refused`` with every reason, and
    then nobody is reminded: an own case or a decision maker, a text, and only banks that have not filed.
    """
    round_ = get_round(actor, round_id)
    wanted, text = set(assessment_ids), text.strip()
    cases = {case.pk: case for case in urgeable(actor, round_id).filter(pk__in=wanted)}
    others = Assessment.objects.filter(pk__in=wanted - set(cases), round=round_).select_related("bank")
    reasons: list[Any] = []
    if not actor.holds(Role.CASE_OFFICER, Role.DECISION_MAKER):
        reasons.append(_("A case officer or a decision maker reminds banks of their filing."))
    if round_.state != RoundState.OPEN:
        reasons.append(_("The round is not open; nothing in it can change."))
    if not text:
        reasons.append(_("Write what the banks are to read."))
    elif len(text) > TEXT_LENGTH:
        reasons.append(_("The text is longer than %(limit)d characters; shorten it.") % {"limit": TEXT_LENGTH})
    if not cases:
        reasons.append(_("Choose at least one bank that has not filed."))
    if left := list(others):
        names = _(", ").join(case.bank_name for case in left[:NAMED])
        words = _("Take these off: they have filed since, or another officer has the case: %(names)s.")
        reasons.append(words % {"names": names})
    if reasons:
        raise Refused(reasons)
    data = {"banks": sorted(case.bank_id for case in cases.values()), "text": text}
    event = record("assessments.filing.urged", actor=actor, target=round_, data=data)
    now = timezone.now()
    tell_many(
        [
            (
                URGED,
                f"{key_of(round_id)}{case.pk}:{event.seq}",
                now,
                case.bank_id,
                {**about(case), "text": text, "until": case.files_until.isoformat()},
            )
            for case in cases.values()
        ]
    )
    return len(cases)
