"""The filing form in the browser: the state of saving stays in view, a pasted column fills the fields below, and a file
that is refused speaks where it was chosen."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, ViewportSize, expect

from .conftest import PASSWORD, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.worker]

DROP = """node => {
  const data = new DataTransfer();
  data.items.add(new File(["%PDF-1.7\\n%%EOF"], "dropped.pdf", { type: "application/pdf" }));
  for (const name of ["dragenter", "dragover", "drop"])
    node.dispatchEvent(new DragEvent(name, { dataTransfer: data, bubbles: true, cancelable: true }));
}"""
OUT = {"zh": re.compile("登录"), "en": re.compile("[Ss]ign")}
SAVED = {"zh": re.compile("已保存"), "en": re.compile("Saved")}
FILLED = {"zh": "已按粘贴内容填入 2 项", "en": "2 fields were filled from what you pasted"}
LARGE = {"zh": re.compile("MB.*未上传|MB.*没有|超过"), "en": re.compile("larger than")}
PASTE = """(node, text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  return node.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def preparer(visit: Callable[..., Visitor], together: Callable[[str], str], language: str) -> Visitor:
    """The preparer of the visitors' bank, on the first page of the filing."""
    visitor: Visitor = visit(together(language), "dc01-preparer")
    visitor.sign_in("dc01-preparer", language)
    page = visitor.page
    found = re.match(r"/filing/\d+/", page.locator('a[href*="/filing/"]').first.get_attribute("href") or "")
    assert found, "the start page leads to the filing"
    page.goto(visitor.url + found[0])
    page.goto(visitor.url + (page.locator('a[href*="/section/"]').first.get_attribute("href") or ""))
    return visitor


def open_page_with(page: Page, wanted: str) -> Locator:
    """The first page of the filing that has such an element."""
    links = page.locator(".filing-nav a[href]").evaluate_all("nodes => nodes.map(node => node.href)")
    for link in links:
        page.goto(link)
        if page.locator(wanted).count():
            return page.locator(wanted)
    raise AssertionError(f"no page of the filing has {wanted}")


def points_below_a_figure(page: Page) -> None:
    """A column that begins in a self-score fills self-scores, and passes by a figure between them: one is named so
    here, since no page of the demonstration's rulebook has both.
    """
    numbers = open_page_with(page, ".item-self input.field-number")
    numbers.nth(1).evaluate("node => { node.name = 'f-between'; }")
    held = numbers.nth(1).input_value()
    numbers.nth(0).evaluate(PASTE, "0\n0")
    assert (numbers.nth(1).input_value(), numbers.nth(2).input_value()) == (held, "0")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_form_says_where_it_stands(preparer: Visitor, language: str) -> None:
    page = preparer.page
    numbers = open_page_with(page, "input.field-number[data-field]")
    assert numbers.count() > 3
    state = page.locator("#saved")
    for width in (1440, 1000, 390):
        page.set_viewport_size(ViewportSize(width=width, height=700))
        field = numbers.nth(1)
        field.scroll_into_view_if_needed()
        field.fill(str(400_000 + width))
        expect(state).to_be_in_viewport(ratio=1)
        expect(state).to_have_text(SAVED[language])
        expect(state).to_be_in_viewport(ratio=1)
    page.set_viewport_size(ViewportSize(width=1440, height=900))

    held = [numbers.nth(place).input_value().replace(",", "") for place in range(5)]
    numbers.nth(0).focus()
    # Rows end as each system ends them; a second column is nobody's; a blank cell leaves its field.
    numbers.nth(0).evaluate(PASTE, "500,001\t甲\r\n\r500,003\n\n")
    for place, figure in ((0, "500001"), (2, "500003")):
        assert numbers.nth(place).input_value().replace(",", "") == figure
    assert numbers.nth(1).input_value().replace(",", "") == held[1], "a blank cell leaves its field as it is"
    assert numbers.nth(3).input_value().replace(",", "") == held[3], "what follows the last row of the column stays"
    expect(state).to_have_text(FILLED[language])
    expect(state).to_have_text(SAVED[language])
    preparer.picture("pasted")
    page.reload()
    assert numbers.nth(2).input_value().replace(",", "") == "500003", "the pasted figures are on the server"
    assert numbers.nth(0).evaluate(PASTE, "500,004"), "one value is pasted by the browser itself"
    assert numbers.nth(0).evaluate(PASTE, "500,004\r\n"), "a spreadsheet ends one cell with the end of a line"
    assert not numbers.nth(0).evaluate(PASTE, "500,004\n500,005"), "a column is not pasted into one field as well"
    points_below_a_figure(page)

    files = open_page_with(page, ".evidence input[type=file]")
    dropped = page.locator(".evidence").filter(has=page.locator("input[type=file]")).nth(0)
    dropped.evaluate(DROP)
    expect(dropped).to_contain_text("dropped.pdf")
    expect(dropped).not_to_have_class(re.compile("is-over"))
    box = page.locator(".evidence").filter(has=page.locator("input[type=file]")).nth(1)
    box.scroll_into_view_if_needed()
    page.route("**/evidence/**", lambda route: route.fulfill(status=413, body=""))
    box.locator("input[type=file]").set_input_files(
        {"name": "large.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"}
    )
    told = box.locator("[data-refusal]")
    expect(told).to_have_text(LARGE[language])
    expect(told).to_be_in_viewport()
    assert files.count() > 1
    expect(page.locator(".evidence").first.locator("[data-refusal]")).to_be_empty()
    preparer.picture("refused")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_two_windows_of_one_person_overwrite_nothing(preparer: Visitor, language: str) -> None:
    """The first window has saved something else meanwhile: it still knows nothing of what the second has changed."""
    first = preparer.page
    open_page_with(first, "input.field-number[data-field]")
    second = first.context.new_page()
    second.goto(first.url)
    for page, place, figure in ((second, 0, "500333"), (first, 4, "4493"), (first, 4, "4494")):
        page.bring_to_front()
        with page.expect_response("**/autosave/") as saved:
            page.locator("input.field-number[data-field]").nth(place).fill(figure)
        assert saved.value.ok and not saved.value.json()["errors"]
    first.locator("#draft button[name=then]:visible").first.click()
    expect(first.get_by_text("500,333").first).to_be_visible()  # both values, to choose from
    first.goto(second.url)
    shown = [first.locator("input.field-number[data-field]").nth(place).input_value() for place in (0, 4)]
    assert [text.replace(",", "") for text in shown] == ["500333", "4494"]
    second.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_signing_in_again_in_another_window_revives_the_first(preparer: Visitor, language: str) -> None:
    """Fault F2: what was typed after the session had ended is saved once the same person signs in elsewhere."""
    page = preparer.page
    field = open_page_with(page, "input.field-number[data-field]").nth(1)
    state, name = page.locator("#saved"), field.get_attribute("name")
    page.context.clear_cookies(name="sessionid")
    field.fill("700001")
    expect(state).to_have_text(OUT[language])
    other = page.context.new_page()
    other.goto(f"{preparer.url}/login/")
    other.fill("[name=username]", "dc01-preparer")
    other.fill("[name=password]", PASSWORD)
    other.press("[name=password]", "Enter")
    other.wait_for_url(f"{preparer.url}/")
    page.bring_to_front()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(state).to_have_text(SAVED[language])
    other.goto(page.url)
    assert other.locator(f"[name='{name}']").input_value().replace(",", "") == "700001", "it is on the server"
    other.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_typed_before_the_script_has_come_is_saved(preparer: Visitor, language: str) -> None:
    """On a slow line a person types before the page's script runs."""
    page = preparer.page
    name = open_page_with(page, "textarea[data-field]").first.get_attribute("name")
    held: list[Route] = []
    page.route("**/filing*.js", lambda route: held.append(route))
    page.reload(wait_until="commit")
    box = page.locator(f"textarea[name='{name}']")
    box.fill("脚本到达之前写下的话。")
    page.wait_for_timeout(500)
    assert held, "the script is still on its way"
    held[0].continue_()
    expect(page.locator("#saved")).to_have_text(SAVED[language])
    page.unroute("**/filing*.js")
    page.evaluate("localStorage.clear()")  # what comes back is the server's
    page.reload()
    expect(box).to_have_value("脚本到达之前写下的话。")
