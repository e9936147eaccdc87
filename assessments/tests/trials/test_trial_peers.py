"""Trials of rules that compare banks with their peers: frozen values where a rule stays, new ones where it changes."""

from typing import Any

import pytest

from assessments.models import Assessment, PeerSnapshot, Round, RulebookVersion, Trial
from assessments.rulebook_cache import engine_rulebook
from assessments.services.packed import pack_missing
from assessments.services.round_scoring import request_round_scoring
from assessments.services.trials import start_trial, trial_rulebook
from assessments.tests.rounds.test_round_scoring import broker, work
from assessments.tests.rounds.world import peer_round, peers_book, submit
from banks.models import User
from banks.tests.factories import make_person
from scorecard.access.roles import Role
from scorecard.engine import Rulebook
from scorecard.engine.peergroup import changed_peers
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
    return {row["assessment"]: tuple(row["indicators"]["B1"]) for row in trial.result["banks"] if row["indicators"]}


def book_of(trial: Trial) -> tuple[Rulebook, Rulebook]:
    return engine_rulebook(trial.round.rulebook), trial_rulebook(trial)


@pytest.mark.parametrize("packed", [True, False])
def test_a_changed_definition_is_compared_with_itself(broker: list[int], packed: bool) -> None:
    round_, cases = scored(broker, peers_book(formula="percentile(away)", definitions=AWAY))
    if packed:
        pack_missing([case.version_id for case in cases], engine_rulebook(round_.rulebook))  # type: ignore[misc]
    else:
        from assessments.models import PackedVersion

        PackedVersion.objects.all().delete()
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
