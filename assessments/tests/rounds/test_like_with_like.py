"""Ranks, means and grades stand among finished totals alone, and the self-score beside the same items' points."""

from decimal import Decimal

import openpyxl
import pytest
from django.test import Client

from assessments.decisions.letters import letter
from assessments.models import Assessment, Ranking
from assessments.reviews.services.facts import set_supervisor_facts
from assessments.rounds.selectors import round_results
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.rounds import rank_round
from assessments.scoring.runs import outcome_of
from assessments.scoring.same_items import points_range, same_items
from assessments.scoring.statistics import take_snapshot
from assessments.tests.reviews import world as worlds
from assessments.tests.reviews.world import World, rulebook
from scorecard.jobs.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return worlds.build()


def mixed(world: World) -> tuple[list[Assessment], list[Assessment]]:
    """Three finished totals and two that await the supervisor, all in one category; the finished are the lower ones."""
    finished = []
    for number, branch in enumerate(("0.9", "0.5", "0.2")):
        assessment = world.accepted(f"F{number}", branch_approved_share=branch, train_hours="0", train_cover="0")
        world.give_facts(assessment, fee_violations="1")
        finished.append(world.agree(assessment))
    return finished, [world.submitted(f"O{number}") for number in range(2)]


def test_only_finished_totals_are_ranked(world: World) -> None:
    finished, awaiting = mixed(world)
    assert all(Decimal(case.system_run.pending) for case in awaiting)  # type: ignore[union-attr]
    assert not any(Decimal(case.reviewed_run.pending) for case in finished)  # type: ignore[union-attr]
    job = Job.objects.create(kind="assessments.score_round")
    assert rank_round(round_=world.round, job=job) == 3
    assert sorted(Ranking.objects.values_list("assessment", "of")) == sorted((case.pk, 3) for case in finished)
    assert {Ranking.objects.get(assessment=finished[0]).rank, Ranking.objects.get(assessment=finished[2]).rank} == {
        1,
        3,
    }
    assert rank_round(round_=world.round, job=job) == 3


def test_means_and_grades_count_finished_totals_and_the_others_are_a_range(world: World) -> None:
    finished, awaiting = mixed(world)
    content = take_snapshot(round_=world.round).content
    totals = [Decimal(case.reviewed_run.total) for case in finished]  # type: ignore[union-attr]
    assert (content["scored"], content["finished"]) == (5, 3)
    assert sum(content["grades"].values()) == 3
    assert Decimal(content["points"]["mean"]) == (sum(totals) / 3).quantize(Decimal("0.01"))
    run = awaiting[0].system_run
    assert content["awaiting"] == {
        "banks": 2,
        "low": f"{Decimal(run.total):.2f}",  # type: ignore[union-attr]
        "high": f"{Decimal(run.total) + Decimal(run.pending):.2f}",  # type: ignore[union-attr]
    }
    assert content["categories"]["city"]["finished"] == 3


def test_the_list_shows_a_range_and_no_grade_while_points_are_awaited(world: World) -> None:
    finished, awaiting = mixed(world)
    rows = {row.pk: row for row in round_results(world.decider, world.round)}
    assert rows[awaiting[0].pk].grade_now == ""
    assert rows[finished[0].pk].grade_now != ""
    client = Client()
    client.force_login(world.decider)
    page = client.get(f"/rounds/{world.round.pk}/").content.decode()
    low, high = points_range(awaiting[0].system_run)
    assert f"{low:.2f}" in page and f" – " in page and f"{high:.2f}" in page  # noqa: F541
    queue = client.get("/review/").content.decode()
    assert f"{high:.2f}" in queue


def test_lists_sort_by_grade_and_targets_and_ranks_are_numbers_in_a_file(world: World) -> None:
    finished, _awaiting = mixed(world)
    rank_round(round_=world.round, job=Job.objects.create(kind="assessments.score_round"))
    missed = world.accepted("X", sme_hh_end="4499", sme_bal_end="1000000")
    world.give_facts(missed)
    missed = world.agree(missed)
    client = Client()
    client.force_login(world.decider)
    base = f"/rounds/{world.round.pk}/"
    first = client.get(base + "?sort=-targets").content.decode()
    assert first.index("演示X银行") < first.index("演示F0银行")
    graded = client.get(base + "?sort=grade").content.decode()
    assert graded.index("演示F0银行") < graded.index("演示O0银行")
    queue = client.get("/review/?sort=-targets").content.decode()
    assert queue.index("演示X银行") < queue.index("演示F0银行")
    assert client.get("/review/?sort=grade").status_code == 200
    answer = client.get(base + "?_export=xlsx")
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    import io

    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    head = [cell.value for cell in sheet[1]]  # type: ignore[index]
    ranks = [row[head.index("同类排名")].value for row in list(sheet.rows)[1:]]  # type: ignore[union-attr]
    assert sorted(rank for rank in ranks if rank is not None) == [1, 2, 3]
    assert all(isinstance(rank, int) for rank in ranks if rank is not None)
    assert finished


def test_the_self_score_stands_beside_the_points_of_the_same_items(world: World) -> None:
    assessment = world.for_decision(points={"A1": ("1", "没有模型。")})
    own = [spec for spec in rulebook().indicators.values() if spec.section != "H"]
    outcome = outcome_of(assessment.rating.run)
    found = same_items(outcome)
    assert found is not None
    assert found.top == sum(spec.max for spec in own) == 85
    assert found.points == sum(Decimal(outcome["indicators"][spec.id]["points"]) for spec in own) == 82
    told = letter(assessment.rating, engine_rulebook(world.round.rulebook))["points"]
    assert (told["self"], told["self_max"], told["same"], told["total"]) == ("85", "85", "82", "97")
    client = Client()
    client.force_login(world.decider)
    for page in (f"/review/{assessment.pk}/second/", f"/assessments/{assessment.pk}/result/"):
        assert "同口径得分" in client.get(page).content.decode()
    listed = client.get(f"/rounds/{world.round.pk}/").content.decode()
    assert "自评得分（满分85）" in listed
    assert ">82.00<" in listed


def test_the_systems_score_follows_the_supervisors_figures(world: World) -> None:
    assessment = world.accepted()
    world.give_facts(assessment)
    assessment = world.agree(assessment)
    before = Decimal(assessment.system_run.total)  # type: ignore[union-attr]
    set_supervisor_facts(
        actor=world.officer,
        assessment_id=assessment.pk,
        version=1,
        values={"fee_violations": "2"},
        seen={"fee_violations": 1},
    )
    after = world.again(assessment)
    assert after.system_run.inputs["facts"]["fee_violations"]["value"] == "2"  # type: ignore[union-attr]
    assert Decimal(after.system_run.total) != before  # type: ignore[union-attr]
    assert set(after.system_run.inputs["judged"]) == set()  # type: ignore[union-attr]
