"""Scoring a whole round: shards, their loss and repetition, ranks with ties, one run each, constant queries."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from assessments.models import (
    Assessment,
    Filing,
    Ranking,
    Review,
    ReviewEntry,
    Round,
    RoundSnapshot,
    ScoreKind,
    ScoreRun,
)
from assessments.rounds.services import open_round
from assessments.scoring import rounds as round_scoring
from assessments.scoring.bulk import shard as shards
from assessments.scoring.rounds import places, request_round_scoring
from assessments.scoring.runs import score_version
from banks.models import FactSource
from banks.services.facts import record_facts
from banks.tests.factories import make_bank, make_person
from scorecard.access.decisions import Refused
from scorecard.access.roles import REVIEW_ROLES, Role
from scorecard.audit.models import Event
from scorecard.audit.services import verify
from scorecard.jobs import services as jobs
from scorecard.jobs import tasks
from scorecard.jobs.models import Job, JobState
from scorecard.links import Link
from scorecard.ui.jobs import describe

from .world import at, planned, submit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def broker(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Takes every message and delivers none: the tests say who works when."""
    messages: list[int] = []
    monkeypatch.setattr(tasks.run_job, "apply_async", lambda *, args, queue, retry: messages.append(args[0]))
    monkeypatch.setattr("scorecard.jobs.broker._silent_until", 0.0)
    monkeypatch.setattr(jobs, "messages_waiting", lambda queue: 0)  # the real broker may hold other messages
    return messages


@pytest.fixture
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two versions to a shard."""
    monkeypatch.setattr(round_scoring, "SHARD_SIZE", 2)


def a_round(count: int = 5, **more: Any) -> tuple[Round, list[Assessment]]:
    """An open round in which ``count`` banks have submitted, their delegation rising from bank to bank."""
    for _ in range(count):
        make_bank(**more)
    round_ = planned()
    open_round(actor=None, round_id=round_.pk)
    cases = list(Assessment.objects.filter(round=round_).select_related("bank").order_by("pk"))
    for number, case in enumerate(cases):
        submit(case, rate=f"0.{3 + number % 6}")
    return round_, cases


def work(broker: list[int]) -> None:
    """Do every message until none is left."""
    while broker:
        jobs.run(broker.pop(0))


def test_one_job_over_shards_scores_ranks_and_computes_the_figures(broker: list[int], small_shards: None) -> None:
    officer = make_person(Role.CASE_OFFICER)
    round_, cases = a_round()
    job = request_round_scoring(actor=officer, round_id=round_.pk)
    assert request_round_scoring(actor=officer, round_id=round_.pk) == job
    work(broker)
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == (JobState.DONE, 5, 5)
    assert [shard.total for shard in job.shards.order_by("pk")] == [2, 2, 1]
    assert job.result["scored"] == job.result["new"] == job.result["ranked"] == 5
    assert describe(job).result == Link("round-detail", (round_.pk,))
    for case in cases:
        case.refresh_from_db()
        assert case.system_run is not None
        assert case.system_run.version == case.version
    assert Ranking.objects.filter(job=job).count() == 5
    assert RoundSnapshot.objects.get(round=round_).job == job
    events = Event.objects.filter(event__startswith="assessments.").values_list("event", flat=True)
    assert list(events).count("assessments.score.computed") == 3
    assert list(events).count("assessments.round.ranked") == list(events).count("assessments.round.scoring") == 1
    assert list(verify()) == []


def test_the_bulk_form_makes_the_very_runs_that_one_by_one_makes(broker: list[int]) -> None:
    round_, cases = a_round(3)
    reviewer = make_person(Role.CASE_OFFICER)
    facts = {"violations": ("value", "1")}
    record_facts(actor=None, bank=cases[0].bank, period="2017", values=facts, source=FactSource.SUPERVISOR)
    ReviewEntry.objects.create(
        assessment=cases[0],
        version=cases[0].version,
        indicator="A1",
        revision=1,
        stage="first",
        points="3",
        reason="r",
        entered_by=reviewer,
    )
    request_round_scoring(actor=None, round_id=round_.pk)
    work(broker)
    keys = set(ScoreRun.objects.values_list("key", flat=True))
    assert len(keys) == 4
    for case in cases:
        run = score_version(version_id=case.version_id, kind=ScoreKind.SYSTEM)
        assert run.key in keys
    reviewed = score_version(version_id=cases[0].version_id, kind=ScoreKind.REVIEWED)
    assert reviewed.key in keys
    assert ScoreRun.objects.count() == 4
    cases[0].refresh_from_db()
    assert cases[0].reviewed_run == reviewed
    ranking = Ranking.objects.get(assessment=cases[0])
    assert ranking.run == reviewed


def test_a_shard_that_runs_twice_leaves_one_run_each(broker: list[int], small_shards: None) -> None:
    round_, _cases = a_round(4)
    request_round_scoring(actor=None, round_id=round_.pk)
    jobs.run(broker.pop(0))
    first, second = list(broker)
    broker.clear()
    jobs.run(first)
    Job.objects.filter(pk=first).update(state=JobState.QUEUED)
    jobs.run(first)
    jobs.run(second)
    work(broker)
    assert ScoreRun.objects.count() == 4
    assert Event.objects.filter(event="assessments.score.computed").count() == 2


def test_a_worker_killed_inside_a_shard_loses_nothing(
    broker: list[int], small_shards: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    round_, _cases = a_round(4)
    job = request_round_scoring(actor=None, round_id=round_.pk)
    jobs.run(broker.pop(0))
    first = broker[0]
    at_the_end = shards._point_to

    class Killed(BaseException):
        """What SIGKILL is to the code: nothing runs after it."""

    def killed(*_args: Any) -> None:
        raise Killed

    monkeypatch.setattr(shards, "_point_to", killed)
    with pytest.raises(Killed):
        jobs.run(broker.pop(0))
    assert not ScoreRun.objects.exists()
    assert Job.objects.get(pk=first).state == JobState.RUNNING
    monkeypatch.setattr(shards, "_point_to", at_the_end)
    Job.objects.filter(state=JobState.RUNNING).update(heartbeat=timezone.now() - timedelta(hours=1))
    assert jobs.sweep()["requeued"] == 1
    work(broker)
    job.refresh_from_db()
    assert (job.state, job.done) == (JobState.DONE, 4)
    assert ScoreRun.objects.count() == Ranking.objects.count() == 4


def test_a_worker_killed_while_ranking_ranks_once(
    broker: list[int], small_shards: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    round_, _cases = a_round(3)
    job = request_round_scoring(actor=None, round_id=round_.pk)
    for _ in range(3):
        jobs.run(broker.pop(0))
    ranked = round_scoring.rank_round(round_=round_, job=job)
    Job.objects.filter(pk=job.pk).update(
        state=JobState.RUNNING, token="lost", heartbeat=timezone.now() - timedelta(hours=1)
    )
    jobs.sweep()
    work(broker)
    job.refresh_from_db()
    assert (job.state, ranked, Ranking.objects.count()) == (JobState.DONE, 3, 3)
    assert Event.objects.filter(event="assessments.round.ranked").count() == 1


def test_no_ranks_where_a_shard_could_not_be_finished(
    broker: list[int], small_shards: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    round_, _cases = a_round(4)
    job = request_round_scoring(actor=None, round_id=round_.pk)
    jobs.run(broker.pop(0))

    def broken(*_args: Any) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr(shards, "_point_to", broken)
    with pytest.raises(RuntimeError):
        jobs.run(broker.pop(0))
    monkeypatch.undo()
    monkeypatch.setattr(tasks.run_job, "apply_async", lambda *, args, queue, retry: broker.append(args[0]))
    work(broker)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "1" in job.error
    assert "2" in job.error
    assert not Ranking.objects.exists()
    again = request_round_scoring(actor=None, round_id=round_.pk)
    work(broker)
    again.refresh_from_db()
    assert (again.state, again.result["scored"], again.result["new"]) == (JobState.DONE, 4, 2)


@pytest.mark.usefixtures("past_the_triggers")
def test_one_unreadable_filing_is_named_and_the_others_are_scored(broker: list[int]) -> None:
    round_, cases = a_round(3)
    version = cases[1].version
    version.facts["bal"] = {"state": "value", "value": "twelve"}
    version.save()
    job = request_round_scoring(actor=None, round_id=round_.pk)
    work(broker)
    job.refresh_from_db()
    assert job.state == JobState.DONE
    (failure,) = job.result["failures"]
    assert failure == {"assessment": cases[1].pk, "zh": cases[1].bank.name_zh, "en": cases[1].bank.name_en}
    for language, name, word in (
        ("zh-hans", cases[1].bank.name_zh, "未能计分"),
        ("en", cases[1].bank.name_en, "could not"),
    ):
        with override(language):
            ((text, page),) = describe(job).failures
        assert name in text
        assert word in text
        assert page == Link("assessment-result", (cases[1].pk,))
    assert set(Ranking.objects.values_list("assessment", flat=True)) == {cases[0].pk, cases[2].pk}


def test_inputs_that_change_while_a_shard_computes_are_seen(broker: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    round_, cases = a_round(1)
    request_round_scoring(actor=None, round_id=round_.pk)
    jobs.run(broker.pop(0))
    lock = shards.lock_filings

    def late(ids: Any, layout: Any) -> Any:
        facts = {"violations": ("value", "1")}
        record_facts(actor=None, bank=cases[0].bank, period="2017", values=facts, source=FactSource.SUPERVISOR)
        return lock(ids, layout)

    monkeypatch.setattr(shards, "lock_filings", late)
    work(broker)
    run = ScoreRun.objects.get()
    assert run.inputs["facts"]["violations"] == {"state": "value", "value": "1"}
    assert score_version(version_id=run.version_id, kind=ScoreKind.SYSTEM) == run


def test_a_version_that_is_no_longer_in_hand_keeps_its_score_and_points_nowhere(
    broker: list[int], small_shards: None
) -> None:
    round_, cases = a_round(1)
    request_round_scoring(actor=None, round_id=round_.pk)
    jobs.run(broker.pop(0))
    submit(cases[0], rate="0.8")
    work(broker)
    cases[0].refresh_from_db()
    assert cases[0].system_run is None
    assert ScoreRun.objects.get().version.number == 1


@pytest.mark.parametrize("role", sorted(set(Role) - REVIEW_ROLES))
def test_only_reviewers_score_a_round(role: str) -> None:
    round_, cases = a_round(1)
    person = make_person(role, bank=cases[0].bank if role.startswith("bank_") else None)
    with pytest.raises(Refused):
        request_round_scoring(actor=person, round_id=round_.pk)
    assert not Job.objects.filter(kind="assessments.score_round").exists()


def test_what_stands_against_scoring() -> None:
    officer = make_person(Role.CASE_OFFICER)
    make_bank()
    round_ = planned()
    for _ in ("planned", "nothing submitted"):
        with pytest.raises(Refused):
            request_round_scoring(actor=officer, round_id=round_.pk)
        if round_.state == "planned":
            round_ = open_round(actor=None, round_id=round_.pk)
    with pytest.raises(Refused):
        request_round_scoring(actor=officer, round_id=round_.pk + 1)


def test_a_round_does_not_close_while_it_is_scored() -> None:
    from assessments.rounds.services import closing_reasons

    round_, _cases = a_round(1)
    Assessment.objects.update(review_state=Review.ACKNOWLEDGED, filing_state=Filing.SUBMITTED)
    at(round_, timezone.now() - timedelta(days=1))
    assert list(closing_reasons(round_)) == []
    request_round_scoring(actor=None, round_id=round_.pk)
    assert len(list(closing_reasons(round_))) == 1


def test_the_queries_of_a_shard_do_not_grow_with_it(broker: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    counts = []
    for size in (2, 12):
        with transaction.atomic():
            round_, _cases = a_round(size)
            job = request_round_scoring(actor=None, round_id=round_.pk)
            round_scoring._split(job, round_)
            shard = job.shards.get()
            jobs.Progress(shard.pk, "t")
            Job.objects.filter(pk=shard.pk).update(state=JobState.RUNNING, token="t")
            with CaptureQueriesContext(connection) as queries:
                shards.score_shard(shard, jobs.Progress(shard.pk, "t"))
            counts.append(len(queries))
            transaction.set_rollback(True)
    assert counts[0] == counts[1]


# --- Ranks -----------------------------------------------------------------------------------------------------------


def test_competition_ranking_with_ties_by_hand() -> None:
    found = places([Decimal(t) for t in ("80", "90", "80.0", "70", "60")])
    assert [place.rank for place in found] == [2, 1, 2, 4, 5]
    assert [place.percentile for place in found] == ["80.00", "100.00", "80.00", "40.00", "20.00"]
    assert {place.of for place in found} == {5}
    assert places([]) == []
    assert [place.percentile for place in places([Decimal(1)] * 3)] == ["100.00"] * 3
    assert [place.percentile for place in places([Decimal(n) for n in (1, 2, 3)])] == ["33.33", "66.67", "100.00"]


@given(st.lists(st.decimals(-12, 100, places=2), max_size=30))
def test_ranks_by_their_definition(totals: list[Decimal]) -> None:
    for total, place in zip(totals, places(totals), strict=True):
        assert place.rank == 1 + sum(other > total for other in totals)
        share = Decimal(sum(other <= total for other in totals)) * 100 / len(totals)
        assert abs(Decimal(place.percentile) - share) <= Decimal("0.005")


def test_ranks_stay_within_the_category_and_with_their_job(broker: list[int]) -> None:
    for category in ("city", "city", "foreign", "foreign", "foreign"):
        make_bank(category=category)
    round_ = planned()
    open_round(actor=None, round_id=round_.pk)
    cases = list(Assessment.objects.select_related("bank").order_by("pk"))
    for case, rate in zip(cases, ("0.3", "0.8", "0.5", "0.5", "0.3"), strict=True):
        submit(case, rate=rate)
    first = request_round_scoring(actor=None, round_id=round_.pk)
    work(broker)
    rows = Ranking.objects.filter(job=first).order_by("assessment").values_list("category", "rank", "of", "percentile")
    assert list(rows) == [
        ("city", 2, 2, "50.00"),
        ("city", 1, 2, "100.00"),
        ("foreign", 1, 3, "100.00"),
        ("foreign", 1, 3, "100.00"),
        ("foreign", 3, 3, "33.33"),
    ]
    second = request_round_scoring(actor=None, round_id=round_.pk)
    work(broker)
    assert second != first
    assert Ranking.objects.filter(job=first).count() == Ranking.objects.filter(job=second).count() == 5
