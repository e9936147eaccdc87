"""Guards on people and time: segregation of duties, the round and its deadline.

A guard yields every reason against the step, each a full sentence; nothing yielded means that it passes. These guards
read models alone, so services below the table may ask them too; those that read a filing or a review are in ``guards``.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Max, Q, QuerySet
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext_lazy as _

from assessments.models import (
    HANDED_DECISION,
    HANDED_SECOND,
    HANDOVERS,
    Answer,
    Assessment,
    Comment,
    Correction,
    Evidence,
    Notice,
    Objection,
    Rating,
    ReviewEntry,
    ReviewStage,
    RoundState,
    SectionCheck,
    StepRecord,
)
from assessments.workflow.shown import Kept
from assessments.workflow.step import AnyStep, Guard, names_of
from banks.models import FactEntry, FactSource, User
from banks.services.stand_ins import stands_in_for
from scorecard.access.roles import Role

#: Who is assigned to a case, by role: the field of the case.
ASSIGNED: dict[str, str] = {
    Role.CASE_OFFICER: "officer",
    Role.SECOND_REVIEWER: "second_reviewer",
    Role.DECISION_MAKER: "decision_maker",
}


def round_is_open(step: AnyStep) -> Iterator[Any]:
    """Nothing moves in a round that is not open (docs/rounds.md, Closing), nor of a bank that was taken out of it."""
    yield from against_change(step.assessment)


def against_change(assessment: Assessment) -> Iterator[Any]:
    """Reasons against a write that is no step of the workflow (scoring, a later day, a remark)."""
    if assessment.round.state != RoundState.OPEN:
        yield _("The round is not open; nothing in it can change.")
    elif assessment.taken_out_at is not None:
        yield _("The bank has been taken out of the round; nothing of it can change.")


def filing_window(step: AnyStep) -> Iterator[Any]:
    """A bank files from the opening until and including its day (``Assessment.files_until``)."""
    here = step.assessment
    if step.now < here.round.opens_at:
        yield _("Filing opens at %(at)s.") % {"at": f"{localtime(here.round.opens_at):%Y-%m-%d %H:%M}"}
    if step.now > here.files_until:
        at = {"at": f"{localtime(here.files_until):%Y-%m-%d %H:%M}"}
        if here.officer is not None and here.officer.is_active:
            yield _("The filing deadline was %(at)s; your case officer can give your bank a later day.") % at
        else:
            yield (_("The filing deadline was %(at)s; the administrator at the supervisor can set a later day.") % at)


def filing_is_over(step: AnyStep) -> Iterator[Any]:
    """Until and including its day a bank may still file, and nobody rates it as one that did not."""
    until = step.assessment.files_until
    if step.now <= until:
        yield _("The bank can file until %(at)s.") % {"at": f"{localtime(until):%Y-%m-%d %H:%M}"}


def untouched(step: AnyStep) -> Iterator[Any]:
    """What was passed on is taken back only while nobody else has touched it: written a remark on it, or marked a
    section as checked."""
    steps = StepRecord.objects.filter(assessment=step.assessment).exclude(transition__in=HANDOVERS)
    passed = steps.order_by("-id").first()
    if passed is None:
        return
    since = Comment.objects.filter(assessment=step.assessment, created_at__gt=passed.at).exclude(author=step.actor)
    if (remark := since.select_related("author").order_by("id").first()) is not None:
        yield _("%(name)s has written a remark on it since; ask for it to be sent back.") % {"name": remark.author}
    marks = SectionCheck.objects.filter(assessment=step.assessment, at__gt=passed.at).exclude(marked_by=step.actor)
    if (mark := marks.select_related("marked_by").order_by("id").first()) is not None:
        yield _("%(name)s has begun to check it; ask for it to be sent back.") % {"name": mark.marked_by}


def not_the_checker(step: AnyStep) -> Iterator[Any]:
    """Who checked does not sign."""
    if step.actor.pk == step.assessment.checked_by_id:
        yield _("You checked this filing; somebody else must sign it.")


def the_assigned_officer(step: AnyStep) -> Iterator[Any]:
    """The assigned officer or a stand-in of the day acts on a case, or whoever comes first where nobody has it; the
    others read. Taking a case over is a step of its own, with a reason (``reviews.services.officers``).
    """
    yield from _somebody_elses(step, Role.CASE_OFFICER)


def the_assigned_second(step: AnyStep) -> Iterator[Any]:
    """The same of the second review: the second reviewer who is assigned, or a stand-in."""
    yield from _somebody_elses(step, Role.SECOND_REVIEWER)


def the_assigned_decider(step: AnyStep) -> Iterator[Any]:
    """The same of what is decided: the decision maker who is assigned, or a stand-in."""
    yield from _somebody_elses(step, Role.DECISION_MAKER)


def _somebody_elses(step: AnyStep, role: str) -> Iterator[Any]:
    here = step.assessment
    assigned = getattr(here, f"{ASSIGNED[role]}_id")
    if assigned not in (None, step.actor.pk) and acts_for(step.actor, here, role, step.kept) is None:
        yield _("%(name)s has this case. Take it over first, with a reason.") % {"name": getattr(here, ASSIGNED[role])}


#: The guard that keeps a role's steps to the person who is assigned.
GUARD_OF: dict[str, Guard] = {
    Role.CASE_OFFICER: the_assigned_officer,
    Role.SECOND_REVIEWER: the_assigned_second,
    Role.DECISION_MAKER: the_assigned_decider,
}


def acts_for(
    actor: User, assessment: Assessment, role: str = Role.CASE_OFFICER, kept: Kept | None = None
) -> User | None:
    """The absent person of a role for whom the actor acts on this case today; None for whoever has it, and for the
    others.

    Whatever a stand-in does on a case says for whom: the step's record and every event (``stood_in``).
    """
    assigned = getattr(assessment, f"{ASSIGNED[role]}_id")
    if assigned in (None, actor.pk) or not actor.holds(role):
        return None
    absent = kept["stands_in"] if kept and "stands_in" in kept else stands_in_for(actor, localdate())
    person: User = getattr(assessment, ASSIGNED[role])
    return person if assigned in absent else None


def stands_for(
    actor: User, assessment: Assessment, guards: Collection[Guard], roles: Collection[str] = ()
) -> User | None:
    """For whom the actor takes a step with these guards, or of these roles of a bank, where it is a stand-in's."""
    if actor.bank_id is not None:
        return actor.absent_in(roles)
    found = (acts_for(actor, assessment, role) for role, guard in GUARD_OF.items() if guard in guards)
    return next((person for person in found if person is not None), None)


def stood_in(actor: User, assessment: Assessment, role: str = Role.CASE_OFFICER) -> dict[str, int]:
    """What an event of a stand-in says beside; nothing for the others."""
    absent = acts_for(actor, assessment, role)
    return {"stands_in_for": absent.pk} if absent is not None else {}


def answered(step: AnyStep) -> Iterator[Any]:
    """What was sent back goes on only after something has changed, or with a written answer (the step's reason)."""
    back = step.kept["back"] if "back" in step.kept else last_step_back(step.assessment)
    if back is not None and not step.reason.strip() and not changed_since(step.assessment, back.at):
        yield _("This was sent back: “%(reason)s” Change something first, or write your answer as the reason.") % {
            "reason": back.reason
        }


def last_step_back(assessment: Assessment) -> StepRecord | None:
    """The newest step, where it sent the filing or the case back: who, why and since when."""
    return steps_back([assessment.pk]).get(assessment.pk)


def steps_back(assessment_ids: Iterable[int]) -> dict[int, StepRecord]:
    """The newest send-back of many assessments, by id; one whose newest step is another is left out. One query."""
    return last_news(assessment_ids)[0]


def last_news(assessment_ids: Iterable[int]) -> tuple[dict[int, StepRecord], dict[int, StepRecord]]:
    """Of these assessments, by id, those whose newest step, handing over aside, is a send-back, and those whose newest
    record says that they were handed to somebody else: by whom, why and since when. One query for both.
    """
    steps = StepRecord.objects.filter(assessment__in=list(assessment_ids))
    back = Q(pk__in=_newest(steps.exclude(transition__in=HANDOVERS)).values("pk"))
    back &= Q(transition__in=names_of(lambda row: row.back))
    handed = Q(pk__in=_newest(steps).values("pk"), transition__in=HANDOVERS)
    rows = list(StepRecord.objects.filter(back | handed).select_related("actor", "handed_to"))
    return (
        {row.assessment_id: row for row in rows if row.transition not in HANDOVERS},
        {row.assessment_id: row for row in rows if row.transition in HANDOVERS},
    )


def _newest(steps: QuerySet[StepRecord]) -> QuerySet[StepRecord]:
    """The newest of these records of each assessment. A window would be worked out after what is asked of it then."""
    newest = steps.order_by().values("assessment").annotate(newest=Max("id")).values("newest")
    return StepRecord.objects.filter(id__in=newest)


def changed_since(assessment: Assessment, at: datetime) -> bool:
    """Whether anybody has changed a figure, an answer, a file or a view, or written a remark, since then."""
    here = {"assessment": assessment}
    year = assessment.round.period
    return (
        FactEntry.objects.filter(bank=assessment.bank_id, period=year, entered_at__gt=at).exists()
        or Answer.objects.filter(**here, entered_at__gt=at).exists()
        or ReviewEntry.objects.filter(**here, entered_at__gt=at).exists()
        or Comment.objects.filter(**here, created_at__gt=at, inside=False).exists()
        or Evidence.objects.filter(
            Q(uploaded_at__gt=at) | Q(withdrawn_at__gt=at), **here, obligation_filing=None
        ).exists()
    )


def needs_answer(assessment: Assessment) -> bool:
    """Whether the next step forward asks for a written answer: sent back, and nothing has changed since."""
    back = last_step_back(assessment)
    return back is not None and not changed_since(assessment, back.at)


def not_the_first_reviewer(step: AnyStep) -> Iterator[Any]:
    """No second review of one's own work."""
    here = step.assessment
    if step.actor.pk in (here.reviewed_by_id, here.officer_id) or _in_first_review(step):
        yield _("You took part in the first review; somebody else must take the second.")


def not_a_reviewer(step: AnyStep) -> Iterator[Any]:
    """Who reviewed does not decide."""
    here = step.assessment
    people = (here.reviewed_by_id, here.second_by_id, here.officer_id)
    if step.actor.pk in people or _in_first_review(step):
        yield _("You took part in the review; somebody else must decide.")


def took_no_part(step: AnyStep) -> Iterator[Any]:
    """An objection is decided by somebody who took no part in the case: neither in its reviews,
    nor in the rating that was told, its measures or its notice.
    """
    here = step.assessment
    told = here.rating
    people = {here.reviewed_by_id, here.second_by_id, here.officer_id}
    if told is not None:
        people |= {told.decided_by_id, *told.measures.values_list("decided_by", flat=True)}
        people |= set(Notice.objects.filter(rating=told).values_list("issued_by", flat=True))
    steps = StepRecord.objects.filter(assessment=here, actor=step.actor, version=here.version)
    none = [*names_of(lambda row: row.by_bank() or row.after_notice()), HANDED_SECOND, HANDED_DECISION]
    part = steps.exclude(transition__in=none).exists()
    if step.actor.pk in people or part or _reviewed(step) or _gave_figures(step):
        yield _("You took part in this case; somebody who took none must decide the objection.")


def no_part_in_the_objection(step: AnyStep) -> Iterator[Any]:
    """Where a bank's objection brought the correction about, who decided the rating that it is against does not decide
    the corrected one.
    """
    told = step.assessment.rating
    if told is None or told.decided_by_id != step.actor.pk:
        return
    objected = step.kept["objected"] if "objected" in step.kept else objection_of(told) is not None
    if objected:
        yield _("You decided the rating to which the bank has objected; somebody else must decide the corrected one.")


def objection_of(rating: Rating) -> Objection | None:
    """The lodged objection to the notice of a rating."""
    return Objection.objects.filter(notice__rating=rating, lodged_at__isnull=False).first()


def not_the_author(step: AnyStep) -> Iterator[Any]:
    """Who wrote the objection does not sign it."""
    draft = Objection.objects.filter(notice__rating=step.assessment.rating_id or 0).first()
    if draft is None:
        return
    wrote = {draft.saved_by_id, *draft.grounds.values_list("written_by", flat=True)}
    if step.actor.pk in wrote | set(draft.documents.values_list("uploaded_by", flat=True)):
        yield _("You wrote this objection; somebody else must sign it.")


def not_who_asked(step: AnyStep) -> Iterator[Any]:
    """What one person asks for, another confirms."""
    asked = who_asked(step.assessment)
    if asked is not None and asked.actor_id == step.actor.pk:
        yield _("You asked for this yourself; another person must confirm it.")


def who_asked(assessment: Assessment) -> StepRecord | None:
    """The newest step that asked for another person's confirmation: who, why and since when."""
    names = names_of(lambda row: row.correction is not None and row.correction[1] == Correction.ASKED)
    rows = StepRecord.objects.filter(assessment=assessment, transition__in=names).select_related("actor")
    return rows.order_by("-id").first()


def _in_first_review(step: AnyStep) -> bool:
    """Whether the actor's points or figures are in the first review; a page of many cases has read it for all."""
    if "part" in step.kept:
        return bool(step.kept["part"])
    return _reviewed(step) or _gave_figures(step)


def _gave_figures(step: AnyStep) -> bool:
    """Whether the actor gave one of the supervisor's figures of the year, which stand for every version."""
    here = step.assessment
    return FactEntry.objects.filter(
        bank=here.bank_id, period=here.round.period, source=FactSource.SUPERVISOR, entered_by=step.actor
    ).exists()


def took_part(step: AnyStep, transition: str) -> bool:
    """Whether the actor made this step since the last submission (each version has its own people)."""
    return StepRecord.objects.filter(
        assessment=step.assessment, version=step.assessment.version, transition=transition, actor=step.actor
    ).exists()


def _reviewed(step: AnyStep) -> bool:
    """Whether the actor gave points or a view in the first review of this version."""
    return ReviewEntry.objects.filter(
        assessment=step.assessment, version=step.assessment.version, stage=ReviewStage.FIRST, entered_by=step.actor
    ).exists()
