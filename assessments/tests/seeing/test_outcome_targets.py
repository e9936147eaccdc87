"""The outcome study at the line of a target: its distances, its banks, a known answer, and too few to say."""

from decimal import Decimal
from hashlib import sha256
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.models import (
    Assessment,
    FilingVersion,
    Round,
    RoundState,
)
from assessments.rulebooks.cache import engine_rulebook
from assessments.seeing import outcome, study
from assessments.seeing.targets import TargetLine, distance_of, lines_of_targets
from assessments.tests.reviews.world import World, person
from assessments.tests.seeing.decided import decide, year_after
from banks.models import Bank
from scorecard.access.roles import Role
from scorecard.engine import Rulebook, load_rulebook

pytestmark = pytest.mark.django_db
T1 = TargetLine("T1")


def growth(distance: float) -> dict[str, dict[str, str]]:
    """Figures by which a bank's growth lies so many percentage points over that of all loans, 10 %."""
    end = Decimal(10_000) * (Decimal(110) + Decimal(str(distance))) / 100
    figures = {"sme_bal_prev": "10000", "sme_bal_end": f"{end:f}", "all_bal_prev": "1000", "all_bal_end": "1100"}
    return {name: {"state": "value", "value": value} for name, value in figures.items()}


@pytest.fixture
def shanghai() -> Rulebook:
    from pathlib import Path

    from django.conf import settings

    return load_rulebook(Path(settings.RULEBOOK_DIR) / "shanghai-2017" / "3")


def test_the_lines_are_the_three_targets(shanghai: Rulebook) -> None:
    assert [line.target for line in lines_of_targets(shanghai)] == ["T1", "T2", "T3"]
    assert [line.key for line in lines_of_targets(shanghai)] == ["target:T1", "target:T2", "target:T3"]


def at(shanghai: Rulebook, target: str, letters: str, **figures: str) -> Decimal | None:
    from assessments.seeing.targets import _facts

    return distance_of(shanghai, target, letters, *(figures.get(name) for name in _facts(shanghai, target)))


T1_MET = {"sme_bal_prev": "100", "sme_bal_end": "112", "all_bal_prev": "1000", "all_bal_end": "1100"}
T3_MISSED = {"applied": "100", "approved": "80", "applied_prev": "100", "approved_prev": "81"}


def test_distances_in_points_and_of_counts_in_percent(shanghai: Rulebook) -> None:
    assert at(shanghai, "T1", "mmm", **T1_MET) == 2
    assert at(shanghai, "T2", "mxm", sme_hh_end="980", sme_hh_prev="1000") == -2
    assert at(shanghai, "T2", "mmm", sme_hh_end="1000", sme_hh_prev="1000") == 0, "equality meets the target"
    assert at(shanghai, "T3", "mmx", **T3_MISSED) == -1


def test_a_hair_below_the_line_stays_below_it(shanghai: Rulebook) -> None:
    found = at(shanghai, "T1", "xmm", **(T1_MET | {"sme_bal_prev": "1000000000", "sme_bal_end": "1099999999.99"}))
    assert found is not None and -Decimal("0.000001") < found < 0


@pytest.mark.parametrize(
    ("target", "letters", "figures"),
    [
        ("T1", "xmm", T1_MET),  # decided otherwise than the figures say
        ("T1", "nmm", T1_MET),  # an officer decided that it does not apply
        ("T1", "umm", T1_MET),
        ("T1", "xmm", {"sme_bal_end": "112"}),  # a blank counts as missed and has no distance
        ("T2", "mmm", {"sme_hh_end": "10", "sme_hh_prev": "0"}),  # a count of which nothing was there
        ("T1", "", T1_MET),  # a run of another rulebook
    ],
)
def test_without_a_distance_a_bank_is_not_compared(
    shanghai: Rulebook, target: str, letters: str, figures: dict[str, str]
) -> None:
    assert at(shanghai, target, letters, **figures) is None


# Growth margins: they move back to the middle as totals do, and are wider spread.
@pytest.mark.parametrize(("effect", "banks"), [(0.0, 12), (3.0, 12), (0.0, 40), (3.0, 40), (-4.0, 60)])
def test_the_interval_covers_the_true_effect_in_nine_of_ten_worlds(effect: float, banks: int) -> None:
    covered = 0
    for seed in range(200):
        draw = np.random.default_rng(seed + 1000)
        missed, met = -draw.uniform(0, 5, banks), draw.uniform(0, 5, banks)
        rows = [[(float(x), float(1 - 0.8 * x + draw.normal(0, 6))) for x in side] for side in (missed, met)]
        found = study.compare([(x, change + effect) for x, change in rows[0]], rows[1])
        covered += found.low is not None and found.high is not None and found.low <= effect <= found.high
    assert covered >= 180


# --- Which banks are compared ---


@pytest.fixture
def after(world: World) -> Round:
    return year_after(world)


def rated(world: World, like: FilingVersion, round_: Round, code: str, distance: float, measured: bool = False) -> None:
    """A bank with a decided rating in a round, whose signed growth lies so far from the target."""
    bank = Bank.objects.filter(code=code).first() or world.bank(code)
    case = Assessment.objects.create(round=round_, bank=bank)
    kept: dict[str, Any] = {
        field.attname: getattr(like, field.attname) for field in FilingVersion._meta.concrete_fields
    }
    kept |= {"id": None, "assessment_id": case.pk, "facts": {**like.facts, **growth(distance)}}
    version = FilingVersion.objects.create(**kept | {"digest": sha256(f"{round_.pk} {code}".encode()).hexdigest()})
    names = list(engine_rulebook(round_.rulebook).targets)
    letters = "".join("x" if name == "T1" and distance < 0 else "m" for name in names)
    decide(world, case, version, code, "85", measured=measured, targets=letters)


def two_years(world: World, after: Round, banks: int) -> None:
    """Banks that just missed and have the measure come back by 3 percentage points more than those that just met it;
    all move back towards the middle by 0.6 of their distance, without chance.
    """
    like = world.submitted("LIKE").version
    assert like is not None
    for number in range(banks):
        away = 0.4 + number * 4.5 / banks
        for code, here, effect in ((f"L{number:02d}", -away, 3.0), (f"R{number:02d}", away, 0.0)):
            rated(world, like, world.round, code, round(here, 2), measured=here < 0)
            rated(world, like, after, code, round(round(here, 2) * 0.4 + 2 + effect, 4))
    for code, here, measured in (("FAR", -9, True), ("MIXED", -1, False), ("BOTH", 1, True)):
        rated(world, like, world.round, code, here, measured)
        rated(world, like, after, code, 4)
    rated(world, like, world.round, "GONE", -1, measured=True)
    Round.objects.filter(pk=world.round.pk).update(state=RoundState.CLOSED)
    world.round.refresh_from_db()


def test_a_known_answer_is_found(world: World, after: Round) -> None:
    two_years(world, after, 12)
    found = outcome.study_of(world.decider, world.round, after, T1, "inspection")
    assert (len(found.treated), len(found.others), found.left_out, found.gone, found.below) == (12, 12, 2, 1, True)
    estimate = found.estimate
    assert estimate.difference == pytest.approx(3) and estimate.tells
    assert estimate.low == pytest.approx(3) and estimate.high == pytest.approx(3)
    codes = {case.bank.code for _one, case in outcome.named(world.decider, [*found.treated, *found.others])}
    assert codes == {f"{side}{number:02d}" for side in "LR" for number in range(12)}


def test_the_page_says_it_in_percentage_points_and_files_leave(world: World, after: Round, client: Client) -> None:
    two_years(world, after, 12)
    client.force_login(person("looker", Role.DECISION_MAKER))
    url, asked = reverse("round-outcome", args=[world.round.pk]), {"line": T1.key}
    text = client.get(url, asked).content.decode()
    assert "采取措施的机构提升更多，差 +3.00 个百分点（95% 区间 +3.00 至 +3.00）" in text
    assert "并非总分变化" in text and 'value="target:T1" selected' in text
    assert client.get(url, {**asked, "_picture": "svg"})["Content-Type"] == "image/svg+xml"
    assert client.get(url, {**asked, "_export": "xlsx"}).status_code == 200
    grades = client.get(url).content.decode()
    assert "个百分点" not in grades.split("<h2>")[0] and "按核定总分" in grades


def test_too_few_say_so_in_words(world: World, after: Round, client: Client) -> None:
    two_years(world, after, 11)
    client.force_login(person("looker", Role.AUDITOR))
    text = client.get(reverse("round-outcome", args=[world.round.pk]), {"line": T1.key}).content.decode()
    assert "机构过少，无法得出结论：采取措施的 11 家，界线另一侧 11 家，每侧至少需 12 家" in text
    assert "区间" not in text.split('id="finding">')[1].split("</h2>")[0]


def test_the_page_asks_no_more_with_more_banks(world: World, after: Round, client: Client) -> None:
    two_years(world, after, 3)
    client.force_login(person("looker", Role.DECISION_MAKER))
    url, counts = reverse("round-outcome", args=[world.round.pk]), []
    like = FilingVersion.objects.order_by("pk")[0]
    for more in (0, 9):
        for number in range(more):
            rated(world, like, world.round, f"M{number:02d}", -1.5, measured=True)
            rated(world, like, after, f"M{number:02d}", 1.5)
        client.get(url, {"line": T1.key})
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert client.get(url, {"line": T1.key}).status_code == 200
        counts.append(len(caught))
    assert counts[0] == counts[1]
