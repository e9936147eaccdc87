"""What pages and guards read of meetings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from assessments.access import visible_assessments
from assessments.decisions.selectors import list_measures
from assessments.models import (
    SITTING,
    UNFINISHED,
    Assessment,
    Correction,
    FollowUp,
    FollowUpState,
    Meeting,
    MeetingGuest,
    MeetingKind,
    MeetingPoint,
    MeetingState,
    PointResult,
    Rating,
    Review,
    RoundState,
)
from banks.models import User
from scorecard.access.roles import READ_ROLES, Role

#: Where a case waits for a decision that a meeting may prepare.
WAITS = Q(review_state=Review.DECISION, correction_state=Correction.NONE) | Q(correction_state=Correction.DECISION)


def visible_meetings(actor: User) -> QuerySet[Meeting]:
    """Supervisors who read assessments and auditors see all; a bank's people the regular meetings to which a guest of
    their bank was invited, once the minutes are signed. Nothing of the committee's is ever a bank's.
    """
    rows = Meeting.objects.select_related("secretary", "chair", "minutes")
    if actor.bank_id is not None:
        invited = MeetingGuest.objects.filter(meeting=OuterRef("pk"), bank=actor.bank_id)
        return rows.filter(Exists(invited), kind=MeetingKind.REGULAR, state=MeetingState.SIGNED)
    return rows if actor.holds(*READ_ROLES) else rows.none()


def get_meeting(actor: User, pk: int, *, lock: bool = False) -> Meeting:
    """One meeting that the actor may read, or 404."""
    rows = visible_meetings(actor).filter(pk=pk)
    found = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if found is None:
        raise Http404
    return found


def visible_follow_ups(actor: User) -> QuerySet[FollowUp]:
    """The follow-ups of signed minutes; a bank reads those of its meetings in the minutes, and not in a list."""
    if actor.bank_id is not None or not actor.holds(*READ_ROLES):
        return FollowUp.objects.none()
    rows = FollowUp.objects.exclude(state=FollowUpState.NOTED)
    return rows.select_related("meeting", "meeting__minutes", "owner").order_by("due_on", "pk")


def get_follow_up(actor: User, pk: int) -> FollowUp:
    """One of them, or 404."""
    found = visible_follow_ups(actor).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@dataclass(frozen=True)
class OfPerson:
    """What somebody has to do with meetings: own follow-ups that are due within a week or overdue, the nearest first,
    how many are open in all, and the minutes that wait for the signature of this chair.
    """

    due: list[FollowUp]
    open: int
    to_sign: list[Meeting]

    @property
    def any(self) -> bool:
        """Whether there is anything."""
        return bool(self.open or self.to_sign)


def meetings_of(actor: User) -> OfPerson:
    """The same for a start page. A query, and one more for a decision maker: nobody else chairs a meeting."""
    today = timezone.localdate()
    rows = list(visible_follow_ups(actor).filter(owner=actor, state=FollowUpState.OPEN)[:100])
    due = [row for row in rows if row.due_on <= today + timedelta(days=7)]
    chairs = actor.holds(Role.DECISION_MAKER)
    to_sign = visible_meetings(actor).filter(state=MeetingState.HELD, chair=actor)[:8] if chairs else ()
    return OfPerson(due[:8], len(rows), list(to_sign))


def cases_to_decide(actor: User, but: Meeting | None = None) -> QuerySet[Assessment]:
    """The cases that wait for a decision and stand on no other agenda, the nearest deadline first."""
    taken = MeetingPoint.objects.filter(assessment=OuterRef("pk"), meeting__state__in=UNFINISHED)
    if but is not None:
        taken = taken.exclude(meeting=but)
    rows = visible_assessments(actor).taking_part().filter(WAITS, ~Exists(taken), round__state=RoundState.OPEN)
    return rows.select_related("bank", "round", "round__rulebook", "rating", "decision_maker").order_by(
        "round__review_deadline", "bank__name_sort", "pk"
    )


def proposal_of(rating: Rating) -> dict[str, Any]:
    """What the rules propose, as an agenda says it: points, grades, adjustment, measures in both languages."""
    return {
        "points": rating.points,
        "before": rating.grade_before,
        "grade": rating.grade_proposed,
        "adjustment": rating.adjustment_proposed,
        "measures": [
            measure.proposal.get("label") or {"zh": measure.code, "en": measure.code}
            for measure in list_measures(rating)
        ],
    }


@dataclass(frozen=True)
class OfCase:
    """What meetings have to do with a case: one that is to come or goes on, and the newest that said something of the
    proposal in hand.
    """

    sitting: Meeting | None = None
    decided: MeetingPoint | None = None


def of_cases(ratings: Mapping[int, int]) -> dict[int, OfCase]:
    """The same for many cases at once, by case; ``ratings`` are the ratings in hand by case. One query."""
    rows = MeetingPoint.objects.filter(assessment__in=list(ratings))
    rows = rows.filter(meeting__state__in=(*SITTING, MeetingState.SIGNED)).select_related(
        "meeting", "meeting__minutes", "meeting__chair"
    )
    found = dict.fromkeys(ratings, OfCase())
    for point in rows.order_by("pk"):
        case = point.assessment_id or 0
        if point.meeting.state in SITTING:
            found[case] = OfCase(point.meeting, found[case].decided)
        elif point.rating_no == ratings[case]:
            said = point if point.result in (PointResult.AGREE, PointResult.OTHER) else None
            found[case] = OfCase(found[case].sitting, said)
    return found


def of_case(assessment: Assessment) -> OfCase:
    """The same for one case."""
    rating = assessment.rating_in_hand
    return of_cases({assessment.pk: rating.pk if rating is not None else 0})[assessment.pk]


def departs(point: MeetingPoint, rating: Rating, grade: str, adjustment: str) -> bool:
    """Whether what is about to be decided is other than what the meeting said: the grade; where it agreed with the
    proposal, the adjustment and each measure too.
    """
    if grade != (point.grade or rating.grade_proposed):
        return True
    if point.result != PointResult.AGREE:
        return False
    measures: Iterable[Any] = list_measures(rating)
    return adjustment != rating.adjustment_proposed or any(one.state != "accepted" for one in measures)
