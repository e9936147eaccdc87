"""A step is held to its days by the database's clock, whatever the machine that serves says."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from assessments import workflow
from assessments.models import Filing, Round
from assessments.tests.filings.world import COMPLETE, World, build
from scorecard.access.decisions import Refused
from scorecard.jobs import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def passing_on(monkeypatch: pytest.MonkeyPatch) -> World:
    """A filing that its preparer passes on."""
    from assessments.filings import selectors as filing

    monkeypatch.setattr(filing, "blocking_reasons", lambda assessment, kept: iter(()))
    world = build()
    world.facts(**COMPLETE)
    return world


def set_clock(monkeypatch: pytest.MonkeyPatch, wrong_by: timedelta) -> None:
    """The clock of this machine; that of the database stays."""
    right = timezone.now

    class Wrong(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + wrong_by

    base = clock.database_now
    true_base = base() - datetime.now(UTC)
    monkeypatch.setattr(timezone, "now", lambda: right() + wrong_by)
    monkeypatch.setattr(clock, "datetime", Wrong)
    monkeypatch.setattr(clock, "database_now", lambda: datetime.now(UTC) + true_base)


def test_a_clock_that_is_behind_lets_nobody_file_late(passing_on: World, monkeypatch: pytest.MonkeyPatch) -> None:
    Round.objects.update(filing_deadline=timezone.now() - timedelta(days=1))
    set_clock(monkeypatch, timedelta(days=-40))
    with pytest.raises(Refused, match=r"截止|deadline"):
        workflow.perform("pass_to_reviewer", actor=passing_on.preparer, assessment_id=passing_on.assessment.pk)


def test_a_clock_that_is_ahead_keeps_nobody_from_filing(passing_on: World, monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, timedelta(days=40))
    done = workflow.perform("pass_to_reviewer", actor=passing_on.preparer, assessment_id=passing_on.assessment.pk)
    assert done.filing_state == Filing.CHECKING
