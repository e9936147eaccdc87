"""Guards on the content: what must be complete before a filing moves on."""

from collections.abc import Iterator
from typing import Any

from assessments.workflow.step import Step


def filing_complete(step: Step) -> Iterator[Any]:
    """Every required figure and answer is there, no error is left, each warning is explained."""
    from assessments.filings.selectors import blocking_reasons

    yield from blocking_reasons(step.assessment)


def score_ready(step: Step) -> Iterator[Any]:
    """The version in hand has its system score."""
    from assessments.reviews.reasons import score_reasons

    yield from score_reasons(step.assessment)


def review_complete(step: Step) -> Iterator[Any]:
    """The supervisor's facts are given, every indicator that asks for judgement has been looked at."""
    from assessments.reviews.reasons import review_reasons

    yield from review_reasons(step.assessment)


def measures_decided(step: Step) -> Iterator[Any]:
    """Each proposed measure has been accepted, changed or declined with a reason."""
    from assessments.reviews.reasons import measure_reasons

    yield from measure_reasons(step.assessment)
