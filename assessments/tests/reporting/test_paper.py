"""The draft as a file: figures lead to their rows, gaps stand out, tables and charts are there, a download is told."""

import io
import re
import shutil
import subprocess
import zipfile
from decimal import Decimal
from typing import Any

import docx
import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from docx.oxml.ns import qn
from pypdf import PdfReader

from assessments.models import RoundSnapshot
from assessments.reporting.paper import draft_document
from assessments.reporting.queries import ROUND
from assessments.reporting.selectors import composed, sources_of
from assessments.scoring.statistics import take_snapshot
from assessments.tests.measures import world as measures
from assessments.tests.reviews import world as reviews
from assessments.tests.reviews.world import BEST
from banks.models import Bank, User
from scorecard.audit.models import Event
from scorecard.documents.office import to_docx
from scorecard.documents.tests.paper import plain
from scorecard.documents.typesetting import to_pdf
from scorecard.figures.models import Figure
from scorecard.jobs.models import Job
from scorecard.jobs.services import run
from scorecard.ui.job_pages import result_link
from scorecard.ui.links import address

from .world import ALL, SUMS, load_report

pytestmark = pytest.mark.django_db
CHOSEN = frozenset(ALL)


@pytest.fixture
def world(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> reviews.World:
    """The report's figures but one, a round of 2017 whose sums are the city's, one result told."""
    monkeypatch.setattr("scorecard.jobs.services.publish", lambda *args, **kwargs: None)
    settings.DOCUMENT_DIR = tmp_path / "documents"
    settings.SITE_URL = "https://scorecard.example.cn"
    load_report()
    Figure.objects.filter(ident="r2017-1-3-2-009").update(ident="r2016-1-3-2-009")
    register = measures.build()
    world = register.base.world
    world.submitted("A", **SUMS)
    register.told("M")
    take_snapshot(round_=world.round)
    return world


def document(world: reviews.World) -> Any:
    """The description."""
    return draft_document(sources_of(world.decider, world.round.pk, CHOSEN), CHOSEN)


def test_each_figure_leads_to_its_row_with_query_scope_and_page(world: reviews.World) -> None:
    book = docx.Document(io.BytesIO(to_docx(document(world))))
    body = book.element.body
    places = {mark.get(qn("w:name")): mark for mark in body.iter(qn("w:bookmarkStart"))}
    links = [link for link in body.iter(qn("w:hyperlink")) if link.get(qn("w:anchor"))]
    draft = composed(sources_of(world.decider, world.round.pk, CHOSEN), CHOSEN)
    assert [link.get(qn("w:anchor")) for link in links] == [f"n{one.order}" for one in draft.held] == list(places)
    assert len({mark.get(qn("w:id")) for mark in places.values()}) == len(places)
    for link, one in zip(links, draft.held, strict=True):
        row = next(places[f"n{one.order}"].iterancestors(qn("w:tr")))
        cells = ["".join(text.text for text in cell.iter(qn("w:t"))) for cell in row.iter(qn("w:tc"))]
        assert cells[0] == str(one.order) and cells[2] == one.text == "".join(t.text for t in link.iter(qn("w:t")))
        assert cells[3] and cells[4].isdecimal() and cells[5].startswith("/")
    targets = {link.target_ref for link in book.part.rels.values() if link.is_external}
    assert f"https://scorecard.example.cn{reverse('round-aggregate', args=[world.round.pk])}" in targets


def test_a_gap_is_marked_in_its_place_and_listed_at_the_end(world: reviews.World) -> None:
    book = docx.Document(io.BytesIO(to_docx(document(world))))
    marked = [run.text for one in book.paragraphs for run in one.runs if run.font.highlight_color is not None]
    assert "【缺：小微企业对银行产品和服务的满意度】" in marked
    gaps = next(table for table in book.tables if table.cell(0, 2).text == "缺项原因")
    assert len(gaps.rows) == len(marked) + 1
    assert any("满意度" in row.cells[0].text and row.cells[2].text == "未载入2017年的数字" for row in gaps.rows)


def test_tables_and_charts_are_printed(world: reviews.World) -> None:
    content = to_docx(document(world))
    book = docx.Document(io.BytesIO(content))
    words = "\n".join(one.text for one in book.paragraphs)
    for title in (
        "表1　“三个不低于”目标",
        "表2　六项机制和两大板块",
        "表3　评价等次分布",
        "表4　措施台账",
        "图1",
        "图2",
    ):
        assert title in words
    pictures = [name for name in zipfile.ZipFile(io.BytesIO(content)).namelist() if name.startswith("word/media/")]
    assert len(pictures) == 2
    described = [one.get("descr") for one in book.element.body.iter(qn("wp:docPr"))]
    assert len(described) == 2 and all(described)
    heads = [table.cell(0, 0).text for table in book.tables]
    assert heads[:4] == ["目标", "板块", "等次", "工具"]


def test_both_forms_say_the_same_and_the_same_twice(world: reviews.World) -> None:
    made = document(world)
    assert to_docx(made) == to_docx(document(world)) and to_pdf(made) == to_pdf(document(world))
    book = docx.Document(io.BytesIO(to_docx(made)))
    printed = plain(to_pdf(made))
    for one in book.paragraphs:
        whole = "".join("".join(text.text for text in one._p.iter(qn("w:t"))).split())
        assert whole in printed, whole


def test_without_a_result_or_a_round_the_document_is_gaps_and_not_an_error(world: reviews.World) -> None:
    other = reviews.another_round("sh-2018", 2018)
    made = draft_document(sources_of(world.decider, other.pk, CHOSEN), CHOSEN)
    assert to_docx(made) and "【缺：小微企业贷款余额】" in plain(to_pdf(made))


def test_a_download_is_asked_for_made_and_told(client: Client, world: reviews.World) -> None:
    client.force_login(world.officer)
    url = reverse("report-draft-file", args=[world.round.pk, "1_5-4", "docx"])
    asked = client.get(url)
    job = Job.objects.get(kind="assessments.report_draft")
    assert asked["Location"] == reverse("job-detail", args=[job.pk]) and run(job.pk) == "done"
    assert url in client.get(asked["Location"]).content.decode()
    assert not Event.objects.filter(event="assessments.report_draft.downloaded").exists()
    answer = client.get(url)
    assert "no-store" in answer["Cache-Control"] and "attachment" in answer["Content-Disposition"]
    book = docx.Document(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    assert any("评估考核体系" in one.text for one in book.paragraphs)
    assert not any("监管工具箱" in one.text for one in book.paragraphs)
    [event] = Event.objects.filter(event="assessments.report_draft.downloaded")
    assert (event.actor_id, event.object_id) == (world.officer.pk, str(world.round.pk))
    assert re.search(r'"chapters":\["1","5-4"\].*"form":"docx"', event.data)


@pytest.mark.parametrize("gone", ["who has left", "without the role"])
def test_no_file_is_made_for_whoever_no_longer_reads_the_figures(
    client: Client, world: reviews.World, gone: str
) -> None:
    client.force_login(world.officer)
    client.get(reverse("report-draft-file", args=[world.round.pk, "1", "docx"]))
    if gone == "who has left":
        User.objects.filter(pk=world.officer.pk).update(is_active=False)
    else:
        world.officer.grants.all().delete()
    assert run(Job.objects.get(kind="assessments.report_draft").pk) == "failed"


@pytest.mark.parametrize(
    ("chosen", "form"), [("2", "docx"), ("", "docx"), ("1_9", "docx"), ("1", "doc"), ("1_", "pdf")]
)
def test_no_other_chapter_and_no_other_form(client: Client, world: reviews.World, chosen: str, form: str) -> None:
    client.force_login(world.officer)
    assert client.get(f"/report/draft/{world.round.pk}/{chosen}/{form}/").status_code == 404
    assert client.get(reverse("report-draft-file", args=[99999, "1", "docx"])).status_code == 404


# --- The institutions that are chosen ---------------------------------------------------------------------------------
def two_kinds(world: reviews.World) -> None:
    """A branch beside the legal entities."""
    Bank.objects.filter(code="A").update(entity_kind="branch")
    world.submitted("B", **BEST)
    take_snapshot(round_=world.round)


def test_a_draft_of_one_kind_holds_that_kind_alone_and_says_so(world: reviews.World) -> None:
    two_kinds(world)
    both = composed(sources_of(world.decider, world.round.pk, CHOSEN), CHOSEN)
    parts = {
        kind: composed(sources_of(world.decider, world.round.pk, CHOSEN, kind), CHOSEN)
        for kind in ("branch", "legal_entity")
    }

    def value(draft: Any, label: str) -> str:
        [text] = {one.text for one in draft.numbers if str(one.label) == label and one.place == ROUND}
        return str(text)

    with override("zh-hans"):
        label = "小微企业贷款余额"
        both = composed(both.sources, CHOSEN)
        found = {kind: composed(draft.sources, CHOSEN) for kind, draft in parts.items()}
        assert value(found["branch"], label) == "13270.79亿元", "what the branch filed"
        amounts = {kind: Decimal(value(draft, label).removesuffix("亿元")) for kind, draft in found.items()}
        assert sum(amounts.values()) == Decimal(value(both, label).removesuffix("亿元"))
        for kind, words in (("branch", "仅含“分行”"), ("legal_entity", "仅含“法人机构”")):
            scopes = {one.scope for one in found[kind].held if one.place == ROUND}
            assert scopes and all(words in scope for scope in scopes), scopes
            assert not found[kind].differing and not any(one.reported for one in found[kind].numbers)
        assert not any("仅含" in one.scope for one in both.held)
        book = docx.Document(io.BytesIO(to_docx(draft_document(parts["branch"].sources, CHOSEN))))
        printed = "\n".join(one.text for one in book.paragraphs)
        assert "不是全市口径" in printed and "仅含“分行”" in printed


def test_figures_kept_before_kinds_were_told_apart_are_gaps(world: reviews.World) -> None:
    snapshot = RoundSnapshot.objects.latest("pk")
    content = {name: part for name, part in snapshot.content.items() if name != "kinds"}
    RoundSnapshot.objects.create(round=world.round, content=content)
    draft = composed(sources_of(world.decider, world.round.pk, CHOSEN, "branch"), CHOSEN)
    assert [one for one in draft.numbers if one.query.startswith("sum") and not one.is_gap] == []
    assert not [one for one in draft.held if one.place == ROUND and "balance" in str(one.label)]


def test_the_file_of_a_kind_is_asked_for_made_and_told(client: Client, world: reviews.World) -> None:
    two_kinds(world)
    client.force_login(world.decider)
    page = client.get(f"{reverse('report-draft')}?round={world.round.pk}&chapter=1&banks=branch")
    url = reverse("report-draft-file", args=[world.round.pk, "1@branch", "docx"])
    assert url in page.content.decode()
    assert client.get(url).status_code == 302
    job = Job.objects.latest("pk")
    run(job.pk)
    assert address(result_link(Job.objects.get(pk=job.pk))) == url, "not to the file of the whole"
    assert b"".join(client.get(url).streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]
    assert '"banks":"branch"' in Event.objects.get(event="assessments.report_draft.downloaded").data
    for odd in ("1@", "1@bank", "1@branch@branch"):
        odd_url = reverse("report-draft-file", args=[world.round.pk, odd, "docx"])
        assert client.get(odd_url).status_code == (302 if odd == "1@" else 404), odd


def test_every_link_of_the_file_leads_to_a_page_of_the_same_institutions(client: Client, world: reviews.World) -> None:
    two_kinds(world)
    client.force_login(world.decider)
    for kind in ("", "branch"):
        draft = draft_document(sources_of(world.decider, world.round.pk, CHOSEN, kind), CHOSEN)
        book = docx.Document(io.BytesIO(to_docx(draft)))
        targets = {link.target_ref for link in book.part.rels.values() if link.is_external}
        assert targets and all(target.startswith("https://scorecard.example.cn/") for target in targets)
        for target in targets:
            path = target.removeprefix("https://scorecard.example.cn")
            assert client.get(path).status_code == 200, path
        sums = reverse("round-aggregate", args=[world.round.pk]) + ("?banks=branch" if kind else "")
        assert f"https://scorecard.example.cn{sums}" in targets
        styles = [run.rPr.style for link in book.element.body.iter(qn("w:hyperlink")) for run in link.iter(qn("w:r"))]
        assert set(styles) == {"Hyperlink"}, "without the style LibreOffice leaves links out of its PDF"
        used = {link.get(qn("r:id")) for link in book.element.body.iter(qn("w:hyperlink"))} - {None}
        assert used <= set(book.part.rels), "no link without its relationship"
    shown = client.get(reverse("round-aggregate", args=[world.round.pk]), {"banks": "branch"}).content.decode()
    assert 'aria-current="page">分行</a>' in shown
    assert "132,707,900" in shown or "1,327.08" in shown or "13,270" in shown, "the sum of the branch"


@pytest.mark.skipif(
    not (shutil.which("soffice") and shutil.which("pdftotext")), reason="needs libreoffice-writer, poppler-utils"
)
def test_libreoffice_opens_the_file_and_makes_a_pdf_without_loss(world: reviews.World, tmp_path: Any) -> None:
    (tmp_path / "draft.docx").write_bytes(to_docx(document(world)))
    for kind in ("pdf", "fodt"):
        asked = ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", kind]
        done = subprocess.run([*asked, "--outdir", tmp_path, tmp_path / "draft.docx"], capture_output=True, check=False)
        if not (tmp_path / f"draft.{kind}").exists():
            pytest.skip(f"LibreOffice without its writer: {done.stderr.decode()[:200]}")
    text = subprocess.run(["pdftotext", tmp_path / "draft.pdf", "-"], capture_output=True, check=True).stdout.decode()
    printed = re.sub(r"\s", "", text)
    draft = composed(sources_of(world.decider, world.round.pk, CHOSEN), CHOSEN)
    assert [one.shown for one in draft.numbers if re.sub(r"\s", "", one.shown) not in printed] == []
    titles = [part.part.title for chapter in draft.chapters for part in chapter.parts]
    assert [title for title in titles if re.sub(r"\s", "", title) not in printed] == []
    links = re.findall(r'<text:a [^>]*xlink:href="([^"]+)"', (tmp_path / "draft.fodt").read_text(encoding="utf-8"))
    assert {f"#n{one.order}" for one in draft.held} <= set(links), "each figure leads to its row"
    outside = [link for link in links if not link.startswith("#")]
    assert f"https://scorecard.example.cn{reverse('round-aggregate', args=[world.round.pk])}" in outside
    assert len(outside) >= len(draft.held), "and each row to its page"
    annotations = [
        one.get_object() for page in PdfReader(tmp_path / "draft.pdf").pages for one in page.annotations or []
    ]
    links = [one for one in annotations if one["/Subtype"] == "/Link"]
    pages = {one["/A"]["/URI"] for one in links if "/A" in one}
    assert sum("/Dest" in one for one in links) >= len(draft.held), "in its PDF each figure leads to its row still"
    assert pages == set(outside), "and each row to its page"
