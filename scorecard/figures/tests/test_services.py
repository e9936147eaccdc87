"""Loading a report: all at once or not at all, idempotent, recorded, by an administrator only."""

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import TestCase

from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.models import Event
from scorecard.figures import services
from scorecard.figures.models import Figure, Load, LoadState, Relation, RelationFigure
from scorecard.jobs import services as jobs
from scorecard.jobs.models import Job, JobState
from scorecard.ui.job_pages import result_link
from scorecard.ui.links import address

pytestmark = pytest.mark.django_db


def counts(load: Load) -> tuple[int, int, int, int]:
    return load.added, load.changed, load.unchanged, load.rejected


def folder_zip(folder: Path) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for path in folder.iterdir():
            archive.write(path, f"report_2017/{path.name}")
    return target.getvalue()


@pytest.fixture
def copy(report_folder: Path, tmp_path: Path) -> Path:
    """A copy of the fixture that a test may change."""
    return Path(shutil.copytree(report_folder, tmp_path / "report"))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def state() -> list[Any]:
    return [
        list(Figure.objects.values_list()),
        list(Relation.objects.values_list()),
        list(RelationFigure.objects.values_list()),
    ]


def test_loading_twice_changes_nothing(report_folder: Path) -> None:
    first = services.load_report(actor=None, directory=report_folder)
    figures = Figure.objects.count()
    assert first.state == LoadState.LOADED
    assert counts(first) == (figures, 0, 0, 0)
    assert figures >= 700
    assert first.relations == Relation.objects.count() >= 200
    assert first.disagreements == Relation.objects.filter(holds=False).count() == 24
    before = state()
    second = services.load_report(actor=None, directory=report_folder)
    assert counts(second) == (0, 0, figures, 0)
    assert second.digest == first.digest
    assert state() == before


def test_figures_stand_in_the_order_of_the_report(report_folder: Path) -> None:
    services.load_report(actor=None, directory=report_folder)
    sections = list(Figure.objects.values_list("section", flat=True))
    assert sections[0] == "1-1-1"
    assert sections[-1] == "8-4-3"
    assert sections.index("2-1-6-2") < sections.index("2-1-z") < sections.index("2-2-1")
    assert sections.index("5-4") < sections.index("5-4-z-1") < sections.index("5-4-z-3") < sections.index("6-1-1")
    assert Figure.objects.count() == Figure.objects.values("position").distinct().count()


def test_a_changed_figure_is_changed_alone_and_its_relations_are_worked_out_again(copy: Path) -> None:
    services.load_report(actor=None, directory=copy)
    untouched = list(Figure.objects.exclude(ident="r2017-4-1-1-001").values_list())
    edit(
        copy / "chapter-4.csv",
        "Banks that signed bank-tax agreements,45,家,45,",
        "Banks that signed bank-tax agreements,46,家,46,",
    )
    load = services.load_report(actor=None, directory=copy, agreed=True)
    assert counts(load)[:2] == (0, 1)
    assert load.changes == [
        {"id": "r2017-4-1-1-001", "fields": {"value": ["45", "46"], "normalised_value": ["45", "46"]}}
    ]
    figure = Figure.objects.get(ident="r2017-4-1-1-001")
    assert (figure.value, figure.changed_by) == ("46", load)
    assert list(Figure.objects.exclude(ident="r2017-4-1-1-001").values_list()) == untouched
    assert Relation.objects.get(ident="bank-tax-banks").holds
    assert load.disagreements == 23


def test_one_file_alone_is_judged_with_what_is_there_already(copy: Path, administrator: Any) -> None:
    services.load_report(actor=None, directory=copy)
    edit(copy / "chapter-4.csv", "agreements,45,家,45,", "agreements,46,家,46,")
    load = services.accept_upload(actor=administrator, name="chapter-4.csv", data=(copy / "chapter-4.csv").read_bytes())
    load = services.run_upload(load_id=load.pk)
    services.answer_upload(actor=administrator, load_id=load.pk, agree=True)
    load = services.run_upload(load_id=load.pk, agreed=True)
    assert load.state == LoadState.LOADED
    assert load.changed == 1
    assert Relation.objects.get(ident="bank-tax-banks").holds
    assert Relation.objects.count() >= 200


def test_what_would_change_a_figure_is_shown_before_it_is_loaded(copy: Path, administrator: Any) -> None:
    services.load_report(actor=None, directory=copy)
    edit(copy / "chapter-4.csv", "agreements,45,家,45,", "agreements,46,家,46,")
    before = state()
    data = (copy / "chapter-4.csv").read_bytes()
    load = services.accept_upload(actor=administrator, name="chapter-4.csv", data=data)
    load = services.run_upload(load_id=load.pk)
    shown = [{"id": "r2017-4-1-1-001", "fields": {"value": ["45", "46"], "normalised_value": ["45", "46"]}}]
    assert (load.state, load.changes, bytes(load.content)) == (LoadState.ASKED, shown, data)
    assert state() == before
    assert services.answer_upload(actor=administrator, load_id=load.pk, agree=False).state == LoadState.DISCARDED
    with pytest.raises(Refused):
        services.answer_upload(actor=administrator, load_id=load.pk, agree=True)
    assert state() == before
    assert [event.event for event in Event.objects.order_by("-seq")[:3]] == [
        "figures.report.discarded",
        "figures.report.shown",
        "figures.report.uploaded",
    ]


def test_only_the_changes_that_were_shown_are_agreed_to(copy: Path, administrator: Any) -> None:
    """Figures that moved between the look and the answer are shown again."""
    services.load_report(actor=None, directory=copy)
    edit(copy / "chapter-4.csv", "agreements,45,家,45,", "agreements,46,家,46,")
    data = (copy / "chapter-4.csv").read_bytes()
    load = services.accept_upload(actor=administrator, name="chapter-4.csv", data=data)
    services.run_upload(load_id=load.pk)
    services.answer_upload(actor=administrator, load_id=load.pk, agree=True)
    Figure.objects.filter(ident="r2017-4-1-1-001").update(value="47", normalised_value="47")
    load = services.run_upload(load_id=load.pk, agreed=True)
    assert load.state == LoadState.ASKED
    assert load.changes[0]["fields"]["value"] == ["47", "46"]
    assert Figure.objects.get(ident="r2017-4-1-1-001").value == "47"
    services.answer_upload(actor=administrator, load_id=load.pk, agree=True)
    assert services.run_upload(load_id=load.pk, agreed=True).state == LoadState.LOADED
    assert Figure.objects.get(ident="r2017-4-1-1-001").value == "46"


def test_the_command_shows_what_would_change_and_asks(copy: Path) -> None:
    services.load_report(actor=None, directory=copy)
    edit(copy / "chapter-4.csv", "agreements,45,家,45,", "agreements,46,家,46,")
    out = io.StringIO()
    with pytest.raises(CommandError, match="--agree"):
        call_command("load_report", str(copy), stdout=out)
    assert "r2017-4-1-1-001 value: 45 → 46" in out.getvalue()
    assert Figure.objects.get(ident="r2017-4-1-1-001").value == "45"
    call_command("load_report", str(copy), "--agree", stdout=out)
    assert Figure.objects.get(ident="r2017-4-1-1-001").value == "46"


def test_a_problem_rejects_the_whole_fixture_and_writes_nothing(copy: Path) -> None:
    edit(copy / "chapter-8.csv", ",876,起,876,", ",876,起,877,")
    load = services.load_report(actor=None, directory=copy)
    assert load.state == LoadState.REJECTED
    assert counts(load) == (0, 0, 0, 1)
    problem = load.problems[0]
    lines = (copy / "chapter-8.csv").read_text(encoding="utf-8").split("\n")
    assert (problem["file"], problem["field"]) == ("chapter-8.csv", "normalised_value")
    assert ",876,起,877," in lines[problem["line"] - 1]
    assert not Figure.objects.exists()
    assert not Relation.objects.exists()


def test_nothing_is_left_half_written(report_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(services, "record", broken)
    with pytest.raises(RuntimeError):
        services.load_report(actor=None, directory=report_folder)
    assert not Figure.objects.exists()
    assert not Load.objects.exists()


def test_a_relation_loaded_before_that_breaks_is_a_problem(copy: Path) -> None:
    services.load_report(actor=None, directory=copy)
    (copy / "relations.yaml").unlink()
    # The whole of a share printed as "at least" cannot be calculated with any more.
    text = (copy / "chapter-2.csv").read_text(encoding="utf-8")
    row = next(line for line in text.split("\n") if line.startswith("r2017-2-1-z-005,"))
    (copy / "chapter-2.csv").write_text(text.replace(row, row.replace(",CNY,,", ",CNY,超过,")), encoding="utf-8")
    load = services.load_report(actor=None, directory=copy)
    assert load.state == LoadState.REJECTED
    assert "village-bank-sme-share" in json.dumps(load.problems)
    assert Figure.objects.get(ident="r2017-2-1-z-005").qualifier == ""


def test_each_load_is_one_event(copy: Path, administrator: Any) -> None:
    services.load_report(actor=administrator, directory=copy)
    edit(copy / "chapter-8.csv", ",876,起,876,", ",876,起,877,")
    services.load_report(actor=administrator, directory=copy)
    events = list(Event.objects.order_by("seq"))
    assert [event.event for event in events] == ["figures.report.loaded", "figures.report.rejected"]
    assert {event.actor_id for event in events} == {administrator.pk}
    assert json.loads(events[0].data)["added"] == Figure.objects.count()
    assert json.loads(events[1].data)["rejected"] == 1


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR}))
def test_only_an_administrator_loads(person: Callable[..., Any], role: Role, report_folder: Path) -> None:
    someone = person(role)
    with pytest.raises(Refused):
        services.load_report(actor=someone, directory=report_folder)
    with pytest.raises(Refused):
        services.accept_upload(actor=someone, name="a.csv", data=b"id")
    assert not Load.objects.exists()
    assert not Job.objects.exists()


def test_a_missing_folder_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Refused) as error:
        services.load_report(actor=None, directory=tmp_path / "nowhere")
    assert "nowhere" in str(error.value)


def test_an_upload_is_queued_and_the_job_loads_it_once(administrator: Any, report_folder: Path) -> None:
    with TestCase.captureOnCommitCallbacks(execute=False):
        load = services.accept_upload(actor=administrator, name="report.zip", data=folder_zip(report_folder))
    assert load.state == LoadState.WAITING
    assert not Figure.objects.exists()
    assert load.job_id is not None
    assert jobs.run(load.job_id) == "done"
    job = Job.objects.get(pk=load.job_id)
    assert job.state == JobState.DONE
    assert address(result_link(job)) == f"/report/loads/{load.pk}/"
    assert job.done == job.total == Figure.objects.count() + Relation.objects.count()
    load.refresh_from_db()
    assert (load.state, bytes(load.content)) == (LoadState.LOADED, b"")
    assert services.run_upload(load_id=load.pk).added == load.added
    assert Event.objects.filter(event="figures.report.loaded").count() == 1


def test_what_is_no_fixture_is_refused_at_once(administrator: Any) -> None:
    with pytest.raises(Refused) as error:
        services.accept_upload(actor=administrator, name="a.exe", data=b"MZ")
    assert str(error.value).endswith((".", "。"))
    assert not Load.objects.exists()


def test_the_upload_is_not_written_when_the_surrounding_transaction_fails(
    administrator: Any, report_folder: Path
) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        services.accept_upload(actor=administrator, name="r.zip", data=folder_zip(report_folder))
        raise RuntimeError
    assert not Load.objects.exists()
    assert not Job.objects.exists()


# --- The command -----------------------------------------------------------------------------------------------------


def test_the_command_prints_the_outcome_and_the_disagreements(report_folder: Path) -> None:
    out = io.StringIO()
    call_command("load_report", str(report_folder), stdout=out)
    figures = Figure.objects.count()
    assert str(figures) in out.getvalue()
    assert out.getvalue().count("\n  ") == 24
    assert "futures-branches-share" in out.getvalue()
    again = io.StringIO()
    call_command("load_report", str(report_folder), stdout=again)
    assert str(figures) in again.getvalue()
    assert Load.objects.first().unchanged == figures  # type: ignore[union-attr]


def test_the_command_names_file_line_and_field_and_fails(copy: Path) -> None:
    edit(copy / "chapter-8.csv", ",876,起,876,", ",876,起,877,")
    errors = io.StringIO()
    with pytest.raises(CommandError):
        call_command("load_report", str(copy), stdout=io.StringIO(), stderr=errors)
    assert errors.getvalue().startswith("chapter-8.csv:")
    assert ":normalised_value: " in errors.getvalue()
    with pytest.raises(CommandError, match="nowhere"):
        call_command("load_report", str(copy / "nowhere"))
