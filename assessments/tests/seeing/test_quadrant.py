"""Growth against bad loans: exact places, limits of the rulebook, dots or cells, who reads it."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from assessments.models import Round
from assessments.scoring.quadrant import ACROSS, UP, added_bins, axes_of, bin_of, place_of, quadrant_bins
from assessments.scoring.statistics import quantile, take_snapshot
from assessments.seeing import quadrant
from assessments.seeing.views.quadrant import span
from assessments.tests.reviews.world import BEST, World, rulebook
from scorecard.engine import load_rulebook
from scorecard.engine.values.rational import Fraction

pytestmark = pytest.mark.django_db


def page_of(round_: Round) -> str:
    return reverse("round-quadrant", args=[round_.pk])


def stored(**changed: str) -> dict[str, Any]:
    return {name: {"state": "value", "value": value} for name, value in (BEST | changed).items()}


def test_the_place_is_exact_and_in_percentage_points() -> None:
    axes = axes_of(rulebook())
    assert axes is not None
    place = place_of(rulebook(), axes, stored())
    assert place.growth == Fraction(1, 5)
    assert place.across == (Fraction(1, 5) - Fraction(1, 10)) * 100
    assert place.up == (Fraction(6000, 1200000) - Fraction(50000, 5500000)) * 100


def test_without_a_base_a_bank_has_no_place() -> None:
    axes = axes_of(rulebook())
    assert axes is not None
    assert place_of(rulebook(), axes, stored(sme_bal_prev="0")).across is None
    assert place_of(rulebook(), axes, {}).up is None


def test_the_limits_are_those_of_the_rulebooks() -> None:
    axes = axes_of(rulebook())
    assert axes is not None
    assert (axes.target, axes.indicator) == ("T1", "H3")
    assert list(axes.limits) == [Fraction(0), Fraction(4)]
    national = axes_of(load_rulebook(settings.RULEBOOK_DIR / "national-2020" / "3"))
    assert national is not None
    assert (national.target, national.indicator) == ("", "1.2.2")
    assert list(national.limits) == [Fraction(0), Fraction(6)]


@pytest.mark.parametrize(
    ("value", "number"),
    [(Fraction(-999), 0), (Fraction(-40), 0), (Fraction(-38), 1), (Fraction(0), 20), (Fraction(99), 39)],
)
def test_a_value_on_an_edge_belongs_to_the_bin_above(value: Fraction, number: int) -> None:
    assert bin_of(value, ACROSS) == number


def test_the_outermost_bins_are_open() -> None:
    assert span(0, ACROSS) == "低于 −38.0"
    assert span(39, ACROSS) == "38.0 及以上"
    assert span(8, UP) == "0.0 至低于 0.5"


def test_the_cells_hold_every_bank_once(world: World) -> None:
    world.submitted("B001")
    world.submitted("B002", category="large", sme_bal_end="900000")
    world.submitted("B003", category="large", sme_bal_prev="0")
    kept = quadrant_bins(world.round, rulebook())
    assert {name: (one["banks"], one["without"]) for name, one in kept.items()} == {"city": (1, 0), "large": (2, 1)}
    counts, without = added_bins(kept)
    assert (sum(counts.values()), without) == (2, 1)
    assert added_bins(kept, "city")[0] == {(25, 7): 1}


def test_a_dot_for_each_bank_leads_to_its_signed_figures(world: World, reader: Client) -> None:
    case = world.submitted("B001")
    text = reader.get(page_of(world.round)).content.decode()
    assert (
        text.count(f"/assessments/{case.pk}/versions/1/") == 2
        or text.count(reverse("filing-version", args=[case.pk, 1])) == 2
    )
    assert "<circle" in text
    assert "20.00 %" in text
    assert "H3" in text


def test_more_banks_than_can_be_told_apart_are_cells_without_names(
    world: World, reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.submitted("B001")
    world.submitted("B002")
    monkeypatch.setattr(quadrant, "DOTS", 1)
    monkeypatch.setattr("assessments.seeing.views.quadrant.DOTS", 1)
    assert "机构数量较多" in reader.get(page_of(world.round)).content.decode()
    take_snapshot(round_=world.round)
    text = reader.get(page_of(world.round)).content.decode()
    assert "演示B001银行" not in text
    assert "2 家 · " in text
    sheet = reader.get(page_of(world.round), {"_export": "csv"})
    assert b"".join(sheet.streaming_content).decode().count("\n") == 2  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["svg", "png", "xlsx", "csv"])
def test_files(world: World, reader: Client, kind: str) -> None:
    world.submitted("B001")
    answer = reader.get(page_of(world.round), {"_export" if kind in ("xlsx", "csv") else "_picture": kind})
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]


def test_quartiles_lie_between_values_as_spreadsheets_have_them() -> None:
    values = [Fraction(n) for n in (1, 2, 4, 8)]
    assert [quantile(values, Fraction(n, 4)) for n in range(5)] == [1, Fraction(7, 4), 3, 5, 8]
    assert quantile([Fraction(3)], Fraction(1, 4)) == 3
