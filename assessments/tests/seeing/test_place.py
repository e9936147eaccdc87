"""A bank's place among its peers: what the bank may read of its group, and what it may not."""

from collections import Counter
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessments.models import Assessment, Round, RoundSnapshot, RoundState
from assessments.scoring import statistics
from assessments.scoring.groups import bin_of
from assessments.scoring.outcome_codec import section_points
from assessments.scoring.statistics import take_snapshot
from assessments.seeing.place import Span, Standing, coarsened, merged, plain_spans, standing_of
from assessments.tests.reviews.world import World, person
from scorecard.access.roles import Role
from scorecard.audit.models import Event
from scorecard.engine import Rulebook
from scorecard.engine.values.rational import Fraction

pytestmark = pytest.mark.django_db


# --- What is put together ---------------------------------------------------------------------------------------------


def test_no_span_holds_fewer_than_the_minimum_and_the_ends_are_open() -> None:
    draw = Random(1)  # noqa: S311  (drawn groups)
    for _ in range(300):
        totals = [Decimal(draw.randint(-1200, 10000)) / 100 for _ in range(draw.randint(5, 60))]
        spans = merged(dict(Counter(bin_of(total) for total in totals)), 5)
        assert sum(span.banks for span in spans) == len(totals)
        assert all(span.banks >= 5 for span in spans)
        assert spans[0].low is None
        assert spans[-1].high is None
        for total in totals:
            assert sum(span.holds(total) for span in spans) == 1, "each total lies in one span"
        assert all(left.high == right.low for left, right in pairwise(spans))


def test_moving_the_best_and_the_worst_outwards_changes_nothing_that_a_bank_reads() -> None:
    """Nobody can read the extreme figure: any other beyond it would give the same picture."""
    draw = Random(2)  # noqa: S311  (drawn groups)
    for _ in range(100):
        totals = sorted(draw.randint(20, 80) for _ in range(draw.randint(10, 40)))
        shown = merged(dict(Counter(map(bin_of, map(Decimal, totals)))), 5)
        moved = [-10, *totals[1:-1], 99]
        assert merged(dict(Counter(map(bin_of, map(Decimal, moved)))), 5) == shown


def test_a_group_of_the_minimum_is_one_span() -> None:
    assert merged({12: 3, 19: 2}, 5) == [Span(None, None, 5)]
    assert merged({}, 5) == []


def test_the_supervisor_sees_the_bins_as_they_are() -> None:
    assert plain_spans({12: 3, 14: 1}) == [Span(60, 65, 3), Span(65, 70, 0), Span(70, 75, 1)]


@pytest.mark.parametrize(("share", "shown"), [("0.724", "0.7"), ("0.725", "0.75"), ("1", "1"), ("0", "0")])
def test_a_median_is_rounded_to_five_percent(share: str, shown: str) -> None:
    assert coarsened(Fraction(share)) == Fraction(shown)


# --- Who sees it ------------------------------------------------------------------------------------------------------


def told(world: World, count: int) -> None:
    """So many banks with their notice, and the round closed with its figures kept."""
    for number in range(count):
        world.notified(f"N{number:02d}", sme_npl_end=str(6000 + 9000 * number))
    take_snapshot(round_=world.round)
    Round.objects.filter(pk=world.round.pk).update(state=RoundState.CLOSED)


def page(client: Client, case: int) -> str:
    return client.get(reverse("assessment-place", args=[case])).content.decode()


def test_a_bank_reads_it_after_notice_and_closing_in_a_group_of_the_minimum(world: World, client: Client) -> None:
    told(world, 5)

    case = Assessment.objects.select_related("round__rulebook", "bank", "rating__run").get(bank__code="N02")
    signatory = world.people[case.bank_id]["signatory"]
    client.force_login(signatory)
    text = page(client, case.pk)
    assert "同类位置" in text
    assert "取整至 5%" in text
    seen = standing_of(signatory, case)
    assert (seen.refused, seen.banks, [span.banks for span in seen.spans]) == ("", 5, [5])
    assert all(part.median is None or (part.median * 20).denominator == 1 for part in seen.parts)
    others = Assessment.objects.exclude(pk=case.pk).select_related("rating")
    for other in others:
        assert other.bank.name_zh not in text
    assert not Event.objects.filter(event="assessments.assessment.viewed").exists(), "a bank in its own file"
    stranger = others[0]
    assert client.get(reverse("assessment-place", args=[stranger.pk])).status_code == 404


def test_a_smaller_group_shows_a_bank_nothing_and_a_supervisor_all(world: World, client: Client) -> None:
    told(world, 2)

    case = Assessment.objects.select_related("round__rulebook", "bank", "rating__run").get(bank__code="N01")
    client.force_login(world.people[case.bank_id]["preparer"])
    text = page(client, case.pk)
    assert "不足 5 家" in text
    assert '<svg class="drawing' not in text
    assert client.get(reverse("assessment-place", args=[case.pk]), {"_picture": "svg", "of": "totals"})[
        "Content-Type"
    ].startswith("text/html")
    client.force_login(person("looker", Role.AUDITOR))
    assert "同类中位数" in page(client, case.pk)
    assert Event.objects.filter(event="assessments.assessment.viewed", bank_id=case.bank_id).count() == 1


def test_a_section_of_fewer_banks_than_the_minimum_shows_a_bank_no_median(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs of before there were arrays have no points by section: the group is large enough, the section is not."""
    told(world, 6)
    assert all(one.median is not None for one in _seen(world, "N05").parts)
    found: list[int] = []

    def of_some(book: Rulebook, body: bytes) -> Any:
        found.append(len(body))
        return {} if len(found) % 3 == 0 else section_points(book, body)

    monkeypatch.setattr(statistics, "section_points", of_some)
    take_snapshot(round_=world.round)
    seen = _seen(world, "N05")
    assert (seen.banks, seen.refused) == (6, "")
    assert [one.median for one in seen.parts if one.median is not None] == []
    case = Assessment.objects.select_related("round__rulebook", "bank", "rating__run").get(bank__code="N05")
    assert any(one.median is not None for one in standing_of(person("looker", Role.AUDITOR), case).parts)


def _seen(world: World, code: str) -> Standing:
    case = Assessment.objects.select_related("round__rulebook", "bank", "rating__run").get(bank__code=code)
    return standing_of(world.people[case.bank_id]["signatory"], case)


def test_while_the_round_is_open_a_bank_reads_nothing_of_its_group(world: World, client: Client) -> None:
    told(world, 5)
    Round.objects.filter(pk=world.round.pk).update(state=RoundState.OPEN)

    case = Assessment.objects.get(bank__code="N02")
    client.force_login(world.people[case.bank_id]["signatory"])
    assert "归档后" in page(client, case.pk)


def test_awaited_totals_are_in_no_group(world: World, client: Client) -> None:
    case = world.submitted("B001")
    take_snapshot(round_=world.round)
    assert RoundSnapshot.objects.get().content["groups"] == {}
    client.force_login(person("looker", Role.CASE_OFFICER))
    assert "总分未定" in page(client, case.pk)
