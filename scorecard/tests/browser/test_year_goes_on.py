"""The year goes on in the browser after the letter: what the report's toolbox and its watching of the targets ask for.

One application, one story: a meeting decides a case and the decision maker signs by its minutes; a rating is taken back
before its notice; one objection is upheld, with a corrected notice that replaces the old one, and one is refused; a
bank fulfils its measure while another is overdue; a bank's reading falls short, warns, and is made known in a circular.
"""

import re
import time
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from .conftest import PASSWORD, Visitor
from .test_year import PDF, WORDS, decide_as_proposed, take_over

pytestmark = [pytest.mark.browser, pytest.mark.worker]

ENGLISH = WORDS["en"]
REASON = "Checked against the documents; carried out as the rulebook asks."
MESSAGE_SECONDS = 90  # within which a message that is due has come
WAITS, DECIDED = "DJ03", "DF07"  # the one's case waits for its decision; the other's is decided and not told


class People:
    """Windows of the people of the story, each opened once."""

    def __init__(self, visit: Callable[..., Visitor], url: str, language: str) -> None:
        self.visit, self.url, self.language = visit, url, language
        self.windows: dict[str, Visitor] = {}

    def __call__(self, name: str, path: str = "") -> Visitor:
        """The window of this person, at a page."""
        if name not in self.windows:
            self.windows[name] = self.visit(self.url, name)
            self.windows[name].sign_in(name, self.language)
        visitor = self.windows[name]
        if path:
            visitor.page.goto(f"{self.url}{path}")
        return visitor

    def case(self, name: str, bank: str) -> Visitor:
        """The window of a supervisor, at the case of the bank with this code."""
        visitor = self(name, f"/review/?scope=all&q={bank}")
        visitor.page.locator("main tbody th a, main tbody td a").first.click()
        visitor.page.wait_for_url(re.compile(r"/(review|decision)/\d+/"))
        return visitor


def number_of(page: Page) -> str:
    """The number of the case whose page this is."""
    found = re.search(r"/(?:review|decision)/(\d+)/", page.url)
    assert found, page.url
    return found[1]


def send(page: Page, **typed: str) -> None:
    """Fill in the form of the page and send it: fields by their names, the password wherever one is asked for."""
    form = page.locator("main form[method=post]").last
    for name, value in typed.items():
        form.locator(f"[name={name}]").fill(value)
    if form.locator("[name=password]").count():
        form.locator("[name=password]").fill(PASSWORD)
    before = page.url
    form.locator("button[type=submit]").last.click()
    page.wait_for_url(lambda url: url != before)


def step(people: People, name: str, case: str, step: str) -> Visitor:
    """Take a step of the workflow on its page."""
    visitor = people(name, f"/review/{case}/step/{step}/")
    typed = {"reason": REASON} if visitor.page.locator("main form [name=reason]").count() else {}
    send(visitor.page, **typed)
    return visitor


# --- A meeting -------------------------------------------------------------------------------------------------------
def meet(people: People) -> str:
    """The officer plans it, hands out the agenda and writes; the chair signs; the decision follows the minutes, and is
    told. The number of the case.
    """
    number = number_of(people.case("officer1", WAITS).page)
    secretary = people("officer1", "/meetings/")
    page = secretary.page
    page.locator(".page-actions a.btn-primary").click()
    page.locator("input[name=kind][value=committee]").check()
    page.fill("[name=title]", "Committee on the ratings")
    page.fill("[name=place]", "Room 301")
    page.fill("[name=starts_at]", f"{date.today() - timedelta(days=1)}T09:00")
    page.select_option("[name=chair]", label=chosen(page, "chair", "decider)"))
    send(page)
    address = re.sub(r"(/meetings/\d+/).*", r"\1", page.url)
    page.goto(f"{address}arrange/")
    secretary.sound("arrange")
    case = page.locator(f"[name=cases][value='{number}']")
    bank = page.locator(f"label[for={case.get_attribute('id')}]").inner_text().split(" · ")[0]
    case.check()
    page.fill("[name=points]", "Plan of the visits|Six banks in spring")
    send(page)
    for name in ("call", "open"):
        page.goto(f"{address}step/{name}/")
        send(page)
    secretary.sound("meeting-held")
    page.goto(f"{address}write/")
    page.locator("[name=point1-result][value=agree]").check()
    page.locator("[name=point2-result][value=noted]").check()
    page.fill("[name=point2-reason]", "The list was agreed.")
    page.fill("[name=todo0-text]", "Hand the list of visits to the desk of inspections")
    page.select_option("[name=todo0-owner]", index=1)
    page.fill("[name=todo0-due_on]", str(date.today() + timedelta(days=30)))
    secretary.sound("minutes-written")
    send(page)

    chair = people("decider", f"{address.removeprefix(people.url)}step/sign/")
    only = chair.page.locator("main").inner_text()
    assert bank in only and "Hand the list" in only, "the chair signs what is on the screen"
    send(chair.page)
    expect(chair.page.locator("p.lead")).to_contain_text("普惠评会")
    chair.sound("minutes-signed")

    chair = people("decider", f"/decision/{number}/")
    take_over(chair, ENGLISH)
    chair.page.goto(f"{people.url}/decision/{number}/")
    expect(chair.page.locator("main")).to_contain_text("普惠评会")
    chair.sound("decision-after-the-meeting")
    decide_as_proposed(chair.page, REASON)
    step(people, "decider", number, "issue_notice")
    rows = people("officer1", "/meetings/follow-ups/?state=open").page.locator("main tbody tr")
    expect(rows.filter(has_text="Hand the list")).to_contain_text("Open")
    expect(people("officer1", "/meetings/follow-ups/?state=open").page.locator("main")).not_to_contain_text("functools")
    return number


def chosen(page: Page, name: str, part: str) -> str:
    """The whole label of the choice that holds this."""
    labels = page.locator(f"select[name={name}] option").all_inner_texts()
    return next(label for label in labels if part in label)


# --- What was decided is put right -----------------------------------------------------------------------------------
def take_back(people: People) -> str:
    """A decision maker asks that a decision be taken back before its notice; a second reviewer takes it back. It is
    decided anew and told. The number of the case.
    """
    number = number_of(people.case("decider", DECIDED).page)
    step(people, "decider", number, "ask_taking_back")
    people("second1", f"/review/{number}/step/take_back/").sound("take-back")
    step(people, "second1", number, "take_back")
    page = people("decider", f"/decision/{number}/").page
    expect(page.locator("main")).to_contain_text("taken back")
    decide_as_proposed(people("decider", f"/decision/{number}/").page, REASON)
    step(people, "decider", number, "issue_notice")
    signatory = people(f"{DECIDED.lower()}-signatory", f"/notices/{number}/").page
    expect(signatory.locator("article.letter").first).to_be_visible()
    assert "taken back" not in signatory.locator("main").inner_text(), "the bank was never told, and is not now"
    return number


def object_to(people: People, bank: str, case: str, outcome: str) -> None:
    """The preparer writes, the signatory lodges, a decision maker who took no part decides; the bank reads why."""
    preparer = people(f"{bank}-preparer", "/")
    page = preparer.page
    page.locator(f"main a[href='/notices/{case}/']").first.click()
    page.locator("main a[href^='/objections/']").first.click()
    page.fill("[name=statement]", "We ask that the points be looked at again.")
    page.select_option("[name=new_subject]", index=1)
    page.fill("[name=new_text]", "The scheme was in force all year; the file shows it.")
    page.locator("form[data-keep-typed] button[type=submit]").click()
    expect(page.locator("textarea[name^='ground-']")).to_have_count(1)
    page.locator("input[type=file]").set_input_files({"name": "证明.pdf", "mimeType": "application/pdf", "buffer": PDF})
    page.locator("form[data-comes-back] button[type=submit]").last.click()
    expect(page.locator("ul.evidence-list a", has_text="证明.pdf")).to_have_count(1)
    preparer.sound("objection")
    signatory = people(f"{bank}-signatory", f"/objections/{case}/lodge/")
    send(signatory.page)
    decider = people("decider2", f"/objections/{case}/decide/")
    page = decider.page
    page.locator(f"input[name^=outcome-][value={outcome}]").check()
    page.locator("textarea[name^=answer-]").fill("The file was looked at; see the reason.")
    decider.sound("objection-decided")
    send(page, reason=REASON)
    signatory = people(f"{bank}-signatory", f"/objections/{case}/")
    signatory.page.locator("main a[href^='/objections/letters/']").first.click()
    expect(signatory.page.locator("article.letter").first).to_be_visible()
    signatory.sound(f"objection-{outcome}")


def correct(people: People, case: str) -> None:
    """The officer gives other points, a decision maker decides and issues the notice that replaces the first."""
    visitor = people("officer1", f"/review/{case}/")
    page = visitor.page
    over = page.locator(".page-actions a[href*='officer=']")
    if over.count():  # the bank is another officer's: who acts takes the case over first
        over.click()
        send(page, reason=REASON)
    page.goto(f"{people.url}/review/{case}/?rows=all")
    row = page.locator("tbody[data-max]").first
    row.scroll_into_view_if_needed()
    ident = row.get_attribute("id")
    row = page.locator(f"tbody#{ident}")
    if not row.locator("[name=reason]").is_visible():
        row.locator(".rv-change summary").click()
    points = row.locator("[name=points]")
    points.fill("0.5" if points.input_value() != "0.5" else "1")
    row.locator("[name=reason]").fill(REASON)
    row.locator("button[type=submit]").first.click()
    page.wait_for_load_state("networkidle")
    visitor.sound("put-right")
    step(people, "officer1", case, "propose_correction")
    decider = people("decider2", f"/decision/{case}/")
    decider.sound("corrected-decision")
    decide_as_proposed(decider.page, REASON)
    step(people, "decider2", case, "issue_correction")


def corrected(people: People, bank: str) -> None:
    """The bank reads the new letter, with the number of the one that it replaces, and the old one, which says so."""
    signatory = people(f"{bank}-signatory", "/")
    page = signatory.page
    signatory.go_on()
    expect(page.locator("article.letter").first).to_be_visible()
    letters = page.locator("article.letter").first.inner_text()
    numbers = re.findall(r"〔\d{4}〕\d+号", letters)
    assert len(set(numbers)) >= 2, letters[:400]
    signatory.sound("corrected-notice")
    page.locator(".page-actions a.btn-primary").click()
    send(page)


# --- Measures --------------------------------------------------------------------------------------------------------
def live_with_measures(people: People) -> None:
    """What a bank still owes under a measure is filed, signed and accepted, and the measure is fulfilled. Another one's
    day has passed: the register says so, and the bank finds it on its home page.
    """
    bank = WAITS.lower()
    page = people(f"{bank}-preparer", "/measures/").page
    page.locator("main tbody tr", has_text="Running").first.locator("a").first.click()
    page.wait_for_url(re.compile(r"/measures/\d+/"))
    measure = page.url.removeprefix(people.url)
    links = page.locator("main a[href^='/obligations/']").all()
    addresses = dict.fromkeys(str(link.get_attribute("href")) for link in links)
    owed = [address for address in addresses if owes(people(f"{bank}-preparer", address).page)]
    assert owed, "the measure still asks for something"
    for address in owed:
        fulfil(people, bank, address)
    officer = people("officer1", measure)
    take_step(officer.page, "fulfil")
    expect(officer.page.locator("main")).to_contain_text("Fulfilled")
    officer.sound("fulfilled")
    officer = people("officer1", "/measures/?overdue=1")
    expect(officer.page.locator("main tbody").last).to_contain_text("Overdue")
    officer.sound("overdue")
    signatory = people(f"{DECIDED.lower()}-signatory", "/")
    expect(signatory.page.locator("main")).to_contain_text("Overdue")


def owes(page: Page) -> bool:
    """Whether the page of an obligation still takes words."""
    return bool(page.locator("main textarea[name=text]").count())


def fulfil(people: People, bank: str, address: str) -> None:
    """The preparer writes and adds the document, the signatory signs, the officer accepts."""
    page = people(f"{bank}-preparer", address).page
    page.fill("[name=text]", "The heads concerned were held to account; the document is attached.")
    page.locator("form[data-keep-typed] button[type=submit]").click()
    page.locator("input[type=file]").set_input_files({"name": "报告.pdf", "mimeType": "application/pdf", "buffer": PDF})
    page.locator("form[data-comes-back] button[type=submit]").last.click()
    expect(page.locator("ul.evidence-list a", has_text="报告.pdf")).to_have_count(1)
    send(people(f"{bank}-signatory", f"{address}sign/").page)
    send(people("officer1", f"{address}accept_obligation/").page, reason=REASON)


def take_step(page: Page, name: str) -> None:
    """Follow the link of a step on the page of a measure, and take it."""
    page.goto(page.url + f"{name}/")
    send(page, reason=REASON)


# --- Targets through the year ----------------------------------------------------------------------------------------
def watch(people: People) -> None:
    """A bank's reading falls short; the officer is warned, the decision maker makes it known, the bank reads its row
    and no other bank's.
    """
    preparer = people("dc01-preparer", "/readings/")
    page = preparer.page
    page.locator("main tbody a").first.click()
    page.locator(".page-actions a[href$='/fill/']").click()
    fields = page.locator("main form input[data-field]")
    for box in fields.all():
        if not box.input_value():
            box.fill("100")
    preparer.sound("reading-filled")
    page.locator("main form textarea[name=note]").fill("Checked against the ledger; the portfolio moved in May.")
    page.locator("main form button[type=submit]").click()
    reviewer = people("dc01-reviewer", re.sub(r"/fill/.*", "/confirm/", page.url.removeprefix(people.url)))
    send(reviewer.page)
    reviewer.sound("reading-confirmed")
    period = re.findall(r"/readings/(\d+)/", reviewer.page.url)[0]

    officer = people("officer1", f"/readings/{period}/")
    officer.sound("readings")
    officer.page.locator("main tbody tr", has_text="Demo City Bank 1").locator("a").first.click()
    expect(officer.page.locator("#warnings")).to_be_visible()
    officer.sound("warned")

    decider = people("decider", f"/readings/{period}/city/")
    decider.sound("city")
    decider.page.locator(".page-actions a[href$='/circular/']").click()
    send(decider.page)
    decider.sound("circular")

    signatory = people("dc01-signatory", "/messages/")
    letter = signatory.page.locator("main a[href^='/messages/']", has_text="Circular")
    until = time.monotonic() + MESSAGE_SECONDS
    while not letter.count():  # the worker sends what is due
        assert time.monotonic() < until, "the bank is told of the circular"
        signatory.page.wait_for_timeout(1000)
        signatory.page.reload()
    letter.first.click()
    signatory.page.wait_for_url(re.compile(r"/circulars/copies/\d+/"))
    signatory.sound("own-row")
    text = signatory.page.locator("main").inner_text()
    assert "演示城商行三" not in text and "Demo City Bank 2" not in text


@pytest.mark.parametrize("language", ["en"])
def test_the_year_goes_on(served: Callable[..., str], visit: Callable[..., Visitor], language: str) -> None:
    people = People(visit, served("after"), language)
    met, retaken = meet(people), take_back(people)
    object_to(people, WAITS.lower(), met, "upheld")
    correct(people, met)
    corrected(people, WAITS.lower())
    object_to(people, DECIDED.lower(), retaken, "refused")
    live_with_measures(people)
    watch(people)
