"""What if, in the browser: a bank tries other figures, an officer tries another rulebook, and two rulebooks compared.

The application, its worker and its pages are those of ``make demo``. As everywhere here, no script error, no policy
violation and no serious accessibility finding may show on the way.
"""

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import yaml
from playwright.sync_api import Page, expect

from .conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.worker]

WORKER = 40_000  # how long the real worker may take for a trial


@dataclass(frozen=True)
class Words:
    """What the pages say in one language."""

    try_it: str
    unsaved: str
    missed: str
    for_targets: str
    for_grade: str
    start: str
    overlap: str


WORDS = {
    "zh": Words("试算其他数据", "本页不保存", "未完成", "完成目标尚需", "达到“", "开始试算", "重叠"),
    "en": Words(
        "Try other figures",
        "Nothing here is saved",
        "missed",
        "Still needed for the targets",
        "Still needed for “",
        "Start the trial",
        "overlap",
    ),
}


@pytest.fixture
def url(together: Callable[[], str]) -> str:
    """One application for all of these: nothing that one of them does is in the way of another."""
    return together()


def enter(visit: Callable[..., Visitor], url: str, username: str, language: str = "zh") -> Visitor:
    visitor: Visitor = visit(url, username)
    visitor.sign_in(username, language)
    return visitor


def filed(page: Page) -> dict[str, str]:
    """Everything that the form of the filing holds, and its score."""
    found: dict[str, str] = page.locator("main form").first.evaluate(
        "form => Object.fromEntries([...new FormData(form)].filter(([name]) => name.startsWith('f-')))"
    )
    return found | {"total": page.locator("[data-mark=total]").first.inner_text()}


# --- A bank tries other figures --------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_bank_tries_other_figures_and_its_draft_stays(visit: Callable[..., Visitor], url: str, language: str) -> None:
    words = WORDS[language]
    preparer = enter(visit, url, "dc03-preparer", language)
    page = preparer.page
    preparer.go_on()
    number = re.search(r"/filing/(\d+)/", page.url)
    assert number
    page.goto(f"{url}/filing/{number[1]}/section/figures/")
    before = filed(page)
    page.get_by_role("link", name=words.try_it).click()
    expect(page).to_have_url(re.compile(r"/what-if/\?page=figures#page-figures$"))
    expect(page.locator("main")).to_contain_text(words.unsaved)
    score = page.locator("#whatif-score")
    total = score.locator(".stat-value")
    assert total.inner_text() == before["total"]
    expect(score.locator("h3", has_text=words.for_grade)).to_have_count(1)
    expect(score.locator("h3", has_text=words.for_targets)).to_have_count(0)

    # With the mouse: no growth, so the first target is missed, and what would meet it is said.
    balance = page.locator("#id_f-sme_bal_end")
    balance.fill(before["f-sme_bal_prev"])
    expect(score.locator(".score-targets > li").first).to_contain_text(words.missed)
    expect(total).not_to_have_text(before["total"])
    expect(score.locator("h3", has_text=words.for_targets)).to_have_count(1)
    expect(page.locator("[data-row='f-sme_bal_end'] .whatif-effect")).to_contain_text("G2 3 → 0")
    expect(balance).to_be_focused()
    after_one = total.inner_text()

    # By the keyboard alone: two fields on, one borrower.
    for _step in range(4):
        page.keyboard.press("Tab")
    borrowers = page.locator("#id_f-sme_hh_end")
    expect(borrowers).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("1")
    expect(score.locator(".score-targets").first.locator("li").nth(1)).to_contain_text(words.missed)
    expect(total).not_to_have_text(after_one)
    needed = score.locator(f"h3:has-text('{words.for_targets}') + ul > li")
    expect(needed).to_have_count(2)
    expect(score.locator("h3", has_text=words.for_grade)).to_have_count(1)
    expect(page.locator("[data-row='f-sme_hh_end'] .whatif-effect")).to_contain_text("→")
    expect(borrowers).to_be_focused()
    preparer.sound("tried")

    # What cannot be read is said at its field, and the score goes on without it.
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("many")
    expect(page.locator("#id_f-sme_hh_end-error")).to_contain_text("many")
    expect(needed).to_have_count(1)
    page.set_viewport_size({"width": 390, "height": 844})
    preparer.sound("narrow")

    page.set_viewport_size({"width": 1440, "height": 900})
    page.locator(".page-actions a").first.click()
    expect(page).to_have_url(re.compile(r"/section/figures/$"))
    assert filed(page) == before, "trying figures changes nothing of the draft"


# --- An officer tries another rulebook -------------------------------------------------------------------------------


def change(page: Page, path: str, value: str) -> None:
    """Type another number for one entry of the rulebook; its entry is opened first, as anybody has to."""
    field = page.locator(f"[name='v-{path}']")
    entry = page.locator("details.trial-entry", has=field)
    if not field.is_visible():
        entry.locator("summary").click()
    field.fill(value)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_officer_tries_another_rulebook_and_others_read_it(
    visit: Callable[..., Visitor], url: str, language: str
) -> None:
    words = WORDS[language]
    officer = enter(visit, url, "officer1", language)
    page = officer.page
    page.goto(f"{url}/trials/new/")
    page.fill("[name=name]", f"trial {language}")
    change(page, "indicators.G5.rule.points.1.0", "25")
    change(page, "indicators.E2.rule.x#0", "24")
    change(page, "grades.0.min", "70")
    officer.sound("form")
    page.get_by_role("button", name=words.start).click()
    expect(page.locator("#id_grades-0-min-error")).to_contain_text(words.overlap)
    assert page.locator("[name='v-indicators.E2.rule.x#0']").input_value() == "24", "nothing typed is lost"
    change(page, "grades.0.min", "88")
    page.get_by_role("button", name=words.start).click()
    expect(page).to_have_url(re.compile(r"/trials/\d+/$"))
    shared = page.url

    expect(page.locator(".trial-stats")).to_be_visible(timeout=WORKER)  # the worker is done, and the page shows it
    expect(page.locator("#grades .table-scroll table").last).to_be_visible()
    expect(page.locator("#points .grid > div")).to_have_count(2)
    movers = page.locator(".trial-movers tbody tr")
    assert movers.count() > 3
    why = page.locator(".trial-because").all_inner_texts()
    assert any("20 → 24" in text for text in why) and any("20 → 25%" in text for text in why), why[:6]
    assert not re.search(r"\bnan\b|None", page.locator("main").inner_text())
    officer.sound("result")

    with page.expect_download() as download:
        page.locator("#draft a").click()
    with zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    book = next(text for name, text in files.items() if name.endswith("/rulebook.yaml"))
    changes = {one.get("set"): one.get("to") for one in yaml.safe_load(book)["extends"]["changes"]}
    assert "unit(24, 学时)" in changes["indicators.E2.rule.x"] and changes["indicators.E2.basis"] == "proposed"
    cases = next(text for name, text in files.items() if name.endswith("/vectors/worked-cases.yaml"))
    assert "Check by hand" in cases

    decider = enter(visit, url, "decider", language)
    decider.page.goto(shared)
    assert decider.page.locator(".trial-stats").inner_text() == page.locator(".trial-stats").inner_text()
    bank = enter(visit, url, "dc01-preparer", language)
    # To a bank a trial that is there and one that is not are alike: the pages are not for banks at all.
    answers = [bank.page.goto(address) for address in (shared, f"{url}/trials/999999/")]
    assert [answer.status for answer in answers if answer is not None] == [403, 403]


# --- Two rulebooks compared ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
def test_two_rulebooks_are_compared(visit: Callable[..., Visitor], url: str, language: str) -> None:
    officer = enter(visit, url, "officer1", language)
    page = officer.page
    page.goto(f"{url}/rulebooks/")
    page.locator("main a[href*='/diff/']").first.click()
    expect(page).to_have_url(re.compile(r"/rulebooks/\d+/diff/\d+/$"))
    assert page.locator(".diff-entry").count() > 2
    expect(page.locator("ins.diff-line").first).to_be_visible()
    expect(page.locator("del.diff-line").first).to_be_visible()
    officer.sound("diff")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "wider than the screen"
    officer.sound("diff-narrow")
