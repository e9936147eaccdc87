"""A target that the figures cannot decide is decided by the officer, with a reason, before there is a rating."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client

from assessments import workflow
from assessments.decisions import ratings
from assessments.decisions.letters import letter
from assessments.models import Assessment, Rating, ScoreRun, TargetEntry
from assessments.reviews.services.targets import decide_targets, open_targets
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.bulk.encoded import encode_missing
from assessments.scoring.bulk.shard import score_versions
from assessments.scoring.outcome_codec import LETTERS, array_of, read_array, target_letters
from assessments.scoring.runs import explain_run, outcome_of, undecided_targets
from assessments.tests.reviews import world as worlds
from assessments.tests.reviews.world import World
from assessments.workflow.payloads import DecisionPayload
from scorecard.access.decisions import Refused, Stale
from scorecard.audit.models import Event
from scorecard.engine import evaluate, load_rulebook
from scorecard.engine.cases.worked import read_vectors
from scorecard.engine.values.scoring_input import TARGET_OUTCOMES, TargetDecision
from scorecard.jobs.models import Job

pytestmark = pytest.mark.django_db

WHY = "本年无人申请贷款，已查阅受理台账核实。"


@pytest.fixture
def world() -> World:
    return worlds.build()


def unknown(world: World) -> Assessment:
    """Nothing applied for and nothing approved: full marks but for the third target, which nothing decides."""
    assessment = world.accepted("B001", applied="0", approved="0")
    world.give_facts(assessment)
    return world.agree(assessment, G4=("3", "本年无人申请。"))


def settle(world: World, assessment: Assessment, outcome: str, reason: str = WHY, seen: int = 0) -> list[TargetEntry]:
    return decide_targets(
        actor=world.officer,
        assessment_id=assessment.pk,
        version=assessment.version.number,  # type: ignore[union-attr]
        decisions={"T3": (outcome, reason)},
        seen={"T3": seen},
    )


def on_to_decision(world: World, assessment: Assessment) -> Rating:
    workflow.perform("pass_to_second", actor=world.officer, assessment_id=assessment.pk)
    workflow.perform("confirm", actor=world.second, assessment_id=assessment.pk)
    return world.again(assessment).rating


def test_a_review_waits_for_the_decision_of_each_target(world: World) -> None:
    assessment = unknown(world)
    with pytest.raises(Refused) as error:
        workflow.perform("pass_to_second", actor=world.officer, assessment_id=assessment.pk)
    assert [str(reason) for reason in error.value.reasons] == ["请认定按所填数据无法判断的目标：申贷获得率。"]
    settle(world, assessment, "met")
    workflow.perform("pass_to_second", actor=world.officer, assessment_id=assessment.pk)


@pytest.mark.parametrize(
    ("outcome", "grade", "letters", "adjustment", "measured"),
    [
        ("met", "excellent", "mmm", "1", False),
        ("missed", "pass", "mmx", "-1", True),
        ("not_applicable", "excellent", "mmn", "1", False),
    ],
)
def test_points_grade_measures_and_letter_follow_the_decision(
    world: World, outcome: str, grade: str, letters: str, adjustment: str, measured: bool
) -> None:
    assessment = unknown(world)
    settle(world, assessment, outcome)
    rating = on_to_decision(world, assessment)
    assert (rating.grade_before, rating.grade_proposed) == ("excellent", grade)
    assert (rating.run.targets, rating.adjustment_proposed) == (letters, adjustment)
    assert ("accountability" in set(rating.measures.values_list("code", flat=True))) is measured
    rulebook = engine_rulebook(world.round.rulebook)
    assert ratings.grades_allowed(rating, rulebook)[0] == grade
    found = outcome_of(rating.run)["targets"]["T3"]
    assert (found["state"], undecided_targets(outcome_of(rating.run))) == (outcome, [])
    told = next(target for target in letter(rating, rulebook)["targets"] if target["id"] == "T3")
    assert (told["state"], WHY in told["reason"]["zh"]) == (outcome, True)
    assert explain_run(rating.run).targets["T3"].state == outcome
    world.decline_all(world.again(assessment))
    workflow.perform(
        "decide",
        actor=world.decider,
        assessment_id=assessment.pk,
        reason="同意。",
        payload=DecisionPayload.read(grade, adjustment),
    )
    assert WHY in Event.objects.get(event="assessments.review.decide").data
    workflow.perform("issue_notice", actor=world.decider, assessment_id=assessment.pk)
    client = Client()
    client.force_login(world.people[assessment.bank_id]["signatory"])
    words = {"met": "完成", "missed": "未完成", "not_applicable": "不适用"}
    for page in (f"/notices/{assessment.pk}/", f"/assessments/{assessment.pk}/result/"):
        text = client.get(page).content.decode()
        assert f"监管部门认定{words[outcome]}：{WHY}" in text


def test_a_decision_has_a_reason_an_outcome_and_a_target_that_is_open(world: World) -> None:
    assessment = unknown(world)
    for outcome, reason in (("met", " "), ("perhaps", WHY), ("", WHY)):
        with pytest.raises(Refused):
            settle(world, assessment, outcome, reason)
    with pytest.raises(Refused) as error:
        decide_targets(
            actor=world.officer, assessment_id=assessment.pk, version=1, decisions={"T1": ("missed", WHY)}, seen={}
        )
    assert "T1" not in str(error.value.reasons[0])
    assert "更正数据" in str(error.value.reasons[0])
    with pytest.raises(Refused):
        decide_targets(
            actor=world.officer_2, assessment_id=assessment.pk, version=1, decisions={"T3": ("met", WHY)}, seen={}
        )
    assert not TargetEntry.objects.exists()
    assert not Event.objects.filter(event="assessments.review.target").exists()


def test_a_decision_can_be_changed_and_the_first_of_two_stands(world: World) -> None:
    assessment = unknown(world)
    settle(world, assessment, "missed")
    with pytest.raises(Stale):
        settle(world, assessment, "met")
    assert settle(world, assessment, "missed", seen=1) == []
    settle(world, assessment, "met", seen=1)
    assert world.again(assessment).reviewed_run.targets == "mmm"  # type: ignore[union-attr]
    assert Event.objects.filter(event="assessments.review.target").count() == 2


def test_a_decision_is_of_one_version(world: World) -> None:
    assessment = unknown(world)
    settle(world, assessment, "met")
    world.freeze(assessment, 2, applied="0", approved="0")
    run = world.again(assessment).system_run
    assert run is not None
    assert (run.targets, "decisions" in run.inputs) == ("mmu", False)


def test_the_database_holds_that_the_decision_has_a_reason(world: World) -> None:
    assessment = unknown(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        TargetEntry.objects.create(
            version=assessment.version, target="T3", revision=1, outcome="met", reason="", entered_by=world.officer
        )


@pytest.mark.parametrize("outcome", TARGET_OUTCOMES)
@pytest.mark.usefixtures("past_the_triggers")
def test_a_round_scored_at_once_finds_the_same_run(world: World, outcome: str) -> None:
    assessment = unknown(world)
    settle(world, assessment, outcome)
    before = world.again(assessment).reviewed_run
    rulebook = engine_rulebook(world.round.rulebook)
    ids = [assessment.version_id]
    job = Job.objects.create(kind="assessments.score_shard", params={})
    with transaction.atomic():
        encode_missing(ids, rulebook)  # type: ignore[arg-type]
        score_versions(world.round, rulebook, ids, job=job)  # type: ignore[arg-type]
    assert world.again(assessment).reviewed_run == before
    ScoreRun.objects.filter(pk=before.pk).update(key="moved")  # type: ignore[union-attr]
    with transaction.atomic():
        score_versions(world.round, rulebook, ids, job=job)  # type: ignore[arg-type]
    after = world.again(assessment).reviewed_run
    assert after is not None and before is not None
    assert after.pk != before.pk
    assert (after.targets, bytes(after.array), after.inputs) == (before.targets, bytes(before.array), before.inputs)


BOOKS = sorted(path.parent for path in Path(settings.RULEBOOK_DIR).glob("*/*/rulebook.yaml"))


@pytest.mark.parametrize("folder", BOOKS, ids=lambda folder: "-".join(folder.parts[-2:]))
def test_every_target_with_a_base_that_the_bank_files(folder: Path) -> None:
    """A base of zero is named on the filing; each decision is in words, in the array, and moves the grade as it says.

    Every target of every rulebook, with each figure that the bank files for it at zero, one at a time and together.
    """
    rulebook = load_rulebook(folder)
    cases = read_vectors(rulebook, folder)
    if not rulebook.targets or not cases:
        pytest.skip("no targets")
    order, seen = rulebook.grade_order, 0
    case = max(cases, key=lambda found: evaluate(rulebook, found.case, explain=False).total).case
    filed = [name for name, spec in rulebook.facts.items() if spec.supplied_by == "bank" and name in case.facts]
    for zero in [{name: 0} for name in filed] + [dict.fromkeys(filed, 0)]:
        numbers = {name: type(value)(0) for name, value in case.facts.items() if name in zero and _number(value)}
        inputs = replace(case, decisions={}).with_facts(numbers)
        result = evaluate(rulebook, inputs, explain=False)
        for target in undecided_targets(result.outcome()):
            seen += 1
            assert f"undecided:{target}" in {check.id for check in result.checks}, (target, zero)
            found = {}
            for outcome in TARGET_OUTCOMES:
                decided = replace(inputs, decisions={target: TargetDecision(outcome, WHY)})
                found[outcome] = evaluate(rulebook, decided, explain=False)
                assert found[outcome].targets[target].state == outcome
                assert WHY in found[outcome].targets[target].reason.zh
                rows = array_of(rulebook, found[outcome])
                letters = target_letters(read_array(rulebook, rows.tobytes())[None])[0]
                assert LETTERS[letters[list(rulebook.targets).index(target)]] == outcome
            grades = {outcome: order[one.grade.after] for outcome, one in found.items()}
            assert grades["met"] <= grades["missed"], (target, zero)
            assert grades["not_applicable"] <= grades["missed"], (target, zero)
            rewards = {
                outcome: {measure.id for measure in one.measures if "met(" in rulebook.measures[measure.id].when.text}
                for outcome, one in found.items()
            }
            assert rewards["not_applicable"] <= rewards["met"]
    if any(_divides(rulebook, target) for target in rulebook.targets.values()):
        assert seen


def _number(value: object) -> bool:
    return not isinstance(value, bool | str | frozenset) and hasattr(value, "as_tuple")


def _divides(rulebook: object, target: object) -> bool:
    return "/" in f"{target.left.text}{target.right.text}"  # type: ignore[attr-defined]


def test_the_page_decides_and_shows_what_stands(world: World) -> None:
    assessment = unknown(world)
    client = Client()
    client.force_login(world.officer)
    url = f"/review/{assessment.pk}/targets/"
    page = client.get(url).content.decode()
    assert "申贷获得率" in page
    assert client.get(f"/review/{assessment.pk}/").content.decode().count("待认定") >= 1
    sent = {"version": "1", "seen-T3": "0", "outcome-T3": "not_applicable", "reason-T3": ""}
    refused = client.post(url, sent)
    assert refused.status_code == 422
    assert "checked" in refused.content.decode()
    assert client.post(url, sent | {"reason-T3": WHY}).status_code == 302
    assert client.post(url, sent | {"reason-T3": WHY + "。"}).status_code == 409
    for name in ("", "second/"):
        shown = client.get(f"/review/{assessment.pk}/{name}").content.decode()
        assert WHY in shown
    client.force_login(world.auditor)
    assert "disabled" in client.get(url).content.decode()
    assert world.again(assessment).version is not None
    assert open_targets(assessment.version, engine_rulebook(world.round.rulebook)) == ["T3"]  # type: ignore[arg-type]
