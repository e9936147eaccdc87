"""Where a bank and the city stand, what the year-end still asks, and warnings by rule."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from assessments.message_kinds import _warned
from assessments.models import Reading, ReadingStanding
from assessments.readings.city import city_standing
from assessments.readings.computing import compute_again, stand
from assessments.readings.rules import FROM_PEERS, RULES, read_watching, watching
from assessments.readings.services import confirm_reading, save_reading
from assessments.tests.readings.world import confirmed, figures, period_of
from assessments.tests.reviews.world import BEST, World, build
from banks.models import Bank
from scorecard.access.decisions import Refused
from scorecard.engine.values.rational import Fraction
from scorecard.inbox.models import Reminder

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build()


def _filed(world: World, code: str = "B001", **changed: Any) -> ReadingStanding:
    """A reading of June 2017 with its standing, the year-end of 2016 being on file by a reading of December."""
    bank = Bank.objects.filter(code=code).first() or world.bank(code)
    december = Reading.objects.filter(period__month=12).first()
    confirmed(december.period if december else period_of(world, year=2016, month=12), bank, **_end_of_2016())
    found = Reading.objects.filter(period__month=6).first()
    row = confirmed(found.period if found else period_of(world), bank, **changed)
    return stand(row.period, [row])[0]


def _end_of_2016() -> Any:
    return {
        "sme_bal_end": "1100000", "all_bal_end": "5200000", "sme_hh_end": "4800", "applied": "5500",
        "approved": "5000",
    }  # fmt: skip


# --- On the day and at the year's end --------------------------------------------------------------------------------


def test_the_day_compares_with_the_same_day_and_the_end_with_last_december(world: World) -> None:
    content = _filed(world).content
    day, end = content["targets"]["T1"]["day"], content["targets"]["T1"]["end"]
    assert Fraction(day["left"]) == Fraction(1_200_000, 1_000_000) - 1
    assert Fraction(end["left"]) == Fraction(1_200_000, 1_100_000) - 1
    assert Fraction(end["right"]) == Fraction(5_500_000, 5_200_000) - 1


@pytest.mark.parametrize("missing", ["0", "1"])
def test_what_is_needed_is_exact(world: World, missing: str) -> None:
    """Borrowers: one short asks for exactly one; equality is enough (不低于)."""
    now = 4800 - int(missing)
    content = _filed(world, sme_hh_end=str(now)).content["targets"]["T2"]
    need = content["end"]["needed"]
    assert (need is None) == (missing == "0")
    if need is not None:
        assert Decimal(need["increase"]) == 1 and Decimal(need["then"]) == 4800


def test_growth_needs_the_last_ten_thousandth(world: World) -> None:
    content = _filed(world, sme_bal_end="1160000").content["targets"]["T1"]["end"]
    then = Fraction(content["needed"]["then"])
    step = Fraction(1, 100)
    growth = Fraction(5_500_000, 5_200_000)
    assert then / 1_100_000 >= growth > (then - step) / 1_100_000


def test_without_last_december_nothing_is_said_of_the_end(world: World) -> None:
    bank = world.bank("B001")
    row = confirmed(period_of(world), bank)
    content = stand(row.period, [row])[0].content
    assert all(one["end"] is None and one["day"]["state"] == "met" for one in content["targets"].values())


def test_a_signed_filing_of_last_year_goes_before_the_reading_of_december(world: World) -> None:
    case = world.submitted("B009", sme_hh_end="7000")
    period = period_of(world, year=world.round.year + 1)
    row = confirmed(period, case.bank, sme_hh_end="6999", sme_hh_prev="6000")
    need = stand(period, [row])[0].content["targets"]["T2"]["end"]["needed"]
    assert Decimal(need["then"]) == 7000 and Decimal(need["increase"]) == 1


def test_a_zero_base_is_not_known_and_no_error(world: World) -> None:
    content = _filed(world, sme_bal_prev="0", sme_hh_prev="0").content
    assert content["targets"]["T1"]["day"]["state"] == "unknown"


def test_worked_out_again_beside_the_first(world: World) -> None:
    first = _filed(world)
    assert compute_again(actor=world.officer, period_id=first.reading.period_id) == 1
    assert list(ReadingStanding.objects.values_list("number", flat=True)) == [1, 2]
    with pytest.raises(DatabaseError), transaction.atomic():
        ReadingStanding.objects.filter(pk=first.pk).update(missed=3)
    with pytest.raises(Refused):
        compute_again(actor=world.auditor, period_id=first.reading.period_id)


# --- Warnings --------------------------------------------------------------------------------------------------------


def _rules(standing: ReadingStanding) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in standing.content["warnings"]:
        found.setdefault(one["rule"], set()).add(one["target"])
    return found


def test_a_missed_target_warns_and_two_in_a_row_are_serious(world: World) -> None:
    first = _filed(world, sme_hh_end="4000", sme_hh_prev="4500")
    assert _rules(first)["missed_now"] == {"T2"} and first.missed == 1
    bank = first.reading.bank
    later = confirmed(period_of(world, month=9), bank, sme_hh_end="4000", sme_hh_prev="4500")
    second = stand(later.period, [later])[0]
    assert _rules(second)["missed_again"] == {"T2"} and "missed_now" not in _rules(second)
    assert second.serious >= 1


@pytest.mark.parametrize(
    ("planned", "done", "rule"),
    [
        ("100000", "40000", ""),  # 40 % in June: exactly ten points behind the half
        ("100000", "39999", "plan_behind"),
        ("0", "0", "no_plan"),
        ("100000", "-5", "plan_behind"),
    ],
)
def test_the_credit_plan(world: World, planned: str, done: str, rule: str) -> None:
    found = _rules(_filed(world, plan_increment=planned, plan_done=done))
    assert set(found) & {"plan_behind", "no_plan"} == ({rule} if rule else set())


def test_the_bank_and_its_officer_are_told_once(world: World) -> None:
    standing = _filed(world, sme_hh_end="4000", sme_hh_prev="4500")
    compute_again(actor=world.officer, period_id=standing.reading.period_id)
    reminder = Reminder.objects.get(kind="assessments.reading_warned")
    told = list(_warned(reminder, reminder.due_at))
    mine = {person.pk for person in world.people[standing.reading.bank_id].values()}
    assert {one.person_id for one in told if one.data.get("side") == "bank"} == mine
    assert world.officer.pk in {one.person_id for one in told if not one.data}


def test_the_rules_are_read_by_the_reader_of_rulebooks(tmp_path: Path) -> None:
    assert read_watching(RULES)[1] == []
    for old, new in (
        ("holds: met_share >= 0.5", "holds: met_chance >= 0.5"),  # an unknown name
        ("holds: met_share >= 0.5", "holds: met_share"),  # no condition
        ("supervisor_only: [unlikely]", "supervisor_only: []"),  # would tell a bank what is made from peers
        ("source: design § 预警界限", "source: nowhere § 1"),
        ("basis: proposed", "basis: sure"),
    ):
        text = RULES.read_text(encoding="utf-8")
        assert old in text
        wrong = tmp_path / "rules.yaml"
        wrong.write_text(text.replace(old, new), encoding="utf-8")
        assert read_watching(wrong)[1], new


def test_our_own_rules_are_marked_and_peers_stay_with_supervisors() -> None:
    rules = {**watching().of_targets, **watching().of_banks}
    assert {rule.basis for rule in rules.values()} == {"proposed"}
    assert {id for id, rule in rules.items() if FROM_PEERS & set(rule.holds.names)} == watching().supervisor_only


# --- Who reads what --------------------------------------------------------------------------------------------------


def test_a_bank_reads_no_forecast_and_no_warning_made_from_peers(world: World, client: Client) -> None:
    for year in (2014, 2015, 2016):  # a history of which this year's borrowers fall short
        for number in range(8):
            bank = Bank.objects.filter(code=f"P{number}").first() or world.bank(f"P{number}")
            found = Reading.objects.filter(period__year=year, period__month=6).first()
            confirmed(found.period if found else period_of(world, year=year), bank, sme_hh_end="5000")
            found = Reading.objects.filter(period__year=year, period__month=12).first()
            december = found.period if found else period_of(world, year=year, month=12)
            confirmed(december, bank, sme_hh_end="3000", sme_hh_prev="4800", sme_bal_prev="900000")
    bank = Bank.objects.get(code="P0")
    row = confirmed(period_of(world), bank, sme_hh_end="2600", sme_hh_prev="2500")
    standing = stand(row.period, [row])[0]
    assert standing.content["targets"]["T2"]["forecast"]["cases"] == 24
    assert "unlikely" in _rules(standing)
    page = reverse("reading-bank", args=[row.period_id, bank.pk])
    client.force_login(world.officer)
    seen = client.get(page).content.decode()
    assert "年末预测" in seen and "可能性不足一半" in seen
    client.force_login(world.people[bank.pk]["signatory"])
    own = client.get(page).content.decode()
    assert "年末预测" not in own and "可能性不足一半" not in own and "年末尚需" in own
    assert "可能性不足一半" not in client.get(reverse("home")).content.decode()


def test_the_warning_stands_on_the_banks_home(world: World, client: Client) -> None:
    bank = world.bank("B001")
    people: Any = world.people[bank.pk]
    period = period_of(world)
    client.force_login(people["signatory"])
    assert period.title in client.get(reverse("home")).content.decode()
    typed = figures(period, sme_hh_end="4000", sme_hh_prev="4500")
    save_reading(actor=people["preparer"], period_id=period.pk, typed=typed, note="", saves=0)
    confirm_reading(actor=people["signatory"], period_id=period.pk)
    home = client.get(reverse("home")).content.decode()
    assert 'id="warned"' in home and "本监测期未达到" in home


# --- The city --------------------------------------------------------------------------------------------------------


def test_the_city_is_the_sum_of_every_institution_once(world: World, client: Client) -> None:
    first = _filed(world, "B001")
    _filed(world, "B002", sme_hh_end="4000")
    branch = world.bank("B003")
    branch.head_office = first.reading.bank
    branch.save()
    confirmed(first.reading.period, branch, sme_hh_end="9999999")
    found = city_standing(world.officer, first.reading.period)
    assert found is not None and (found.banks, found.known) == (2, 2)
    day = found.content["targets"]["T2"]["day"]
    assert Fraction(day["left"]) == 5000 + 4000 and Fraction(day["right"]) == 2 * int(BEST["sme_hh_prev"])
    end = found.content["targets"]["T2"]["end"]
    assert Decimal(end["needed"]["increase"]) == 2 * 4800 - 9000
    assert city_standing(world.people[branch.pk]["signatory"], first.reading.period) is None
    client.force_login(world.officer)
    page = client.get(reverse("reading-city", args=[first.reading.period_id])).content.decode()
    assert "年份不足，不作判断" in page
