"""Every page of the rooms that stand on the rounds is looked at by axe: report, pictures, readings, meetings, money.

Each person begins at the lists and follows links; of addresses that differ by numbers alone the first is looked at. So
a page that a list leads to is looked at without being named here; ``SEEN`` names what must have been among them.
"""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.worker]

ROOMS = re.compile(
    r"^/(report/draft|readings|circulars|meetings|money|claims)/|^/rounds/\d+/(heat-map|growth-and-bad-loans|movement|outcome)/"
    r"|^/assessments/\d+/place/"
)
FILES = re.compile(r"/paper/|\.xlsx|_export|_picture|/report/draft/\d+/|/circulars/.*\.(pdf|docx)|[?&]page=|[?&]sort=")
# Each of these is opened, since they do not lead to the same.
LEADING = re.compile(r"^/(rounds/\d+/(figures/)?|money/\d+/(desk/)?|readings/\d+/(city/)?)$")
STARTS = {
    "decider": [
        *("/report/draft/", "/readings/", "/meetings/", "/meetings/follow-ups/"),
        *("/money/", "/claims/", "/rounds/"),
    ],
    "officer1": ["/readings/", "/readings/open/", "/meetings/", "/meetings/follow-ups/"],
    "dc01-preparer": ["/readings/", "/money/"],
    "dc02-signatory": ["/", "/readings/", "/meetings/", "/money/", "/claims/"],
}
SEEN = {
    "decider": {
        *("/report/draft/", "/readings/", "/readings/#/", "/readings/#/city/", "/readings/#/banks/#/"),
        *("/readings/#/circular/", "/circulars/#/", "/meetings/", "/meetings/#/", "/meetings/follow-ups/"),
        *("/money/", "/money/#/", "/money/#/desk/", "/money/#/bank/#/", "/money/#/partners/#/"),
        *("/money/#/partners/#/step/", "/claims/", "/rounds/#/heat-map/", "/rounds/#/growth-and-bad-loans/"),
        *("/rounds/#/movement/", "/rounds/#/outcome/"),
    },
    "officer1": {"/readings/open/", "/readings/#/import/", "/meetings/plan/"},
    "dc01-preparer": {"/readings/#/fill/"},
    "dc02-signatory": {"/circulars/copies/#/", "/meetings/#/", "/money/#/partners/#/", "/money/#/claim/"},
}


def pattern(path: str) -> str:
    """An address with its numbers taken out."""
    return re.sub(r"\d+", "#", path)


def links(page: Any) -> list[str]:
    """What the page leads to, in its order."""
    found: list[str] = page.eval_on_selector_all(
        "main a[href], header a[href]", "all => all.map(one => one.getAttribute('href'))"
    )
    return [one for one in found if one.startswith("/")]


@pytest.fixture
def url(together: Any) -> str:
    """One application; nothing here is changed."""
    return str(together())


@pytest.mark.parametrize("name", list(STARTS))
def test_each_page_of_the_rooms_is_sound(url: str, visit: Any, name: str) -> None:
    visitor = visit(url, name)
    visitor.sign_in(name, "en" if name == "officer1" else "zh")
    waiting, opened, seen = [*STARTS[name]], set(), set()
    while waiting:
        path = urlsplit(waiting.pop(0)).path
        kind = pattern(path)
        if path in opened or (kind in seen and not LEADING.search(path)):
            continue
        opened.add(path)
        answer = visitor.page.goto(f"{url}{path}")
        if answer is None or answer.status != 200 or "html" not in answer.headers.get("content-type", ""):
            continue
        if ROOMS.search(path) and kind not in seen:
            visitor.sound(kind.strip("/").replace("/", "-").replace("#", "n"))
        seen.add(kind)
        if kind == "/money/#/partners/#/" and name == "decider":
            waiting.append(f"{path}step/")  # its button stands there only where the figures admit a step
        follow = [one for one in links(visitor.page) if not FILES.search(one)]
        waiting += [one for one in follow if ROOMS.search(urlsplit(one).path) or LEADING.search(urlsplit(one).path)]
    assert SEEN[name] <= seen, f"not reached: {sorted(SEEN[name] - seen)}"


def test_the_draft_of_the_report_is_sound_as_it_is_read(url: str, visit: Any) -> None:
    """All chapters of 2017, in both languages and on a telephone, with a figure followed to its page."""
    for language, wide in (("zh", 1440), ("en", 390)):
        visitor = visit(url, f"draft-{language}", viewport={"width": wide, "height": 900})
        visitor.sign_in("decider", language)
        page = visitor.page
        page.goto(f"{url}/report/draft/")
        visitor.sound("choice")
        for box in page.locator("main [name=chapter]").all():
            box.check()
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url(lambda at: "chapter=" in at)
        assert page.locator("main h2").count() > 3
        visitor.sound("draft")
