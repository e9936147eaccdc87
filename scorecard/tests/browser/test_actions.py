"""How many actions a full filing takes on the web, counted as it is done (docs/filing.md, What a filing costs).

Counted is everything that a hand does in the browser after signing in, of preparer, reviewer and signatory: each page
that loads, each field, each click, and three for each choosing of files (opening the chooser, choosing, confirming).
What is typed into the cells of the workbook is counted beside it: it is done in a spreadsheet program.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Frame, Locator, expect

from assessments.filings.form_layout import form_pages
from assessments.rulebooks.services import check_rulebook
from assessments.tests.reviews.world import BEST
from assessments.tests.workbook.world import Sheets

from .conftest import PASSWORD, RESULTS, Visitor
from .test_year import EXPLANATION, OWN_POINTS, TEXT
from .ways import as_typed, fill_in

pytestmark = [pytest.mark.browser, pytest.mark.worker]

CODE = "dc01"  # with nothing of this year filled in but what last year carries over
MOST_ACTIONS, MOST_UPLOADS = 60, 10  # the bar of the requirement
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%% "
CHOOSING = 3
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass
class Hands:
    """One person at work: nothing reaches the page but through these, and each is counted."""

    visitor: Visitor
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.visitor.page.on("framenavigated", self._moved)

    def _moved(self, frame: Frame) -> None:
        if frame == self.visitor.page.main_frame:
            self.counts["page loads"] += 1

    def find(self, what: str) -> Locator:
        return self.visitor.page.locator(what)

    def click(self, what: Locator) -> None:
        what.click()
        self.counts["clicks"] += 1

    def fill(self, what: Locator, text: str) -> None:
        what.fill(text)
        self.counts["fields"] += 1

    def choose(self, what: Locator, files: list[Any]) -> None:
        what.set_input_files(files)
        self.counts["uploads"] += 1
        self.counts["choosing files"] += CHOOSING

    @property
    def actions(self) -> int:
        return sum(count for name, count in self.counts.items() if name != "uploads")


def sent(name: str, content: bytes, kind: str = "application/pdf") -> dict[str, Any]:
    return {"name": name, "mimeType": kind, "buffer": content}


def prepare(hands: Hands, codes: list[str], facts: dict[str, str]) -> int:
    """The workbook, the evidence of every indicator, what the checks ask, and the passing on; how many cells were
    typed in the workbook."""
    page = hands.visitor.page
    hands.click(page.locator("main a[href$='/workbook/']").last)
    with page.expect_download() as found:
        hands.click(page.locator("main a[href$='/workbook/download/']"))
    sheets = Sheets(Path(found.value.path()).read_bytes())
    before = _cells(sheets)
    fill_in(sheets, facts, TEXT, OWN_POINTS)
    typed = sum(1 for name, value in _cells(sheets).items() if value != before[name])
    hands.choose(page.locator("input[type=file]"), [sent("filing.xlsx", sheets.saved(), KIND)])
    hands.click(page.locator("main form.panel button.btn-primary"))
    page.wait_for_url(re.compile(r"/workbook/\d+/$"))
    hands.click(page.locator("main a[href$='/evidence/']"))
    files = [sent(f"{code} 证明材料.pdf", PDF + code.encode()) for code in codes]
    hands.choose(page.locator("input[type=file]"), files)
    hands.click(page.locator("main form.panel button.btn-primary"))
    page.wait_for_url(re.compile(r"/evidence/$"))
    for code in codes:
        expect(page.locator("main tbody")).to_contain_text(f"{code} 证明材料.pdf")
    hands.click(page.locator("main .form-foot a.btn-secondary").last)
    hands.click(page.locator("main .tasks a[href*='/check/']").first)
    for box in page.locator("main textarea").all():
        if not box.input_value():
            hands.fill(box, EXPLANATION)
    page.keyboard.press("Tab")
    expect(page.locator("form[data-draft][data-unsaved]")).to_have_count(0)
    hands.click(page.locator("nav a[href='/']").first)
    pass_on(hands)
    return typed


def _cells(sheets: Sheets) -> dict[tuple[str, str], object]:
    kinds = ("fact", "narrative", "self_points")
    return {(kind, name): cell.value for kind in kinds for name, cell in sheets.cells(kind).items()}


def pass_on(hands: Hands, password: str = "") -> None:
    """The next step of the start page, and its confirmation."""
    hands.click(hands.find(".panel-next a.btn-primary").first)
    form = hands.find("main form[method=post]").last
    if password:
        hands.fill(form.locator("[name=password]"), password)
    hands.click(form.locator("button[type=submit]").first)
    hands.visitor.page.wait_for_load_state()


def test_the_actions_of_a_full_filing(served: Callable[..., str], visit: Callable[..., Visitor]) -> None:
    rulebook, _findings = check_rulebook("shanghai-2017", "3")
    assert rulebook is not None
    codes = [item.indicator.id for item in form_pages(rulebook).items.values() if item.asked]
    facts = as_typed(BEST, {name for name, spec in rulebook.facts.items() if spec.unit == "%"})
    url, people, cells = served("actions"), {}, 0
    for role in ("preparer", "reviewer", "signatory"):
        visitor = visit(url, f"actions-{role}")
        visitor.sign_in(f"{CODE}-{role}", "zh")
        people[role] = Hands(visitor)
        if role == "preparer":
            cells = prepare(people[role], codes, facts)
        else:
            pass_on(people[role], PASSWORD if role == "signatory" else "")
    expect(people["signatory"].find("main")).to_contain_text("提交")
    names = ["page loads", "fields", "clicks", "choosing files", "uploads"]
    rows = [[role, *(hands.counts[name] for name in names), hands.actions] for role, hands in people.items()]
    total = ["all", *(sum(column) for column in zip(*(row[1:] for row in rows), strict=True))]
    with (RESULTS / "actions.csv").open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([["who", *names, "actions"], *rows, total, ["cells of the workbook", cells]])
    assert len(codes) >= 27
    assert total[-1] <= MOST_ACTIONS, rows
    assert total[-2] <= MOST_UPLOADS, rows
    assert people["signatory"].visitor.page.locator("main").inner_text()
