"""The money schemes and the filing form in the browser: estimates as one types, errors at the field, and a choice taken
back by keyboard alone."""

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

pytestmark = [pytest.mark.browser, pytest.mark.worker]


@pytest.fixture
def url(together: Any) -> str:
    """One application for both languages; nothing here is kept but one answer that is taken back."""
    return str(together())


def open_scheme(page: Page, title: str) -> None:
    page.locator("nav a[href='/money/']").click()
    page.get_by_role("link", name=title).first.click()


@pytest.mark.parametrize(
    ("language", "guarantee", "standing", "wrong", "wide"),
    [
        ("zh", "上海市政策性融资担保基金合作银行状态测算", "终止合作", "不能是“many”", 1440),
        ("en", "Standing of a bank with the Shanghai guarantee fund (estimate)", "Ended", "not “many”", 390),
    ],
    ids=["zh", "en"],
)
def test_an_estimate_moves_as_one_types_and_a_wrong_field_is_named_where_it_is(
    url: str, visit: Any, language: str, guarantee: str, standing: str, wrong: str, wide: int
) -> None:
    visitor = visit(url, f"scheme-{language}", viewport={"width": wide, "height": 900})
    visitor.sign_in("dc01-preparer", language)
    page = visitor.page
    page.goto(f"{url}/money/")
    visitor.sound("list")
    page.get_by_role("link", name=guarantee).first.click()
    panel = page.locator("#money-estimate")
    if wide < 500:
        page.locator("[data-whatif-fold] > summary").click()
    # What the demonstration has on file for this bank: 5 % of 52,000 less 2,310.
    expect(panel.locator(".money-value").first).to_have_text("290 万元" if language == "zh" else "290 × CNY 10,000")
    visitor.sound("on-file")
    page.fill("#id_f-fund_claims", "5000")
    expect(panel.locator(".chip", has_text=standing)).to_be_visible()
    page.fill("#id_f-fund_claims", "many")
    error = page.locator("#id_f-fund_claims-error")
    expect(error).to_contain_text(wrong)
    expect(page.locator("#id_f-fund_claims")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#id_f-fund_claims")).to_have_value("many")
    visitor.sound("wrong")
    page.fill("#id_f-fund_claims", "2310")
    expect(error).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.reload()  # nothing was kept
    expect(page.locator("#id_f-fund_claims")).to_have_value("2,310")


def test_a_choice_is_taken_back_by_keyboard_and_the_scheme_waits_for_it(url: str, visit: Any) -> None:
    visitor = visit(url, "scheme-choice")
    visitor.sign_in("officer1", "zh")
    page = visitor.page
    open_scheme(page, "上海市小微企业信贷奖励资格测算（2016—2018年）")
    page.fill("#id_f-reward_bal_500", "120")
    page.fill("#id_f-reward_bal_500_prev", "100")
    clear = page.get_by_role("button", name="清除选择")
    expect(clear).to_be_hidden()
    page.get_by_label("良好").focus()
    page.keyboard.press("Space")
    value = page.locator("#money-estimate .money-value").first
    expect(value).to_have_text("20 万元")
    page.keyboard.press("Tab")
    expect(clear).to_be_focused()
    page.keyboard.press("Enter")
    expect(value).to_have_text("—")
    expect(clear).to_be_hidden()
    page.wait_for_load_state("networkidle")  # a page that is left while it asks says so in its console


def test_an_answer_of_the_filing_is_taken_back_and_saved_as_unanswered(url: str, visit: Any) -> None:
    visitor = visit(url, "filing-choice")
    visitor.sign_in("dc01-preparer", "zh")
    page = visitor.page
    page.get_by_role("link", name="A 独立风险定价机制").first.click()
    group = page.locator(".choices[role=radiogroup]").first
    group.locator("input").nth(1).focus()
    page.keyboard.press("Space")
    expect(page.locator("#saved")).to_contain_text("已保存")
    page.reload()
    expect(group.locator("input").nth(1)).to_be_checked()
    group.locator("input").nth(1).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(group.locator("input:checked")).to_have_count(0)
    expect(page.locator("form[data-draft][data-unsaved]")).to_have_count(0)
    page.reload()
    expect(group.locator("input:checked")).to_have_count(0)


def test_a_link_waits_for_what_is_still_to_be_saved(url: str, visit: Any) -> None:
    """The last key before a click is in the draft when the next page opens, even where a save is under way."""
    visitor = visit(url, "filing-leave")
    visitor.sign_in("dc01-preparer", "zh")
    page = visitor.page
    page.get_by_role("link", name="A 独立风险定价机制").first.click()
    here = page.url
    held: list[Route] = []
    sent: list[str] = []

    def hold_the_first(route: Route) -> None:
        sent.append(route.request.post_data or "")
        if len(sent) == 1:
            held.append(route)
        else:
            route.continue_()

    page.route("**/autosave/", hold_the_first)
    box = page.locator("textarea[name^='n-']").first
    with page.expect_request("**/autosave/"):
        box.fill("第一句。")
        page.keyboard.press("Tab")
    box.fill("第一句。第二句。")
    page.locator("#filing-nav a").last.click(no_wait_after=True)
    expect(page).to_have_url(here)  # the first save is under way, and the page waits for it
    held[0].continue_()
    expect(page).not_to_have_url(here)
    assert len(sent) == 2 and "第二句" not in sent[0] and "第二句" in sent[1], "one after the other"
    page.unroute("**/autosave/")
    page.evaluate("localStorage.clear()")  # what comes back is the server's
    page.goto(here)
    expect(box).to_have_value("第一句。第二句。")
