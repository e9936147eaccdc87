"""Uploading a workbook: what reaches the draft, what is refused, what the person decides."""

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from assessments.filings.selectors import get_draft
from assessments.filings.workbook.computed import state, wanted
from assessments.filings.workbook.contents import contents_of
from assessments.filings.workbook.services import MINE, THEIRS, download_workbook
from assessments.models import Answer, WorkbookUpload
from assessments.rulebooks.cache import forget
from assessments.tests.filings.world import COMPLETE, World, build, post_fields
from assessments.tests.workbook.world import Sheets, edited
from banks.models import FactEntry, FactSource, User
from scorecard.audit.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path
    forget()
    found = build()
    found.facts(**COMPLETE)
    return found


def at(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "zh-hans"
    return client


def download(world: World) -> bytes:
    return download_workbook(actor=world.preparer, assessment_id=world.assessment.pk)[1]


def send(world: World, content: bytes, who: User | None = None, name: str = "填报.xlsx") -> Any:
    file = SimpleUploadedFile(name, content)
    return at(who or world.preparer).post(reverse("filing-workbook", args=[world.assessment.pk]), {"file": file})


def page(world: World, answer: Any) -> str:
    assert answer.status_code == 302, answer.content.decode()
    shown = at(world.preparer).get(answer["Location"])
    assert shown.status_code == 200
    return shown.content.decode()


def fact(world: World, name: str) -> FactEntry:
    return FactEntry.objects.filter(bank=world.bank, fact=name).latest("revision")


def last_upload() -> WorkbookUpload:
    return WorkbookUpload.objects.latest("pk")


def decide(world: World, digest: str, **choices: str) -> Any:
    url = reverse("filing-workbook-uploaded", args=[world.assessment.pk, last_upload().pk])
    said = {name.replace("__", ":"): choice for name, choice in choices.items()}
    return at(world.preparer).post(url, {"digest": digest, **said})


def digest_of(text: str) -> str:
    return text.split('name="digest" value="')[1].split('"')[0]


def test_a_download_is_one_event_and_holds_the_draft(world: World) -> None:
    url = reverse("filing-workbook-download", args=[world.assessment.pk])
    before = Event.objects.count()
    answer = at(world.reviewer).get(url)
    assert answer.status_code == 200
    assert [event.event for event in Event.objects.order_by("seq")[before:]] == ["assessments.workbook.downloaded"]
    assert Sheets(answer.content)["fact:bal"].value == 12000


def test_the_overview_counts_what_the_page_of_checks_counts(world: World) -> None:
    draft = get_draft(world.again())
    contents = contents_of(draft)
    missing = {item.key for item in wanted(contents) if state(contents, item) in ("待填", "missing")}
    assert missing == {gap.key for gap in draft.gaps if gap.kind not in ("error", "warning")}


def test_what_is_right_and_new_is_in_the_draft_at_once(world: World) -> None:
    def fill(sheets: Sheets) -> None:
        sheets["fact:bal"] = "１３，０００"
        sheets["fact:policy"] = "2 有模型"
        sheets["fact:flow#promise"] = "否"
        sheets["self_points:A1"] = 3.5
        sheets["narrative:A1"] = "制度健全。"
        sheets["not_applicable:A2"] = "是"
        sheets["narrative:_report"] = "总结。"

    text = page(world, send(world, edited(download(world), fill)))
    assert "已写入草稿 7 项" in text
    assert "指标数据" in text
    assert (fact(world, "bal").value, fact(world, "bal").source) == ("13000", FactSource.WORKBOOK)
    assert fact(world, "bal").source_note == "填报.xlsx"
    assert fact(world, "flow").value == "online"
    answer = Answer.objects.filter(indicator="A1").latest("revision")
    assert (answer.self_points, answer.narrative, answer.entered_by) == ("3.5", "制度健全。", world.preparer)
    names = list(Event.objects.order_by("-seq").values_list("event", flat=True)[:3])
    assert names == ["assessments.draft.saved", "banks.facts.recorded", "assessments.workbook.uploaded"]


def test_the_same_file_twice_changes_nothing_the_second_time(world: World) -> None:
    content = edited(download(world), lambda sheets: sheets.__setitem__("fact:bal", 13000))
    send(world, content)
    revision = world.again().revision
    assert "草稿已包含该文件的全部内容" in page(world, send(world, content))
    assert world.again().revision == revision


def test_a_wrong_cell_is_named_and_nothing_is_stored(world: World) -> None:
    def spoil(sheets: Sheets) -> None:
        sheets["fact:bal"] = 13000
        sheets["fact:rate"] = 1.5
        sheets["self_points:A1"] = "很多"

    text = page(world, send(world, edited(download(world), spoil)))
    assert "2 个单元格需要修改" in text
    assert "“经营单位审批占比”不得高于 100%" in text
    assert fact(world, "bal").value == "12000"
    assert last_upload().taken_at is None


def test_the_person_takes_what_is_good(world: World) -> None:
    def spoil(sheets: Sheets) -> None:
        sheets["fact:bal"] = 13000
        sheets["fact:rate"] = 1.5

    text = page(world, send(world, edited(download(world), spoil)))
    assert "采用正确内容" in text
    assert decide(world, digest_of(text)).status_code == 302
    assert (fact(world, "bal").value, fact(world, "rate").value) == ("13000", "0.55")
    assert last_upload().taken[0][0] == "fact:bal"


def test_what_both_changed_is_decided_one_by_one(world: World) -> None:
    content = download(world)
    post_fields(world.preparer, world.assessment, 0, facts={"bal": "14000", "bal_prev": "11000", "rate": "60"})

    def change(sheets: Sheets) -> None:
        sheets["fact:bal"] = 13000
        sheets["fact:bal_prev"] = 10500
        sheets["fact:policy"] = "2 有模型"

    text = page(world, send(world, edited(content, change)))
    assert "2 项在工作簿和网页上都有改动" in text
    assert "13,000 万元" in text
    assert "14,000 万元" in text
    answer = decide(world, digest_of(text), fact__bal=MINE)
    assert answer.status_code == 422
    assert fact(world, "bal").value == "14000"
    assert decide(world, digest_of(text), fact__bal=MINE, fact__bal_prev=THEIRS).status_code == 302
    found = {name: fact(world, name).value for name in ("bal", "bal_prev", "rate", "policy")}
    assert found == {"bal": "13000", "bal_prev": "11000", "rate": "0.6", "policy": "2"}


def test_a_page_of_decisions_that_is_stale_is_refused_and_shown_again(world: World) -> None:
    content = download(world)
    post_fields(world.preparer, world.assessment, 0, facts={"bal": "14000"})
    text = page(world, send(world, edited(content, lambda sheets: sheets.__setitem__("fact:bal", 13000))))
    post_fields(world.preparer, world.again(), world.assessment.revision, facts={"bal": "15000"})
    answer = decide(world, digest_of(text), fact__bal=MINE)
    assert answer.status_code == 409
    assert "15,000 万元" in answer.content.decode()
    assert fact(world, "bal").value == "15000"


def test_a_workbook_of_another_bank_is_refused_with_the_current_one(world: World) -> None:
    other = build("B002")
    answer = send(world, download(other))
    assert answer.status_code == 422
    assert "该工作簿属于其他银行（B002）" in answer.content.decode()
    assert "现行工作簿为 r2017、mini/1 的模板第 1 版" in answer.content.decode()
    assert not WorkbookUpload.objects.exists()


def test_nobody_uploads_who_may_not_edit(world: World) -> None:
    content = edited(download(world), lambda sheets: sheets.__setitem__("fact:bal", 13000))
    assert send(world, content, world.reviewer).status_code in (403, 409, 422)
    assert fact(world, "bal").value == "12000"
    assert not WorkbookUpload.objects.exists()


def test_a_question_to_the_size_of_a_figure_is_asked_at_once(world: World) -> None:
    text = page(world, send(world, edited(download(world), lambda sheets: sheets.__setitem__("fact:bal", 1200000000))))
    assert "对所填数据的核对提示" in text
    assert "余额超过上年三倍" in text


def test_the_annotated_copy_marks_and_comments_the_cells(world: World) -> None:
    content = download(world)
    post_fields(world.preparer, world.assessment, 0, facts={"bal": "14000"})

    def spoil(sheets: Sheets) -> None:
        sheets["fact:bal"] = 13000
        sheets["fact:rate"] = 1.5

    page(world, send(world, edited(content, spoil)))
    url = reverse("filing-workbook-annotated", args=[world.assessment.pk, last_upload().pk])
    copy = at(world.preparer).get(url).content
    sheets = Sheets(copy)
    assert "不得高于 100%" in sheets["fact:rate"].comment.text
    assert "14000" in sheets["fact:bal"].comment.text
    assert sheets["fact:rate"].fill.fgColor.rgb == "FFF8C9C4"
    assert [row[1].value for row in sheets.book["待修改"].iter_rows(min_row=2)] == ["指标数据", "指标数据"]
    mended = edited(copy, lambda again: again.__setitem__("fact:rate", 0.6))
    send(world, mended)
    url = reverse("filing-workbook-annotated", args=[world.assessment.pk, last_upload().pk])
    again = Sheets(at(world.preparer).get(url).content)
    assert again["fact:rate"].comment is None
    assert again["fact:rate"].value == 0.6
    assert again.book.sheetnames.count("待修改") == 1


def test_an_earlier_file_of_the_same_person_is_not_kept(world: World) -> None:
    content = download(world)
    send(world, content)
    first = last_upload()
    send(world, edited(content, lambda sheets: sheets.__setitem__("fact:bal", 13000)))
    first.refresh_from_db()
    assert first.content is None
    assert first.sha256
    url = reverse("filing-workbook-uploaded", args=[world.assessment.pk, first.pk])
    assert at(world.preparer).get(url).status_code in (409, 422)


def test_a_chart_of_digits_survives_the_way(world: World) -> None:
    world.facts(bal="123456789012345.67", rate="0.333333333333333333")
    content = download(world)
    assert openpyxl.load_workbook(io.BytesIO(content))
    assert "草稿已包含该文件的全部内容" in page(world, send(world, content))
    assert Decimal(fact(world, "bal").value) == Decimal("123456789012345.67")
