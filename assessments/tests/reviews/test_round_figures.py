"""All of the supervisor's figures of a round in one sheet: on the screen and as a workbook, by the same service."""

import html
import io
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from assessments.models import Assessment, Round, RoundParameter, RoundState
from assessments.reviews.round_figures.selectors import figure_cases, figure_rows
from assessments.rounds.parameters.services import set_round_parameter
from assessments.rounds.services import open_round
from assessments.rulebooks.cache import forget
from assessments.rulebooks.services import publish_rulebook
from assessments.tests.rounds.world import administrator, planned
from assessments.workflow import capabilities
from assessments.workflow.machine import GIVE_FIGURES
from banks.models import FactEntry, StandIn, User
from banks.tests.factories import make_bank
from scorecard.audit.models import Event

from . import world as worlds
from .client import signed_in
from .world import World

pytestmark = pytest.mark.django_db
FEES, FINDINGS = "fee_violations", "open_findings"


@pytest.fixture
def world() -> Iterator[World]:
    with translation.override("en"):
        yield worlds.build()


def drafts(world: World, count: int, officer: User | None = None) -> list[Assessment]:
    """Cases whose banks have not filed yet."""
    start = Assessment.objects.count()
    found = []
    for number in range(start, start + count):
        bank = make_bank(code=f"D{number:03}", name_zh=f"草稿{number:03}银行", name_en=f"Draft Bank {number:03}")
        found.append(Assessment.objects.create(round=world.round, bank=bank, officer=officer or world.officer))
    return found


def url(world: World, name: str = "round-figures") -> str:
    return reverse(name, args=[world.round.pk])


def page(client: Client, world: World, query: str = "") -> str:
    response = client.get(url(world) + query)
    assert response.status_code == 200
    return response.content.decode()


def form(text: str) -> dict[str, str]:
    """What the form of a page sends where nothing is typed."""
    found = {
        "shown": re.search(r'name="shown" value="([^"]*)"', text).group(1),  # type: ignore[union-attr]
        "note": re.search(r'id="note"[^>]*value="([^"]*)"', text).group(1),  # type: ignore[union-attr]
    }
    found |= {name: html.unescape(value) for name, value in re.findall(r'name="(c-[^"]+)" value="([^"]*)"', text)}
    found |= dict(re.findall(r'name="(asked-[^"]+)" value="([^"]*)"', text))
    return found


def send(client: Client, world: World, sent: dict[str, str], status: int = 302, query: str = "") -> str:
    response = client.post(url(world) + query, sent)
    assert response.status_code == status, response.content.decode()[:4000]
    return response.content.decode()


def cell(case: Assessment, fact: str = FEES) -> str:
    return f"c-{case.pk}-{fact}"


def given(case: Assessment) -> dict[str, tuple[str, str, int]]:
    rows = FactEntry.objects.filter(bank=case.bank, period="2017", source="supervisor").order_by("revision")
    return {row.fact: (row.state, row.value, row.revision) for row in rows}


def changes() -> list[dict[str, Any]]:
    rows = Event.objects.filter(event="assessments.review.facts").order_by("seq")
    return [json.loads(row.data)["changes"] for row in rows]


# --- On the screen ---------------------------------------------------------------------------------------------------


def test_figures_of_many_banks_are_saved_at_once_each_case_with_one_event(world: World) -> None:
    case, other = drafts(world, 2)
    reviewed = world.accepted()
    client = signed_in(world.officer)
    sent = form(page(client, world))
    sent |= {cell(case): "2", cell(other, FINDINGS): "不适用", cell(reviewed): "1", "note": "检查意见书第3号"}
    before = world.again(reviewed)
    send(client, world, sent)
    assert given(case) == {FEES: ("value", "2", 1)}
    assert given(other) == {FINDINGS: ("not_applicable", "", 1)}
    assert given(reviewed) == {FEES: ("value", "1", 1)}
    after = world.again(reviewed)
    assert after.system_run_id != before.system_run_id and after.reviewed_run_id is not None
    assert changes() == [{FEES: ["", "2"]}, {FINDINGS: ["", "not_applicable"]}, {FEES: ["", "1"]}]
    text = page(client, world)
    assert 'value="2"' in text and 'value="不适用"' in text
    # The page as it stands changes nothing: no row and no event.
    send(client, world, form(text))
    assert len(changes()) == 3


def test_one_wrong_cell_keeps_everything_that_was_typed_and_writes_nothing(world: World) -> None:
    case, other = drafts(world, 2)
    client = signed_in(world.officer)
    sent = form(page(client, world)) | {cell(case): "abc", cell(other): "3", "note": "第7号函"}
    text = send(client, world, sent, 422)
    assert 'value="abc"' in text and f'id="{cell(other)}" name="{cell(other)}" value="3"' in text
    assert 'value="第7号函"' in text
    assert f'href="#{cell(case)}"' in text and "must be a number" in text
    assert not FactEntry.objects.filter(source="supervisor").exists()
    # Mended on the page that came back, both are saved.
    send(client, world, form(text) | {cell(case): "1"})
    assert given(case)[FEES][1] == "1" and given(other)[FEES][1] == "3"


def test_a_cell_that_somebody_else_changed_meanwhile_is_shown_and_not_overwritten(world: World) -> None:
    case, other = drafts(world, 2)
    mine, theirs = signed_in(world.officer), signed_in(world.officer)
    first, second = form(page(mine, world)), form(page(theirs, world))
    send(theirs, world, second | {cell(case): "4"})
    # A cell that I leave alone is no conflict; one that I change is.
    text = send(mine, world, first | {cell(case): "5", cell(other): "6"}, 409)
    assert "It has changed since you opened it" in text and "Stands now" in text
    assert f'name="{cell(case)}" value="5"' in text and f'name="{cell(other)}" value="6"' in text
    assert given(case) == {FEES: ("value", "4", 1)} and given(other) == {}
    send(mine, world, form(text))
    assert given(case)[FEES] == ("value", "5", 2) and given(other)[FEES] == ("value", "6", 1)


def test_a_change_of_another_cell_meanwhile_is_no_conflict(world: World) -> None:
    case, other = drafts(world, 2)
    mine, theirs = signed_in(world.officer), signed_in(world.officer)
    first = form(page(mine, world))
    send(theirs, world, form(page(theirs, world)) | {cell(case): "4"})
    send(mine, world, first | {cell(other): "6"})
    assert given(case)[FEES][1] == "4" and given(other)[FEES][1] == "6"


def test_a_figure_of_unlikely_size_is_asked_about_in_its_cell(world: World) -> None:
    case, other = drafts(world, 2)
    FactEntry.objects.create(bank=case.bank, period="2016", fact=FEES, revision=1, value="2", source="supervisor")
    client = signed_in(world.officer)
    sent = form(page(client, world)) | {cell(case): "200", cell(other): "3"}
    text = send(client, world, sent, 422)
    assert "about 100 times last year" in text and 'name="sure"' in text
    assert not FactEntry.objects.filter(period="2017").exists()
    # Being sure of one figure is not being sure of another that took its place.
    send(client, world, form(text) | {cell(case): "300", "sure": "1"}, 422)
    send(client, world, form(text) | {"sure": "1"})
    assert given(case)[FEES][1] == "200" and given(other)[FEES][1] == "3"


def test_cells_are_open_exactly_where_the_workflow_says_so(world: World) -> None:
    """The sheet asks for many cases at once what the capability says of one."""
    drafts(world, 1)
    drafts(world, 1, world.officer_2)
    free = drafts(world, 1)[0]
    Assessment.objects.filter(pk=free.pk).update(officer=None)
    for make, code in (
        (world.submitted, "B001"),
        (world.accepted, "B002"),
        (world.second_review, "B003"),
        (world.for_decision, "B004"),
        (world.notified, "B005"),
    ):
        make(code)
    today = timezone.localdate()
    StandIn.objects.create(
        absent=world.officer_2, person=world.officer, since=today, until=today, reason="休假", named_by=world.officer_2
    )
    for actor in (world.officer, world.officer_2, world.second, world.decider, world.auditor):
        for state in (RoundState.OPEN, RoundState.CLOSED):
            Round.objects.filter(pk=world.round.pk).update(state=state)
            world.round.refresh_from_db()
            cases = list(figure_cases(actor, world.round, worlds.rulebook()))
            rows = figure_rows(actor, world.round, worlds.rulebook(), cases)
            expected = [GIVE_FIGURES in capabilities(actor=actor, assessment=case) for case in cases]
            assert [row.may_give for row in rows] == expected, (actor, state)
            assert any(expected) == (state == RoundState.OPEN and actor in (world.officer, world.officer_2))


def test_who_may_not_give_a_figure_has_no_field_and_is_refused(world: World) -> None:
    case = drafts(world, 1)[0]
    sent = form(page(signed_in(world.officer), world)) | {cell(case): "1"}
    for actor in (world.officer_2, world.second, world.decider, world.auditor):
        client = signed_in(actor)
        assert 'name="c-' not in page(client, world)
        assert "e" in send(client, world, sent, 422)
        send(client, world, {cell(case): "1"}, 409)
    assert given(case) == {}


def test_a_case_that_moved_on_while_the_page_was_open_keeps_its_figures(world: World) -> None:
    case = drafts(world, 1)[0]
    client = signed_in(world.officer)
    sent = form(page(client, world)) | {cell(case): "1"}
    Round.objects.filter(pk=world.round.pk).update(state=RoundState.CLOSED)
    assert "not open" in send(client, world, sent, 422)
    Round.objects.filter(pk=world.round.pk).update(state=RoundState.OPEN)
    world.people[case.bank_id] = dict.fromkeys(("preparer", "reviewer", "signatory"), world.second)
    world.freeze(case, 1)
    assert "newer version" in send(client, world, sent, 409)
    assert given(case) == {}


def test_a_bank_opens_none_of_it(world: World) -> None:
    case = world.accepted()
    for user in world.people[case.bank_id].values():
        for name in ("round-figures", "round-figures-file", "round-figures-import", "round-workbook"):
            assert signed_in(user).get(url(world, name)).status_code == 403


def test_the_seal_of_another_round_is_none(world: World) -> None:
    case = drafts(world, 1)[0]
    sent = form(page(signed_in(world.officer), world)) | {cell(case): "1"}
    other = worlds.another_round("sh-2016", 2016)
    response = signed_in(world.officer).post(reverse("round-figures", args=[other.pk]), sent)
    assert response.status_code == 409 and given(case) == {}


def test_filters_find_the_banks_with_a_figure_missing(world: World) -> None:
    case, other = drafts(world, 2)
    for fact in ("returns", "late_days", FEES, FINDINGS):
        FactEntry.objects.create(bank=case.bank, period="2017", fact=fact, revision=1, value="0", source="system")
    client = signed_in(world.officer)
    missing, complete = page(client, world, "?missing=yes"), page(client, world, "?missing=no")
    assert other.bank.name_en in missing and case.bank.name_en not in missing
    assert case.bank.name_en in complete and other.bank.name_en not in complete
    # A figure that was withdrawn is missing again.
    FactEntry.objects.create(
        bank=case.bank, period="2017", fact=FEES, revision=2, state="not_supplied", source="supervisor"
    )
    assert case.bank.name_en in page(client, world, "?missing=yes")


def test_the_reading_of_the_sheet_is_in_the_trail(world: World) -> None:
    drafts(world, 1)
    page(signed_in(world.officer), world)
    event = Event.objects.get(event="assessments.list.read")
    assert json.loads(event.data) == {"list": "supervisor's figures of a round"}


# --- As a workbook ---------------------------------------------------------------------------------------------------


def book(client: Client, world: World) -> openpyxl.Workbook:
    response = client.get(url(world, "round-figures-file"))
    assert response.status_code == 200
    return openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))  # type: ignore[attr-defined]


def find(sheet: Any, row_of: str, title: str) -> Any:
    """The cell of a row (by what stands in its first column) under a title."""
    heads = {cell.value: cell.column for cell in sheet[1]}
    row = next(row for row in range(2, sheet.max_row + 1) if sheet.cell(row, 1).value == row_of)
    return sheet.cell(row, heads[title])


def upload(client: Client, world: World, workbook: openpyxl.Workbook, status: int = 200) -> str:
    target = io.BytesIO()
    workbook.save(target)
    target.seek(0)
    target.name = "figures.xlsx"
    response = client.post(url(world, "round-figures-import"), {"file": target})
    assert response.status_code == status, response.content.decode()[:4000]
    return html.unescape(response.content.decode())


def confirm(client: Client, world: World, preview: str, status: int = 302, **more: str) -> str:
    payload = re.search(r'name="payload" value="([^"]*)"', preview).group(1)  # type: ignore[union-attr]
    response = client.post(url(world, "round-figures-import"), {"payload": payload, **more})
    assert response.status_code == status, response.content.decode()[:4000]
    return html.unescape(response.content.decode())


def title_of(sheet: Any, words: str) -> str:
    return next(cell.value for cell in sheet[1] if words in cell.value and not cell.value.startswith("Last year"))


def test_the_workbook_comes_back_as_it_went_out_and_changes_nothing(world: World) -> None:
    case = drafts(world, 2)[0]
    FactEntry.objects.create(bank=case.bank, period="2017", fact=FEES, revision=1, value="2", source="supervisor")
    FactEntry.objects.create(bank=case.bank, period="2016", fact=FEES, revision=1, value="7", source="supervisor")
    client = signed_in(world.officer)
    workbook = book(client, world)
    sheet = workbook.worksheets[0]
    fees = title_of(sheet, "improper fees")
    assert find(sheet, case.bank.code, fees).value == 2
    assert find(sheet, case.bank.code, f"Last year: {fees}").value == 7
    assert [one.title for one in workbook.worksheets] == ["Supervisor's figures", "Definitions"]
    assert "Nothing to write" in upload(client, world, workbook)
    event = Event.objects.filter(event="assessments.list.exported").latest("seq")
    assert json.loads(event.data)["rows"] == 2


def test_the_screen_and_the_workbook_write_the_same(world: World) -> None:
    """Parity: the same figures by either way leave the same rows, events, runs and totals."""
    typed = {FEES: "3", FINDINGS: "1"}
    by_screen, by_file = world.accepted("B001"), world.accepted("B002")
    client = signed_in(world.officer)
    sent = form(page(client, world))
    send(client, world, sent | {cell(by_screen, fact): text for fact, text in typed.items()})
    workbook = book(client, world)
    sheet = workbook.worksheets[0]
    find(sheet, "B002", title_of(sheet, "improper fees")).value = 3
    find(sheet, "B002", title_of(sheet, "Findings")).value = "1"
    preview = upload(client, world, workbook)
    assert preview.count("<ins>") == 2
    confirm(client, world, preview)
    assert given(by_screen) == given(by_file) == {FEES: ("value", "3", 1), FINDINGS: ("value", "1", 1)}
    events = [json.loads(row.data) for row in Event.objects.filter(event="assessments.review.facts").order_by("seq")]
    assert len(events) == 2
    for event in events:
        event.pop("note")
    assert events[0] == events[1]
    runs = [world.again(case) for case in (by_screen, by_file)]
    assert runs[0].reviewed_run.total == runs[1].reviewed_run.total  # type: ignore[union-attr]
    assert runs[0].system_run.inputs["facts"] == runs[1].system_run.inputs["facts"]  # type: ignore[union-attr]
    # Whatever the screen refuses, the file refuses with the same sentence.
    for wrong in ("abc", "-1", "1.5"):
        text = html.unescape(send(client, world, form(page(client, world)) | {cell(by_screen): wrong}, 422))
        workbook = book(client, world)
        there = find(workbook.worksheets[0], "B001", title_of(workbook.worksheets[0], "improper fees"))
        there.value = wrong
        said = upload(client, world, workbook, 422)
        sentence = re.search(r"“Proven cases[^<]*", text).group(0)  # type: ignore[union-attr]
        assert sentence in said and f"Supervisor's figures {there.coordinate}" in said, sentence


def test_everything_that_is_wrong_with_a_file_is_said_at_once_by_cell(world: World) -> None:
    cases = drafts(world, 4)
    drafts(world, 1, world.officer_2)
    client = signed_in(world.officer)
    workbook = book(client, world)
    sheet = workbook.worksheets[0]
    fees = title_of(sheet, "improper fees")
    codes = [case.bank.code for case in cases]
    find(sheet, codes[0], fees).value = "=1+1"
    find(sheet, codes[1], fees).value = "#N/A"
    sheet.cell(find(sheet, codes[1], fees).row, find(sheet, codes[1], fees).column).data_type = "e"
    find(sheet, codes[2], fees).value = "many"
    find(sheet, codes[3], "Bank").value = "Another Bank"
    find(sheet, "D004", fees).value = 1
    sheet.append(["X999"])
    sheet.append([codes[0]])
    text = upload(client, world, workbook, 422)
    for words in (
        "the formula =1+1 has no kept value",
        "spreadsheet error #N/A",
        "not “many”",
        "the name beside it another",
        "officer-2 has this case",
        "code “X999”",
        "stands in row 2 already",
    ):
        assert words in text, words
    assert "7 cells need mending" in text
    assert not FactEntry.objects.filter(source="supervisor").exists()


def test_a_blank_cell_changes_nothing_and_a_word_empties_it(world: World) -> None:
    case, other = drafts(world, 2)
    for one in (case, other):
        FactEntry.objects.create(bank=one.bank, period="2017", fact=FEES, revision=1, value="2", source="supervisor")
    client = signed_in(world.officer)
    workbook = book(client, world)
    sheet = workbook.worksheets[0]
    fees = title_of(sheet, "improper fees")
    find(sheet, case.bank.code, fees).value = None
    find(sheet, other.bank.code, fees).value = "清空"
    preview = upload(client, world, workbook)
    assert "1 change" in preview
    confirm(client, world, preview)
    assert given(case)[FEES] == ("value", "2", 1) and given(other)[FEES] == ("not_supplied", "", 2)


def test_a_file_that_is_older_than_a_figure_does_not_overwrite_it(world: World) -> None:
    case, other = drafts(world, 2)
    FactEntry.objects.create(bank=case.bank, period="2017", fact=FEES, revision=1, value="2", source="supervisor")
    client = signed_in(world.officer)
    workbook = book(client, world)
    sheet = workbook.worksheets[0]
    fees = title_of(sheet, "improper fees")
    FactEntry.objects.create(bank=case.bank, period="2017", fact=FEES, revision=2, value="9", source="supervisor")
    # Left as it was in the file, the cell says nothing of the newer figure.
    find(sheet, other.bank.code, fees).value = 1
    assert "1 change" in upload(client, world, workbook)
    find(sheet, case.bank.code, fees).value = 5
    assert "Somebody has given “9" in upload(client, world, workbook, 422)
    # Between the preview and the confirmation somebody is faster: nothing is written.
    fresh = book(client, world)
    find(fresh.worksheets[0], case.bank.code, fees).value = 5
    find(fresh.worksheets[0], other.bank.code, fees).value = 1
    preview = upload(client, world, fresh)
    FactEntry.objects.create(bank=case.bank, period="2017", fact=FEES, revision=3, value="8", source="supervisor")
    assert "These figures have been given" in confirm(client, world, preview, 409)
    assert given(case)[FEES] == ("value", "8", 3) and given(other) == {}


def test_a_figure_of_unlikely_size_in_a_file_is_asked_about(world: World) -> None:
    case = drafts(world, 1)[0]
    FactEntry.objects.create(bank=case.bank, period="2016", fact=FEES, revision=1, value="2", source="supervisor")
    client = signed_in(world.officer)
    workbook = book(client, world)
    sheet = workbook.worksheets[0]
    find(sheet, case.bank.code, title_of(sheet, "improper fees")).value = 200
    preview = upload(client, world, workbook)
    assert "about 100 times last year" in preview and 'name="sure"' in preview
    confirm(client, world, preview, 422)
    assert given(case) == {}
    confirm(client, world, preview, sure="1")
    assert given(case)[FEES][1] == "200"


def test_the_preview_of_somebody_else_writes_nothing(world: World) -> None:
    case = drafts(world, 1)[0]
    workbook = book(signed_in(world.officer), world)
    sheet = workbook.worksheets[0]
    find(sheet, case.bank.code, title_of(sheet, "improper fees")).value = 1
    preview = upload(signed_in(world.officer), world, workbook)
    confirm(signed_in(world.officer_2), world, preview, 422)
    assert given(case) == {}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "\t="])
def test_a_name_that_looks_like_a_formula_goes_out_as_text(world: World, start: str) -> None:
    case = drafts(world, 1)[0]
    case.bank.name_en = f"{start}1+1 Bank"
    case.bank.save()
    sheet = book(signed_in(world.officer), world).worksheets[0]
    assert find(sheet, case.bank.code, "Bank").data_type == "s"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 damaged", b"code,bank\n1,2\n", b"\xd0\xcf\x11\xe0old"])
def test_what_is_no_workbook_is_refused_in_words(world: World, content: bytes) -> None:
    file = io.BytesIO(content)
    file.name = "figures.xlsx"
    response = signed_in(world.officer).post(url(world, "round-figures-import"), {"file": file})
    assert response.status_code == 422


# --- Percentages, and the values of the year -------------------------------------------------------------------------


@pytest.fixture
def national() -> Iterator[Round]:
    with translation.override("en"):
        forget()
        make_bank(code="N001")
        round_ = planned(code="yearly", rulebook=publish_rulebook(actor=None, code="national-2020", version="3"))
        open_round(actor=None, round_id=round_.pk)
        yield round_


@pytest.fixture
def yearly(national: Round) -> World:
    officer = worlds.person("officer", "case_officer")
    Assessment.objects.update(officer=officer)
    people: dict[str, Any] = dict.fromkeys(("officer_2", "second", "decider", "auditor"), officer)
    return World(national, officer=officer, **people)


def test_a_share_above_the_whole_is_asked_about_and_a_fraction_goes_out_as_a_percentage(yearly: World) -> None:
    case = Assessment.objects.get()
    client = signed_in(yearly.officer)
    text = page(client, yearly)
    name = cell(case, "reg_growth_target")
    asked = send(client, yearly, form(text) | {name: "300"}, 422)
    assert "is 300%, more than the whole" in html.unescape(asked)
    send(client, yearly, form(asked) | {name: "30"})
    assert given(case)["reg_growth_target"][1] == "0.3"
    sheet = (workbook := book(client, yearly)).worksheets[0]
    found = find(sheet, "N001", title_of(sheet, "Growth target"))
    assert found.value == 0.3 and "%" in found.number_format
    assert "Nothing to write" in upload(client, yearly, workbook)
    found.value = 3
    preview = upload(client, yearly, workbook)
    assert "more than the whole" in preview
    found.value = "35"  # as text it is typed like on the screen
    confirm(client, yearly, upload(client, yearly, workbook))
    assert given(case)["reg_growth_target"][1] == "0.35"


def test_a_value_of_the_year_above_the_whole_is_asked_about(yearly: World) -> None:
    browser = signed_in(administrator())
    target = reverse("round-parameter-set", args=[yearly.round.pk, "high_share_line"])
    sent = {"f-high_share_line": "300", "source": "第9号通知", "seen": "0"}
    response = browser.post(target, sent)
    assert response.status_code == 422
    text = html.unescape(response.content.decode())
    assert "more than the whole" in text and 'name="sure"' in text and "第9号通知" in text
    assert not RoundParameter.objects.exists()
    assert browser.post(target, sent | {"sure": "1", "asked": "200"}).status_code == 422
    assert browser.post(target, sent | {"sure": "1", "asked": "300"}).status_code == 302
    assert RoundParameter.objects.get().value == "3"


def test_the_administrator_sets_the_values_of_the_year_by_the_file_and_reads_no_figure(yearly: World) -> None:
    browser = signed_in(administrator())
    workbook = book(browser, yearly)
    assert [sheet.title for sheet in workbook.worksheets] == ["Values of the year", "Definitions"]
    sheet = workbook.worksheets[0]
    name = sheet.cell(2, 1).value
    find(sheet, name, "New value").value = 0.35
    text = upload(browser, yearly, workbook, 422)
    assert "Say where the value comes from" in text and "Values of the year" in text
    find(sheet, name, "Source of the new value").value = "第9号通知"
    confirm(browser, yearly, upload(browser, yearly, workbook))
    assert RoundParameter.objects.get().value == "0.35"
    assert Event.objects.filter(event="assessments.round.parameter").count() == 1
    # The same file again is older than what stands now.
    assert "has been set again" in upload(browser, yearly, workbook, 422)
    # 300 %, with the file taken anew.
    workbook = book(browser, yearly)
    sheet = workbook.worksheets[0]
    find(sheet, name, "New value").value, find(sheet, name, "Source of the new value").value = 3, "第10号通知"
    preview = upload(browser, yearly, workbook)
    assert "more than the whole" in preview
    confirm(browser, yearly, preview, 422)
    assert RoundParameter.objects.count() == 1
    confirm(browser, yearly, preview, sure="1")
    assert RoundParameter.objects.latest("revision").value == "3"


def test_a_marker_takes_a_value_of_the_year_back_and_a_blank_cell_leaves_it(yearly: World) -> None:
    actor = administrator()
    set_round_parameter(
        actor=actor, round_id=yearly.round.pk, parameter="high_share_line", value=Decimal("0.4"), source="x"
    )
    browser = signed_in(actor)
    workbook = book(browser, yearly)
    sheet = workbook.worksheets[0]
    name = next(row[0].value for row in sheet.iter_rows(min_row=2) if 0.4 in [one.value for one in row])
    find(sheet, name, "New value").value = None
    assert "Nothing to write" in upload(browser, yearly, workbook)
    find(sheet, name, "New value").value, find(sheet, name, "Source of the new value").value = "清空", "第11号通知"
    preview = upload(browser, yearly, workbook)
    assert "the default counts again" in preview
    confirm(browser, yearly, preview)
    assert RoundParameter.objects.latest("revision").value == ""


def test_an_officer_reads_the_values_of_the_year_and_sets_none(yearly: World) -> None:
    client = signed_in(yearly.officer)
    workbook = book(client, yearly)
    sheet = workbook["Values of the year"]
    assert "New value" not in [cell.value for cell in sheet[1]]
    theirs = book(signed_in(administrator()), yearly)
    find(theirs.worksheets[0], sheet.cell(2, 1).value, "New value").value = 0.35
    assert "administrator" in upload(client, yearly, theirs, 422)
    # And an administrator gives no figure of a bank.
    find(workbook.worksheets[0], "N001", title_of(workbook.worksheets[0], "Growth target")).value = 0.3
    assert "take the sheet of the banks' figures out" in upload(signed_in(administrator()), yearly, workbook, 422)


def test_last_years_value_stands_beside_and_asks_about_a_jump(yearly: World, national: Round) -> None:
    last = planned(code="before", year=national.year - 1, rulebook=national.rulebook)
    actor = administrator()
    set_round_parameter(
        actor=actor, round_id=last.pk, parameter="high_share_line", value=Decimal("0.01"), source="x", sure=True
    )
    sheet = book(signed_in(actor), yearly).worksheets[0]
    assert find(sheet, sheet.cell(2, 1).value, "Last year").value == 0.01
    target = reverse("round-parameter-set", args=[national.pk, "high_share_line"])
    response = signed_in(actor).post(target, {"f-high_share_line": "35", "source": "x", "seen": "0"})
    assert response.status_code == 422 and "35 times" in response.content.decode()


# --- All points and figures ------------------------------------------------------------------------------------------


def everything(client: Client, world: World, query: str = "") -> openpyxl.Workbook:
    response = client.get(url(world, "round-workbook") + query)
    assert response.status_code == 200
    return openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))  # type: ignore[attr-defined]


def test_all_points_figures_and_grades_stand_in_one_workbook(world: World) -> None:
    waiting, done = world.submitted("B001"), world.for_decision("B002", sme_bal_end="1200000.5")
    drafts(world, 1)
    workbook = everything(signed_in(world.auditor), world)
    points, facts, grades = workbook.worksheets
    assert [sheet.title for sheet in workbook.worksheets] == ["Points", "Figures and answers", "Grades and targets"]
    assert all(sheet.max_row == 4 for sheet in workbook.worksheets)
    head = {str(cell.value).partition(" ")[0]: cell.value for cell in points[1]}
    # H2 waits for a figure of the supervisor: a word, never 0.
    assert find(points, "B001", head["H2"]).value == "awaited"
    assert isinstance(find(points, "B002", head["H2"]).value, int | float)
    assert find(points, "D002", head["A1"]).value == "not submitted"
    run = world.again(done).reviewed_run
    assert run is not None and find(points, "B002", "Score that counts").value == float(run.total)
    assert str(find(points, "B001", "Score that counts").value).startswith("from ")
    for name, found in run.stored["indicators"].items():  # type: ignore[index]
        assert find(points, "B002", head[name]).value == float(found["points"]), name
    filed = {str(cell.value): cell.value for cell in facts[1]}
    balance = next(title for title in filed if title.startswith(worlds.rulebook().facts["sme_bal_end"].label.en))
    assert find(facts, "B002", balance).value == 1200000.5
    fees = next(title for title in filed if "improper fees" in title)
    assert "not" in str(find(facts, "B001", fees).value).lower() and find(facts, "B002", fees).value == 0
    assert "Grade" in [cell.value for cell in grades[1]]
    assert waiting.pk and Event.objects.filter(event="assessments.list.exported").count() == 1


def test_the_workbook_of_everything_holds_what_the_filters_leave(world: World) -> None:
    world.submitted("B001", category="city")
    world.submitted("B002", category="rural")
    points = everything(signed_in(world.decider), world, "?category=rural").worksheets[0]
    assert [points.cell(row, 1).value for row in range(2, points.max_row + 1)] == ["B002"]


@pytest.mark.parametrize("name", ["round-workbook", "round-figures-file"])
def test_a_long_workbook_is_written_by_a_worker(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, settings: Any, name: str
) -> None:
    from scorecard.jobs import services as jobs
    from scorecard.jobs import tasks
    from scorecard.jobs.models import Job, JobState
    from scorecard.workbook_views import SheetsView

    monkeypatch.setattr(tasks.run_job, "apply_async", lambda **_kwargs: None)
    monkeypatch.setattr(SheetsView, "waited_rows", 1)
    settings.EXPORT_DIR = tmp_path
    world.submitted("B001")
    world.submitted("B002")
    client = signed_in(world.decider)
    response = client.get(url(world, name))
    job = Job.objects.get()
    assert response.status_code == 302 and response["Location"] == reverse("job-detail", args=[job.pk])
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE
    workbook = openpyxl.load_workbook(tmp_path / job.result["file"])
    whole = len(workbook.worksheets) == 3 if name == "round-workbook" else len(workbook.worksheets) > 1
    assert whole and workbook.worksheets[0].max_row == 3
    assert Event.objects.filter(event="assessments.list.exported").count() == 1
