"""The draft on the screen: who reads it, what each figure leads to, and that reading it is told."""

import re

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.reporting.places import PATHS, page_of, path_of
from assessments.reporting.queries import PLACES
from assessments.reporting.selectors import sources_of
from assessments.scoring.statistics import take_snapshot
from assessments.tests.reviews import world as reviews
from scorecard.audit.models import Event
from scorecard.figures.models import Figure
from scorecard.tests.test_rows_read import crowd, rows_read
from scorecard.ui.links import address

from .world import ALL, SUMS

pytestmark = pytest.mark.django_db


def url(world: reviews.World, *chosen: str) -> str:
    """The draft of these chapters."""
    return f"{reverse('report-draft')}?round={world.round.pk}" + "".join(f"&chapter={one}" for one in chosen)


def read(client: Client, world: reviews.World, *chosen: str, language: str = "zh-hans") -> str:
    """The page as the decision maker reads it."""
    client.force_login(world.decider)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    answer = client.get(url(world, *chosen or ALL))
    assert answer.status_code == 200
    return answer.content.decode()


def test_without_a_choice_nothing_is_drafted_and_nothing_is_told(client: Client, world: reviews.World) -> None:
    client.force_login(world.officer)
    page = client.get(reverse("report-draft")).content.decode()
    assert "report-draft" not in page.split("<main", 1)[1]
    assert not Event.objects.filter(event="assessments.list.read").exists()


@pytest.mark.parametrize(
    "query", ["round=1", "chapter=1", "round=99999999&chapter=1", "round=x&chapter=1", "round=1&chapter=9"]
)
def test_a_choice_that_is_none_is_refused(client: Client, world: reviews.World, query: str) -> None:
    client.force_login(world.officer)
    query = query.replace("round=1&", f"round={world.round.pk}&") if query != "round=1" else f"round={world.round.pk}"
    answer = client.get(f"{reverse('report-draft')}?{query}")
    assert answer.status_code == 422
    assert "error-summary" in answer.content.decode()


def test_each_figure_leads_to_where_it_comes_from(client: Client, world: reviews.World) -> None:
    page = read(client, world)
    found = dict(re.findall(r'<a class="report-number" href="([^"]+)"[^>]*>([^<]+)</a>', page))
    assert found[reverse("figures:detail", args=["r2017-1-3-2-009"])] == "75%"
    links = re.findall(r'<a class="report-number" href="([^"]+)" title="([^"]+)">([^<]+)</a>', page)
    [(where, title)] = [(where, title) for where, title, text in links if text == "13270.79亿元"]
    assert where == reverse("round-aggregate", args=[world.round.pk])
    assert title.startswith("小微企业贷款余额 · 本次评价汇总数：小微企业贷款余额 · 2017年度评价，参评机构1家")
    [rulebook] = [where for where, _title, text in links if text == "19个" and "rulebooks" in where][:1]
    assert rulebook == reverse("rulebook-detail", args=[world.round.rulebook_id])
    client.force_login(world.decider)
    for page_url in {where for where, _title, _text in links}:
        assert client.get(page_url).status_code == 200, page_url


def test_the_chapters_that_were_chosen_and_no_other(client: Client, world: reviews.World) -> None:
    page = read(client, world, "7-1")
    assert "监管工具箱" in page and "金融服务覆盖面" not in page


def test_a_gap_is_seen_in_its_place_and_in_the_table(client: Client, world: reviews.World) -> None:
    Figure.objects.filter(ident="r2017-1-3-2-009").update(ident="r2016-1-3-2-009")
    page = read(client, world, "1")
    name = "小微企业对银行产品和服务的满意度"
    assert re.search(rf'<mark class="report-gap"[^>]*>【缺：{name}】</mark>', page)
    assert name in page.split('id="gaps"', 1)[1] and "未载入2017年的数字" in page


def test_what_differs_stands_beside_the_reports_own(client: Client, world: reviews.World) -> None:
    world.freeze(world.again(world.round.assessments.get()), 2, **SUMS | {"tax_bal": "1645900"})
    take_snapshot(round_=world.round)
    page = read(client, world, "5-4")
    assert '164.59亿元</a><span class="report-differs">（报告：166.65亿元）</span>' in page
    assert 'id="differing"' in page


def test_the_document_is_chinese_on_an_english_page(client: Client, world: reviews.World) -> None:
    page = read(client, world, "1", language="en")
    assert "Draft of the report" in page and "Where" in page
    assert "比上年同期增加" in page and "“三个不低于”目标：全市与各机构" in page
    assert "2017 assessment, 1 institutions counted once" in page


def test_reading_is_told_once_an_hour(client: Client, world: reviews.World) -> None:
    read(client, world)
    read(client, world)
    [event] = Event.objects.filter(event="assessments.list.read")
    assert event.data == '{"list":"draft of the report"}' and event.object_id == str(world.round.pk)


def test_neither_queries_nor_rows_grow_with_the_banks(client: Client, world: reviews.World) -> None:
    def count() -> tuple[int, int]:
        read(client, world)
        with CaptureQueriesContext(connection) as queries, rows_read() as rows:
            client.get(url(world, *ALL))
        return len(queries), rows[0]

    case = world.round.assessments.get()
    crowd(world, case, 30, 0)
    before = count()
    crowd(world, case, 30, 30)
    assert count() == before


def test_the_paths_that_documents_print_are_those_of_the_pages(world: reviews.World) -> None:
    figure = Figure.objects.get(ident="r2017-1-3-2-009")
    sources = sources_of(world.decider, world.round.pk, ALL)
    links = [page_of(place, sources, record) for place in PLACES for record in (None, figure)]
    assert {link.page for link in links} == set(PATHS)
    assert [path_of(link) for link in links] == [address(link) for link in links]
