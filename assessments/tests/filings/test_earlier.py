"""A later year reads an earlier one as it was signed and decided, whatever is on file since."""

from datetime import timedelta

import pytest

from assessments import workflow
from assessments.filings.scoring_input import Gathered
from assessments.models import Assessment, Round
from assessments.rulebooks.cache import engine_rulebook
from assessments.tests.decisions.test_targets import settle, unknown
from assessments.tests.reviews import world as worlds
from assessments.tests.reviews.world import World
from assessments.workflow.payloads import DecisionPayload
from banks.models import FactEntry
from banks.services.facts import record_facts
from scorecard.engine.exact.context import Scoring
from scorecard.engine.values.facts import Missing

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return worlds.build()


def next_year(world: World, assessment: Assessment) -> Gathered:
    """The same bank's draft of the year after, under the same rulebook."""
    before = world.round
    round_, _new = Round.objects.get_or_create(
        code="sh-2018",
        defaults={
            "year": before.year + 1,
            "title_zh": "2018 年度评价",
            "title_en": "Round of 2018",
            "rulebook": before.rulebook,
            "state": before.state,
            "opens_at": before.opens_at,
            "filing_deadline": before.filing_deadline + timedelta(days=365),
            "review_deadline": before.review_deadline + timedelta(days=365),
        },
    )
    draft, _new = Assessment.objects.get_or_create(round=round_, bank=assessment.bank)
    return Gathered(draft, engine_rulebook(round_.rulebook))


def missed_last_year(gathered: Gathered, target: str = "T3") -> bool | Missing:
    return Scoring(gathered.rulebook, gathered.scoring_input()).back(1).outcome(target).missed


@pytest.mark.parametrize(("outcome", "missed"), [("met", False), ("missed", True), ("not_applicable", None)])
def test_a_decided_target_is_the_recorded_outcome_of_the_next_year(
    world: World, outcome: str, missed: bool | None
) -> None:
    assessment = unknown(world)
    settle(world, assessment, outcome)
    workflow.perform("pass_to_second", actor=world.officer, assessment_id=assessment.pk)
    workflow.perform("confirm", actor=world.second, assessment_id=assessment.pk)
    assessment = world.again(assessment)
    world.decline_all(assessment)
    rating = assessment.rating
    payload = DecisionPayload.read(rating.grade_proposed, rating.adjustment_proposed)
    workflow.perform("decide", actor=world.decider, assessment_id=assessment.pk, reason="同意。", payload=payload)
    assert isinstance(missed_last_year(next_year(world, assessment)), Missing), "the bank learns it by its notice"
    workflow.perform("issue_notice", actor=world.decider, assessment_id=assessment.pk)
    gathered = next_year(world, assessment)
    found = missed_last_year(gathered)
    assert isinstance(found, Missing) if missed is None else found is missed
    assert missed_last_year(gathered, "T1") is False, "what figures decide needs no record"
    assert set(gathered.history()["-1"]) & {"T1", "T2", "T3"} == {"T3"}


def test_the_next_year_reads_the_figures_as_they_were_signed(world: World) -> None:
    assessment = world.submitted("B001")
    bank, period = assessment.bank, world.round.period
    record_facts(actor=None, bank=bank, period=period, values={"sme_bal_end": ("value", "1")}, source="form")
    record_facts(actor=None, bank=bank, period=period, values={"returns": ("value", "2")}, source="supervisor")
    last = next_year(world, assessment).history()["-1"]
    assert last["sme_bal_end"] == {"state": "value", "value": worlds.BEST["sme_bal_end"]}
    assert last["returns"] == {"state": "value", "value": "2"}


def test_the_supervisors_figures_of_a_told_year_are_those_of_its_decision(world: World) -> None:
    assessment = world.notified("B001")
    record_facts(
        actor=None,
        bank=assessment.bank,
        period=world.round.period,
        values={"returns": ("value", "2")},
        source="supervisor",
    )
    assert next_year(world, assessment).history()["-1"]["returns"] == {"state": "value", "value": "0"}


def test_a_draft_that_nobody_signed_says_nothing_of_its_year(world: World) -> None:
    bank = world.bank("B002")
    draft = Assessment.objects.create(round=world.round, bank=bank)
    values = {"sme_bal_end": ("value", "1")}
    record_facts(actor=None, bank=bank, period=world.round.period, values=values, source="form")
    record_facts(actor=None, bank=bank, period=str(world.round.year - 1), values=values, source="form")
    assert FactEntry.objects.filter(bank=bank).count() == 2
    history = next_year(world, draft).history()
    assert set(history) == {"-2"}, "before the first round there is nothing but what is on file"
