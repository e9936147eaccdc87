"""Other figures tried on one's own filing: everything moves at once, and nothing is kept."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.filings.selectors import get_draft
from assessments.models import Answer, Assessment, ScoreRun
from assessments.scoring.what_if import try_facts
from assessments.tests.filings.world import COMPLETE, World, bank, build, person
from banks.models import FactEntry, User
from scorecard.audit.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    found = build()
    found.facts(**COMPLETE | {"bal": "9000"})
    return found


def client(user: User, language: str = "zh-hans") -> Client:
    found = Client()
    found.force_login(user)
    found.cookies["django_language"] = language
    return found


def test_nothing_typed_is_the_score_as_it_is(world: World) -> None:
    draft = get_draft(world.again())
    for typed in ({}, {"bal": "9000", "rate": "55", "policy": "1", "flow": "online;promise"}):
        tried = try_facts(draft, typed)
        assert not tried.changed and not tried.errors and not tried.moved and tried.total_change == ""
        assert tried.result is draft.result


def test_a_changed_figure_moves_total_target_and_what_is_still_needed(world: World) -> None:
    draft = get_draft(world.again())
    now = try_facts(draft, {})
    assert now.after.targets[0].kind == "bad" and len(now.needs) == 1 and "1,000" in now.needs[0][1].replace("，", ",")
    assert now.next is not None and now.next.offers and now.next.points != "0"
    tried = try_facts(draft, {"bal": "10000"})
    assert tried.after.targets[0].kind == "good" and not tried.needs
    assert [one.id for one in tried.moved] == ["B2"]
    assert float(tried.after.total) == float(tried.before.total) + 4
    # What the engine says of the draft itself is what it says once the figure is really filed.
    world.facts(bal="10000")
    assert get_draft(world.again()).result.total == tried.result.total


def test_wrong_figures_are_named_and_the_others_count(world: World) -> None:
    draft = get_draft(world.again())
    tried = try_facts(draft, {"bal": "many", "rate": "80", "bal_prev": "n/a"})
    assert set(tried.errors) == {"bal", "bal_prev"} and set(tried.changed) == {"rate"}


def test_the_page_answers_at_once_and_saves_nothing(world: World) -> None:
    url = reverse("filing-whatif", args=[world.assessment.pk])
    browser = client(world.preparer)
    page = browser.get(url).content.decode()
    assert "本页不保存" in page and "小微企业贷款余额" in page and 'name="f-bal"' in page

    def kept() -> tuple[int, ...]:
        return (FactEntry.objects.count(), Answer.objects.count(), ScoreRun.objects.count(), Event.objects.count())

    before, revision = kept(), world.again().revision
    answer = browser.post(url, {"f-bal": "12000"}, headers={"hx-request": "true"})
    text = answer.content.decode()
    assert answer.status_code == 200 and "<html" not in text
    assert "B2" in text and "未完成 →" in text and "已改动 1 项数据" in text
    wrong = browser.post(url, {"f-bal": "many"}, headers={"hx-request": "true"})
    assert wrong.status_code == 422 and "many" in wrong.content.decode()
    plain = browser.post(url, {"f-bal": "12000"}).content.decode()
    assert 'value="12000"' in plain and "<html" in plain
    assert kept() == before and world.again().revision == revision
    assert "Nothing here is saved" in client(world.signatory, "en").get(url).content.decode()


def test_the_panel_beside_the_form_leads_here(world: World) -> None:
    url = reverse("filing-whatif", args=[world.assessment.pk])
    assert url in client(world.preparer).get(reverse("filing-panel", args=[world.assessment.pk])).content.decode()


def test_another_bank_finds_nothing_and_a_supervisor_has_no_such_page(world: World) -> None:
    url = reverse("filing-whatif", args=[world.assessment.pk])
    stranger = client(person("stranger", bank("B777"), "bank_preparer"))
    assert stranger.get(url).status_code == 404
    assert stranger.post(url, {"f-bal": "1"}).status_code == 404
    assert client(world.officer).get(url).status_code == 403
    trials = [reverse("trial-list"), reverse("trial-create"), reverse("trial-detail", args=[1])]
    for user in (world.preparer, world.reviewer, world.signatory):
        assert {client(user).get(page).status_code for page in trials} == {403}


def test_the_number_of_queries_does_not_depend_on_what_is_tried(world: World) -> None:
    url = reverse("filing-whatif", args=[world.assessment.pk])
    browser = client(world.preparer)
    browser.get(url)
    counts = []
    for sent in ({}, {"f-bal": "12000", "f-rate": "80", "f-policy": "2"}):
        with CaptureQueriesContext(connection) as seen:
            browser.post(url, sent)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 10
    assert Assessment.objects.count() == 1
