"""What the steps of a meeting write. They run in the machine's transaction, with the meeting locked."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.decisions.numbers import next_number
from assessments.decisions.ratings import grades_allowed
from assessments.decisions.selectors import get_rating
from assessments.meetings.selectors import cases_to_decide, proposal_of
from assessments.meetings.steps import Arrangement, Attempt, Done, Later, Record, Said
from assessments.models import (
    Assessment,
    Dissent,
    FollowUp,
    FollowUpState,
    Meeting,
    MeetingGuest,
    MeetingKind,
    MeetingMember,
    MeetingPoint,
    Minutes,
    PointResult,
)
from assessments.rounds.working_days import at_hour
from assessments.rulebooks.cache import engine_rulebook
from banks.models import User
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.seals import Gone
from scorecard.audit.services import canonical
from scorecard.inbox.services import tell, tell_many

NUMBERS = {MeetingKind.COMMITTEE: "普惠评会〔{year}〕{n}号", MeetingKind.REGULAR: "普惠例会〔{year}〕{n}号"}
CALLED, DUE, MINUTES = "assessments.meeting_called", "assessments.follow_up_due", "assessments.minutes"


def arrange(step: Attempt) -> Done:
    """Write who meets, when, where and about what; it takes the place of what was arranged before."""
    told, here = step.told_as(Arrangement), step.meeting
    # Locked first: two meetings that are arranged at once do not both take a case.
    list(Assessment.objects.select_for_update().filter(pk__in=list(told.cases)).order_by("pk").values_list("pk"))
    cases = {case.pk: case for case in cases_to_decide(step.actor, here).filter(pk__in=list(told.cases))}
    if reasons := list(arrangement_reasons(here, told, len(cases))):
        raise Refused(reasons)
    here.title, here.place, here.starts_at, here.chair = told.title, told.place, told.starts_at, told.chair
    MeetingMember.objects.filter(meeting=here).delete()
    MeetingMember.objects.bulk_create(MeetingMember(meeting=here, member=one) for one in told.members)
    MeetingGuest.objects.filter(meeting=here).delete()
    MeetingGuest.objects.bulk_create(
        MeetingGuest(meeting=here, bank=one.bank, organisation=one.organisation, name=one.name) for one in told.guests
    )
    gone = [Gone.of(point) for point in here.points.all()]
    here.points.all().delete()
    made: list[MeetingPoint] = []
    for pk in told.cases:
        title = cases[pk].bank_name
        made.append(MeetingPoint(meeting=here, place=len(made) + 1, assessment=cases[pk], title=title))
    for title, text in told.points:
        made.append(MeetingPoint(meeting=here, place=len(made) + 1, title=title, text=text))
    points = [MeetingPoint.objects.create(**_values(point)) for point in made]
    return Done({"points": [point.title for point in points], "cases": list(told.cases)}, [*gone, *points])


def _values(point: MeetingPoint) -> dict[str, Any]:
    names = ("meeting", "place", "assessment", "title", "text")
    return {name: getattr(point, name) for name in names}


def arrangement_reasons(here: Meeting, told: Arrangement, found: int) -> Any:
    """What is wrong with an arrangement."""
    if not told.title.strip() or not told.place.strip():
        yield _("Give the meeting a title and a place.")
    if not told.chair.is_active or not told.chair.holds(Role.DECISION_MAKER):
        yield _("The chair is a decision maker who is active.")
    if told.chair.pk == here.secretary_id:
        yield _("The secretary does not take the chair as well; choose another decision maker.")
    if told.members and told.chair.pk not in {one.pk for one in told.members}:
        yield _("The chair is one of the people at the table; choose them there too.")
    if any(not one.is_active or one.bank_id is not None for one in told.members):
        yield _("At the table are active people of the supervisor; others are guests.")
    if here.kind == MeetingKind.COMMITTEE and told.guests:
        yield _("The rating committee has no guests.")
    if here.kind == MeetingKind.REGULAR and told.cases:
        yield _("A regular meeting decides no case.")
    if found != len(set(told.cases)):
        yield _("A case that you chose does not wait for a decision any more, or is on another agenda.")
    if any(not title.strip() for title, _text in told.points):
        yield _("Each point needs a title.")


def call(step: Attempt) -> Done:
    """Hand the agenda out: what is proposed in each case is kept with its point, and the people are told."""
    here = step.meeting
    points = list(here.points.exclude(assessment=None).select_related("assessment"))
    for point in points:
        rating = get_rating(point.assessment) if point.assessment is not None else None
        if rating is None:
            raise Refused([_("%(case)s has no proposal.") % {"case": point.title}])
        point.rating_no, point.proposal = rating.pk, proposal_of(rating)
        point.save(update_fields=["rating_no", "proposal"])
    tell(
        CALLED,
        key=f"meeting:{here.pk}:{here.revision}",
        data={"meeting": here.pk, "title": here.title, "at": here.starts_at.isoformat()},
    )
    return Done({"proposals": {point.place: point.proposal for point in points}}, list(points))


def write(step: Attempt) -> Done:
    """Write what was said; it takes the place of what was written before, until the chair signs."""
    told, here = step.told_as(Record), step.meeting
    points = list(here.points.select_related("assessment__round__rulebook"))
    if reasons := [*_record_reasons(here, told), *_said_reasons(points, told)]:
        raise Refused(reasons)
    here.course, here.chair = told.course, told.chair
    here.members.update(present=False)
    here.members.filter(member__in=list(told.members)).update(present=True)
    here.guests.update(present=False)
    here.guests.filter(pk__in=list(told.guests)).update(present=True)
    Dissent.objects.filter(point__meeting=here).delete()
    for point in points:
        said = told.points.get(point.place, Said())
        point.result, point.grade, point.measures, point.reason = said.result, said.grade, said.measures, said.reason
        if said.result != PointResult.OTHER:
            point.grade = point.measures = ""
        point.save(update_fields=["result", "grade", "measures", "reason"])
        Dissent.objects.bulk_create(Dissent(point=point, member=one, reason=why) for one, why in said.dissents)
    gone = [Gone.of(row) for row in here.follow_ups.all()]
    here.follow_ups.all().delete()
    rows = [
        FollowUp.objects.create(meeting=here, place=one.place, text=one.text, owner=one.owner, due_on=one.due_on)
        for one in told.follow_ups
    ]
    results = {point.place: point.result for point in points}
    return Done({"results": results, "follow_ups": len(rows)}, [*points, *gone, *rows])


def _record_reasons(here: Meeting, told: Record) -> Any:
    """What is wrong with who was there and with the follow-ups."""
    at_table = set(here.members.values_list("member", flat=True))
    if not told.chair.holds(Role.DECISION_MAKER) or told.chair.pk not in at_table:
        yield _("The chair is a decision maker who is at the table.")
    if told.chair.pk == here.secretary_id:
        yield _("The secretary does not take the chair as well; choose another decision maker.")
    there = set(told.members) & at_table
    for said in told.points.values():
        for person, why in said.dissents:
            if person.pk not in there:
                yield _("%(name)s was not there and disagrees with nothing.") % {"name": person}
            if not why.strip():
                yield _("A dissent needs its reason.")
    day = timezone.localdate(here.starts_at)
    for one in told.follow_ups:
        if not one.text.strip():
            yield _("Say of each follow-up what is to be done.")
        if one.due_on < day:
            yield _("A follow-up is not due before the day of the meeting.")
        if not one.owner.is_active or one.owner.bank_id is not None:
            yield _("A follow-up belongs to somebody active of the supervisor.")


def _said_reasons(points: list[MeetingPoint], told: Record) -> Any:
    """What is wrong with what was said of each point."""
    for point in points:
        said, about = told.points.get(point.place, Said()), {"place": point.place, "title": point.title}
        if not said.result:
            continue
        allowed = ("noted", "put_off") if point.assessment_id is None else ("agree", "other", "put_off")
        if said.result not in allowed:
            yield _("Point %(place)d, %(title)s: choose one of the results that are offered.") % about
        if said.result in ("other", "put_off") and not said.reason.strip():
            yield _("Point %(place)d, %(title)s: give the reason.") % about
        if said.result == "other" and point.assessment is not None:
            yield from _grade_reasons(point, point.assessment, said, about)


def _grade_reasons(point: MeetingPoint, case: Assessment, said: Said, about: dict[str, Any]) -> Any:
    rating = get_rating(case)
    if rating is None or rating.pk != point.rating_no:
        return  # changed since: it can only be put off, which the signature asks for
    if said.grade not in grades_allowed(rating, engine_rulebook(case.round.rulebook)):
        yield _("Point %(place)d, %(title)s: choose a grade that may be decided.") % about
    elif said.grade == rating.grade_proposed and not said.measures.strip():
        yield _("Point %(place)d, %(title)s: say what is other than proposed.") % about


def sign(step: Attempt) -> Done:
    """Freeze the minutes under their number; the follow-ups begin, and their owners are told in time."""
    here = step.meeting
    body = minutes_body(here)
    number = next_number(NUMBERS[MeetingKind(here.kind)], Minutes.objects.all(), step.now)
    digest = minutes_digest(number, body, step.now)
    kept = Minutes.objects.create(
        meeting=here, number=number, body=body, digest=digest, signed_by=step.actor, signed_at=step.now
    )
    rows = list(here.follow_ups.all())
    for row in rows:
        row.state = FollowUpState.OPEN
        row.save(update_fields=["state"])
        remind(row)
    about = {"meeting": here.pk, "title": here.title, "number": number}
    tell_many([(MINUTES, f"minutes:{here.pk}:{bank}", step.now, bank, about) for bank in _reading(here)])
    return Done({"number": number, "digest": digest}, [kept, *here.points.all(), *rows])


def _reading(here: Meeting) -> list[int]:
    """The banks that read the minutes: those of which somebody was invited to a regular meeting."""
    if here.kind != MeetingKind.REGULAR:
        return []
    return sorted(set(here.guests.exclude(bank=None).values_list("bank", flat=True)))


def remind(row: FollowUp) -> None:
    """Remind the owner on the due day and on the day after it."""
    for late, day in enumerate((row.due_on, row.due_on + timedelta(days=1))):
        tell(
            DUE,
            key=f"follow-up:{row.pk}:{day.isoformat()}:{late}",
            due_at=at_hour(day, settings.REMIND_HOUR),
            data={"follow_up": row.pk, "due": row.due_on.isoformat(), "late": bool(late)},
        )


def minutes_digest(number: str, body: dict[str, Any], at: datetime) -> str:
    """What stands on minutes beside their number: SHA-256 over all that they say."""
    told = {"number": number, "body": body, "signed_at": at.astimezone(UTC).isoformat(timespec="microseconds")}
    return hashlib.sha256(canonical(told).encode()).hexdigest()


def minutes_body(here: Meeting) -> dict[str, Any]:
    """Everything that the minutes say, as plain data. Grades stand with their names in both languages."""
    return {
        "authority": {"zh": settings.AUTHORITY_NAME.strip(), "en": settings.AUTHORITY_NAME_EN.strip()},
        "seal": settings.LETTER_SEAL.strip(),
        "kind": here.kind,
        "title": here.title,
        "place": here.place,
        "starts_at": here.starts_at.isoformat(),
        "secretary": str(here.secretary),
        "chair": str(here.chair),
        "members": [[str(one.member), one.present] for one in here.members.select_related("member")],
        "guests": [[one.organisation, one.name, one.present] for one in here.guests.all()],
        "course": here.course,
        "points": [point_body(point) for point in here.points.select_related("assessment__round__rulebook")],
        "follow_ups": [
            {"text": row.text, "owner": str(row.owner), "due_on": row.due_on.isoformat(), "place": row.place}
            for row in here.follow_ups.select_related("owner")
        ],
    }


def point_body(point: MeetingPoint) -> dict[str, Any]:
    """One point as the minutes say it."""
    return {
        "place": point.place,
        "title": point.title,
        "text": point.text,
        "case": point.assessment_id,
        "proposal": point.proposal,
        "names": grade_names(point),
        "result": point.result,
        "grade": point.grade,
        "measures": point.measures,
        "reason": point.reason,
        "dissents": [[str(one.member), one.reason] for one in point.dissents.select_related("member")],
    }


def grade_names(point: MeetingPoint) -> dict[str, Any]:
    """The grades of the case's rulebook by id; nothing for a point in free words."""
    if point.assessment is None:
        return {}
    rulebook = engine_rulebook(point.assessment.round.rulebook)
    return {grade.id: grade.name.to_json() for grade in rulebook.grades}


def postpone(step: Attempt) -> Done:
    """A later day, with reminders of its own."""
    row, told = step.follow_up, step.told_as(Later)
    if row is None:
        raise TypeError("The step is one of a follow-up.")
    before, row.due_on = row.due_on, told.due_on
    row.save(update_fields=["due_on"])
    remind(row)
    return Done({"from": before.isoformat(), "to": told.due_on.isoformat()})


def people_told(meeting: Meeting) -> list[int]:
    """Who is told that the agenda was handed out: everybody at the table who is active."""
    people = User.objects.filter(pk__in=meeting.members.values("member"), is_active=True)
    return list(people.values_list("pk", flat=True))
