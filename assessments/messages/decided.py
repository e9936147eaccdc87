"""Messages on what is decided about a bank outside the steps of its case: money schemes, measures, minutes, who
takes part in a round until when. Whom they reach, and their words; amounts, reasons and measures stand on the pages.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.measures.selectors import due_obligations
from assessments.measures.table import TABLE
from assessments.messages import audience
from assessments.messages.calendar import of_unfiled
from assessments.models import (
    OWED,
    ClaimOutcome,
    MeasureStep,
    Obligation,
    ObligationKind,
    PartnerState,
    Round,
    RoundState,
)
from assessments.rounds.working_days import at_hour, working_day_before
from assessments.workflow.telling import about
from scorecard.access.roles import Role
from scorecard.inbox.kinds import Dropped, Telling, Words
from scorecard.inbox.models import Reminder
from scorecard.inbox.services import tell_many
from scorecard.links import Link
from scorecard.words.formats import moment
from scorecard.words.language import in_language

Data = Mapping[str, Any]
OWED_DAY = "assessments.obligation"
OVERDUE_WITHIN = timedelta(days=14)  # what was overdue for longer, when nothing swept, stands on the bank's home alone

# --- Money schemes and minutes ---------------------------------------------------------------------------------------


def partner_words(data: Data) -> Words:
    """The bank's standing with a scheme has changed."""
    state = PartnerState(data["state"]).label
    title = _("Your bank's standing as a partner is now “%(state)s”") % {"state": state}
    return Words(title, in_language(data["scheme_title"]), Link("money-partner", (data["scheme"], data["bank_id"])))


def claim_words(data: Data) -> Words:
    """A claim of the bank is decided."""
    accepted = data["outcome"] == ClaimOutcome.ACCEPTED
    title = _("The claim %(number)s is accepted") if accepted else _("The claim %(number)s is refused")
    return Words(title % data, in_language(data["scheme_title"]), Link("claim-detail", (data["claim"],)))


def minutes_words(data: Data) -> Words:
    """The minutes of a meeting to which the bank was invited are signed."""
    title = _("The minutes %(number)s are signed") % {"number": data["number"]}
    return Words(title, data["title"], Link("meeting-detail", (data["meeting"],)))


# --- Measures --------------------------------------------------------------------------------------------------------

#: Each step of the register that the bank reads, as its people are told of it.
OF_MEASURE: dict[str, Any] = {
    "set_days": gettext_lazy("The days of a measure are set"),
    "extend": gettext_lazy("Days of a measure are extended"),
    "accept_obligation": gettext_lazy("What your bank filed under a measure is accepted"),
    "return_obligation": gettext_lazy("What your bank filed under a measure is returned: it is to be filed again"),
    "fulfil": gettext_lazy("A measure is fulfilled and binds your bank no longer"),
    "lift": gettext_lazy("A measure is lifted and binds your bank no longer"),
}


def measure_told(reminder: Reminder, now: datetime) -> Iterable[Telling]:
    """The bank's people, of a step that they may read; the owner and today's stand-in, of what the bank has filed."""
    step = MeasureStep.objects.select_related("live").filter(pk=reminder.data["step"]).first()
    row = TABLE.get(reminder.data["transition"])
    if step is None or row is None or not row.read:
        raise Dropped
    if row.by_bank():
        owner = step.live.owner_id
        people = audience.with_stand_ins(owner, Role.CASE_OFFICER) if owner else _officers()
        return [Telling(pk, {"side": "supervisor"}, "work") for pk in people]
    return [Telling(pk) for pk in audience.bank_people([reminder.bank_id or 0]).values_list("pk", flat=True)]


def _officers() -> list[int]:
    return list(audience.supervisors(Role.CASE_OFFICER).values_list("pk", flat=True))


def measure_words(data: Data) -> Words:
    """A step of the register, to the bank or to the owner."""
    where = in_language(data["title"])
    if data.get("side") == "supervisor":
        title = _("%(bank)s has filed under a measure") % {"bank": in_language(data["bank"])}
    else:
        title = str(OF_MEASURE[data["transition"]])
    return Words(title, where, Link("measure-detail", (data["live"],)))


def plan_obligations(now: datetime) -> None:
    """Write the reminders of each day of an obligation that comes near, or was over lately; known ones stay."""
    today = timezone.localdate(now)
    furthest = today + timedelta(days=max(settings.REMIND_DAYS, default=0) * 3 + 60)
    found = list(due_obligations(furthest, today).filter(due_on__gte=today - OVERDUE_WITHIN))
    told_on = {due_on: _told_on(due_on) for due_on in {one.due_on for one in found}}
    rows: list[tuple[str, str, datetime, int | None, dict[str, Any]]] = []
    for one in found:
        case = one.live.assessment
        data = {**about(case), "obligation": one.pk, "kind": one.kind, "due": one.due_on.isoformat()}
        for before, then in told_on[one.due_on].items():
            key = f"obligation:{one.pk}:{one.due_on.isoformat()}:{before}"
            rows.append((OWED_DAY, key, at_hour(then, settings.REMIND_HOUR), case.bank_id, data))
    known = set(Reminder.objects.filter(key__in=[row[1] for row in rows]).values_list("key", flat=True))
    tell_many([row for row in rows if row[1] not in known])


def _told_on(due_on: date) -> dict[int, date]:
    """So many working days before a day → the day on which it is told; -1 is the day after it."""
    days = {before: working_day_before(due_on, before) for before in settings.REMIND_DAYS}
    return {**days, -1: due_on + timedelta(days=1)}


def obligation_told(reminder: Reminder, now: datetime) -> Iterable[Telling]:
    """The bank's people, while they owe it by that day and the measure binds; the latest reminder of it alone."""
    due, today = date.fromisoformat(reminder.data["due"]), timezone.localdate(now)
    one = Obligation.objects.select_related("live").filter(pk=reminder.data["obligation"], state__in=OWED).first()
    about_it = Reminder.objects.filter(kind=OWED_DAY, key__startswith=reminder.key.rsplit(":", 1)[0] + ":")
    if one is None or one.due_on != due or not one.live.binds(today):
        raise Dropped
    if about_it.filter(due_at__gt=reminder.due_at, due_at__lte=now).exists():
        raise Dropped("overtaken")
    when = "over" if today > due else "today" if today == due else "ahead"
    people = audience.bank_people([reminder.bank_id or 0]).values_list("pk", flat=True)
    return [Telling(pk, {"when": when}) for pk in people]


#: The day of an obligation, by where it lies on the day on which it is told.
OF_DAY: dict[str, Any] = {
    "ahead": gettext_lazy("%(name)s: to be filed by %(day)s"),
    "today": gettext_lazy("%(name)s: today is the last day, %(day)s"),
    "over": gettext_lazy("%(name)s: the day was %(day)s, and nothing has been filed"),
}


def obligation_words(data: Data) -> Words:
    """The day of an obligation comes near, or is over."""
    title = str(OF_DAY[data["when"]]) % {"name": ObligationKind(data["kind"]).label, "day": data["due"]}
    return Words(title, in_language(data["title"]), Link("obligation-detail", (data["obligation"],)))


# --- Who takes part in a round, and until when -----------------------------------------------------------------------


def may_file_told(reminder: Reminder, now: datetime) -> Iterable[Telling]:
    """The people of the banks that have this last day ahead and may file; of one bank where the reminder names it."""
    data, opens = reminder.data, datetime.fromisoformat(reminder.data["opens"])
    round_ = Round.objects.filter(pk=data["round"], state=RoundState.OPEN, opens_at=opens).first()
    until = datetime.fromisoformat(data["until"])
    if round_ is None or now > until:
        raise Dropped
    return of_unfiled(reminder, until, {})


def opened_words(data: Data) -> Words:
    """The bank takes part in a round that is open."""
    title = _("Your bank may file now, until %(at)s") % {"at": moment(parse_datetime(data["until"]))}
    return Words(title, in_language(data["title"]), Link("filing-detail", (data["assessment"],)))


def moved_words(data: Data) -> Words:
    """The last day of the round's filings is another one."""
    title = _("The last day for the filing is another one now: %(at)s") % {"at": moment(parse_datetime(data["until"]))}
    return Words(title, in_language(data["title"]), Link("filing-detail", (data["assessment"],)))


def taken_out_words(data: Data) -> Words:
    """The bank takes part in a round no more."""
    title = _("Your bank takes part in the round no more, and files nothing for it")
    return Words(title, in_language(data["title"]), Link("filing-detail", (data["assessment"],)))
