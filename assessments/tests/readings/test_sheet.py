"""One sheet for many banks: every problem by its cell, every change first, all of it or nothing."""

import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from assessments.models import Reading, ReadingPeriod
from assessments.readings.services import save_reading
from assessments.readings.sheet import give_readings, plan_sheet, sheets
from assessments.readings.views.sheet import SALT
from assessments.tests.readings.world import confirmed, figures, period_of
from assessments.tests.reviews.world import World, build
from banks.models import Bank
from scorecard.access.decisions import Refused, Stale
from scorecard.audit.models import Event
from scorecard.exports import write_sheets
from scorecard.jobs import services as jobs
from scorecard.jobs import tasks
from scorecard.jobs.models import Job, JobState
from scorecard.ui.previews import sealed_preview
from scorecard.workbook_views import SheetsView

pytestmark = pytest.mark.django_db
CODE = 1


@pytest.fixture
def world() -> World:
    return build()


@pytest.fixture
def period(world: World) -> ReadingPeriod:
    found = period_of(world)
    for code in ("B001", "B002"):
        world.bank(code)
    return found


def _book(world: World, period: ReadingPeriod) -> Any:
    made = io.BytesIO()
    write_sheets(made, sheets(world.officer, period))
    return openpyxl.load_workbook(io.BytesIO(made.getvalue()))


def _fill(book: Any, period: ReadingPeriod, code: str, **changed: str) -> None:
    sheet = book.worksheets[0]
    row = next(cells for cells in sheet.iter_rows(min_row=2) if cells[0].value == code)
    for place, text in enumerate(figures(period, **changed).values(), start=3):
        row[place].value = text or None


def _content(book: Any) -> bytes:
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def test_a_state_of_the_file_of_thousands_of_digits_is_another_one(world: World, period: ReadingPeriod) -> None:
    book = _book(world, period)
    _fill(book, period, "B001")
    row = next(cells for cells in book.worksheets[0].iter_rows(min_row=2) if cells[0].value == "B001")
    row[-1].value = "9" * 5000
    (problem,) = plan_sheet(world.officer, period, _content(book)).problems
    assert problem.cell == "A2"


def test_every_bank_and_figure_stands_in_it(world: World, period: ReadingPeriod) -> None:
    sheet = _book(world, period).worksheets[0]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == ["B001", "B002"]
    assert len(sheet[1]) == 3 + len(figures(period)) + 1


def test_given_shown_and_written(world: World, period: ReadingPeriod) -> None:
    book = _book(world, period)
    _fill(book, period, "B001", sme_bal_end="１２０亿元")
    plan = plan_sheet(world.officer, period, _content(book))
    assert (
        not plan.problems
        and len(plan.given) == 1
        and len(plan.changes) == len([text for text in figures(period).values() if text])
    )
    made = give_readings(actor=world.officer, period_id=period.pk, given=plan.given, note="自报表", sure=False)
    row = Reading.objects.get()
    assert made == [row] and row.source == "supervisor" and row.facts["sme_bal_end"]["value"] == "1200000"
    told = json.loads(Event.objects.get(event="assessments.reading.given").data)
    assert told["revisions"] == {"B001": 1}
    again = plan_sheet(world.officer, period, _content(_book(world, period)))
    assert not again.given and not again.problems, "a file that says what stands there changes nothing"


def test_a_blank_cell_leaves_a_figure_and_a_marker_empties_it(world: World, period: ReadingPeriod) -> None:
    book = _book(world, period)
    _fill(book, period, "B001")
    given = plan_sheet(world.officer, period, _content(book)).given
    give_readings(actor=world.officer, period_id=period.pk, given=given, note="自报表", sure=False)
    for text, problems in ((None, []), ("清空", ["缺少"]), ("(clear)", ["缺少"])):
        book = _book(world, period)
        row = next(cells for cells in book.worksheets[0].iter_rows(min_row=2) if cells[0].value == "B001")
        row[3 + list(figures(period)).index("applied")].value = text
        plan = plan_sheet(world.officer, period, _content(book))
        assert [problem.text[:2] for problem in plan.problems if "申请" in problem.text] == problems
        assert bool(plan.changes) is (text is not None)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"applied": ""}, "缺少"),
        ({"applied": "很多"}, "应填数字"),
        ({"approved": "7000"}, "不应大于"),
        ({"sme_hh_end": "1.5"}, "整数"),
    ],
)
def test_problems_are_named_by_their_cells(
    world: World, period: ReadingPeriod, changed: dict[str, str], words: str
) -> None:
    book = _book(world, period)
    _fill(book, period, "B002", **changed)
    plan = plan_sheet(world.officer, period, _content(book))
    assert any(words in str(problem.text) and problem.cell.endswith("3") for problem in plan.problems), plan.problems


def test_a_code_that_is_unknown_or_twice(world: World, period: ReadingPeriod) -> None:
    book = _book(world, period)
    _fill(book, period, "B001")
    _fill(book, period, "B002")
    sheet = book.worksheets[0]
    sheet["A3"].value = "B001"
    plan = plan_sheet(world.officer, period, _content(book))
    assert [problem.cell for problem in plan.problems] == ["A3"]
    sheet["A3"].value = "B999"
    assert "B999" in str(plan_sheet(world.officer, period, _content(book)).problems[0].text)


def test_a_reading_that_came_meanwhile_is_no_silent_loss(world: World, period: ReadingPeriod) -> None:
    book = _book(world, period)
    _fill(book, period, "B001", sme_hh_end="5001")
    plan = plan_sheet(world.officer, period, _content(book))
    bank = Bank.objects.get(code="B001")
    confirmed(period, bank)
    with pytest.raises(Stale):
        give_readings(actor=world.officer, period_id=period.pk, given=plan.given, note="", sure=True)
    late = plan_sheet(world.officer, period, _content(book))
    assert [problem.cell for problem in late.problems] == ["A2"]
    assert Reading.objects.count() == 1


def test_what_a_check_asks_is_taken_once_somebody_is_sure(world: World, period: ReadingPeriod) -> None:
    book = _book(world, period)
    _fill(book, period, "B001", sme_hh_end="2000")
    plan = plan_sheet(world.officer, period, _content(book))
    assert plan.asked and not plan.problems
    with pytest.raises(Refused):
        give_readings(actor=world.officer, period_id=period.pk, given=plan.given, note="x", sure=False)
    assert give_readings(actor=world.officer, period_id=period.pk, given=plan.given, note="x", sure=True)


def test_the_banks_own_draft_stays(world: World, period: ReadingPeriod) -> None:
    bank = Bank.objects.get(code="B001")
    preparer = world.people[bank.pk]["preparer"]
    draft, _errors = save_reading(actor=preparer, period_id=period.pk, typed={"applied": "7"}, note="", saves=0)
    book = _book(world, period)
    _fill(book, period, "B001")
    plan = plan_sheet(world.officer, period, _content(book))
    give_readings(actor=world.officer, period_id=period.pk, given=plan.given, note="", sure=False)
    draft.refresh_from_db()
    assert (draft.revision, draft.facts["applied"]["value"], draft.confirmed_at) == (2, "7", None)


def test_only_a_case_officer_gives(world: World, period: ReadingPeriod) -> None:
    book = _book(world, period)
    _fill(book, period, "B001")
    plan = plan_sheet(world.officer, period, _content(book))
    with pytest.raises(Refused):
        give_readings(actor=world.decider, period_id=period.pk, given=plan.given, note="", sure=False)


def test_on_the_screen(world: World, period: ReadingPeriod, client: Client) -> None:
    client.force_login(world.officer)
    taken: Any = client.get(reverse("reading-sheet", args=[period.pk]))
    book = openpyxl.load_workbook(io.BytesIO(b"".join(taken.streaming_content)))
    _fill(book, period, "B001")
    here = reverse("reading-import", args=[period.pk])
    page = client.post(here, {"file": SimpleUploadedFile("r.xlsx", _content(book))})
    assert page.status_code == 200 and not Reading.objects.exists()
    assert client.post(here, {"payload": page.context["payload"] + "x"}).status_code == 422
    assert client.post(here, {"payload": page.context["payload"]}).status_code == 302
    assert Reading.objects.count() == 1
    assert client.post(here, {"payload": page.context["payload"]}).status_code == 409, "twice does nothing"


def test_a_long_sheet_is_written_by_a_worker(
    world: World, period: ReadingPeriod, client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any
) -> None:
    monkeypatch.setattr(tasks.run_job, "apply_async", lambda **_kwargs: None)
    monkeypatch.setattr(SheetsView, "waited_rows", 0)
    settings.EXPORT_DIR = tmp_path
    client.force_login(world.officer)
    answer = client.get(reverse("reading-sheet", args=[period.pk]))
    job = Job.objects.get()
    assert answer.status_code == 302 and answer["Location"] == reverse("job-detail", args=[job.pk])
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE
    book = openpyxl.load_workbook(tmp_path / job.result["file"])
    assert book.worksheets[0].max_row > 1


def test_a_preview_is_of_its_person_and_its_period_alone(world: World, period: ReadingPeriod, client: Client) -> None:
    content = sealed_preview(SALT, world.decider, str(period.pk), {"file": "x", "given": []})
    other = sealed_preview(SALT, world.officer, "0", {"file": "x", "given": []})
    client.force_login(world.officer)
    for payload in (content, other):
        answer = client.post(reverse("reading-import", args=[period.pk]), {"payload": payload})
        assert answer.status_code == 422 and "请重新上传" in answer.content.decode()
