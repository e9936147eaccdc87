"""The review by keyboard: what is open beside follows the row, a digit above the maximum says so, half points, saving
from the reason, and the next one that is still to be looked at (fault G6)."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.worker]

HIGH = {"zh": re.compile("最高"), "en": re.compile("At most")}


@pytest.fixture
def officer(visit: Callable[..., Visitor], together: Callable[[str], str], language: str) -> Visitor:
    """A case officer on the review page of an own case with something to be looked at."""
    visitor: Visitor = visit(together(language), "officer1")
    visitor.sign_in("officer1", language)
    page = visitor.page
    page.goto(f"{visitor.url}/review/?review_state=first")
    links = page.locator("main table a[href^='/review/']").evaluate_all("nodes => nodes.map(node => node.href)")
    for link in dict.fromkeys(links):
        page.goto(link)
        if page.locator(".rv-open .rv-form").count() > 2:
            return visitor
    raise AssertionError("the officer has no case in the first review")


def current(page: Page) -> Locator:
    return page.locator("[data-review-row].is-current")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_review_by_the_keyboard(officer: Visitor, language: str) -> None:
    page = officer.page
    page.keyboard.press("n")
    first = current(page).get_attribute("id") or ""
    expect(page.locator(f"#{first}")).to_have_class(re.compile("rv-open"))
    page.keyboard.press("e")
    pane = page.locator("#pane")
    expect(pane.locator("[data-close-pane]")).to_be_visible()
    expect(pane).to_contain_text(first)
    page.keyboard.press("j")
    second = current(page).get_attribute("id") or ""
    assert second != first
    expect(pane.locator("h2, h3").first).to_contain_text(second)
    expect(page.locator(f"#{second}")).to_have_class(re.compile("rv-chosen"))

    page.keyboard.press("n")
    row = current(page)
    name, most = row.get_attribute("id") or "", float(row.get_attribute("data-max") or "0")
    form = page.locator(f"#{name} .rv-form")
    if most < 9:
        page.keyboard.press("9")
        expect(form.locator(".rv-say")).to_have_text(HIGH[language])
        expect(form.locator("[name=points]")).to_have_value("")
    page.keyboard.press("1")
    expect(form.locator("[name=points]")).to_have_value("1")
    expect(form.locator("[name=reason]")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("+")
    expect(form.locator("[name=points]")).to_have_value("1.5")
    form.locator("[name=reason]").fill("半分")
    page.keyboard.press("Control+Enter")
    expect(page.locator(f"#{name}")).not_to_have_class(re.compile("rv-open"))
    expect(page.locator(f"#{name} .rv-entry").first).to_contain_text("1.5")
    page.keyboard.press("n")
    assert current(page).get_attribute("id") != name
    expect(current(page)).to_have_class(re.compile("rv-open"))
