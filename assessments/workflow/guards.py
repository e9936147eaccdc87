"""Guards that read a filing, a review or a rating: what must be complete, and whose work is in it."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.decisions import measures, unfiled
from assessments.filings import selectors as filings
from assessments.reviews import reasons as reviews
from assessments.workflow.duties import took_part
from assessments.workflow.step import AnyStep


def not_the_preparer(step: AnyStep) -> Iterator[Any]:
    """Who filled in does not check or sign (docs/workflow.md, Roles): neither who passed the draft on, nor anybody
    whose figures, answers or files are in it."""
    here = step.assessment
    if (
        step.actor.pk == here.prepared_by_id
        or took_part(step, "pass_to_reviewer")
        or step.actor.pk in filings.contributors(here)
    ):
        yield _("You prepared this filing; somebody else must check and sign it.")


def filing_complete(step: AnyStep) -> Iterator[Any]:
    """Every required figure and answer is there, no error is left, each warning is explained."""
    yield from filings.blocking_reasons(step.assessment, step.kept)


def score_ready(step: AnyStep) -> Iterator[Any]:
    """The current version has its system score."""
    yield from reviews.score_reasons(step.assessment)


def review_complete(step: AnyStep) -> Iterator[Any]:
    """The supervisor's facts are given, every indicator that asks for judgement has been looked at."""
    yield from reviews.review_reasons(step.assessment)


def rule_for_unfiled(step: AnyStep) -> Iterator[Any]:
    """Only a bank that never filed is rated as such, and only where the rulebook says how."""
    yield from unfiled.unfiled_reasons(step.assessment)


def measures_decided(step: AnyStep) -> Iterator[Any]:
    """Each proposed measure has been accepted, changed or declined with a reason."""
    yield from measures.measure_reasons(step.assessment)
