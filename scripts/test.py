"""Sets up and runs the whole test suite. Standard library only.

Tests that start real processes or drive a browser measure time, so they run after the others, which share two
processes: those with workers one after the other, and beside them those with a browser one after the other.
``DATABASE_URL`` and ``CELERY_BROKER_URL`` run the same suite on PostgreSQL and Redis. ``--coverage`` says which lines
the first stage runs (``test-results/coverage.json``). Other arguments are handed to one single run of pytest instead.
docs/tests.md says what else can be chosen.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree  # nosec B405
from collections import Counter
from pathlib import Path

import setup
from setup import PYTHON, ROOT, tell

RESULTS = ROOT / "test-results"
#: Stages one after the other, the runs of a stage side by side, each with a database of its own.
STAGES = (
    {"shared": ["-n", "2", "-m", "not worker and not browser"]},
    {"worker": ["-m", "worker and not browser"], "browser": ["-m", "browser"]},
)
# Only the stage that runs in processes of pytest's own is measured: real servers and workers would be slowed. SlipCover
# takes its marks out of what has run: 83 s of processor where the tests alone take 73 and coverage.py 119.
COVERAGE = [str(PYTHON), "-m", "slipcover", "--json", "--out", str(RESULTS / "coverage.json"), "-m"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def counts(report: Path) -> Counter[str]:
    """Passed, failed and skipped tests of one report; a run without a report counts as one failure."""
    if not report.exists():
        return Counter(failed=1)
    found: Counter[str] = Counter()
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):  # nosec B314
        number = {key: int(suite.get(key, 0)) for key in ("tests", "failures", "errors", "skipped")}
        bad = number["failures"] + number["errors"]
        found.update(passed=number["tests"] - bad - number["skipped"], failed=bad, skipped=number["skipped"])
    return found


def sentence(found: Counter[str]) -> str:
    """The closing line: so many passed, so many failed."""
    skipped = f", {found['skipped']} skipped" if found["skipped"] else ""
    return f"{found['passed']} passed, {found['failed']} failed{skipped}"


def left_out() -> list[str]:
    """What this machine cannot show, and how it could."""
    lines = []
    if not os.environ.get("CHROMIUM") and not any(map(shutil.which, BROWSERS)):
        lines += [
            "The browser tests were left out: there is no Chromium. Install it with",
            "    apt-get install chromium fonts-noto-cjk",
        ]
    elif not _has_chinese_font():
        lines += [
            "Chinese text shows as boxes in the browser tests' pictures: there is no Chinese font. Install one with",
            "    apt-get install fonts-noto-cjk",
        ]
    if not os.environ.get("DATABASE_URL") or not os.environ.get("CELERY_BROKER_URL"):
        lines += [
            "This run used SQLite, the embedded broker and Chinese pages. The same suite runs on PostgreSQL and Redis",
            "(apt-get install postgresql redis-server) with",
            "    DATABASE_URL=postgres://postgres@127.0.0.1:5432/scorecard \\",
            "        CELERY_BROKER_URL=redis://127.0.0.1:6379/1 make test",
        ]
    return lines


def _has_chinese_font() -> bool:
    lister = shutil.which("fc-list")
    if lister is None:
        return False
    return bool(subprocess.run([lister, ":lang=zh-cn", "family"], capture_output=True, check=False).stdout.strip())


def _start(command: list[str], name: str, measured: bool) -> subprocess.Popen[bytes]:
    """Start one run of a stage; what runs beside another writes into a file and has a database of its own."""
    report = RESULTS / f"junit-{name}.xml"
    report.unlink(missing_ok=True)
    command = [*(COVERAGE if measured and name == "shared" else [str(PYTHON), "-m"]), *command, f"--junitxml={report}"]
    if name == "shared":
        return subprocess.Popen(command, cwd=ROOT)
    env = dict(os.environ)
    if url := env.get("DATABASE_URL"):
        env["DATABASE_URL"] = f"{url}_{name}"
    with (RESULTS / f"{name}.txt").open("wb") as out:
        plugin = f"--output={RESULTS / 'plugin'}-{name}"  # of the browser's plugin, which empties its folder
        return subprocess.Popen([*command, plugin], cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT)


def main(arguments: list[str]) -> int:
    """``make test``: 0 when every stage passed."""
    setup.prepare(dev=True)
    pytest = ["pytest", "-q"]
    os.environ["PYTHONWARNDEFAULTENCODING"] = "1"  # see filterwarnings in pyproject.toml
    measured = arguments == ["--coverage"]
    if arguments and not measured:
        return subprocess.run([str(PYTHON), "-m", *pytest, *arguments], cwd=ROOT, check=False).returncode
    RESULTS.mkdir(exist_ok=True)
    total: Counter[str] = Counter()
    failed = False
    for stage in STAGES:
        running = {name: _start([*pytest, *words], name, measured) for name, words in stage.items()}
        for name, process in running.items():
            code = process.wait()
            if len(stage) > 1:
                tell((RESULTS / f"{name}.txt").read_text(encoding="utf-8", errors="replace"))
            found = counts(RESULTS / f"junit-{name}.xml")
            if code and not found["failed"]:
                found["failed"] += 1  # pytest itself failed: a collection error, an interruption, no test at all
            failed = failed or bool(code)
            total += found
    for line in ("", *left_out(), "", sentence(total)):
        tell(line)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
