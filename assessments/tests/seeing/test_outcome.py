"""The outcome study: its interval in drawn worlds with a known effect, too few banks, and which banks it compares."""

from decimal import Decimal

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from assessments.models import Assessment, Round, RoundState
from assessments.seeing import outcome, study
from assessments.seeing.outcome import Line
from assessments.tests.reviews.world import World, person
from assessments.tests.seeing.decided import decide, year_after
from banks.models import Bank
from scorecard.access.roles import Role

pytestmark = pytest.mark.django_db

Rows = list[tuple[float, float]]


def drawn(seed: int, effect: float, banks: int) -> tuple[Rows, Rows]:
    """Banks below a line with a measure of this effect, and banks above it; all move back towards the middle."""
    draw = np.random.default_rng(seed)
    sides = -draw.uniform(0, 5, banks), draw.uniform(0, 5, banks)
    below, above = ([(float(x), float(1 - 0.6 * x + draw.normal(0, 3))) for x in side] for side in sides)
    return [(x, change + effect) for x, change in below], above


@pytest.mark.parametrize(("effect", "banks"), [(0.0, 12), (4.0, 12), (0.0, 30), (4.0, 30), (-6.0, 60)])
def test_the_interval_covers_the_true_effect_in_nine_of_ten_worlds(effect: float, banks: int) -> None:
    found = [study.compare(*drawn(seed, effect, banks)) for seed in range(200)]
    covered = sum(one.low is not None and one.high is not None and one.low <= effect <= one.high for one in found)
    assert covered >= 0.9 * len(found)


def test_moving_back_to_the_middle_is_no_effect() -> None:
    """The plain difference of both means is far from the true effect of nothing; the estimate is not."""
    found = [study.compare(*drawn(seed, 0, 60)) for seed in range(100)]
    plain = np.mean([(one.treated.mean or 0) - (one.others.mean or 0) for one in found])
    local = np.mean([one.difference or 0 for one in found])
    assert plain > 2
    assert abs(local) < 0.5


def test_a_large_effect_is_told_and_the_interval_is_the_same_each_time() -> None:
    one, again = (study.compare(*drawn(7, 12, 40)) for _ in range(2))
    assert one.tells
    assert one == again


@pytest.mark.parametrize(("treated", "others"), [(0, 0), (11, 40), (40, 11)])
def test_too_few_on_a_side_say_nothing(treated: int, others: int) -> None:
    below, above = drawn(1, 5, 40)
    found = study.compare(below[:treated], above[:others])
    assert found.too_few
    assert not found.tells
    assert (found.treated.banks, found.others.banks, found.low) == (treated, others, None)


def test_banks_of_one_distance_have_their_mean() -> None:
    found = study.compare([(-1.0, 3.0)] * 12, [(1.0, 1.0)] * 12)
    assert found.difference == pytest.approx(2)


# --- Which banks are compared -----------------------------------------------------------------------------------------


@pytest.fixture
def after(world: World) -> Round:
    return year_after(world)


def rated(world: World, like: Assessment, round_: Round, code: str, total: str, *, measured: bool = False) -> None:
    """A bank with a decided total in a round, and with the measure or not."""
    bank = Bank.objects.filter(code=code).first() or world.bank(code)
    case = Assessment.objects.create(round=round_, bank=bank)
    assert like.version is not None
    decide(world, case, like.version, code, total, measured=measured)


def two_years(world: World, after: Round, *, banks: int) -> None:
    like = world.submitted("LIKE")
    for number in range(banks):
        rated(world, like, world.round, f"L{number:02d}", f"{79 - number % 4}", measured=True)
        rated(world, like, after, f"L{number:02d}", f"{85 + number % 3}")
        rated(world, like, world.round, f"R{number:02d}", f"{80 + number % 4}")
        rated(world, like, after, f"R{number:02d}", f"{81 + number % 4}")
    rated(world, like, world.round, "FAR", "40", measured=True)
    rated(world, like, after, "FAR", "90")
    rated(world, like, world.round, "GONE", "79", measured=True)
    rated(world, like, world.round, "MIXED", "79")
    rated(world, like, after, "MIXED", "80")
    Round.objects.filter(pk=world.round.pk).update(state=RoundState.CLOSED)
    world.round.refresh_from_db()


def test_it_compares_banks_near_the_line_and_counts_those_it_leaves_out(world: World, after: Round) -> None:
    two_years(world, after, banks=3)
    assert outcome.measures_of(world.decider, world.round) == {"inspection": 5}
    found = outcome.study_of(world.decider, world.round, after, Line("good", Decimal(80)), "inspection")
    treated, others = (outcome.named(world.decider, side) for side in (found.treated, found.others))
    assert [case.bank.code for _one, case in treated] == ["L00", "L01", "L02"]
    assert {case.bank.code for _one, case in others} == {"R00", "R01", "R02"}
    assert (found.left_out, found.gone, found.below) == (1, 1, True)
    first = treated[0][0]
    assert (first.distance, first.change) == (Decimal(-1), Decimal(6))


@pytest.mark.parametrize(
    ("treated", "others", "shown"), [(3, 2, (3, 2)), (300, 50, (150, 50)), (20, 300, (20, 180)), (300, 300, (100, 100))]
)
def test_a_picture_with_too_many_banks_draws_both_sides(treated: int, others: int, shown: tuple[int, int]) -> None:
    one, other = (
        [outcome.Member(place, Decimal(1), measured, Decimal(0)) for place in range(count)]
        for measured, count in ((True, treated), (False, others))
    )
    both = outcome.Study(one, other, 0, 0, True, study.compare([], []))
    found = outcome.drawn(both, 200)
    assert (sum(one.measured for one in found), sum(not one.measured for one in found)) == shown


def test_the_page_says_it_or_that_there_are_too_few(world: World, after: Round, client: Client) -> None:
    client.force_login(person("looker", Role.DECISION_MAKER))
    url = reverse("round-outcome", args=[world.round.pk])
    assert "均已归档" in client.get(url).content.decode(), "an open round has no study"
    two_years(world, after, banks=3)
    text = client.get(url).content.decode()
    assert "机构过少，无法得出结论：采取措施的 3 家，界线另一侧 3 家" in text
    assert client.get(url, {"_picture": "svg"})["Content-Type"] == "image/svg+xml"
    assert client.get(url, {"_export": "xlsx"}).status_code == 200


def test_with_enough_banks_it_gives_difference_and_interval(world: World, after: Round, client: Client) -> None:
    two_years(world, after, banks=12)
    client.force_login(person("looker", Role.AUDITOR))
    text = client.get(reverse("round-outcome", args=[world.round.pk]), {"line": "good"}).content.decode()
    assert "采取措施的机构提升更多" in text
    assert "95%" in text
