"""The supervisor's figures at any time that the rules allow, beside last year's as they were decided."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone, translation

from assessments import workflow
from assessments.models import Assessment, Round
from assessments.reviews.given_facts import given_facts
from assessments.reviews.services.facts import set_supervisor_facts
from banks.models import FactEntry
from scorecard.access.decisions import Refused
from scorecard.audit.models import Event

from . import world as worlds
from .world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Iterator[World]:
    with translation.override("en"):
        yield worlds.build()


def facts(world: World, assessment: Assessment, values: dict[str, str], **more: Any) -> list[FactEntry]:
    chosen = {"actor": world.officer, "version": 1, "seen": {}} | more
    return set_supervisor_facts(assessment_id=assessment.pk, values=values, **chosen)


def before_filing(world: World, code: str = "B007", **more: Any) -> Assessment:
    """A case whose bank has not filed yet."""
    return Assessment.objects.create(round=world.round, bank=world.bank(code), **more)


def test_figures_are_given_before_the_bank_has_filed(world: World) -> None:
    assessment = before_filing(world)
    rows = facts(world, assessment, {"fee_violations": "1"}, version=0)
    assert [(row.fact, row.value) for row in rows] == [("fee_violations", "1")]
    event = Event.objects.get(event="assessments.review.facts")
    assert json.loads(event.data)["changes"] == {"fee_violations": ["", "1"]}
    facts(world, assessment, {"fee_violations": "2"}, version=0, seen={"fee_violations": 1})
    event = Event.objects.filter(event="assessments.review.facts").latest("seq")
    assert json.loads(event.data)["changes"] == {"fee_violations": ["1", "2"]}


def test_figures_stand_once_the_case_has_left_the_first_review_or_the_round_is_closed(world: World) -> None:
    for assessment in (world.second_review("B001"), world.for_decision("B002"), world.notified("B003")):
        with pytest.raises(Refused, match="left the first review"):
            facts(world, assessment, {"fee_violations": "1"}, seen={"fee_violations": 1})
    taken_out = before_filing(world, taken_out_at=timezone.now())
    with pytest.raises(Refused, match="taken out"):
        facts(world, taken_out, {"fee_violations": "1"}, version=0)
    here = before_filing(world, "B008")
    world.round.state = "closed"
    world.round.save()
    with pytest.raises(Refused, match="not open"):
        facts(world, here, {"fee_violations": "1"}, version=0)
    assert not FactEntry.objects.filter(source="supervisor").exists()


def test_another_officer_gives_no_figure_before_the_bank_has_filed_either(world: World) -> None:
    assessment = before_filing(world, officer=world.officer)
    with pytest.raises(Refused, match="has this case"):
        facts(world, assessment, {"fee_violations": "1"}, version=0, actor=world.officer_2)
    for actor in (world.second, world.decider, world.auditor):
        with pytest.raises(Refused, match="Only a case officer"):
            facts(world, assessment, {"fee_violations": "1"}, version=0, actor=actor)


def test_whoever_gave_a_figure_before_the_filing_confirms_nothing(world: World) -> None:
    """Who changed the figures takes part in the first review, whenever that was."""
    assessment = before_filing(world, "B001")
    both = worlds.person("both", "case_officer", "second_reviewer")
    facts(world, assessment, {"fee_violations": "0"}, version=0, actor=both)
    world.freeze(assessment, 1)
    Assessment.objects.filter(pk=assessment.pk).update(filing_state="submitted", review_state="second")
    decision = workflow.check("confirm", actor=both, assessment=world.again(assessment))
    assert any("first review" in str(reason) for reason in decision.reasons)


@pytest.mark.usefixtures("past_the_triggers")
def test_last_years_figure_is_the_decided_one_and_not_what_was_typed_since(world: World) -> None:
    """What stands beside a figure, and what its size is asked against, is last year's as it was decided."""
    last = world.notified("B001")
    given = {row.fact: row.value for row in FactEntry.objects.filter(bank=last.bank, period="2017")}
    assert given["fee_violations"] == "0"
    Round.objects.filter(pk=last.round_id).update(year=2016)
    FactEntry.objects.filter(bank=last.bank).update(period="2016")
    FactEntry.objects.create(
        bank=last.bank, period="2016", fact="fee_violations", revision=9, value="77", source="supervisor"
    )
    world.round = worlds.another_round("sh-2017-b", 2017)
    assessment = Assessment.objects.create(round=world.round, bank=last.bank)
    found = {fact.spec.id: fact for fact in given_facts(assessment, worlds.rulebook())}
    assert found["fee_violations"].last_year.startswith("0")
