"""What a case officer has typed and not saved: no filter and no expired session loses it, and saving forgets it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from .conftest import PASSWORD, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.worker]

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
KEPT = "Object.keys(localStorage).filter(key => key.includes(':typed:'))"


@pytest.fixture
def officer(visit: Callable[..., Visitor], together: Callable[[str], str], language: str) -> Visitor:
    """A case officer of the running round."""
    visitor: Visitor = visit(together(language), "officer1")
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

    held: list[Route] = []  # on a slow line a person types before the script has come
    page.route("**/keep*.js", lambda route: held.append(route))
    page.reload(wait_until="commit")
    cell.fill("8")
    page.wait_for_timeout(500)
    assert held, "the script is still on its way"
    held[0].continue_()
    page.wait_for_load_state()
    expect(cell).to_have_value("8")
    page.unroute("**/keep*.js")
    cell.fill("7")
    asked.clear()

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


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_file_added_beside_unsaved_words_loses_none(
    visit: Callable[..., Visitor], together: Callable[[str], str], language: str
) -> None:
    """The words of an objection and its files are two forms of one page (fault G2)."""
    visitor: Visitor = visit(together(language), "dz02-preparer")
    visitor.sign_in("dz02-preparer", language)
    page = visitor.page
    asked: list[str] = []

    def agree(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", agree)
    notice = page.locator("a[href^='/notices/']").first.get_attribute("href")
    page.goto(f"{visitor.url}{notice}".replace("/notices/", "/objections/"))
    words, ground = page.locator("[name=statement]"), page.locator("[name=new_text]")
    words.fill("请复核。")
    page.locator("[name=new_subject]").select_option(index=2)
    ground.fill("材料齐全。")
    page.locator("#id_file").set_input_files({"name": "a.pdf", "mimeType": "application/pdf", "buffer": PDF})
    page.locator("form[action$='/files/'] button.btn-secondary").click()
    expect(page.locator("form[action$='/files/']")).to_contain_text("a.pdf")
    expect(words).to_have_value("请复核。")
    expect(ground).to_have_value("材料齐全。")
    expect(page.locator(".typed-back-notice")).to_be_visible()
    assert asked == [], "the words come back by themselves: nothing is asked"
    page.locator("form[data-keep-typed] button.btn-primary").click()
    expect(page.locator("#messages .notice-good")).to_be_visible()
    expect(words).to_have_value("请复核。")
    assert page.evaluate(KEPT) == []
