"""The palette finds what its reader may open, and nothing else; by keyboard, and as a page without a script."""

import re
import shutil
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import resolve, reverse
from playwright.sync_api import expect, sync_playwright

from assessments.models import Assessment
from assessments.tests.reviews.client import signed_in
from assessments.tests.reviews.world import PASSWORD, World, build, person
from scorecard.access.policy import url_policy

pytestmark = pytest.mark.django_db
CHROMIUM = shutil.which("chromium")


@pytest.fixture
def world() -> World:
    return build()


def part(client: Client, typed: str = "") -> str:
    answer = client.get(reverse("search"), {"part": "1", "q": typed})
    assert answer.status_code == 200
    return answer.content.decode()


def links(page: str) -> list[str]:
    return re.findall(r'role="option"[^>]*href="([^"]+)"', page)


@pytest.mark.parametrize(
    "role", ["case_officer", "second_reviewer", "decision_maker", "administrator", "auditor", "bank_preparer"]
)
def test_every_page_that_is_offered_opens(world: World, role: str) -> None:
    case = world.accepted("P01")
    here = person("somebody", role, bank=case.bank if role.startswith("bank") else None)
    found = links(part(signed_in(here)))
    assert found
    for url in found:
        assert url_policy()[resolve(url.partition("?")[0]).view_name].admits({role}), url
    assert (reverse("audit-list") in links(part(signed_in(here), "audit"))) == (role == "auditor")


def test_banks_are_found_by_initials_and_cases_where_they_are_ones_own(world: World) -> None:
    mine, other = world.accepted("P01"), world.accepted("P02")
    Assessment.objects.filter(pk=other.pk).update(officer=world.officer_2)
    type(mine.bank).objects.filter(pk=mine.bank_id).update(name_initials="ysp1yh")
    found = links(part(signed_in(world.officer), "ysp1"))
    assert reverse("bank-dossier", args=[mine.bank_id]) in found
    assert any(re.fullmatch(rf"/review/{mine.pk}/", url) for url in found), found
    found = links(part(signed_in(world.officer), "P02"))
    assert reverse("bank-dossier", args=[other.bank_id]) in found
    assert not [url for url in found if f"/{other.pk}/" in url and "dossier" not in url], "another officer's case"
    found = links(part(signed_in(person("admin", "administrator")), "P01"))
    assert found == [reverse("bank-detail", args=[mine.bank_id])], "who reads no case finds none"


def test_a_bank_s_people_find_their_filing_and_no_other_bank(world: World) -> None:
    mine, other = world.submitted("P01"), world.submitted("P02")
    client = signed_in(world.people[mine.bank_id]["preparer"])
    assert reverse("filing-detail", args=[mine.pk]) in links(part(client))
    for typed in ("", "P02", "P", "演示", "Demo", "2017"):
        for page in (part(client, typed), client.get(reverse("search"), {"q": typed}).content.decode()):
            assert "P02</" not in page
            assert "演示P02" not in page
            assert "Demo Bank P02" not in page
            assert f"/{other.pk}/" not in page
            assert "/dossier/" not in page


def test_a_page_is_found_by_a_word_of_its_title(world: World) -> None:
    client = signed_in(world.officer)
    assert links(part(client, "review queue")) == ["/review/?scope=own"]
    answer = client.get(reverse("search"), {"q": "review queue"})
    assert 'href="/review/?scope=own"' in answer.content.decode(), "without a script too"
    client.post(reverse("set-language"), {"language": "zh-hans"})
    assert "/review/?scope=own" in links(part(client, "hpdl")), "核评队列 by the first letters of its pinyin"


def test_an_odd_word_is_text(world: World) -> None:
    page = signed_in(world.officer).get(reverse("search"), {"q": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert" not in page
    assert links(part(signed_in(world.officer), "x" * 5000)) == []


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("key", ["Control+k", "Meta+k", "/"])
def test_the_palette_by_keyboard(live_server: Any, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    if CHROMIUM is None:
        pytest.skip("There is no Chromium. Install it with: apt-get install chromium fonts-noto-cjk")
    world = build()
    world.accepted("P01")
    complaints: list[str] = []
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1100, "height": 800})
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{live_server.url}/login/")
        page.fill("[name=username]", world.officer.username)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(f"{live_server.url}/")
        page.keyboard.press(key)
        field = page.get_by_role("combobox")
        expect(field).to_be_focused()
        expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
        violations = Axe().run(page).response["violations"]
        assert not violations, [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in violations]
        page.keyboard.press("ArrowDown")
        second = page.get_by_role("option").nth(1)
        expect(second).to_have_attribute("aria-selected", "true")
        expect(field).to_have_attribute("aria-activedescendant", str(second.get_attribute("id")))
        page.keyboard.press("Escape")
        expect(field).to_be_hidden()
        page.keyboard.press(key)
        page.keyboard.type("P01")
        page.keyboard.press("Enter")  # at once: what was found for other words is not opened
        page.wait_for_url(re.compile(r"/(review|dossier)/\d+/$"))
        page.goto(f"{live_server.url}/messages/")
        page.keyboard.press(key)
        page.keyboard.type("zzzz")
        expect(page.locator("#palette [role=status]")).not_to_be_empty()
        expect(page.get_by_role("option")).to_have_count(0)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{live_server.url}/search/?q=zzzz")
        browser.close()
    assert not complaints
