"""Who is told of a step of the workflow. What the bank may not read of it, or not yet, is no message to the bank.

``TOLD`` names an audience for each transition of the table; whether the people of the bank are among it at all is
asked of the transition's own row (``step_read``) when the reminder is sent.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from assessments.messages import audience
from assessments.models import Assessment, StepRecord
from assessments.workflow.machine import TRANSITIONS
from assessments.workflow.reading import may_read
from banks.models import User
from scorecard.access.roles import Role
from scorecard.inbox.kinds import Dropped, Telling
from scorecard.inbox.models import Reminder

WORK, PROGRESS, DECISIONS = "work", "progress", "decisions"
Audience = Callable[[Assessment, StepRecord], Iterable[int]]


@dataclass(frozen=True)
class To:
    """People who are told of a step: the bank's own roles, or an audience among the supervisors; and as what."""

    group: str
    roles: tuple[str, ...] = ()
    others: Audience | None = None
    page: str = ""  # what a supervisor's message leads to


def _officer(case: Assessment, step: StepRecord) -> Iterable[int]:
    return audience.officers_of(case)


def _second(case: Assessment, step: StepRecord) -> Iterable[int]:
    return audience.second_reviewers(case)


def _deciders(case: Assessment, step: StepRecord) -> Iterable[int]:
    return audience.decision_makers(case)


def _confirming(case: Assessment, step: StepRecord) -> Iterable[int]:
    return audience.supervisors(Role.DECISION_MAKER, Role.SECOND_REVIEWER).values_list("pk", flat=True)


def _who_asked(case: Assessment, step: StepRecord) -> Iterable[int]:
    asked = StepRecord.objects.filter(
        assessment=case, transition__in=("ask_taking_back", "ask_correction"), pk__lt=step.pk
    )
    return asked.order_by("-pk").values_list("actor", flat=True)[:1]


PREPARER, REVIEWER, SIGNATORY = Role.BANK_PREPARER, Role.BANK_REVIEWER, Role.BANK_SIGNATORY
BANK = (PREPARER, REVIEWER, SIGNATORY)
REVIEW, SECOND, DECISION, OBJECTION, NOTICE = (
    "review-detail",
    "review-second",
    "decision-detail",
    "objection-detail",
    "notice-detail",
)
OFFICER_WORK = To(WORK, others=_officer, page=REVIEW)
OFFICER_PROGRESS = To(PROGRESS, others=_officer, page=REVIEW)
TO_DECIDE = To(WORK, others=_deciders, page=DECISION)
TO_CONFIRM = To(WORK, others=_confirming, page=DECISION)
WHO_ASKED = To(PROGRESS, others=_who_asked, page=DECISION)

#: Every transition, with whom it is told to.
TOLD: dict[str, tuple[To, ...]] = {
    "pass_to_reviewer": (To(WORK, (REVIEWER,)),),
    "send_back_to_preparer": (To(WORK, (PREPARER,)),),
    "recall_from_reviewer": (To(PROGRESS, (REVIEWER,)),),
    "pass_to_signatory": (To(WORK, (SIGNATORY,)),),
    "recall_from_signatory": (To(PROGRESS, (SIGNATORY,)),),
    "refuse_signature": (To(WORK, (PREPARER, REVIEWER)),),
    "submit": (To(PROGRESS, BANK), OFFICER_WORK),
    "accept": (To(PROGRESS, BANK),),
    "refuse": (To(DECISIONS, BANK),),
    "return_for_correction": (To(DECISIONS, BANK),),
    "pass_to_second": (To(WORK, others=_second, page=SECOND),),
    "send_back_to_officer": (OFFICER_WORK,),
    "confirm": (TO_DECIDE,),
    "rate_unfiled": (To(DECISIONS, BANK), TO_DECIDE),
    "let_file": (To(DECISIONS, BANK), OFFICER_PROGRESS),
    "send_back_undecided": (OFFICER_WORK,),
    "decide": (OFFICER_PROGRESS,),
    "ask_taking_back": (TO_CONFIRM,),
    "take_back": (WHO_ASKED, OFFICER_PROGRESS),
    "keep_decision": (WHO_ASKED, OFFICER_PROGRESS),
    "issue_notice": (To(DECISIONS, BANK), OFFICER_PROGRESS),
    "lodge_objection": (
        To(PROGRESS, BANK),
        To(WORK, others=_deciders, page=OBJECTION),
        To(PROGRESS, others=_officer, page=OBJECTION),
    ),
    # The bank reads the letter, which has a message of its own.
    "uphold_objection": (To(WORK, others=_officer, page=OBJECTION),),
    "refuse_objection": (To(PROGRESS, others=_officer, page=OBJECTION),),
    "ask_correction": (TO_CONFIRM,),
    "confirm_correction": (OFFICER_WORK,),
    "keep_notice": (WHO_ASKED, OFFICER_PROGRESS),
    "propose_correction": (TO_DECIDE,),
    "send_correction_back": (OFFICER_WORK,),
    "decide_correction": (OFFICER_PROGRESS,),
    "close_unchanged": (OFFICER_PROGRESS,),
    "issue_correction": (To(DECISIONS, BANK), OFFICER_PROGRESS),
    "acknowledge": (To(PROGRESS, others=_officer, page=NOTICE),),
}


def told(reminder: Reminder, now: datetime) -> Iterable[Telling]:
    """The people who are told of a step; each once, as the first that fits, and never who took it."""
    step = StepRecord.objects.select_related("assessment").filter(pk=reminder.data["step"]).first()
    row = TRANSITIONS.get(reminder.data["transition"])
    if step is None or row is None:
        raise Dropped
    found: dict[int, Telling] = {}
    for to in TOLD.get(row.name, ()):
        for person_id, data in _people(to, step):
            if person_id != step.actor_id:
                found.setdefault(person_id, Telling(person_id, data, to.group))
    return found.values()


def _people(to: To, step: StepRecord) -> Iterator[tuple[int, dict[str, str]]]:
    case = step.assessment
    if to.roles:
        bank = User(bank_id=case.bank_id)  # stands for whoever of the bank reads it
        if may_read(bank, TRANSITIONS[step.transition].step_read, told=False):
            for pk in audience.bank_people([case.bank_id], *to.roles).values_list("pk", flat=True):
                yield pk, {"side": "bank"}
    elif to.others is not None:
        for pk in to.others(case, step):
            yield pk, {"side": "supervisor", "page": to.page}
