"""The kinds of messages of this app: whom each reaches, and its words."""

from collections.abc import Callable, Iterable
from datetime import datetime

from assessments.decisions.reminders import ACKNOWLEDGE, OBJECTION_END
from assessments.filings.scanning import TOLD as REFUSED
from assessments.filings.sections.assignments import assigned
from assessments.filings.selectors import page_names
from assessments.measures import machine as measures
from assessments.meetings.effects import MINUTES
from assessments.messages import audience, calendar, decided, meetings, steps, words
from assessments.models import Assessment, Comment
from assessments.money import claims, partners
from assessments.readings.circulars import SENT
from assessments.readings.computing import WARNED
from assessments.readings.services import OPENED
from assessments.rounds.participants import MOVED, TAKEN_OUT
from assessments.rounds.participants import OPENED as ROUND_OPENED
from assessments.rulebooks.cache import engine_rulebook
from banks.models import Bank
from scorecard.access.roles import Role
from scorecard.inbox.kinds import Dropped, Telling, message_kind, plans
from scorecard.inbox.models import Reminder


def _bank(*roles: str) -> Callable[[Reminder, datetime], Iterable[Telling]]:
    """The bank's people with these roles."""

    def told(reminder: Reminder, now: datetime) -> Iterable[Telling]:
        people = audience.bank_people([reminder.bank_id or 0], *roles)
        return [Telling(pk) for pk in people.values_list("pk", flat=True)]

    return told


def _new_person(reminder: Reminder, now: datetime) -> Iterable[Telling]:
    return [Telling(reminder.data["to"] if "to" in reminder.data else reminder.data["officer"])]


def _given(reminder: Reminder, now: datetime) -> Iterable[Telling]:
    """The preparer, and who stands in for them, with the sections of these that they still have."""
    to, case = (
        reminder.data["to"],
        Assessment.objects.select_related("round__rulebook").get(pk=reminder.data["assessment"]),
    )
    taken = assigned(case)
    pages = [page for page in reminder.data["pages"] if page in taken and taken[page].pk == to]
    if not pages:
        raise Dropped
    rulebook = engine_rulebook(case.round.rulebook)
    told = {"pages": [page_names(rulebook, page) for page in pages]}
    people = {to, *audience.stand_ins_of_bank(to)} - {reminder.data["by"]}
    return [Telling(pk, told) for pk in people]


def _asked_of(reminder: Reminder, now: datetime) -> Iterable[Telling]:
    """The supervisor who wrote the remark that is answered, and the case officer."""
    answer = Comment.objects.select_related("reply_to", "assessment").filter(pk=reminder.data["remark"]).first()
    if answer is None:
        raise Dropped
    author = [answer.reply_to.author_id] if answer.reply_to is not None else []
    case: Assessment = answer.assessment
    own = set(audience.bank_people([case.bank_id]).values_list("pk", flat=True))
    return [Telling(pk) for pk in {*author, *audience.officers_of(case)} - own]


def _discussed_with(reminder: Reminder, now: datetime) -> Iterable[Telling]:
    """Everybody else of the bank."""
    written = Comment.objects.filter(pk=reminder.data["remark"]).values_list("author", flat=True).first()
    people = audience.bank_people([reminder.bank_id or 0]).exclude(pk=written or 0)
    return [Telling(pk) for pk in people.values_list("pk", flat=True)]


def _warned(reminder: Reminder, now: datetime) -> Iterable[Telling]:
    """The bank's people, where a warning is for them, and the bank's case officer; every officer where it has none."""
    bank = Bank.objects.get(pk=reminder.bank_id or 0)
    if reminder.data["own"]:
        people = audience.bank_people([bank.pk]).values_list("pk", flat=True)
        yield from (Telling(pk, {"side": "bank"}, "deadlines") for pk in people)
    everyone = audience.supervisors(Role.CASE_OFFICER).values_list("pk", flat=True)
    yield from (Telling(pk) for pk in ([bank.case_officer_id] if bank.case_officer_id else everyone))


message_kind("assessments.step", group="work", told=steps.told, words=words.step_words)
message_kind("assessments.letter", group="decisions", told=_bank(), words=words.letter_words)
message_kind("assessments.handed", group="work", told=_new_person, words=words.handed_words)
message_kind("assessments.section_given", group="work", told=_given, words=words.section_given_words)
message_kind("assessments.meeting_called", group="work", told=meetings.called_told, words=words.meeting_words)
message_kind("assessments.follow_up_due", group="work", told=meetings.due_told, words=words.follow_up_words)
message_kind("assessments.asked", group="remarks", told=_bank(Role.BANK_PREPARER), words=words.asked_words)
message_kind("assessments.answered", group="answers", told=_asked_of, words=words.answered_words)
message_kind("assessments.bank_asked", group="answers", told=_asked_of, words=words.bank_asked_words)
message_kind("assessments.replied", group="remarks", told=_bank(Role.BANK_PREPARER), words=words.replied_words)
message_kind("assessments.discussed", group="answers", told=_discussed_with, words=words.discussed_words)
message_kind("assessments.extended", group="deadlines", told=_bank(), words=words.extended_words)
message_kind("assessments.urged", group="deadlines", told=_bank(), words=words.urged_words)
message_kind(REFUSED, group="decisions", told=_bank(), words=words.file_refused_words)
message_kind(calendar.DEADLINE, group="deadlines", told=calendar.deadline_told, words=words.deadline_words)
message_kind(calendar.OVERDUE, group="deadlines", told=calendar.overdue_told, words=words.overdue_words)
message_kind(ACKNOWLEDGE, group="deadlines", told=calendar.acknowledge_told, words=words.acknowledge_words)
message_kind(OBJECTION_END, group="deadlines", told=calendar.objection_end_told, words=words.objection_end_words)
message_kind(WARNED, group="work", told=_warned, words=words.warned_words)
message_kind(SENT, group="decisions", told=_bank(), words=words.circular_words)
message_kind(OPENED, group="deadlines", told=_bank(), words=words.reading_words)
message_kind(partners.TOLD, group="decisions", told=_bank(), words=decided.partner_words)
message_kind(claims.TOLD, group="decisions", told=_bank(), words=decided.claim_words)
message_kind(measures.TOLD, group="decisions", told=decided.measure_told, words=decided.measure_words)
message_kind(decided.OWED_DAY, group="deadlines", told=decided.obligation_told, words=decided.obligation_words)
message_kind(MINUTES, group="decisions", told=_bank(), words=decided.minutes_words)
message_kind(ROUND_OPENED, group="deadlines", told=decided.may_file_told, words=decided.opened_words)
message_kind(MOVED, group="deadlines", told=decided.may_file_told, words=decided.moved_words)
message_kind(TAKEN_OUT, group="decisions", told=_bank(), words=decided.taken_out_words)
message_kind(calendar.DIGEST, group="digest", told=calendar.digest_told, words=words.digest_words)
plans(calendar.plan_deadlines)
plans(calendar.plan_digest)
plans(decided.plan_obligations)
