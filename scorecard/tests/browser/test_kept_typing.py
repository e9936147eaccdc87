"""What a case officer has typed and not saved: no filter and no expired session loses it, and saving forgets it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, Page, expect

from .conftest import PASSWORD, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.worker]

KEPT = "Object.keys(localStorage).filter(key => key.includes(':typed:'))"


@pytest.fixture
def officer(visit: Callable[..., Visitor], served: Callable[[str], str], language: str) -> Visitor:
    """A case officer of the running round."""
    visitor: Visitor = visit(served(f"kept-{language}"), "officer1")
    visitor.sign_in("officer1", language)
    return visitor


def empty_field(page: Page) -> str:
    """The name of a cell of the sheet that may be filled in and is blank."""
    return str(page.locator("table.figure-sheet input.field-number[value='']").first.get_attribute("name"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_typing_outlives_filter_and_session(officer: Visitor, language: str) -> None:
    page = officer.page
    asked: list[str] = []

    def agree(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", agree)
    page.goto(f"{officer.url}/rounds/")
    running = page.locator("main table a[href*='/rounds/']").first.get_attribute("href")
    page.goto(f"{officer.url}{running}given/")
    sheet, name = page.url, empty_field(page)
    cell = page.locator(f"[name='{name}']")
    cell.fill("7")
    page.locator("form.filters select").first.select_option(index=1)
    page.wait_for_url(re.compile(r"\?"))
    assert asked == ["beforeunload"], "a filter asks before it throws away what was typed"
    page.goto(sheet)
    asked.clear()  # the filtered page had put the figure back, and asked as well
    expect(cell).to_have_value("7")
    expect(page.locator(".typed-back-notice")).to_be_visible()
    officer.sound("put-back")

    page.context.clear_cookies(name="sessionid")
    page.locator(".sheet-foot button[type=submit]").click()
    page.wait_for_url(re.compile("/login/"))
    page.fill("[name=username]", "officer1")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(re.compile("/given/"))
    expect(cell).to_have_value("7")
    page.locator(".sheet-foot button[type=submit]").click()
    expect(page.locator("#messages .notice-good")).to_be_visible()
    assert page.evaluate(KEPT) == [], "what is saved is forgotten"
    assert asked == [], "saving asks nothing"
    page.go_back()
    expect(cell).to_have_value("7")
