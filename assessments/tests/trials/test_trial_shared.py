"""Trials of what banks share: the peers' values, frozen where a rule stays and new where it changes, and the values of
the year, those of the round unless the trial tries others.
"""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessments.models import Assessment, EncodedFiling, PeerSnapshot, Round, RulebookVersion, Trial
from assessments.rounds.parameters.services import set_round_parameter
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.bulk.encoded import encode_missing
from assessments.scoring.rounds import request_round_scoring
from assessments.tests.rounds.test_round_scoring import broker, work
from assessments.tests.rounds.world import peer_round, peers_book, submit
from assessments.trials.compared import changed_peers
from assessments.trials.selectors import mean_of, spread_of
from assessments.trials.services import start_trial, trial_rulebook
from banks.models import Bank, EntityKind, User
from banks.tests.factories import make_person
from scorecard.access.roles import Role
from scorecard.engine import Rulebook
from scorecard.jobs import services as jobs

__all__ = ["broker"]
pytestmark = pytest.mark.django_db(transaction=True)

RATES = ("0.6", "0.7", "0.8", "0.9")
# How far a rate lies from a number that a trial may change: with 0.5 the order of the banks, with 0.9 its reverse.
AWAY = {
    "away": {
        "label": {"zh": "差距", "en": "distance"},
        "unit": "%",
        "expr": "abs(rate - 0.5)",
        "source": "doc § 3",
        "basis": "reconstructed",
    }
}


def scored(broker: list[int], book: RulebookVersion | None = None) -> tuple[Round, list[Assessment]]:
    round_, cases = peer_round(*RATES, book=book)
    request_round_scoring(actor=None, round_id=round_.pk)
    work(broker)
    return round_, cases


def tried(round_: Round, rulebook: RulebookVersion | None = None, typed: dict[str, str] | None = None) -> Trial:
    """A finished trial of a rulebook on a round."""
    officer: User = make_person(Role.CASE_OFFICER)
    pk = (rulebook or round_.rulebook).pk
    trial = start_trial(actor=officer, round_id=round_.pk, rulebook_id=pk, name="试算", typed=typed or {})
    assert trial.job is not None and jobs.run(trial.job.pk) == "done"
    trial.refresh_from_db()
    return trial


def pairs(trial: Trial) -> dict[int, tuple[str | None, str | None]]:
    """By assessment, the points of the compared indicator before and after, where they differ."""
    assert trial.result is not None
    return {
        row["assessment"]: tuple(row["indicators"]["B1"]) for row in trial.result["banks"] if "B1" in row["indicators"]
    }


def book_of(trial: Trial) -> tuple[Rulebook, Rulebook]:
    return engine_rulebook(trial.round.rulebook), trial_rulebook(trial)


@pytest.mark.parametrize("encoded", [True, False])
def test_a_changed_definition_is_compared_with_itself(broker: list[int], encoded: bool) -> None:
    round_, cases = scored(broker, peers_book(formula="percentile(away)", definitions=AWAY))
    if encoded:
        encode_missing([case.version_id for case in cases], engine_rulebook(round_.rulebook))  # type: ignore[misc]
    else:
        EncodedFiling.objects.all().delete()
    trial = tried(round_, typed={"definitions.away.expr#0": "90"})
    assert changed_peers(*book_of(trial)) == {"away"}
    first, second, third, last = (case.pk for case in cases)
    # 60, 70, 80, 90 % lie 10, 20, 30, 40 points from 50 %, and 30, 20, 10, 0 from 90 %.
    assert pairs(trial) == {
        first: ("0", "4"),
        second: ("1.33", "2.67"),
        third: ("2.67", "1.33"),
        last: ("4", "0"),
    }
    assert PeerSnapshot.objects.count() == 1, "a trial freezes nothing"


def test_what_another_version_compares_gets_its_points(broker: list[int]) -> None:
    round_, cases = scored(broker)
    trial = tried(round_, peers_book("other", formula="percentile(1 - rate)"))
    assert changed_peers(*book_of(trial)) == {"(1 - rate)"}
    assert [pairs(trial)[case.pk] for case in cases] == [("0", "4"), ("1.33", "2.67"), ("2.67", "1.33"), ("4", "0")]


def test_a_rule_that_stays_is_compared_with_the_frozen_values(broker: list[int]) -> None:
    round_, cases = scored(broker)
    submit(cases[0], rate="0.95")  # filed again after the round was scored, above all others
    trial = tried(round_, typed={"indicators.A1.rule.points.1": "1"})
    assert changed_peers(*book_of(trial)) == frozenset()
    assert trial.result is not None
    rows: dict[int, dict[str, Any]] = {row["assessment"]: row for row in trial.result["banks"]}
    assert all("B1" not in row["indicators"] for row in rows.values())


def test_what_waits_for_its_peers_waits_under_both(broker: list[int]) -> None:
    round_, _cases = peer_round(*RATES, book=peers_book(formula="percentile(away)", definitions=AWAY))
    trial = tried(round_, typed={"definitions.away.expr#0": "90"})
    assert pairs(trial) == {}


# --- Values of the year ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoded", [True, False])
def test_a_value_that_is_set_for_the_round_can_be_tried(broker: list[int], encoded: bool, client: Client) -> None:
    round_, cases = peer_round(*RATES)
    set_round_parameter(actor=None, round_id=round_.pk, parameter="line", value=Decimal("0.75"), source="Notice 1")
    request_round_scoring(actor=None, round_id=round_.pk)
    work(broker)
    if not encoded:
        EncodedFiling.objects.all().delete()
    _first, second, third, _last = (case.pk for case in cases)

    # The form starts from what counts in the round, not from the rulebook's 50 %.
    client.force_login(make_person(Role.CASE_OFFICER))
    page = client.get(reverse("trial-create")).content.decode()
    field = page[page.index("v-parameters.line.default") :][:400]
    assert 'placeholder="75"' in field, field
    assert "本次评价已设定" in page

    higher = tried(round_, typed={"parameters.line.default": "85"})
    assert pairs(higher) == {third: ("2.67", "0")}
    # The rulebook's own number is another one than what counts: to try it is a change, with its effect.
    default = tried(round_, typed={"parameters.line.default": "50"})
    assert default.overlay["chosen"] == {"parameters.line.default": "0.5"}
    assert pairs(default) == {second: ("0", "1.33")}
    # Other numbers leave it alone, and typing what counts is no change.
    other = tried(round_, typed={"indicators.A1.rule.points.1": "1"})
    assert pairs(other) == {}
    same = tried(round_, typed={"parameters.line.default": "75"})
    assert same.overlay["chosen"] == {} and same.moved == 0

    page = client.get(reverse("trial-detail", args=[higher.pk])).content.decode()
    assert "75 → 85%" in page, "the page names both numbers beside the bank that moves"
    page = client.get(reverse("trial-detail", args=[default.pk])).content.decode()
    assert "75 → 50%" in page


def test_scores_keep_what_was_set_when_they_were_made(broker: list[int]) -> None:
    """A value that is set after the round was scored does not change what a trial of other numbers starts from."""
    round_, cases = scored(broker)
    set_round_parameter(actor=None, round_id=round_.pk, parameter="line", value=Decimal("0.75"), source="Notice 1")
    trial = tried(round_, typed={"indicators.A1.rule.points.1": "1"})
    assert pairs(trial) == {}
    assert trial.result is not None
    totals = {row["assessment"]: row["before"]["total"] for row in trial.result["banks"]}
    for case in cases:
        case.refresh_from_db()
        assert case.system_run is not None and totals[case.pk] == case.system_run.total


@pytest.mark.parametrize("encoded", [True, False])
def test_a_trial_counts_each_institution_once(broker: list[int], encoded: bool, client: Client) -> None:
    """A branch beside its legal entity is no peer of the changed rule, as it is none in the round, nor in a mean."""
    round_, cases = peer_round(*RATES)
    head, second, third, branch = cases
    Bank.objects.filter(pk=branch.bank_id).update(entity_kind=EntityKind.BRANCH, head_office=head.bank)
    request_round_scoring(actor=None, round_id=round_.pk)
    work(broker)
    if encoded:
        encode_missing([case.version_id for case in cases], engine_rulebook(round_.rulebook))  # type: ignore[misc]
    else:
        EncodedFiling.objects.all().delete()
    trial = tried(round_, peers_book("other", formula="percentile(1 - rate)"))
    # Of three peers the middle one stays where it is: with the branch among them it would move.
    assert pairs(trial) == {head.pk: ("0", "4"), third.pk: ("4", "0"), branch.pk: ("4", "0")}
    assert trial.result is not None
    rows = trial.result["banks"]
    assert [row["assessment"] for row in rows if row.get("within_head")] == [branch.pk]
    by_pk = {row["assessment"]: Decimal(row["before"]["total"]) for row in rows}
    mean = sum(by_pk[case.pk] for case in (head, second, third)) / 3
    assert Decimal(mean_of(rows, "before")) == mean.quantize(Decimal("0.01"))
    assert sum(old for _label, old, _new in spread_of(rows)) == 3
    client.force_login(trial.created_by, backend="banks.services.signin.ThrottledBackend")
    assert mean_of(rows, "before") in client.get(reverse("trial-detail", args=[trial.pk])).content.decode()
