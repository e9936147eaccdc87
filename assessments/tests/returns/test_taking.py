"""A return on its way into the draft: shown first, decided figure by figure, with its source kept."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from assessments.filings.form_layout import FIGURES
from assessments.filings.returns import mapping
from assessments.filings.versions.selectors import return_sources
from assessments.models import Evidence, UploadKind, WorkbookUpload
from assessments.rulebooks.cache import forget
from assessments.tests.filings.world import COMPLETE, World, build, post_fields, signed_with
from assessments.tests.returns.world import S63_NAME, s63
from banks.models import FactEntry, FactSource, User
from scorecard.audit.models import Event

pytestmark = pytest.mark.django_db
NOTE = "S63-I 报表!E6 + F6 + I6 + J6"


@pytest.fixture
def world(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """The small rulebook, whose balance S63 fills."""
    settings.MEDIA_ROOT = tmp_path / "media"
    data = yaml.safe_load((mapping.FOLDER / "s63-1.yaml").read_text(encoding="utf-8"))
    data["figures"] = {"bal": data["figures"]["sme_bal_end"]}
    data["unmapped"] = {"rate": {"zh": "不在 S63。", "en": "Not in S63."}}
    folder = tmp_path / "returns"
    folder.mkdir()
    (folder / "s63-1.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    monkeypatch.setattr(mapping, "FOLDER", folder)
    forget()
    return build()


def at(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "zh-hans"
    return client


def send(world: World, content: bytes, who: User | None = None, name: str = S63_NAME) -> Any:
    url = reverse("filing-returns", args=[world.assessment.pk])
    return at(who or world.preparer).post(url, {"file": SimpleUploadedFile(name, content)})


def page(world: World, answer: Any) -> str:
    assert answer.status_code == 302, answer.content.decode()
    shown = at(world.preparer).get(answer["Location"])
    assert shown.status_code == 200
    return str(shown.content.decode())


def digest_of(text: str) -> str:
    return text.split('name="digest" value="')[1].split('"')[0]


def take(world: World, text: str, who: User | None = None, **said: Any) -> Any:
    url = reverse("filing-return", args=[world.assessment.pk, WorkbookUpload.objects.latest("pk").pk])
    fields = {name.replace("__", ":"): value for name, value in said.items()}
    return at(who or world.preparer).post(url, {"digest": digest_of(text), **fields})


def balance(world: World) -> FactEntry | None:
    return FactEntry.objects.filter(bank=world.bank, fact="bal").order_by("-revision").first()


def test_an_upload_shows_value_unit_and_cells_and_takes_nothing(world: World) -> None:
    text = page(world, send(world, s63()))
    assert "16,000 万元" in text
    for cell in ("E6", "F6", "I6", "J6", "3000.5", "199.5", "贷款余额"):
        assert cell in text
    assert "系统建议值" in text
    assert "未见这些报表的官方样表" in text
    assert "原文载明" not in text
    assert "不在 S63。" in text
    assert balance(world) is None
    event = Event.objects.latest("seq")
    assert event.event == "assessments.return.uploaded"
    assert event.bank_id == world.bank.pk


def test_what_is_taken_over_keeps_its_source_for_bank_and_officer(world: World) -> None:
    text = page(world, send(world, s63()))
    assert take(world, text, fact__bal="mine").status_code == 302
    entry = balance(world)
    assert entry is not None
    assert (entry.value, entry.source, entry.source_note) == ("16000", FactSource.RETURN, NOTE)
    events = [event.event for event in Event.objects.order_by("-seq")[:2]]
    assert events == ["assessments.draft.saved", "banks.facts.recorded"]
    shown = at(world.preparer).get(reverse("filing-section", args=[world.assessment.pk, FIGURES]))
    assert f"取自报表：{NOTE}" in shown.content.decode()
    history = at(world.officer).get(reverse("bank-fact-history", args=[world.bank.pk, "2017", "bal"]))
    assert NOTE in history.content.decode()


def test_a_signed_version_says_it_until_the_figure_is_another(world: World) -> None:
    world.facts(**{name: value for name, value in COMPLETE.items() if name != "bal"})
    take(world, page(world, send(world, s63())), fact__bal="mine")
    version = signed_with(world, facts={"bal": {"state": "value", "value": "16000"}})
    assert return_sources(version) == {"bal": NOTE}
    url = reverse("filing-version", args=[world.assessment.pk, version.number])
    assert f"取自报表 {NOTE}" in at(world.officer).get(url).content.decode()
    post_fields(world.preparer, world.again(), world.assessment.revision, facts={"bal": "17000"})
    assert return_sources(version) == {"bal": NOTE}, "what was signed came from the return, whatever was typed since"
    later = signed_with(world, facts={"bal": {"state": "value", "value": "17000"}})
    assert return_sources(later) == {}


def test_another_value_in_the_draft_is_decided_by_the_person(world: World) -> None:
    world.facts(bal="12000")
    text = page(world, send(world, s63()))
    assert "与草稿不一致" in text
    assert "12,000 万元" in text
    undecided = take(world, text)
    assert undecided.status_code == 422
    assert "请逐项确定与草稿不一致的数据" in undecided.content.decode()
    assert take(world, text, fact__bal="theirs").status_code == 422, "nothing was chosen"
    assert take(world, text, fact__bal="mine").status_code == 302
    entry = balance(world)
    assert entry is not None
    assert entry.value == "16000"
    again = page(world, send(world, s63()))
    assert "与草稿一致" in again
    assert "按所选内容采用" not in again


def test_a_page_that_is_stale_takes_nothing(world: World) -> None:
    text = page(world, send(world, s63()))
    post_fields(world.preparer, world.assessment, 0, facts={"bal": "14000"})
    answer = take(world, text, fact__bal="mine")
    assert answer.status_code == 409
    assert "14,000 万元" in answer.content.decode()
    entry = balance(world)
    assert entry is not None
    assert entry.value == "14000"


def test_what_the_file_does_not_say_is_confirmed(world: World) -> None:
    text = page(world, send(world, s63({"D2": None, "A2": "填报机构：别家"}), name="S63.xlsx"))
    assert "该文件为 2017 年 12 月报表" in text
    assert "别家" in text
    answer = take(world, text, fact__bal="mine", confirmed=["period"])
    assert answer.status_code == 422
    assert 'value="period" required checked' in answer.content.decode(), "what was confirmed stays confirmed"
    assert balance(world) is None
    assert take(world, text, fact__bal="mine", confirmed=["period", "institution"]).status_code == 302
    assert balance(world) is not None


def test_last_years_return_fills_the_figure_that_repeats_it(world: World) -> None:
    text = page(world, send(world, s63({"D2": "2016年12月"}), name="S63.xlsx"))
    assert "用于填写上年数" in text
    assert take(world, text, fact__bal_prev="mine").status_code == 302
    assert balance(world) is None
    assert FactEntry.objects.get(bank=world.bank, fact="bal_prev").value == "16000"


def test_a_refused_file_is_not_kept(world: World) -> None:
    for content in (b"no workbook", s63({"A1": "别的报表"}), s63({"D2": "2017年3月"})):
        answer = send(world, content, name="a.xlsx")
        assert answer.status_code == 422
        assert "error-summary" in answer.content.decode()
    assert send(world, b"").status_code == 422
    assert not WorkbookUpload.objects.exists()


def test_an_earlier_return_is_not_kept_and_a_workbook_is_left_alone(world: World) -> None:
    workbook = WorkbookUpload.objects.create(
        assessment=world.assessment, name="w.xlsx", size=1, sha256="0" * 64, content=b"w", uploaded_by=world.preparer
    )
    send(world, s63())
    first = WorkbookUpload.objects.get(kind=UploadKind.RETURN)
    send(world, s63({"E6": 1}))
    first.refresh_from_db()
    workbook.refresh_from_db()
    assert (first.content, bytes(workbook.content or b"")) == (None, b"w")
    client = at(world.preparer)
    assert client.get(reverse("filing-return", args=[world.assessment.pk, first.pk])).status_code == 409
    assert client.get(reverse("filing-return", args=[world.assessment.pk, workbook.pk])).status_code == 404
    last = WorkbookUpload.objects.latest("pk")
    assert client.get(reverse("filing-workbook-uploaded", args=[world.assessment.pk, last.pk])).status_code == 404
    assert "w.xlsx" not in client.get(reverse("filing-returns", args=[world.assessment.pk])).content.decode()
    assert S63_NAME not in client.get(reverse("filing-workbook", args=[world.assessment.pk])).content.decode()


def test_who_may_not_edit_uploads_and_takes_nothing(world: World) -> None:
    for who in (world.reviewer, world.signatory, world.officer):
        assert send(world, s63(), who).status_code in (403, 409)
    assert not WorkbookUpload.objects.exists()
    text = page(world, send(world, s63()))
    type(world.assessment).objects.filter(pk=world.assessment.pk).update(filing_state="checking")
    assert take(world, text, fact__bal="mine").status_code in (409, 422)
    assert balance(world) is None
    other = build("B002")
    assert take(world, text, other.preparer, fact__bal="mine").status_code == 404


def test_each_figure_that_cannot_be_read_is_named_with_its_cell(world: World) -> None:
    text = page(world, send(world, s63({"E6": "很多"})))
    assert "报表有 1 处无法读取" in text
    assert "E6" in text
    assert "文件中没有本次填报所需的数据" in text


def test_a_figure_from_a_return_was_put_in_by_who_took_it(world: World) -> None:
    from assessments.filings.selectors import contributors

    take(world, page(world, send(world, s63())), fact__bal="mine")
    assert contributors(world.again()) == {world.preparer.pk}
    assert not Evidence.objects.exists()
