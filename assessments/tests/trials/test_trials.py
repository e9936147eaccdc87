"""Trials: an empty one changes nothing, a job that runs twice leaves one result, what moves is told with its reason."""

import io
import shutil
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from assessments.models import Assessment, ReviewEntry, Round, ScoreKind, ScoreRun, Trial
from assessments.rounds.services import open_round
from assessments.rulebooks.cache import engine_rulebook
from assessments.rulebooks.services import publish_rulebook
from assessments.scoring.runs import score_version
from assessments.tests.rounds.world import planned, submit
from assessments.trials import services
from assessments.trials.reasons import reasons_of
from assessments.trials.selectors import Mover, get_trial, migration, movers, visible_trials
from assessments.trials.services import TrialFaulty, build_draft, run_trial, start_trial, trial_rulebook
from banks.models import FactEntry, User
from banks.tests.factories import make_bank, make_person
from scorecard.access.decisions import Hidden, Refused
from scorecard.access.roles import Role
from scorecard.audit.models import Event
from scorecard.engine import evaluate, lint
from scorecard.engine.cases.worked import read_vectors
from scorecard.jobs import services as jobs
from scorecard.jobs.models import Job, JobState
from scorecard.jobs.progress import Progress

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    return make_person(Role.CASE_OFFICER)


def a_round(count: int = 3) -> Round:
    """An open round in which ``count`` banks have submitted and are scored; one more has not submitted."""
    for _ in range(count + 1):
        make_bank()
    round_ = planned()
    open_round(actor=None, round_id=round_.pk)
    cases = list(Assessment.objects.filter(round=round_).select_related("bank", "round").order_by("pk"))
    for number, case in enumerate(cases[:count]):
        for fact in ("returns", "violations"):
            FactEntry.objects.create(
                bank=case.bank, period=round_.period, fact=fact, revision=1, value="0", source="supervisor"
            )
        # The first bank misses the target with 16 points: the cap takes its good grade.
        given: dict[str, Any] = {"rate": f"0.{4 + number}"} if number else {"rate": "0.8", "policy": "2", "bal": "9000"}
        version = submit(case, **given)
        score_version(version_id=version.pk, kind=ScoreKind.SYSTEM)
    round_.refresh_from_db()
    return round_


def start(officer: User, round_: Round, typed: dict[str, str] | None = None, name: str = "试算一") -> Trial:
    return start_trial(
        actor=officer, round_id=round_.pk, rulebook_id=round_.rulebook_id, name=name, note="", typed=typed or {}
    )


def finished(trial: Trial) -> Trial:
    """The trial after its job has run."""
    assert trial.job is not None
    assert jobs.run(trial.job.pk) == "done"
    return Trial.objects.select_related("round__rulebook", "rulebook", "job").get(pk=trial.pk)


def moved(trial: Trial) -> list[Mover]:
    """Who moves in a finished trial, in Chinese."""
    assert trial.result is not None
    with translation.override("zh-hans"):
        reasons = reasons_of(trial, engine_rulebook(trial.round.rulebook), trial_rulebook(trial))
        return movers(trial.result["banks"], reasons)


def number(change: str) -> Decimal:
    """A difference as it is shown, as a number."""
    return Decimal(change.replace("\u2212", "-").replace(",", ""))


# --- What comes out --------------------------------------------------------------------------------------------------


def test_an_empty_overlay_changes_nothing_and_equals_the_stored_scores(officer: User) -> None:
    round_ = a_round()
    trial = finished(start(officer, round_))
    assert trial.result is not None
    assert (trial.scored, trial.moved, trial.regraded) == (3, 0, 0)
    assert trial.result["before"] == trial.result["after"] == round_.rulebook.hash
    for row in trial.result["banks"]:
        assert row["before"] == row["after"] and not row["indicators"] and not row["targets"]
        run = ScoreRun.objects.get(assessment=row["assessment"])
        assert (row["before"]["total"], row["before"]["grade"]) == (run.total, run.grade)
    rulebook = engine_rulebook(round_.rulebook)
    assert moved(trial) == []
    assert trial_rulebook(trial) is rulebook


def test_who_moves_is_told_with_indicator_cap_and_grade(officer: User) -> None:
    round_ = a_round()
    before = finished(start(officer, round_))
    assert before.result is not None
    trial = finished(start(officer, round_, {"caps.0": "off", "indicators.B1.max": "8"}))
    assert trial.result is not None and trial.moved
    old, new = engine_rulebook(round_.rulebook), trial_rulebook(trial)
    assert new.max == old.max + 4 and not new.caps
    for row, was in zip(trial.result["banks"], before.result["banks"], strict=True):
        assert row["before"] == was["before"]
        gained = Decimal(row["after"]["total"]) - Decimal(row["before"]["total"])
        assert row["shared"] == {}
        assert gained == sum((Decimal(b or 0) - Decimal(a or 0) for a, b in row["indicators"].values()), Decimal(0))
    found = moved(trial)
    for mover in found:
        # What is said to have moved adds up to the difference, and each has the change that is behind it.
        assert sum((number(move.change) for move in mover.moves), Decimal(0)) == mover.change
        weights = [move for move in mover.moves if move.id == "B1"]
        assert all("权重（满分）：4 → 8" in move.because[0] and "B1" not in move.because[0] for move in weights)
        assert weights
    gone = [move for mover in found for move in mover.others if move.kind == "cap-gone"]
    assert len(gone) == 1 and "目标未完成" in gone[0].name and gone[0].because == ("不适用",)
    matrix = migration(trial.result["banks"], old, new)
    assert sum(sum(row) for row in matrix.counts) == 3 == sum(matrix.sums)
    assert matrix.up + matrix.down == trial.regraded


def test_a_moved_boundary_alone_moves_grades_and_no_points(officer: User) -> None:
    round_ = a_round()
    trial = finished(start(officer, round_, {"grades.1.min": "11", "grades.0.min": "19"}))
    assert trial.result is not None and trial.moved == 0
    totals = [Decimal(row["before"]["total"]) for row in trial.result["banks"]]
    expected = ["good" if t >= 19 else "pass" if t >= 11 else "fail" for t in totals]
    assert [row["after"]["before"] for row in trial.result["banks"]] == expected
    for mover in moved(trial):
        (move,) = (move for move in mover.others if move.kind == "grade")
        assert not mover.moves and move.because and all("分数线" in reason for reason in move.because)


def test_the_reviewers_points_are_what_is_tried_where_there_are_any(officer: User) -> None:
    round_ = a_round()
    case = Assessment.objects.filter(round=round_, version__isnull=False).order_by("pk")[1]
    assert case.version is not None
    ReviewEntry.objects.create(
        version=case.version,
        assessment=case,
        indicator="A1",
        points="1",
        reason="理由",
        entered_by=officer,
        revision=1,
        stage="first",
    )
    run = score_version(version_id=case.version.pk, kind=ScoreKind.REVIEWED)
    trial = finished(start(officer, round_, {"grades.0.min": "17"}))
    assert trial.result is not None
    row = next(row for row in trial.result["banks"] if row["assessment"] == case.pk)
    assert (row["kind"], row["before"]["total"]) == ("reviewed", run.total)
    others = {r["kind"] for r in trial.result["banks"] if r["assessment"] != case.pk}
    assert others == {"system"}


# --- The job ---------------------------------------------------------------------------------------------------------


def test_a_job_that_runs_twice_leaves_one_result_and_one_event(officer: User) -> None:
    trial = start(officer, a_round(), {"grades.0.min": "17"})
    trial = finished(trial)
    first = (trial.result, trial.finished_at)
    assert trial.job is not None
    Job.objects.filter(pk=trial.job.pk).update(state=JobState.QUEUED)
    again = finished(trial)
    assert (again.result, again.finished_at) == first
    assert Event.objects.filter(event="assessments.trial.computed").count() == 1
    assert jobs.run(trial.job.pk) == "skipped"


def test_two_runs_at_once_keep_the_result_of_the_first(officer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that was given up for lost finds, when it is done, the result of its successor and leaves it."""
    trial = start(officer, a_round(), {"grades.0.min": "17"})
    assert trial.job is not None
    Job.objects.filter(pk=trial.job.pk).update(state=JobState.RUNNING, token="mine")
    gather = services.gather

    def meanwhile(*args: Any) -> Any:
        Trial.objects.filter(pk=trial.pk).update(result={"banks": [], "failures": [], "mark": "theirs"}, scored=0)
        return gather(*args)

    monkeypatch.setattr(services, "gather", meanwhile)
    run_trial(trial.job, Progress(trial.job.pk, "mine"))
    kept = Trial.objects.get(pk=trial.pk).result
    assert kept is not None and kept["mark"] == "theirs"


@pytest.mark.usefixtures("past_the_triggers")
def test_a_filing_that_cannot_be_read_is_named_and_the_others_are_scored(officer: User) -> None:
    round_ = a_round()
    case = Assessment.objects.filter(round=round_, version__isnull=False).order_by("pk")[0]
    assert case.version is not None
    case.version.facts["bal"]["value"] = "not a number"
    case.version.save(update_fields=["facts"])
    trial = finished(start(officer, round_))
    assert trial.result is not None
    assert trial.scored == 2 and [f["bank"] for f in trial.result["failures"]] == [case.bank_id]


def test_the_number_of_queries_does_not_depend_on_the_number_of_banks(officer: User) -> None:
    def queries(count: int) -> int:
        round_ = a_round(count) if not Round.objects.exists() else Round.objects.get()
        engine_rulebook(round_.rulebook)
        with CaptureQueriesContext(connection) as seen:
            assert len(services.gather(round_, engine_rulebook(round_.rulebook))) == count
        return len(seen)

    few = queries(2)
    for case in Assessment.objects.filter(version__isnull=True).select_related("bank", "round"):
        submit(case)
    assert queries(3) == few <= 4


# --- Who may, and what is refused ------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.SECOND_REVIEWER, Role.AUDITOR, Role.ADMINISTRATOR])
def test_only_officers_and_decision_makers_start_a_trial(role: str) -> None:
    round_ = a_round(1)
    with pytest.raises((Refused, Hidden)):
        start(make_person(role), round_)
    assert not Trial.objects.exists()


def test_a_trial_is_read_by_those_who_read_assessments_and_hidden_from_all_others(officer: User) -> None:
    trial = start(officer, a_round(1))
    for role in (Role.CASE_OFFICER, Role.SECOND_REVIEWER, Role.DECISION_MAKER, Role.AUDITOR):
        assert get_trial(make_person(role), trial.pk) == trial
    bank = Assessment.objects.filter(version__isnull=False)[0].bank
    for person in (make_person(Role.ADMINISTRATOR), make_person(Role.BANK_SIGNATORY, bank=bank)):
        assert not visible_trials(person).exists()
        with pytest.raises(Http404):
            get_trial(person, trial.pk)


def test_everything_wrong_is_said_at_once_with_its_field(officer: User) -> None:
    round_ = a_round(1)
    with pytest.raises(TrialFaulty) as refused:
        start(officer, round_, {"indicators.B1.max": "many", "grades.0.min": "x"}, name=" ")
    assert {p.path for p in refused.value.problems} == {"name", "indicators.B1.max", "grades.0.min"}
    assert not Trial.objects.exists() and not Job.objects.filter(kind=services.TRIAL_JOB).exists()


def test_a_message_says_what_is_wrong_with_a_long_name_a_long_number_and_a_weight_below_nought(officer: User) -> None:
    round_ = a_round(1)
    with translation.override("zh-hans"), pytest.raises(TrialFaulty) as refused:
        start(
            officer, round_, {"indicators.B1.max": "-5", "grades.0.min": "9" * 40, "caps.0.when": "x"}, name="名" * 81
        )
    said = {p.path: p.message.zh + p.remedy.zh for p in refused.value.problems}
    assert "名称过长" in said["name"] and "起一个名称" not in said["name"]
    assert "不得低于 0，现填 -5" in said["indicators.B1.max"]
    assert "位数过多" in said["grades.0.min"] and "应填数字" not in said["grades.0.min"]


def test_a_round_without_submissions_is_refused(officer: User) -> None:
    make_bank()
    round_ = planned()
    open_round(actor=None, round_id=round_.pk)
    with pytest.raises(Refused):
        start(officer, round_)


# --- Pages -----------------------------------------------------------------------------------------------------------


def client(person: User, language: str = "zh-hans") -> Client:
    found = Client()
    found.force_login(person)
    found.cookies["django_language"] = language
    return found


def downloaded(browser: Client, trial: Trial, kind: str) -> bytes:
    """The file of the movers."""
    answer: Any = browser.get(reverse("trial-export", args=[trial.pk, kind]))
    return b"".join(answer.streaming_content)


def test_from_the_form_to_the_result_and_its_files(officer: User) -> None:
    round_ = a_round()
    browser = client(officer)
    url = f"{reverse('trial-create')}?round={round_.pk}"
    assert url in browser.get(reverse("round-detail", args=[round_.pk])).content.decode()
    auditor = client(make_person(Role.AUDITOR))
    assert url not in auditor.get(reverse("round-detail", args=[round_.pk])).content.decode()
    page = browser.get(url).content.decode()
    assert "审批权限下放" in page and "basis-reconstructed" in page and "现为 80 %" in page
    sent = {"round": round_.pk, "rulebook": round_.rulebook_id, "name": "下调分界值"}
    wrong = browser.post(reverse("trial-create"), sent | {"v-grades.0.min": "5"})
    assert wrong.status_code == 422
    text = wrong.content.decode()
    assert "分数段重叠" in text and 'href="#id_grades-0-min"' in text and 'value="下调分界值"' in text
    answer = browser.post(reverse("trial-create"), sent | {"v-indicators.B1.rule.points.1.0": "60", "v-caps.0": "off"})
    trial = Trial.objects.get()
    assert answer.status_code == 302 and answer["Location"] == reverse("trial-detail", args=[trial.pk])
    assert "正在计分" in browser.get(answer["Location"]).content.decode()
    trial = finished(trial)
    page = client(make_person(Role.AUDITOR)).get(answer["Location"]).content.decode()
    assert "等次变动" in page and "80% → 4 分" in page and "60% → 4 分" in page and "不再受限" in page
    assert "建议" in page
    book = openpyxl.load_workbook(io.BytesIO(downloaded(browser, trial, "xlsx")))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert trial.result is not None
    assert len(rows) - 1 == len([r for r in trial.result["banks"] if r["before"] != r["after"] or r["indicators"]])
    csv = downloaded(browser, trial, "csv").decode("utf-8-sig")
    assert "审批权限下放" in csv and "80 → 60%" in csv and "不再受限" in csv
    assert any("80 → 60%" in str(cell) for row in rows for cell in row)
    assert Event.objects.filter(event="assessments.trial.exported").count() == 2
    again = browser.get(reverse("trial-create") + f"?from={trial.pk}").content.decode()
    assert 'value="60"' in again
    english = client(officer, "en").get(answer["Location"]).content.decode()
    assert "From grade to grade" in english


def test_another_choice_of_round_or_rulebook_loses_nothing_typed_and_starts_nothing(officer: User) -> None:
    round_ = a_round()
    browser, url = client(officer), reverse("trial-create")
    sent = {
        "round": round_.pk,
        "rulebook": round_.rulebook_id,
        "name": "下调分界值",
        "note": "看看",
        "v-grades.0.min": "77",
    }
    shown = browser.post(url, sent | {"next_round": round_.pk, "next_rulebook": round_.rulebook_id, "show": "1"})
    text = shown.content.decode()
    assert shown.status_code == 200 and 'value="下调分界值"' in text and 'value="77"' in text and "看看" in text
    # A choice that was changed without pressing the button shows its numbers first.
    turned = browser.post(url, sent | {"rulebook": "0", "next_rulebook": round_.rulebook_id, "v-gone": "1"})
    text = turned.content.decode()
    assert turned.status_code == 200 and "已改选" in text and "1 个数字" in text and 'value="77"' in text
    for unknown in ({"round": "0"}, {"round": "x"}, {"rulebook": "999999"}):
        assert browser.post(url, sent | unknown).status_code == 404
    lacking = browser.post(url, sent | {"round": ""})
    text = lacking.content.decode()
    assert lacking.status_code == 422 and "请选择用于试算的年度评价" in text and 'value="77"' in text
    assert not Trial.objects.exists()


def test_banks_whose_gains_and_losses_cancel_out_are_counted_apart(officer: User) -> None:
    trial = finished(start(officer, a_round()))
    result = trial.result
    assert result is not None
    result["banks"][0]["indicators"] = {"A1": ["1", "2"], "B1": ["3", "2"]}
    Trial.objects.filter(pk=trial.pk).update(result=result)
    url = reverse("trial-detail", args=[trial.pk])
    assert "其中 1 家增减相抵，总分不变" in client(officer).get(url).content.decode()
    assert "of which 1 keeps its total" in client(officer, "en").get(url).content.decode()


def test_the_pages_make_a_constant_number_of_queries(officer: User) -> None:
    round_ = a_round(2)
    browser = client(officer)
    first = finished(start(officer, round_, {"indicators.B1.max": "8"}))

    def queries(url: str) -> int:
        browser.get(url)
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(url).status_code == 200
        return len(seen)

    pages = [reverse("trial-list"), reverse("trial-detail", args=[first.pk]), reverse("trial-create")]
    few = [queries(url) for url in pages]
    for case in Assessment.objects.filter(version__isnull=True).select_related("bank", "round"):
        submit(case)
    more = finished(start(officer, round_, {"indicators.B1.max": "8"}, name="试算二"))
    start(officer, round_, name="试算三")
    pages[1] = reverse("trial-detail", args=[more.pk])
    assert [queries(url) for url in pages] == few


def test_the_draft_lints_clean_and_is_told_in_the_trail(officer: User, tmp_path: Path) -> None:
    round_ = a_round(1)
    trial = start(officer, round_, {"indicators.B1.max": "8", "caps.0": "off"})
    name, content = build_draft(actor=officer, trial_id=trial.pk)
    assert name == "mini-2-draft.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {"mini/2/rulebook.yaml", "mini/2/CHANGES.md"} <= set(archive.namelist())
        archive.extractall(tmp_path)
    assert lint(tmp_path / "mini" / "2") == []
    text = (tmp_path / "mini" / "2" / "rulebook.yaml").read_text(encoding="utf-8")
    assert f"trial-{trial.pk}" in text and "basis: proposed" in text
    assert build_draft(actor=officer, trial_id=trial.pk)[1] == content
    assert Event.objects.filter(event="assessments.trial.drafted").count() == 2
    answer = client(officer).get(reverse("trial-draft", args=[trial.pk]))
    assert answer["Content-Type"] == "application/zip" and answer.content == content
    with pytest.raises(Refused):
        build_draft(actor=officer, trial_id=start(officer, round_).pk)


@pytest.mark.usefixtures("past_the_triggers")
def test_points_that_are_shared_out_are_named_as_the_reason(officer: User) -> None:
    """An indicator that does not apply shares its points out; with another weight it shares out others."""
    round_ = a_round(1)
    version = Assessment.objects.filter(version__isnull=False)[0].version
    assert version is not None
    version.answers = {"A2": {"narrative": "", "self_points": "", "not_applicable": True}}
    version.save(update_fields=["answers"])
    trial = finished(start(officer, round_, {"indicators.A2.max": "6"}))
    assert trial.result is not None
    (mover,) = moved(trial)
    assert mover.change
    (shared,) = mover.moves
    assert (shared.kind, shared.id, shared.before, shared.after, shared.change) == ("shared", "A", "4", "6", "+2")
    assert len(shared.because) == 1 and "4 → 6" in shared.because[0]


def test_an_administrator_publishes_the_draft_and_it_scores_as_it_was_tried(
    officer: User, tmp_path: Path, settings: Any
) -> None:
    """From the trial to the next version: the ZIP among the installed rulebooks, the check, the publication."""
    source = Path(settings.RULEBOOK_DIR) / "shanghai-2017" / "3"
    shutil.copytree(source, tmp_path / "shanghai-2017" / "3")
    settings.RULEBOOK_DIR = tmp_path
    administrator = make_person(Role.ADMINISTRATOR)
    base = publish_rulebook(actor=administrator, code="shanghai-2017", version="3")
    make_bank()
    round_ = planned(rulebook=base)
    open_round(actor=None, round_id=round_.pk)
    submit(Assessment.objects.select_related("bank", "round").get(round=round_))
    trial = start(officer, round_, {"indicators.C4.max": "4", "grades.0.min": "88", "caps.0": "off"})
    name, content = build_draft(actor=officer, trial_id=trial.pk)
    assert name == "shanghai-2017-4-draft.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert "shanghai-2017/4/vectors/worked-cases.yaml" in archive.namelist()
        archive.extractall(tmp_path)
    text = (tmp_path / "shanghai-2017" / "4" / "rulebook.yaml").read_text(encoding="utf-8")
    assert "extends:" in text and "- remove: caps.three-targets" in text
    published = publish_rulebook(actor=administrator, code="shanghai-2017", version="4")
    found, tried = engine_rulebook(published), trial_rulebook(trial)
    assert found.indicators["C4"].max == 4 and found.grades[0].basis == "proposed"
    assert [cap.id for cap in found.caps] == [cap.id for cap in engine_rulebook(base).caps if cap.id != "three-targets"]
    for vector in read_vectors(found, tmp_path / "shanghai-2017" / "4"):
        assert evaluate(found, vector.case).total == evaluate(tried, vector.case).total
    assert build_draft(actor=officer, trial_id=trial.pk)[0] == "shanghai-2017-5-draft.zip"


def test_a_draft_in_full_carries_the_worked_cases_too(officer: User, tmp_path: Path, settings: Any) -> None:
    """Where other content is installed under the version's name, the draft is whole, its cases computed again."""
    source = Path(settings.RULEBOOK_DIR) / "shanghai-2017" / "3"
    base = publish_rulebook(actor=None, code="shanghai-2017", version="3")
    installed = tmp_path / "shanghai-2017" / "3"
    shutil.copytree(source, installed)
    outcome = installed / "outcome.yaml"
    outcome.write_text(outcome.read_text(encoding="utf-8").replace("min: 90", "min: 91"), encoding="utf-8")
    settings.RULEBOOK_DIR = tmp_path
    make_bank()
    round_ = planned(rulebook=base)
    open_round(actor=None, round_id=round_.pk)
    submit(Assessment.objects.select_related("bank", "round").get(round=round_))
    trial = start(officer, round_, {"indicators.C4.max": "4", "indicators.E2.rule.x#0": "24"})
    _name, content = build_draft(actor=officer, trial_id=trial.pk)
    place = tmp_path / "elsewhere"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(place)
    folder = place / "shanghai-2017" / "4"
    assert "extends:" not in (folder / "rulebook.yaml").read_text(encoding="utf-8")
    cases = (folder / "vectors" / "worked-cases.yaml").read_text(encoding="utf-8")
    assert "须人工核对" in cases and "Check by hand" in cases
    assert lint(folder) == []
    for broken in ("outcome.yaml", "facts.yaml"):
        (installed / broken).write_text("facts: [", encoding="utf-8")
    assert build_draft(actor=officer, trial_id=trial.pk)[1] == content
