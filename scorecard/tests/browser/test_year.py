"""One assessment year in the browser, as ``make demo`` serves it, in Chinese and in English.

The bank's three people file, the worker scores, officer and second reviewer verify, the decision maker decides grade
and measures, the bank reads and acknowledges its notice, the administrator loads the report's fixtures. Each person has
a window of their own; every page on the way must be free of script errors, policy violations, requests elsewhere and
serious accessibility findings. Pictures and traces are kept in ``test-results/browser``.
"""

import io
import re
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from assessments.rulebooks.services import check_rulebook
from assessments.tests.reviews.world import BEST

from .conftest import PASSWORD, ROOT, Passkey, Visitor
from .ways import as_typed, by_the_api, by_the_workbook, said_of

pytestmark = [pytest.mark.browser, pytest.mark.worker]

TEXT = "Carried out as the rulebook asks; the documents are attached."
EXPLANATION = "The figures are right: the branch moved its portfolio in the third quarter."
OWN_POINTS = "2"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass(frozen=True)
class Words:
    """What the test types in one language, and the names it looks for."""

    code: str
    bank: str
    said: str
    reason: str
    loaded: str


WORDS = {
    "zh": Words("zh", "演示城商行三上海分行", "补充说明：本年度流程已上线运行。", "核对无误，同意。", "演示上传.zip"),
    "en": Words(
        "en", "Demo City Bank 1", "Carried out as asked; documents attached.", "Verified and agreed.", "upload.zip"
    ),
}


def main_text(page: Page) -> str:
    """What the page says, its frame aside."""
    return page.locator("main").inner_text()


def only_language(page: Page, words: Words) -> None:
    """A Chinese page holds no stray English sentence, an English page no stray Chinese sentence."""
    text = main_text(page)
    if words.code == "zh":
        assert re.search(r"[\u4e00-\u9fff]{4,}", text), text[:300]
        stray = re.findall(r"\b(?:[A-Za-z]{2,}[ ,]+){3,}[A-Za-z]{2,}", text)
        assert not stray, stray[:5]
    else:
        assert re.search(r"[A-Za-z]{3,}", page.locator("h1").first.inner_text()), "the heading is not in English"
        assert not re.search(r"[\u4e00-\u9fff]", page.locator("nav").first.inner_text().replace("简体中文", ""))


def confirm(page: Page, *, reason: str = "", sign: bool = False) -> None:
    """The confirmation page of a step: a reason, the password, the button."""
    form = page.locator("main form[method=post]").last
    if reason and form.locator("[name=reason]").count():
        form.locator("[name=reason]").fill(reason)
    if sign:
        form.locator("[name=password]").fill(PASSWORD)
    form.locator("button[type=submit]").first.click()


# --- The bank --------------------------------------------------------------------------------------------------------
def settle(page: Page) -> None:
    """Leave the last field and wait until the server has everything that was typed."""
    page.keyboard.press("Tab")
    expect(page.locator("form[data-draft][data-unsaved]")).to_have_count(0)


def fill_in(visitor: Visitor) -> None:
    """Fill in every section of an untouched filing: figures, choices, narratives, self-scores, the report."""
    page = visitor.page
    visitor.go_on()
    page.locator("#filing-nav a").first.wait_for()  # the links are read as they stand, without waiting for them
    addresses = page.locator("#filing-nav a").evaluate_all("links => links.map(link => link.href)")
    for address in addresses:
        if address.endswith("/check/"):
            continue
        page.goto(address)
        _fill_page(page)
        settle(page)
    page.goto(next(address for address in addresses if address.endswith("/check/")))
    for box in page.locator("main textarea").all():
        box.fill(EXPLANATION)
        settle(page)


def _fill_page(page: Page) -> None:
    for row in page.locator("[data-row]").all():
        name = (row.get_attribute("data-row") or "").partition("-")[2]
        if name not in BEST:
            continue
        box = row.locator("input[type=text]")
        if box.count():
            percent = row.locator(".field-unit").count() and row.locator(".field-unit").inner_text().strip() == "%"
            box.fill(f"{Decimal(BEST[name]) * 100:f}" if percent else BEST[name])
            continue
        for value in BEST[name].split(";"):
            row.locator(f"input[value='{value}']").check()
    for box in page.locator("textarea[name^='n-']").all():
        if not box.input_value():
            box.fill(TEXT)
    for box in page.locator("input[name^='s-']").all():
        if not box.input_value():
            box.fill(OWN_POINTS)
    settle(page)


def touch_up(visitor: Visitor) -> None:
    """The last hand on a complete filing: a narrative, and one evidence file."""
    page = visitor.page
    page.locator(".home-grid ul.tasks a").nth(1).click()
    narrative = page.locator("textarea[name^='n-']").first
    narrative.fill(narrative.input_value() + WORDS["zh"].said)
    settle(page)
    evidence = page.locator(".evidence").first
    before = evidence.locator("a").count()
    evidence.locator("input[type=file]").set_input_files(
        {"name": "制度文件.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    expect(page.locator(".evidence").first.get_by_role("link", name="制度文件.pdf", exact=True)).to_have_count(1)
    assert page.locator(".evidence").first.locator("a").count() > before
    page.reload()
    assert WORDS["zh"].said in page.locator("textarea[name^='n-']").first.input_value(), "the narrative is saved"


def file(open_for: Callable[[str], Visitor], words: Words, prepare: Callable[[Visitor], None]) -> float:
    """Preparer, reviewer, signatory. Returns how long the result took to appear by itself after the signature."""
    preparer = open_for("preparer")
    only_language(preparer.page, words)
    preparer.sound("home")
    prepare(preparer)
    preparer.sound("filing")
    preparer.page.goto(f"{preparer.url}/")
    preparer.go_on()
    preparer.sound("pass-on")
    confirm(preparer.page)

    reviewer = open_for("reviewer")
    reviewer.go_on()
    only_language(reviewer.page, words)
    confirm(reviewer.page)

    signatory = open_for("signatory")
    signatory.go_on()
    signatory.sound("sign")
    signed = time.monotonic()
    confirm(signatory.page, sign=True)
    expect(signatory.page.locator(".verdict-total .stat-value")).to_have_text(re.compile(r"^\d+"), timeout=30_000)
    took = time.monotonic() - signed
    only_language(signatory.page, words)
    signatory.sound("result")
    return took


# --- The supervisor --------------------------------------------------------------------------------------------------
def find_case(visitor: Visitor, bank: str) -> None:
    """From the review queue to the case of this bank."""
    page = visitor.page
    page.goto(f"{visitor.url}/review/?scope=all&q={bank}")
    visitor.picture("queue")
    page.locator("main table").get_by_role("link", name=bank, exact=True).first.click()


def take_over(visitor: Visitor, words: Words) -> None:
    """Take the case over from whoever was assigned by rule, where it is somebody else's."""
    page = visitor.page
    link = page.locator(".page-actions a.btn-primary[href*='/assigned/']")
    if link.count():
        link.click()
        page.locator("[name=reason]").fill(words.reason)
        page.locator("main form button[type=submit]").click()


def review(open_for: Callable[[str], Visitor], words: Words) -> None:
    """The case officer accepts, gives the supervisor's figures, looks at each indicator, and passes the case on."""
    officer = open_for("officer1")
    page = officer.page
    only_language(page, words)
    officer.sound("home")
    find_case(officer, words.bank)
    officer.sound("case")
    take_over = page.locator(".page-actions a[href*='officer=']")
    if take_over.count():  # the bank is another officer's: who acts takes the case over first
        take_over.click()
        officer.sound("take-over")
        confirm(page, reason=words.reason)
    page.locator(".page-actions a.btn-primary").click()
    confirm(page)
    page.locator(".given a.btn").click()
    for box in page.locator("input[name^='fact-']").all():
        if not box.input_value():
            box.fill("0")
    page.locator("main form.panel button.btn-primary").click()
    expect(page.locator(".given-list .chip")).to_have_count(0)
    page.locator(".review-table .rv-figures a").first.click()
    expect(page.locator("#pane h2")).to_be_visible()
    officer.sound("review")
    while page.locator("tbody.rv-open").count():
        look_at(page, page.locator("tbody.rv-open").first, words)
    page.locator(".page-actions a.btn-primary").click()
    officer.sound("pass-on")
    confirm(page)


def look_at(page: Page, row: Locator, words: Words) -> None:
    """Agree with the system's points, or give some with a reason where the system has none.

    Where evidence was asked for and none handed in, the page asks before it takes the agreement; elsewhere it must not.
    """
    ident = row.get_attribute("id")
    row = page.locator(f"tbody#{ident}")
    if not row.locator("[name=reason]").is_visible():
        row.locator(".rv-change summary").click()
    agree = row.locator("button[name=agree]")
    if agree.count():
        lacks = bool(row.locator("td strong.text-bad").count())
        agree.click()
        if lacks:
            expect(row.locator("[name=without_evidence]")).to_have_count(1)
            row.locator("button[name=agree]").click()
    else:
        row.locator("[name=points]").fill(str(row.get_attribute("data-max")))
        row.locator("[name=reason]").fill(words.reason)
        row.locator("button[type=submit]").first.click()
    expect(page.locator(f"tbody#{ident}.rv-open")).to_have_count(0)


def second_review(open_for: Callable[[str], Visitor], words: Words) -> None:
    """The second reviewer sees where officer and system differ, and confirms."""
    second = open_for("second1")
    only_language(second.page, words)
    find_case(second, words.bank)
    take_over(second, words)
    second.sound("second")
    second.page.locator(".page-actions a.btn-primary").click()
    confirm(second.page)


def decide_as_proposed(page: Page, reason: str) -> None:
    """Take each measure as proposed and the grade that the rules give, and sign: the decision page."""
    while page.locator("details.measure-form[open]").count():
        form = page.locator("details.measure-form[open]").first
        before = page.locator("details.measure-form[open]").count()
        form.locator("input[name$=outcome][value=accept]").check()
        for option in form.locator("input[name$=options]").all():
            option.check()
        form.locator("[name$=reason]").fill(reason)
        form.locator("button[type=submit]").click()
        expect(page.locator("details.measure-form[open]")).to_have_count(before - 1)
    questions, sign = page.locator("#questions"), page.locator("#sign")
    questions.locator("input[name=grade]").first.check()
    adjustment = questions.locator("input[name=adjustment]")
    if adjustment.count():  # the help says first what the rules propose
        said = questions.locator("div:has(input[name=adjustment])").last.inner_text()
        proposed = re.search(r"[−-]?\d+(?:\.\d+)?", said)
        assert proposed, said
        adjustment.fill(proposed[0].replace("−", "-"))
    sign.locator("[name=reason]").fill(reason)
    sign.locator("[name=password]").fill(PASSWORD)
    sign.locator("button[type=submit]").click()


def decide(open_for: Callable[[str], Visitor], words: Words) -> None:
    """The decision maker decides each measure, then grade and adjustment with a reason and the password; sends it."""
    decider = open_for("decider")
    page = decider.page
    only_language(page, words)
    find_case(decider, words.bank)
    take_over(decider, words)
    only_language(page, words)
    decider.sound("decision")
    decide_as_proposed(page, words.reason)
    decider.picture("decided")
    page.locator(".page-actions a.btn-primary").click()
    decider.picture("send")
    confirm(page)
    only_language(page, words)
    decider.sound("sent")


def acknowledge(open_for: Callable[[str], Visitor], words: Words) -> None:
    """The signatory finds the notice on the home page, reads it and confirms that it has come."""
    signatory = open_for("signatory")
    page = signatory.page
    signatory.picture("notice-home")
    signatory.go_on()
    expect(page.locator("article.letter").first).to_contain_text("演示")
    signatory.sound("notice")
    page.locator(".page-actions a.btn-primary").click()
    confirm(page, sign=True)
    expect(page.locator("article.letter").first).to_be_visible()
    signatory.picture("acknowledged")
    page.goto(f"{signatory.url}/")
    signatory.picture("home-after")


def load_report(open_for: Callable[[str], Visitor], words: Words) -> None:
    """The administrator uploads the report's fixture; the worker loads it, and everybody finds it unchanged."""
    administrator = open_for("admin")
    page = administrator.page
    only_language(page, words)
    administrator.sound("home")
    page.goto(f"{administrator.url}/report/loads/new/")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted((ROOT / "fixtures" / "report_2017").iterdir()):
            archive.write(path, path.name)
    page.locator("input[type=file]").set_input_files(
        {"name": words.loaded, "mimeType": "application/zip", "buffer": packed.getvalue()}
    )
    page.locator("main form.panel button.btn-primary").click()
    expect(page.locator(".stat-value").first).to_be_visible(timeout=60_000)
    added, changed, unchanged, rejected = (int(text) for text in page.locator(".stat-value").all_inner_texts())
    assert (added, changed, rejected) == (0, 0, 0), "the demonstration has it already; loading twice changes nothing"
    assert unchanged > 400
    administrator.sound("loaded")
    page.locator(".page-actions a.btn-primary").click()
    only_language(page, words)
    administrator.sound("overview")


def signatures_of(auditor: Visitor) -> None:
    """The trail says of each signature of this year with what it was given and what was shown."""
    page = auditor.page
    for event in ("assessments.filing.submit", "assessments.review.decide", "assessments.review.acknowledge"):
        page.goto(f"{auditor.url}/audit/?event={event}")
        page.locator("main tbody a[href^='/audit/']").first.click()
        page.wait_for_url(re.compile(r"/audit/\d+/"))
        text = main_text(page)
        assert re.search(r"通行密钥", text) and re.search(r"所示内容摘要\s+[0-9a-f]{64}", text), (event, text)
    auditor.picture("signature")


def two_other_ways(served: Callable[..., str], visit: Callable[..., Visitor], code: str, folder: Path) -> list[object]:
    """The bank files once more in two applications where it has not begun: what the filings and their scores say."""
    rulebook, _findings = check_rulebook("shanghai-2017", "3")
    assert rulebook is not None
    facts = as_typed(BEST, {name for name, spec in rulebook.facts.items() if spec.unit == "%"})
    own = [name for name in rulebook.indicators if not name.startswith("H")]  # H is the supervisor's
    found: list[object] = []
    for way in ("workbook", "api"):
        url, windows = served(f"way{way}"), {}

        def open_for(role: str) -> Visitor:
            if role not in windows:  # noqa: B023
                windows[role] = visit(url, f"{way}-{role}")  # noqa: B023
                windows[role].sign_in(f"{code}-{role}", "en")  # noqa: B023
            return windows[role]  # noqa: B023

        if way == "workbook":
            by_the_workbook(open_for, lambda page: confirm(page, sign=True), facts, TEXT, OWN_POINTS, EXPLANATION)
        else:
            by_the_api(open_for, code, facts, own, TEXT, OWN_POINTS, EXPLANATION, folder)
        found.append(said_of(open_for("signatory")))
    return found


@pytest.mark.parametrize(("language", "code"), [("zh", "dc03"), ("en", "dc01")])
def test_a_year(
    served: Callable[..., str], visit: Callable[..., Visitor], language: str, code: str, tmp_path: Path
) -> None:
    words = WORDS[language]
    # The Chinese year is one with second factors: a passkey at each sign-in of a supervisor or signatory and under each
    # signature. A passkey belongs to a name, so the application is asked for by its.
    factors = language == "zh"
    url = served(f"year{language}", REQUIRE_SECOND_FACTOR="1" if factors else "0")
    url = url.replace("127.0.0.1", "localhost") if factors else url
    passkeys: dict[str, Passkey] = {}

    def open_for(role: str) -> Visitor:
        username = f"{code}-{role}" if role in ("preparer", "reviewer", "signatory") else role
        visitor: Visitor = visit(url, role)
        if factors and role not in ("preparer", "reviewer"):
            visitor.passkey = passkeys[role] = Passkey(visitor.page, passkeys.get(role))
        visitor.sign_in(username, language)
        return visitor

    took = file(open_for, words, touch_up if language == "zh" else fill_in)
    assert took < 5, f"the result stood there after {took:.1f} s"
    if language == "en":  # the filing of this year is filled in from nothing
        filed = said_of(open_for("signatory"))
        assert two_other_ways(served, visit, code, tmp_path) == [filed, filed], "web, workbook and API say the same"
    review(open_for, words)
    second_review(open_for, words)
    decide(open_for, words)
    acknowledge(open_for, words)
    load_report(open_for, words)
    if factors:
        signatures_of(open_for("auditor"))
