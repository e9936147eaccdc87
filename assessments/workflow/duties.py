"""Guards on people and time: segregation of duties, the round and its deadline.

A guard yields every reason against the step, each a full sentence; nothing yielded means that it passes. These guards
read models alone, so services below the table may ask them too; those that read a filing or a review are in ``guards``.
"""

from collections.abc import Iterator
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from assessments.models import ReviewEntry, ReviewStage, RoundState, StepRecord
from assessments.workflow.step import AnyStep


def round_is_open(step: AnyStep) -> Iterator[Any]:
    """Nothing moves in a round that is not open (product.md, A year, 9)."""
    if step.assessment.round.state != RoundState.OPEN:
        yield _("The round is not open; nothing in it can change.")


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


def not_the_checker(step: AnyStep) -> Iterator[Any]:
    """Who checked does not sign."""
    if step.actor.pk == step.assessment.checked_by_id:
        yield _("You checked this filing; somebody else must sign it.")


def not_the_first_reviewer(step: AnyStep) -> Iterator[Any]:
    """No second review of one's own work."""
    here = step.assessment
    if step.actor.pk in (here.reviewed_by_id, here.officer_id) or _reviewed(step):
        yield _("You took part in the first review; somebody else must take the second.")


def not_a_reviewer(step: AnyStep) -> Iterator[Any]:
    """Who reviewed does not decide."""
    here = step.assessment
    if step.actor.pk in (here.reviewed_by_id, here.second_by_id, here.officer_id) or _reviewed(step):
        yield _("You took part in the review; somebody else must decide.")


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
