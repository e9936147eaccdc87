"""The same filing two other ways: by the workbook alone and by the API alone, by a bank that never fills in a form."""

import csv
import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from pathlib import Path

from playwright.sync_api import Page, expect

from assessments.tests.workbook.world import Sheets

from .conftest import PASSWORD, ROOT, Visitor

OpenFor = Callable[[str], Visitor]


def assessment_of(page: Page, url: str) -> str:
    """The number of the running filing, from the bank's home page."""
    page.goto(f"{url}/")
    found = re.match(r"/filing/(\d+)/", page.locator("main a[href*='/filing/']").first.get_attribute("href") or "")
    assert found, "the start page leads to the filing"
    return found[1]


def said_of(signatory: Visitor) -> tuple[str, str, list[str]]:
    """What a submitted filing says: the digest of what was signed, the total, and the points of each indicator."""
    page, url = signatory.page, signatory.url
    number = assessment_of(page, url)
    page.goto(f"{url}/assessments/{number}/versions/1/receipt/")
    digest = re.search(r"\b[0-9a-f]{64}\b", page.locator("main").inner_text())
    assert digest, "the receipt says the digest"
    page.goto(f"{url}/assessments/{number}/result/")
    total = page.locator(".verdict-total .stat-value")
    expect(total).to_have_text(re.compile(r"^\d+"), timeout=60_000)
    points = page.locator("main table tbody tr").all_inner_texts()
    assert len(points) > 20, "every indicator has its line"
    return digest[0], total.inner_text(), points


def pass_on(open_for: OpenFor, sign: Callable[[Page], None]) -> None:
    """Preparer and reviewer pass on, the signatory signs."""
    for role in ("preparer", "reviewer"):
        page = open_for(role).page
        page.goto(f"{open_for(role).url}/")
        page.locator(".panel-next a.btn-primary").first.click()
        page.locator("main form[method=post] button[type=submit]").last.click()
        page.wait_for_load_state()
    page = open_for("signatory").page
    page.goto(f"{open_for('signatory').url}/")
    page.locator(".panel-next a.btn-primary").first.click()
    sign(page)


# --- The workbook ----------------------------------------------------------------------------------------------------
def by_the_workbook(
    open_for: OpenFor, sign: Callable[[Page], None], facts: Mapping[str, str], text: str, points: str, explanation: str
) -> None:
    """Download the workbook, fill it in as a spreadsheet program would, and upload it."""
    preparer = open_for("preparer")
    page, url = preparer.page, preparer.url
    number = assessment_of(page, url)
    sheets = download(page, number, url)
    fill_in(sheets, facts, text, points)
    upload(page, f"{url}/filing/{number}/workbook/", sheets)
    page.goto(f"{url}/filing/{number}/check/")  # what the checks ask now is answered in the next download
    asked = page.locator("main textarea").evaluate_all("boxes => boxes.map(box => box.name.replace(/^n-/, ''))")
    if asked:
        sheets = download(page, number, url)
        for name, cell in sheets.cells("narrative").items():
            cell.value = explanation if name in asked else cell.value
        upload(page, f"{url}/filing/{number}/workbook/", sheets)
    preparer.sound("workbook")
    pass_on(open_for, sign)


def download(page: Page, number: str, url: str) -> Sheets:
    """The workbook as it stands now."""
    page.goto(f"{url}/filing/{number}/workbook/")
    with page.expect_download() as found:
        page.locator(f"main a[href='/filing/{number}/workbook/download/']").click()
    return Sheets(Path(found.value.path()).read_bytes())


def upload(page: Page, address: str, sheets: Sheets) -> None:
    """Send the workbook and see it taken whole."""
    page.goto(address)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    page.locator("input[type=file]").set_input_files({"name": "a.xlsx", "mimeType": kind, "buffer": sheets.saved()})
    page.locator("main form.panel button.btn-primary").click()
    page.wait_for_url(re.compile(r"/workbook/\d+/$"))
    expect(page.locator("main")).to_contain_text("taken into the draft")
    expect(page.locator("main")).not_to_contain_text("mending")


def fill_in(sheets: Sheets, facts: Mapping[str, str], text: str, points: str) -> None:
    """Every fact that has a cell, a tick for each chosen item, a narrative and own points wherever there is room."""
    cells = sheets.cells("fact")
    for name, value in facts.items():
        chosen = [cells.get(f"{name}#{item}") for item in value.split(";")]
        if name in cells:
            cells[name].value = value
        elif all(chosen):
            for cell in chosen:
                cell.value = "是"  # type: ignore[union-attr]
    for name, cell in sheets.cells("narrative").items():
        if not name.startswith("_check:"):
            cell.value = cell.value or text
    for cell in sheets.cells("self_points").values():
        cell.value = float(points) if cell.value is None else cell.value


# --- The API ---------------------------------------------------------------------------------------------------------
SCOPES = {
    "preparer": ("draft.read", "draft.write", "steps"),
    "reviewer": ("draft.read", "steps"),
    "signatory": ("draft.read", "sign", "results.read"),
}


def token_of(open_for: OpenFor, role: str, username: str) -> str:
    """The signatory grants a token, the person draws it and sees it once."""
    signatory = open_for("signatory")
    page, url = signatory.page, signatory.url
    page.goto(f"{url}/tokens/new/")
    labels = page.locator("select[name=person] option").all_inner_texts()
    page.select_option("select[name=person]", label=next(label for label in labels if username in label))
    page.fill("[name=name]", f"core system {role}")
    for scope in SCOPES[role]:
        page.check(f"[name=scopes][value='{scope}']")
    page.locator("main form [name=password]").fill(PASSWORD)
    page.locator("main form button.btn-primary").click()
    page.wait_for_url(re.compile(r"/tokens/(\d+/)?$"))
    person = open_for(role).page
    person.goto(f"{url}/tokens/")
    person.get_by_role("link", name=f"core system {role}").first.click()
    person.locator("form[action$='/draw/'] [name=password]").fill(PASSWORD)
    person.locator("form[action$='/draw/'] button").click()
    return person.locator("#secret code").inner_text().strip()


def by_the_api(
    open_for: OpenFor,
    bank: str,
    facts: Mapping[str, str],
    indicators: Iterable[str],
    text: str,
    points: str,
    explanation: str,
    folder: Path,
) -> None:
    """Three tokens, a CSV, and the client of ``docs/`` as a program of its own, as a bank's system runs it."""
    url = open_for("preparer").url
    number = assessment_of(open_for("preparer").page, url)
    tokens = {f"SCORECARD_{role.upper()}": token_of(open_for, role, f"{bank}-{role}") for role in SCOPES}
    asks = urllib.request.Request(  # noqa: S310
        f"{url}/api/v1/assessments/{number}/draft", headers={"Authorization": f"Bearer {tokens['SCORECARD_PREPARER']}"}
    )
    with urllib.request.urlopen(asks, timeout=60) as answer:  # noqa: S310
        draft = json.load(answer)
    rows = {f"facts/{name}": value for name, value in facts.items() if name in draft["facts"]}
    rows |= {f"answers/{name}/narrative": text for name in indicators}

    def run(rows: Mapping[str, str], *, whole: bool) -> subprocess.CompletedProcess[str]:
        path = folder / "filing.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("field", "value"), *rows.items()])
        given = tokens if whole else {"SCORECARD_PREPARER": tokens["SCORECARD_PREPARER"]}
        env = {"PATH": os.environ["PATH"], "PYTHONUTF8": "1", **given}
        # The client asks for the password at a terminal; in a session without one it reads the line that stands ready.
        command = [sys.executable, str(ROOT / "docs" / "api-client.py"), url, number, str(path), "--language", "en"]
        return subprocess.run(
            command,
            env=env,
            capture_output=True,
            encoding="utf-8",
            input=f"{PASSWORD}\n",
            check=False,
            start_new_session=True,
        )

    for _round in range(3):  # each names what is still open, until nothing is
        done = run(rows, whole=False)
        assert done.returncode in (0, 1), done.stdout + done.stderr
        gaps = [line.split()[2].lstrip("/") for line in done.stdout.splitlines() if line.startswith("still open")]
        if not gaps:
            break
        for field in gaps:
            rows[field] = points if field.endswith("self_points") else explanation if "explan" in field else text
    done = run({}, whole=True)
    assert done.returncode == 0, done.stdout + done.stderr


def as_typed(facts: Mapping[str, str], percents: set[str]) -> dict[str, str]:
    """Facts as people write them: a share as a percentage."""
    return {name: f"{Decimal(value) * 100:f}%" if name in percents else value for name, value in facts.items()}
