"""The shards of a round: the very runs that single scoring makes, their outcome made again, and what stays frozen."""

import json
from decimal import Decimal

import numpy as np
import pytest

from assessments.filings.scoring_input import build_input
from assessments.models import (
    Assessment,
    EncodedFiling,
    FilingVersion,
    PeerSnapshot,
    Review,
    ReviewEntry,
    Round,
    ScoreKind,
    ScoreRun,
)
from assessments.rounds.parameters.services import set_round_parameter
from assessments.rounds.services import open_round
from assessments.rulebooks.cache import engine_rulebook, forget
from assessments.rulebooks.services import publish_rulebook
from assessments.rulebooks.stored_values import to_stored
from assessments.scoring.bulk.encoded import encode_version
from assessments.scoring.bulk.encoding import layout_of
from assessments.scoring.inputs import run_inputs, run_key
from assessments.scoring.peers import snapshot_by_hash
from assessments.scoring.rounds import request_round_scoring
from assessments.scoring.runs import NotReproduced, build_run, explain_run, outcome_of, reproduce_outcome, score_version
from banks.models import FactSource
from banks.services.facts import record_facts
from banks.tests.factories import make_bank, make_person
from scorecard.access.roles import Role
from scorecard.audit.services import canonical
from scorecard.commands.synthetic import synthetic_frame
from scorecard.engine.arrays.frames import read_frame

from .test_round_scoring import a_round, broker, work
from .world import peer_round, planned, submit

__all__ = ["broker"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("past_the_triggers")]
COLUMNS = ("key", "total", "total_sort", "pending", "grade_before", "grade", "targets", "kind", "inputs", "array")


def drawn_round(seed: int, count: int = 24) -> Round:
    """A round under shanghai-2017 with drawn filings, some with figures too long for a double, claims and history."""
    forget()
    for number in range(count):
        make_bank(category=("city", "foreign")[number % 2])
    round_ = planned(rulebook=publish_rulebook(actor=None, code="shanghai-2017", version="3"))
    open_round(actor=None, round_id=round_.pk)
    book = engine_rulebook(round_.rulebook)
    columns = read_frame(book, synthetic_frame(book, count, seed=seed, blanks=0.05))
    rng = np.random.default_rng(seed)
    claims = [i for i, spec in book.indicators.items() if spec.not_applicable != "none"]
    for row, case in enumerate(Assessment.objects.select_related("bank").order_by("pk")):
        drawn = columns.case(row)
        version = submit(case)
        version.facts = {
            fact: dict(zip(("state", "value"), to_stored(drawn.facts[fact]), strict=True))
            for fact, spec in book.facts.items()
            if spec.supplied_by == "bank" and fact in drawn.facts
        }
        if row % 7 == 3:
            version.facts["sme_bal_end"]["value"] = "1234567890.12345678901"
            version.facts["sme_bal_end"]["state"] = "value"
        version.history = {
            f"-{back}": {t: {"state": "value", "value": str(rng.random() < 0.5).lower()} for t in book.targets}
            for back in range(1, int(rng.integers(1, 4)))
        }
        version.answers = {
            name: {
                "narrative": "",
                "self_points": str(round(float(spec.max) * rng.random(), 1)) if rng.random() < 0.7 else "",
                "not_applicable": bool(name in claims and rng.random() < 0.3),
            }
            for name, spec in book.indicators.items()
        }
        version.save()
        given = {
            fact: ("value", str(int(rng.integers(0, 4))))
            for fact in ("returns", "late_days", "fee_violations", "open_findings")
            if rng.random() < 0.8
        }
        if row % 5 == 2:
            given |= {"open_findings": ("not_applicable", ""), "fee_violations": ("unanswered", "")}
        if given:
            record_facts(actor=None, bank=case.bank, period="2017", values=given, source=FactSource.SUPERVISOR)
        if row % 3 == 0:
            judge(case, "A1", ("1.5", "", "0.25")[row % 9 // 3])
    return round_


def judge(case: Assessment, indicator: str, points: str) -> None:
    ReviewEntry.objects.create(
        assessment=case,
        version=case.version,
        indicator=indicator,
        revision=1,
        stage="first",
        points=points,
        reason="r",
        entered_by=make_person(Role.CASE_OFFICER),
    )


def score(round_: Round, broker: list[int]) -> None:
    request_round_scoring(actor=None, round_id=round_.pk)
    work(broker)


@pytest.mark.parametrize("seed", [1, 2])
def test_every_run_of_a_round_is_the_one_that_single_scoring_makes(broker: list[int], seed: int) -> None:
    round_ = drawn_round(seed)
    book = engine_rulebook(round_.rulebook)
    score(round_, broker)
    runs = ScoreRun.objects.select_related("version__assessment__round__rulebook", "version__assessment__bank")
    assert {run.kind for run in runs} == {"system", "reviewed"} and runs.count() == 24 + 8
    exact = [bytes(body)[1] for body in EncodedFiling.objects.order_by("pk").values_list("body", flat=True)]
    assert sum(exact) == 3, "the long figures are marked"
    for run in runs:
        assert run.stored is None
        inputs = run_inputs(run.version, book, run.kind)
        key = run_key(
            kind=run.kind,
            rulebook_hash=book.hash,
            version=run.version_id,
            digest=run.version.digest,
            inputs=canonical(inputs),
        )
        alone = build_run(run.version, book, run.kind, inputs, key, None)
        for name in COLUMNS:
            ours, theirs = getattr(run, name), getattr(alone, name)
            assert (bytes(ours) if name == "array" else ours) == theirs, (run.version_id, run.kind, name)
        assert reproduce_outcome(run) == json.loads(json.dumps(alone.stored))
    assert not EncodedFiling.objects.exclude(layout=layout_of(book).hash).exists()
    score(round_, broker)
    assert runs.count() == 32, "a round that is scored again finds its runs"


def test_a_filing_is_encoded_when_it_is_submitted_and_again_under_another_layout(broker: list[int]) -> None:
    round_, cases = a_round(2)
    book = engine_rulebook(round_.rulebook)
    version = cases[0].version
    kept = encode_version(version)
    EncodedFiling.objects.filter(pk=kept.pk).update(layout="of old", body=b"\7\7")
    score(round_, broker)
    again = EncodedFiling.objects.get(pk=kept.pk)
    assert (again.layout, bytes(again.body)) == (layout_of(book).hash, bytes(kept.body))
    assert ScoreRun.objects.count() == 2


def test_an_array_that_was_changed_is_told(broker: list[int]) -> None:
    round_, _cases = a_round(1)
    score(round_, broker)
    run = ScoreRun.objects.select_related("version__assessment__round__rulebook").get()
    assert outcome_of(run)["total"] == run.total and reproduce_outcome(run) == outcome_of(run)
    changed = bytearray(run.array)
    changed[2] ^= 1
    ScoreRun.objects.update(array=bytes(changed))
    found = ScoreRun.objects.get()
    with pytest.raises(NotReproduced):
        outcome_of(found)
    with pytest.raises(NotReproduced):
        explain_run(found)


def test_a_returned_filing_is_not_pointed_back_to_its_old_review(broker: list[int]) -> None:
    round_, cases = a_round(1)
    case = cases[0]
    judge(case, "A1", "3")
    score_version(version_id=case.version.pk, kind=ScoreKind.REVIEWED)
    # As ``return_to_bank`` leaves it.
    Assessment.objects.update(filing_state="preparing", review_state=Review.NONE, reviewed_run=None)
    score(round_, broker)
    case.refresh_from_db()
    assert case.reviewed_run is None and case.system_run is not None
    Assessment.objects.update(filing_state="submitted", review_state=Review.FIRST)
    score(round_, broker)
    case.refresh_from_db()
    assert case.reviewed_run is not None and case.reviewed_run.inputs["judged"] == {"A1": "3"}


# --- Values of the year, and peers -----------------------------------------------------------------------------------


def points(case: Assessment) -> str:
    case.refresh_from_db()
    assert case.system_run is not None
    return str(outcome_of(case.system_run)["indicators"]["B1"]["points"])


def test_peers_are_frozen_and_a_later_filing_moves_no_earlier_result(broker: list[int]) -> None:
    round_, cases = peer_round("0.6", "0.7", "0.8", "0.9", "0.4")
    score(round_, broker)
    frozen = PeerSnapshot.objects.get()
    ((group, figures),) = snapshot_by_hash(frozen.hash).items()
    (values,) = figures.values()
    assert group == "city" and [str(value) for value in values] == ["2/5", "3/5", "7/10", "4/5", "9/10"]
    before = {case.pk: points(case) for case in cases}
    assert len(set(before.values())) == 5 and before[cases[4].pk] == "0"
    first = {run.pk: run.total for run in ScoreRun.objects.all()}
    assert {run.inputs["peers"] for run in ScoreRun.objects.all()} == {frozen.hash}

    # A bank files again, above all others: alone it is compared with the frozen values, and nobody else moves.
    late = submit(cases[0], rate="0.95")
    run = score_version(version_id=late.pk, kind=ScoreKind.SYSTEM)
    assert run.inputs["peers"] == frozen.hash
    assert {run.pk: run.total for run in ScoreRun.objects.filter(pk__in=first)} == first
    assert {case.pk: points(case) for case in cases[1:]} == {pk: p for pk, p in before.items() if pk != cases[0].pk}

    # The next scoring of the round freezes new values; the earlier runs keep theirs and are explained by them.
    score(round_, broker)
    assert PeerSnapshot.objects.count() == 2 and points(cases[1]) != before[cases[1].pk]
    for old in ScoreRun.objects.filter(pk__in=first).select_related("version__assessment__round__rulebook"):
        assert f"{explain_run(old).total:f}" == first[old.pk]


def test_single_and_bulk_runs_agree_on_peers_and_values_of_the_year(broker: list[int]) -> None:
    round_, cases = peer_round("0.6", "0.7", "0.45")
    assert score_version(version_id=cases[0].version.pk, kind=ScoreKind.SYSTEM).inputs.get("peers") is None
    set_round_parameter(actor=None, round_id=round_.pk, parameter="line", value=Decimal("0.4"), source="Notice 1")
    score(round_, broker)
    keys = {case.pk: ScoreRun.objects.get(pk=Assessment.objects.get(pk=case.pk).system_run_id).key for case in cases}
    for case in cases:
        run = score_version(version_id=case.version.pk, kind=ScoreKind.SYSTEM)
        assert run.key == keys[case.pk] and run.inputs["parameters"] == {"line": "0.4"}
    assert points(cases[2]) == "0" and points(cases[1]) != "0"


def test_a_value_of_the_year_counts_from_the_next_scoring_on(broker: list[int]) -> None:
    round_, cases = peer_round("0.6", "0.7", "0.45")
    score(round_, broker)
    before = points(cases[1])
    set_round_parameter(actor=None, round_id=round_.pk, parameter="line", value=Decimal("0.8"), source="Notice 1")
    assert points(cases[1]) == before != "0"
    score(round_, broker)
    assert points(cases[1]) == "0"
    draft = build_input(
        engine_rulebook(round_.rulebook), facts={}, history={}, properties={}, answers={}, parameters={"line": "0.8"}
    )
    assert draft.parameters == {"line": Decimal("0.8")}


def test_no_values_of_peers_are_kept_where_no_rule_compares_them(broker: list[int]) -> None:
    round_, _cases = a_round(2)
    score(round_, broker)
    assert not PeerSnapshot.objects.exists()
    assert all("peers" not in run.inputs and "parameters" not in run.inputs for run in ScoreRun.objects.all())


def test_who_cannot_be_read_is_no_peer(broker: list[int]) -> None:
    round_, cases = peer_round("0.6", "0.7", "0.8")
    FilingVersion.objects.filter(pk=cases[0].version.pk).update(facts={"rate": {"state": "value", "value": "much"}})
    score(round_, broker)
    (figures,) = PeerSnapshot.objects.get().content.values()
    (values,) = figures.values()
    assert values == ["0.7", "0.8"]


def test_a_shard_keeps_to_its_job_when_peers_change_meanwhile(broker: list[int]) -> None:
    round_, _cases = peer_round("0.6", "0.7")
    request_round_scoring(actor=None, round_id=round_.pk)
    from scorecard.jobs import services as jobs

    jobs.run(broker.pop(0))
    frozen = PeerSnapshot.objects.get()
    PeerSnapshot.objects.create(round=round_, hash="f" * 64, content={})
    work(broker)
    assert {run.inputs["peers"] for run in ScoreRun.objects.all()} == {frozen.hash}
