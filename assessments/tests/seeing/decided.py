"""Decided ratings of two years, as the tests of the outcome study compare them."""

from datetime import timedelta
from decimal import Decimal

from assessments.models import (
    Assessment,
    FilingVersion,
    Measure,
    MeasureState,
    Rating,
    Round,
    RoundState,
    ScoreRun,
)
from assessments.tests.reviews.world import World


def year_after(world: World) -> Round:
    """The round of the year after, closed."""
    now = world.round
    year = timedelta(days=365)
    return Round.objects.create(
        code="sh-2018",
        year=now.year + 1,
        title_zh="2018 年度评价",
        title_en="Round 2018",
        rulebook=now.rulebook,
        state=RoundState.CLOSED,
        opens_at=now.opens_at + year,
        filing_deadline=now.filing_deadline + year,
        review_deadline=now.review_deadline + year,
    )


def decide(
    world: World, case: Assessment, version: FilingVersion, code: str, total: str, *, measured: bool, targets: str = ""
) -> None:
    """A decided total of a case, with the measure or not."""
    run = ScoreRun.objects.create(
        assessment=case,
        version=version,
        kind="reviewed",
        key=f"{case.round_id}{code}".rjust(64, "0"),
        rulebook_hash=case.round.rulebook.hash,
        engine_version="1",
        total=total,
        total_sort=Decimal(total),
        pending="0",
        targets=targets,
    )
    rating = Rating.objects.create(
        assessment=case, run=run, points=total, grade_before="good", grade_proposed="good", grade="good"
    )
    if measured:
        Measure.objects.create(
            rating=rating,
            code="inspection",
            tool="inspection",
            state=MeasureState.ACCEPTED,
            reason="依条款。",
            decided_by=world.decider,
            decided_at=case.round.opens_at,
        )
    Assessment.objects.filter(pk=case.pk).update(rating=rating)
