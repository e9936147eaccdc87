"""What the services of a review have in common."""

from collections.abc import Iterator
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import workflow
from assessments.models import Assessment, FilingVersion, ScoreKind, ScoreRun
from assessments.scoring.runs import score_version
from assessments.workflow import duties
from assessments.workflow.machine import REVIEW_POINTS
from assessments.workflow.step import Step
from banks.models import User
from scorecard.access.decisions import Refused, Stale
from scorecard.access.roles import Role
from scorecard.engine.rulebook.model import FactSpec, Indicator
from scorecard.words.language import in_language

TEXT_LENGTH = 4000


def version_shown(assessment: Assessment, number: int) -> FilingVersion:
    """The version that the work is about; ``Stale`` where the screen showed another one."""
    held = assessment.version
    if held is None:
        raise Refused([_("The bank has not submitted anything yet.")])
    if held.number != number:
        raise Stale([_("A newer version of this filing has come in; look at it before you go on.")], held)
    return held


def review_objections(actor: User, assessment: Assessment) -> Iterator[str]:
    """Why this person gives no points and no figures here at this time."""
    if REVIEW_POINTS in workflow.capabilities(actor=actor, assessment=assessment):
        return
    if closed := list(duties.against_change(assessment)):
        yield from closed
    elif not actor.holds(Role.CASE_OFFICER):
        yield _("Only a case officer gives points and figures in the first review.")
    elif others := list(duties.the_assigned_officer(Step(actor, assessment, timezone.now()))):
        yield from others
    else:
        yield _("The case is not in the first review now, so its points stand as they are.")


def length_objections(text: str) -> Iterator[str]:
    """Why a text is too long."""
    if len(text) > TEXT_LENGTH:
        yield _("The text is longer than %(limit)d characters; shorten it.") % {"limit": TEXT_LENGTH}


def indicator_name(spec: Indicator) -> dict[str, Any]:
    """An indicator in a sentence: its id and its name in the language of the screen."""
    return {"name": f"{spec.id} {in_language(spec.name)}"}


def fact_label(spec: FactSpec) -> str:
    """A figure in a sentence."""
    return in_language(spec.label)


def score_review(assessment: Assessment, version: FilingVersion, actor: User) -> ScoreRun:
    """The reviewed score with what has just been written."""
    return score_version(version_id=version.pk, kind=ScoreKind.REVIEWED, actor=actor)
