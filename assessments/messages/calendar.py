"""The reminders that follow from a calendar: last days of filings, and the supervisors' overview of a working day."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from assessments.decisions.reminders import ACKNOWLEDGE
from assessments.messages import audience
from assessments.models import Assessment, Filing, Notice, Objection, Review, Round, RoundState
from assessments.models.assessments import FILES_UNTIL
from assessments.reviews import queue
from assessments.rounds.working_days import at_hour, is_working, kept_days, working_day_before, working_days_left
from assessments.workflow.telling import name_of, title_of
from banks.models import User
from scorecard.access.roles import REVIEW_ROLES, Role
from scorecard.inbox.kinds import Dropped, Telling
from scorecard.inbox.models import Reminder
from scorecard.inbox.services import tell, tell_many

DEADLINE, OVERDUE, DIGEST = "assessments.deadline", "assessments.overdue", "assessments.digest"


# --- The last day of a filing ----------------------------------------------------------------------------------------


def unfiled(round_id: int | None = None) -> QuerySet[Any]:
    """The assessments of open rounds whose filing is with the bank, with the instant until which it may file."""
    rows = (
        Assessment.objects.taking_part()
        .filter(round__state=RoundState.OPEN, review_state=Review.NONE)
        .exclude(filing_state=Filing.NOT_FILED)
        .annotate(until=FILES_UNTIL)
    )
    return rows if round_id is None else rows.filter(round=round_id)


def plan_deadlines(now: datetime) -> None:
    """Write the reminders of each last day in each open round; those that are there already stay as they are."""
    ends = list(unfiled().order_by().values_list("round", "until").distinct())
    titles = {round_.pk: round_ for round_ in Round.objects.filter(pk__in={pk for pk, _until in ends})}
    rows: list[tuple[str, str, datetime, int | None, dict[str, Any]]] = []
    for pk, until in ends:
        data = {"round": pk, "until": until.isoformat(), "title": title_of(titles[pk])}
        about = f"{pk}:{until.isoformat()}"
        last = timezone.localtime(until).date()
        for days in settings.REMIND_DAYS:
            due = at_hour(working_day_before(last, days), settings.REMIND_HOUR)
            if due < until:
                rows.append((DEADLINE, f"deadline:{about}:{days}", due, None, data))
        rows.append((OVERDUE, f"overdue:{about}", until + timedelta(seconds=1), None, data))
    known = set(Reminder.objects.filter(key__in=[row[1] for row in rows]).values_list("key", flat=True))
    tell_many([row for row in rows if row[1] not in known])


def deadline_told(reminder: Reminder, now: datetime) -> Iterable[Telling]:
    """The people of the banks that still have this last day ahead; the latest reminder of it alone."""
    until = datetime.fromisoformat(reminder.data["until"])
    later = Reminder.objects.filter(
        kind=DEADLINE, key__startswith=f"deadline:{reminder.data['round']}:{until.isoformat()}:"
    ).filter(due_at__gt=reminder.due_at, due_at__lte=now)
    if now > until or later.exists():
        raise Dropped("overtaken")
    left = working_days_left(timezone.localtime(now).date(), timezone.localtime(until).date())
    return of_unfiled(reminder, until, {"left": left})


def overdue_told(reminder: Reminder, now: datetime) -> Iterable[Telling]:
    """The people of the banks whose last day this was and that have not filed."""
    return of_unfiled(reminder, datetime.fromisoformat(reminder.data["until"]), {})


def of_unfiled(reminder: Reminder, until: datetime, more: dict[str, Any]) -> list[Telling]:
    """The people of the banks whose filing is with them until then; of the reminder's own bank, where it has one."""
    rows = unfiled(reminder.data["round"]).filter(until=until).select_related("bank")
    if reminder.bank_id is not None:
        rows = rows.filter(bank=reminder.bank_id)
    cases = {case.bank_id: case for case in rows}
    people = audience.bank_people(cases).values_list("pk", "bank_id")
    found = []
    for person_id, bank_id in people:
        case = cases[bank_id]
        about = {"assessment": case.pk, "bank": name_of(case), "filing": case.filing_state}
        found.append(Telling(person_id, {**about, **more}))
    if not found:
        raise Dropped
    return found


# --- A notice that waits ---------------------------------------------------------------------------------------------


def acknowledge_told(reminder: Reminder, now: datetime) -> Iterable[Telling]:
    """The signatories of the bank, while the notice is neither acknowledged nor replaced."""
    notice = _notice(reminder)
    later = Reminder.objects.filter(kind=ACKNOWLEDGE, key__startswith=f"acknowledge:{notice.pk}:")
    if later.filter(due_at__gt=reminder.due_at, due_at__lte=now).exists():
        raise Dropped("overtaken")
    if notice.acknowledged_at is not None:
        raise Dropped
    people = audience.bank_people([reminder.bank_id or 0], Role.BANK_SIGNATORY)
    return [Telling(pk) for pk in people.values_list("pk", flat=True)]


def objection_end_told(reminder: Reminder, now: datetime) -> Iterable[Telling]:
    """The bank's people, while the bank may still object to the notice and has not."""
    notice = _notice(reminder)
    if now > notice.appeal_until or Objection.objects.filter(notice=notice, lodged_at__isnull=False).exists():
        raise Dropped
    return [Telling(pk) for pk in audience.bank_people([reminder.bank_id or 0]).values_list("pk", flat=True)]


def _notice(reminder: Reminder) -> Notice:
    open_now = {"rating__assessment__round__state": RoundState.OPEN, "rating__assessment__taken_out_at": None}
    notice = Notice.objects.filter(pk=reminder.data["notice"], replaced_by=None, **open_now).first()
    if notice is None:
        raise Dropped
    return notice


# --- The supervisors' overview ---------------------------------------------------------------------------------------


def plan_digest(now: datetime) -> None:
    """Write the overview of today, a working day, once its hour has come. Days that were missed stay missed."""
    today = timezone.localtime(now).date()
    due = at_hour(today, settings.DIGEST_HOUR)
    if (
        now >= due
        and is_working(today, kept_days(today, today))
        and Round.objects.filter(state=RoundState.OPEN).exists()
    ):
        tell(DIGEST, key=f"digest:{today.isoformat()}", due_at=due, data={"day": today.isoformat()})


def digest_told(reminder: Reminder, now: datetime) -> Iterable[Telling]:
    """Each supervisor for whom something waits, with how much of what; nobody on a later day."""
    if reminder.data["day"] != timezone.localtime(now).date().isoformat():
        raise Dropped("overtaken")
    found = []
    for person in audience.supervisors(*REVIEW_ROLES):
        counts = overview(person)
        if any(counts.values()):
            found.append(Telling(person.pk, {"counts": counts}))
    return found


def overview(person: User) -> dict[str, int]:
    """How many cases wait for a supervisor, are overdue, have an answer; whose banks have not filed, or not in time."""
    own = queue.own_work(person)
    counts = {"own": own.order_by().count(), "overdue": queue.overdue(own).order_by().count()}
    if person.holds(Role.CASE_OFFICER):
        now = timezone.now()
        with_bank = unfiled().filter(officer=person)
        counts |= {
            "answers": queue.unread_answers(person).count(),
            "late": with_bank.filter(until__lt=now).count(),
            "unfiled": with_bank.filter(until__gte=now).count(),
        }
    return counts
