"""Freezing a version, scoring it once, and explaining it again."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from assessments.models import REPORT, Answer, FilingVersion, ReviewEntry, ScoreKind, ScoreRun
from assessments.rulebooks import stored_values
from assessments.rulebooks.cache import RulebookChanged, engine_rulebook, forget
from assessments.scoring.runs import NotReproduced, explain_run, outcome_of, score_unscored, score_version
from assessments.tests.filings.world import COMPLETE, World, build
from assessments.workflow import perform, shown
from assessments.workflow.contents import filing_content
from banks.models import FactEntry
from banks.services.facts import record_facts
from scorecard.access.decisions import Refused, Stale
from scorecard.audit.models import Event
from scorecard.engine.values.facts import Nothing
from scorecard.jobs.models import Job, JobState
from scorecard.jobs.services import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    forget()
    return build()


def fill(world: World, **changes: str) -> None:
    """A draft with nothing missing."""
    world.facts(**(COMPLETE | changes))
    for indicator, points in {"A1": "2", "A2": "4", "B1": "2", "B2": "4"}.items():
        Answer.objects.create(
            assessment=world.assessment,
            indicator=indicator,
            revision=1,
            narrative="做法",
            self_points=points,
            entered_by=world.preparer,
        )
    Answer.objects.create(
        assessment=world.assessment, indicator=REPORT, revision=1, narrative="总结", entered_by=world.preparer
    )


def submit(world: World) -> FilingVersion:
    """All three steps."""
    for step, actor in (
        ("pass_to_reviewer", world.preparer),
        ("pass_to_signatory", world.reviewer),
        ("submit", world.signatory),
    ):
        perform(step, actor=actor, assessment_id=world.assessment.pk)
    version = world.again().version
    assert version is not None
    return version


def test_submission_freezes_what_was_signed_and_queues_its_score(world: World) -> None:
    fill(world)
    version = submit(world)
    assert version.number == 1
    assert version.facts["bal"] == {"state": "value", "value": "12000"}
    assert version.answers["A2"]["self_points"] == "4" and version.self_total == "12" and version.report == "总结"
    assert version.bank_properties == {"category": "city", "entity": "legal_entity", "differentiated": False}
    assert (version.prepared_by, version.checked_by, version.signed_by) == (
        world.preparer,
        world.reviewer,
        world.signatory,
    )
    job = Job.objects.get(kind="assessments.score_version")
    assert job.params == {"version": version.pk, "kind": "system"} and job.bank_id == world.bank.pk
    assert world.assessment.system_run is None
    # What comes later moves nothing that was signed.
    world.facts(bal="99")
    version.refresh_from_db()
    assert version.facts["bal"]["value"] == "12000"


def test_the_job_scores_the_version_and_a_second_delivery_adds_nothing(world: World) -> None:
    fill(world)
    version = submit(world)
    job = Job.objects.get(kind="assessments.score_version")
    assert run(job.pk) == "done"
    assert run(job.pk) == "skipped"
    again = score_version(version_id=version.pk, kind=ScoreKind.SYSTEM)
    assert ScoreRun.objects.get() == again
    assert world.again().system_run == again
    # A1 2, A2 4, B1 (0.55 - 0.3) / 0.5 * 4 = 2, B2 4; H1 awaits the supervisor's count.
    assert (again.total, again.pending, again.grade_before, again.targets) == ("12", "4", "pass", "m")
    assert Event.objects.filter(event="assessments.score.computed").count() == 1


def test_supervisor_facts_and_points_make_new_runs_and_leave_the_old(world: World) -> None:
    fill(world)
    version = submit(world)
    first = score_version(version_id=version.pk, kind=ScoreKind.SYSTEM)
    record_facts(
        actor=world.officer, bank=world.bank, period="2017", values={"violations": ("value", "0")}, source="supervisor"
    )
    second = score_version(version_id=version.pk, kind=ScoreKind.SYSTEM)
    assert (second.total, second.pending) == ("16", "0") and second.pk != first.pk
    ReviewEntry.objects.create(
        assessment=world.assessment,
        version=version,
        indicator="A1",
        revision=1,
        stage="first",
        points="1",
        reason="无附件",
        entered_by=world.officer,
    )
    reviewed = score_version(version_id=version.pk, kind=ScoreKind.REVIEWED)
    assert reviewed.total == "15" and reviewed.inputs["judged"] == {"A1": "1"}
    # Agreeing again takes the points back to the system's.
    ReviewEntry.objects.create(
        assessment=world.assessment,
        version=version,
        indicator="A1",
        revision=2,
        stage="first",
        points="",
        reason="",
        entered_by=world.officer,
    )
    assert score_version(version_id=version.pk, kind=ScoreKind.REVIEWED).total == "16"
    assert ScoreRun.objects.count() == 4 and ScoreRun.objects.get(pk=first.pk).total == "12"


@pytest.mark.usefixtures("past_the_triggers")
def test_a_missed_target_caps_the_grade_and_equality_passes(world: World) -> None:
    record_facts(actor=None, bank=world.bank, period="2017", values={"violations": ("value", "0")}, source="supervisor")
    fill(world, policy="2", rate="0.8", bal="9999.99")
    Answer.objects.filter(indicator="B2").update(self_points="0")
    capped = score_version(version_id=submit(world).pk, kind=ScoreKind.SYSTEM)
    assert (capped.total, capped.grade_before, capped.grade, capped.targets) == ("16", "good", "pass", "x")
    other = build("B002")
    record_facts(actor=None, bank=other.bank, period="2017", values={"violations": ("value", "0")}, source="supervisor")
    fill(other, policy="2", rate="0.8", bal="10000")
    equal = score_version(version_id=submit(other).pk, kind=ScoreKind.SYSTEM)
    assert (equal.total, equal.grade, equal.targets) == ("20", "good", "m")


def test_the_explanation_is_made_again_and_adds_up(world: World) -> None:
    fill(world)
    made = score_version(version_id=submit(world).pk, kind=ScoreKind.SYSTEM)
    stored = ScoreRun.objects.select_related("version__assessment__round__rulebook").get(pk=made.pk)
    result = explain_run(stored)
    assert result.trace is not None
    assert sum(Decimal(child.value) for child in result.trace.children) == Decimal(stored.total)
    outcome_of(stored)["total"] = "99"
    with pytest.raises(NotReproduced):
        explain_run(stored)


def test_the_system_counts_returns_and_a_supervisor_s_figure_stands(world: World) -> None:
    fill(world)
    submit(world)
    assert FactEntry.objects.get(fact="returns").value == "0"
    perform("refuse", actor=world.officer, assessment_id=world.assessment.pk, reason="请更正余额")
    world.facts(bal="9001")
    second = submit(world)
    assert second.number == 2
    assert FactEntry.objects.filter(fact="returns").latest("revision").value == "1"
    record_facts(
        actor=world.officer, bank=world.bank, period="2017", values={"returns": ("value", "5")}, source="supervisor"
    )
    perform("refuse", actor=world.officer, assessment_id=world.assessment.pk, reason="再次更正")
    world.facts(bal="9002")
    submit(world)
    assert FactEntry.objects.filter(fact="returns").latest("revision").value == "5"


def test_a_page_from_before_a_return_signs_nothing_after_it(world: World) -> None:
    """Not even where every figure is as it was: the signature is of another version."""
    fill(world)
    for step, actor in (("pass_to_reviewer", world.preparer), ("pass_to_signatory", world.reviewer)):
        perform(step, actor=actor, assessment_id=world.assessment.pk)
    old = {item.key: item.text for item in filing_content(world.again(), {})}
    seen = shown("submit", world.again())
    perform("submit", actor=world.signatory, assessment_id=world.assessment.pk, seen=seen)
    perform("refuse", actor=world.officer, assessment_id=world.assessment.pk, reason="请更正余额")
    for bal in ("9001", COMPLETE["bal"]):
        world.facts(bal=bal)
    for step, actor in (("pass_to_reviewer", world.preparer), ("pass_to_signatory", world.reviewer)):
        perform(step, actor=actor, assessment_id=world.assessment.pk)
    now = {item.key: item.text for item in filing_content(world.again(), {})}
    assert {key for key in now if now[key] != old[key]} == {"version"}
    with pytest.raises(Stale):
        perform("submit", actor=world.signatory, assessment_id=world.assessment.pk, seen=seen)


def test_a_late_run_of_an_older_version_does_not_become_the_score_in_hand(world: World) -> None:
    fill(world)
    first = submit(world)
    perform("refuse", actor=world.officer, assessment_id=world.assessment.pk, reason="请更正")
    world.facts(policy="2")
    second = submit(world)
    newest = score_version(version_id=second.pk, kind=ScoreKind.SYSTEM)
    score_version(version_id=first.pk, kind=ScoreKind.SYSTEM)
    assert world.again().system_run == newest


def test_whoever_entered_something_neither_checks_nor_signs(world: World) -> None:
    fill(world)
    Answer.objects.create(
        assessment=world.assessment,
        indicator="A1",
        revision=2,
        narrative="补充",
        self_points="2",
        entered_by=world.reviewer,
    )
    perform("pass_to_reviewer", actor=world.preparer, assessment_id=world.assessment.pk)
    with pytest.raises(Refused):
        perform("pass_to_signatory", actor=world.reviewer, assessment_id=world.assessment.pk)
    FactEntry.objects.create(
        bank=world.bank, period="2017", fact="bal", revision=9, value="12000", source="form", entered_by=world.signatory
    )
    from assessments.filings.selectors import contributors

    assert contributors(world.again()) == {world.preparer.pk, world.reviewer.pk, world.signatory.pk}


def test_nothing_moves_on_while_something_is_missing(world: World) -> None:
    fill(world, bal="0")
    Answer.objects.create(
        assessment=world.assessment, indicator="A1", revision=2, narrative="", self_points="", entered_by=world.preparer
    )
    with pytest.raises(Refused) as refused:
        perform("pass_to_reviewer", actor=world.preparer, assessment_id=world.assessment.pk)
    text = " ".join(str(reason) for reason in refused.value.reasons)
    assert text.count("A1") == 2 and len(refused.value.reasons) == 3


def test_four_kinds_of_nothing_stay_four() -> None:
    rulebook: Any = engine_rulebook(build("B009").round.rulebook)
    spec, flow = rulebook.facts["bal"], rulebook.facts["flow"]
    for value in (Nothing.UNANSWERED, Nothing.NOT_APPLICABLE, Nothing.NOT_SUPPLIED, Decimal("0"), Decimal("1E+3")):
        assert stored_values.to_engine(spec, *stored_values.to_stored(value)) == value
    for items in (frozenset(), frozenset({"online"}), frozenset({"online", "promise"})):
        assert stored_values.to_engine(flow, *stored_values.to_stored(items)) == items
    assert stored_values.to_stored(frozenset({"b", "a"})) == ("value", "a;b") and stored_values.to_stored(
        Decimal("1E+3")
    ) == (
        "value",
        "1000",
    )


@pytest.mark.usefixtures("past_the_triggers")
def test_a_tampered_rulebook_scores_nothing(world: World) -> None:
    rulebook = world.round.rulebook
    type(rulebook).objects.filter(pk=rulebook.pk).update(content=rulebook.content.replace('"16"', '"12"'))
    forget()
    with pytest.raises(RulebookChanged):
        engine_rulebook(rulebook)
    forget()


def test_a_submitted_version_whose_job_was_given_up_is_found_and_scored(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(world)
    version = submit(world)
    Job.objects.update(state=JobState.FAILED, finished_at=timezone.now() - timedelta(hours=2))
    assert score_unscored() == 0, "it was submitted a moment ago"
    monkeypatch.setattr("assessments.scoring.runs.AFTER_A_SUBMISSION", timedelta(0))
    Job.objects.update(state=JobState.FAILED, finished_at=timezone.now())
    assert score_unscored() == 0, "not at once: what failed a moment ago would fail again"
    Job.objects.update(finished_at=timezone.now() - timedelta(hours=2))
    assert score_unscored() == 1
    assert score_unscored() == 0, "its job waits already"
    job = Job.objects.get(state=JobState.QUEUED)
    assert run(job.pk) == "done"
    assert world.again().system_run is not None
    assert world.again().version == version
    assert score_unscored() == 0
