"""The frame in a real browser: no policy violation, no accessibility finding, nothing wider than the screen."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from banks.models import User

from .conftest import PASSWORD

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("gallery"),
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        word = "There is no Chromium. Install it with: apt-get install chromium fonts-noto-cjk"
        if "chromium" in os.environ.get("SCORECARD_REQUIRE", ""):
            pytest.fail(word)
        pytest.skip(word)
    # Playwright's loop runs in this thread; the tests use the database between its calls, never inside one.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    else:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


def open_page(chromium: Browser, **options: Any) -> tuple[BrowserContext, Page, list[str]]:
    """A fresh window, and the list that its complaints go to."""
    context = chromium.new_context(**options)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda message: (
            complaints.append(message.text)
            if "Content Security Policy" in message.text
            or (message.type == "error" and "status of" not in message.text)
            else None
        ),
    )
    return context, page, complaints


def check(page: Page) -> list[dict[str, Any]]:
    """What axe finds wrong with the page; it must have found things right as well, or it did not run."""
    answer = Axe().run(page).response
    assert len(answer["passes"]) > 10
    return list(answer["violations"])


def sign_in(page: Page, url: str) -> None:
    page.goto(f"{url}/login/")
    page.fill("[name=username]", "officer")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{url}/")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_are_sound(
    chromium: Browser, live_server: Any, officer: User, make_bank: Any, width: int, theme: str
) -> None:
    for number in range(30):
        make_bank(f"D{number:02}")
    context, page, complaints = open_page(chromium, viewport={"width": width, "height": 900}, color_scheme=theme)
    page.goto(f"{live_server.url}/login/")
    found = {"/login/": check(page)}
    sign_in(page, live_server.url)
    for path in ("/gallery/?errors=1", "/list/?category=city", "/confirm/", "/profile/", "/failing/409/"):
        page.goto(live_server.url + path)
        assert page.evaluate("document.documentElement.dataset.bsTheme") == theme
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
        found[path] = check(page)
    context.close()
    assert not complaints
    told = {
        path: [(v["id"], [node["html"][:160] for node in v["nodes"]]) for v in violations]
        for path, violations in found.items()
        if violations
    }
    assert not told


def test_theme_language_and_menus(chromium: Browser, live_server: Any, officer: User) -> None:
    context, page, complaints = open_page(chromium, viewport={"width": 1440, "height": 900}, color_scheme="light")
    sign_in(page, live_server.url)
    with page.expect_response("**/settings/theme/"):
        page.get_by_role("button", name="深色").click()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    page.locator("details.menu summary").first.click()
    expect(page.get_by_text("下载工作簿")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("下载工作簿")).to_be_hidden()
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    context.close()
    assert not complaints


def test_a_button_reached_by_the_keyboard_shows_where_one_is(
    chromium: Browser, live_server: Any, officer: User
) -> None:
    context, page, _complaints = open_page(chromium)
    page.goto(f"{live_server.url}/login/")
    page.focus("[name=password]")
    button = page.locator(".btn-primary").first
    for _press in range(6):
        page.keyboard.press("Tab")
        if button.evaluate("one => one === document.activeElement"):
            break
    assert button.evaluate("one => one === document.activeElement")
    assert (
        button.evaluate("one => getComputedStyle(one).outlineStyle + getComputedStyle(one).outlineWidth") == "solid3px"
    )
    context.close()


def test_narrow_rail_opens_and_leads_on(chromium: Browser, live_server: Any, officer: User) -> None:
    context, page, complaints = open_page(chromium, viewport={"width": 390, "height": 844})
    sign_in(page, live_server.url)
    expect(page.get_by_role("button", name="退出")).to_be_hidden()
    page.get_by_role("button", name="打开导航").click()
    page.get_by_role("button", name="退出").click()
    page.wait_for_url(f"{live_server.url}/login/")
    context.close()
    assert not complaints


def test_everything_works_without_script(chromium: Browser, live_server: Any, officer: User, make_bank: Any) -> None:
    make_bank("D1")
    context, page, _complaints = open_page(chromium, viewport={"width": 1440, "height": 900}, java_script_enabled=False)
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/list/")
    page.get_by_role("button", name="紧凑").click()
    expect(page.get_by_role("button", name="宽松")).to_be_visible()
    page.locator("summary", has_text="列").first.click()
    page.get_by_label("联系人").check()
    page.get_by_role("button", name="应用").click()
    expect(page.locator("thead")).to_contain_text("联系人")
    page.get_by_role("button", name="深色").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    context.close()


def test_a_form_is_sent_once(chromium: Browser, live_server: Any, officer: User) -> None:
    context, page, _complaints = open_page(chromium)
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/confirm/")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.get_by_role("button", name="签名并提交").dblclick()
    expect(page.get_by_text("未能提交，请补充以下内容")).to_be_visible()
    assert len(sent) == 1
    context.close()
