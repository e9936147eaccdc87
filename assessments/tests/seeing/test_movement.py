"""Movement between rounds: grades of banks rated in both, who entered and left, the sections over the rounds."""

import io
from datetime import timedelta

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from assessments.models import Assessment, Rating, Round, RoundState
from assessments.scoring.statistics import take_snapshot
from assessments.seeing import movement
from assessments.tests.reviews.world import World, person
from banks.models import User
from scorecard.access.roles import Role
from scorecard.engine.values.rational import Fraction

pytestmark = pytest.mark.django_db


@pytest.fixture
def before(world: World) -> Round:
    now = world.round
    return Round.objects.create(
        code="sh-2016",
        year=now.year - 1,
        title_zh="2016 年度评价",
        title_en="Round 2016",
        rulebook=now.rulebook,
        state=RoundState.OPEN,
        opens_at=now.opens_at - timedelta(days=365),
        filing_deadline=now.filing_deadline - timedelta(days=365),
        review_deadline=now.review_deadline - timedelta(days=365),
    )


def rated(round_: Round, code: str, grade: str, world: World) -> Assessment:
    """A bank in a round with a decided grade; blank is only proposed."""
    from banks.models import Bank

    bank = Bank.objects.filter(code=code).first() or world.bank(code)
    case = Assessment.objects.create(round=round_, bank=bank)
    case.rating = Rating.objects.create(
        assessment=case, points="80", grade_before="good", grade_proposed="good", grade=grade
    )
    case.save()
    return case


def story(world: World, before: Round) -> User:
    for code, was, now in (
        ("B001", "good", "excellent"),
        ("B002", "good", "pass"),
        ("B003", "good", "good"),
        ("B004", "pass", "good"),
        ("B005", "good", ""),
    ):
        rated(before, code, was, world)
        rated(world.round, code, now, world)
    rated(before, "GONE", "pass", world)
    rated(world.round, "CAME", "good", world)
    return world.decider


def test_the_matrix_counts_banks_with_a_decided_grade_in_both(world: World, before: Round) -> None:
    actor = story(world, before)
    assert movement.matrix(actor, world.round, before) == {
        ("good", "excellent"): 1,
        ("good", "pass"): 1,
        ("good", "good"): 1,
        ("pass", "good"): 1,
    }
    assert movement.unrated(actor, world.round, before, sum(movement.matrix(actor, world.round, before).values())) == 1
    assert [c.bank.code for c in movement.moved(actor, world.round, before, ("good", "pass"))] == ["B002"]


def test_who_entered_and_who_left(world: World, before: Round) -> None:
    actor = story(world, before)
    assert [case.bank.code for case in movement.one_sided(actor, world.round, before)] == ["CAME"]
    assert [case.bank.code for case in movement.one_sided(actor, before, world.round)] == ["GONE"]


def test_a_bank_that_was_taken_out_has_left(world: World, before: Round) -> None:
    actor = story(world, before)
    case = Assessment.objects.get(round=world.round, bank__code="B001")
    case.taken_out_at = world.round.opens_at
    case.save()
    assert ("good", "excellent") not in movement.matrix(actor, world.round, before)
    assert {c.bank.code for c in movement.one_sided(actor, before, world.round)} == {"GONE", "B001"}


def test_the_page_says_it_and_names_the_banks_of_a_cell(world: World, before: Round, client: Client) -> None:
    story(world, before)
    client.force_login(person("looker", Role.AUDITOR))
    url = reverse("round-movement", args=[world.round.pk])
    text = client.get(url).content.decode()
    assert "两个年度均有核定等次的 4 家机构中，等次上升 2 家，下降 1 家。" in text
    assert "演示CAME银行" in text
    assert "演示GONE银行" in text
    assert "演示B002银行" not in text
    chosen = client.get(url, {"was": "good", "is": "pass"}).content.decode()
    assert "由良好变为合格" in chosen
    assert "演示B002银行" in chosen
    assert client.get(url, {"was": "x", "is": "'"}).status_code == 200


def test_names_are_read_as_far_as_the_page_shows_them(
    world: World, before: Round, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        rated(world.round, f"NEW{number}", "good", world)
    monkeypatch.setattr(movement, "NAMED", 2)
    client.force_login(person("looker", Role.CASE_OFFICER))
    url = reverse("round-movement", args=[world.round.pk])
    text = client.get(url).content.decode()
    assert "另有 1 家" in text
    book = openpyxl.load_workbook(io.BytesIO(client.get(url, {"_export": "xlsx"}).content))
    assert [sheet.title for sheet in book] == ["等次变化", "新参加", "不再参加", "各板块得分"]
    assert len(list(book["新参加"].values)) == 1 + 3


def test_the_sections_over_the_rounds(world: World, before: Round, client: Client) -> None:
    world.submitted("B001")
    take_snapshot(round_=world.round)
    rounds, courses = movement.courses(world.decider, world.round)
    assert (list(rounds), list(courses)) == ([], []), "no finished total yet"
    world.second_review("B002")
    take_snapshot(round_=world.round)
    rounds, courses = movement.courses(world.decider, world.round)
    assert list(rounds) == [world.round]
    assert next(course for course in courses if course.id == "A").median == [Fraction(1)]
    client.force_login(person("looker", Role.DECISION_MAKER))
    url = reverse("round-movement", args=[world.round.pk])
    assert client.get(url, {"_picture": "svg", "of": "A"})["Content-Type"] == "image/svg+xml"
    assert client.get(url, {"_picture": "png", "of": "matrix"}).status_code == 200
