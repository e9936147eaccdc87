"""A result that an earlier engine computed otherwise is kept, and the pages say both results instead of failing."""

import pytest
from django.test import Client
from django.urls import reverse

from assessments.models import Assessment, ScoreRun
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.outcome_codec import read_array
from assessments.scoring.runs import NotReproduced, OfEarlierEngine, outcome_of
from assessments.tests.reviews.world import World, build
from scorecard.engine import ENGINE_VERSION

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("past_the_triggers")]


def as_engine_1_2_gave_it(case: Assessment) -> ScoreRun:
    """Before 1.3.0 a target of 0 of 0 limited nothing: no cap acted, and the grade was that of the points."""
    run = case.system_run
    assert run is not None
    rulebook = engine_rulebook(case.round.rulebook)
    row = read_array(rulebook, bytes(run.array)).copy()
    row["after"], row["caps"], row["holding"] = row["before"], 0, 0
    ScoreRun.objects.filter(pk=run.pk).update(
        engine_version="1.2.0", stored=None, array=row.tobytes(), grade=run.grade_before
    )
    return ScoreRun.objects.select_related("version__assessment__round__rulebook").get(pk=run.pk)


@pytest.fixture
def world() -> World:
    return build()


def test_both_results_are_said_where_an_undecided_target_limits_today(world: World) -> None:
    case = world.submitted(applied="0", approved="0")
    run = as_engine_1_2_gave_it(case)
    assert (case.system_run.grade, run.grade) == ("pass", "good")  # type: ignore[union-attr]
    with pytest.raises(OfEarlierEngine):
        outcome_of(run)
    client = Client()
    client.force_login(world.people[case.bank_id]["preparer"])
    for name, args in (("assessment-result", [case.pk]), ("assessment-explain", [case.pk, 1])):
        client.cookies["django_language"] = "zh-hans"
        answer = client.get(reverse(name, args=args))
        text = answer.content.decode()
        assert answer.status_code == 409 and "此结果的由来无法展示" in text
        assert f"{run.total} 分，良好" in text and "1.2.0" in text
        assert "合格" in text and ENGINE_VERSION in text and "申贷获得率" in text
        client.cookies["django_language"] = "en"
        assert "Engine 1.2.0 computed this result" in client.get(reverse(name, args=args)).content.decode()


def test_an_earlier_engine_with_the_same_result_is_explained(world: World) -> None:
    case = world.submitted()
    ScoreRun.objects.filter(pk=case.system_run_id).update(engine_version="1.2.0", stored=None)
    run = ScoreRun.objects.select_related("version__assessment__round__rulebook").get(pk=case.system_run_id)
    assert outcome_of(run)["grade"]["after"] == "good"


def test_the_same_engine_with_another_result_is_a_fault(world: World) -> None:
    case = world.submitted(applied="0", approved="0")
    run = as_engine_1_2_gave_it(case)
    run.engine_version = ENGINE_VERSION
    with pytest.raises(NotReproduced) as found:
        outcome_of(run)
    assert not isinstance(found.value, OfEarlierEngine)
