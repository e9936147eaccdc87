"""The head's view of the open rounds: time left, cases by person, who is behind, and what waits longest."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.signals import post_init
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from assessments.home.workload import workload
from assessments.models import Assessment, Review, Round, RoundState
from assessments.reviews.services.returns import return_filing
from assessments.tests.reviews.client import signed_in, text
from assessments.tests.reviews.world import World, build

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build()


def test_cases_are_counted_by_person_and_stage(world: World) -> None:
    world.accepted("AAA")
    world.second_review("BBB")
    Assessment.objects.filter(pk=world.submitted("CCC").pk).update(officer=world.officer_2)
    world.submitted("DDD")
    found = workload(world.decider)
    loads = {load.person.username if load.person else "": load for load in found.people}
    assert dict(loads["officer"].states) == {Review.FIRST: 1}
    assert dict(loads["second"].states) == {Review.SECOND: 1}, "it waits for who is assigned"
    assert loads["second"].oldest is not None
    assert dict(loads["officer-2"].states) == {Review.WAITING: 1}
    assert dict(loads[""].states) == {Review.WAITING: 1}
    assert found.people[-1].person is None
    assert [left.undecided for left in found.rounds] == [4]
    assert found.rounds[0].days > 0
    banks = [one.case.bank.code for one in found.oldest]
    assert banks == ["AAA", "BBB", "CCC", "DDD"], "in the order of their newest steps, or of their submission"


def test_who_is_behind_comes_first_once_the_deadline_is_over(world: World) -> None:
    Assessment.objects.filter(pk=world.submitted("AAA").pk).update(officer=world.officer_2)
    world.accepted("BBB")
    world.accepted("CCC")
    world.decided("DDD")
    assert all(load.late == 0 for load in workload(world.decider).people)
    past = timezone.now() - timedelta(minutes=1)
    Round.objects.update(filing_deadline=past - timedelta(days=1), review_deadline=past)
    found = workload(world.decider)
    assert [(load.person, load.late) for load in found.people] == [
        (world.officer, 2),
        (world.officer_2, 1),
        (world.decider, 0),
    ], "what is decided and not yet sent is late no more"
    assert found.rounds[0].over
    assert found.rounds[0].undecided == 3
    page = text(signed_in(world.decider), "workload")
    assert "The review deadline is over." in page
    assert "3 cases not decided" in page


def test_a_closed_round_counts_nowhere(world: World) -> None:
    world.accepted("AAA")
    Round.objects.update(state=RoundState.CLOSED)
    assert workload(world.decider).people == []
    assert "No round is open" in text(signed_in(world.decider), "workload")


def test_the_page_asks_the_database_alike_for_few_and_many(world: World) -> None:
    world.accepted("AAA")
    client = signed_in(world.decider)

    def asked() -> int:
        client.get(reverse("workload"))
        with CaptureQueriesContext(connection) as found:
            assert client.get(reverse("workload")).status_code == 200
        return len(found)

    before = asked()
    for number in range(5):
        world.accepted(f"M{number}")
    assert asked() == before


def test_no_more_cases_are_read_than_are_shown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A province's page must not read every case to show twelve."""
    monkeypatch.setattr("assessments.home.workload.OLDEST", 2)
    for number in range(6):
        world.accepted(f"M{number}")
    read: list[int] = []

    def count(sender: Any, instance: Assessment, **kwargs: Any) -> None:
        read.append(1)

    post_init.connect(count, sender=Assessment)
    try:
        found = workload(world.decider)
    finally:
        post_init.disconnect(count, sender=Assessment)
    assert [dict(load.states) for load in found.people] == [{Review.FIRST: 6}]
    assert [one.case.bank.code for one in found.oldest] == ["M0", "M1"]
    assert found.people[0].oldest is not None and found.people[0].oldest.case.bank.code == "M0"
    assert len(read) == 3


def test_a_returned_filing_is_not_called_one_that_never_came(world: World) -> None:
    case = world.accepted("AAA")
    due = timezone.now() + timedelta(days=7)
    return_filing(
        actor=world.officer,
        assessment_id=case.pk,
        name="return_for_correction",
        reason="请补充佐证材料。",
        due_at=due,
        seen_version=1,
    )
    never = Assessment.objects.create(round=world.round, bank=world.bank("BBB"))
    with translation.override("zh-hans"):
        assert world.again(case).review_words == "已退回，待重新报送"
        assert never.review_words != "已退回，待重新报送"
