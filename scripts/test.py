"""Sets up and runs the whole test suite. Standard library only.

Tests that start real processes or drive a browser measure time, so they run after the others, which share two
processes: those with workers one after the other, and beside them those with a browser one after the other (the groups
of ``conftest.py``). ``DATABASE_URL`` and ``CELERY_BROKER_URL`` run the same suite on PostgreSQL and Redis.
``--coverage`` says which lines the first stage runs (``test-results/coverage.json``). Other arguments are handed to one
single run of pytest instead. docs/tests.md says what else can be chosen.
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
STAGES = {
    "shared": ["-n", "2", "-m", "not worker and not browser"],
    "real": ["-n", "2", "--dist", "loadgroup", "-m", "worker or browser"],
}
# Only the stage that runs in processes of pytest's own is measured: real servers and workers would be slowed.
COVERAGE = ["--cov", "--cov-report=", f"--cov-report=json:{RESULTS / 'coverage.json'}"]
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


def main(arguments: list[str]) -> int:
    """``make test``: 0 when every stage passed."""
    setup.prepare(dev=True)
    pytest = [str(PYTHON), "-m", "pytest", "-q"]
    os.environ["PYTHONWARNDEFAULTENCODING"] = "1"  # see filterwarnings in pyproject.toml
    measured = arguments == ["--coverage"]
    if arguments and not measured:
        return subprocess.run([*pytest, *arguments], cwd=ROOT, check=False).returncode
    RESULTS.mkdir(exist_ok=True)
    total: Counter[str] = Counter()
    failed = False
    for stage, words in STAGES.items():
        report = RESULTS / f"junit-{stage}.xml"
        report.unlink(missing_ok=True)
        extra = COVERAGE if measured and stage == "shared" else []
        code = subprocess.run([*pytest, *words, *extra, f"--junitxml={report}"], cwd=ROOT, check=False).returncode
        found = counts(report)
        if code and not found["failed"]:
            found["failed"] += 1  # pytest itself failed: a collection error, an interruption, no test at all
        failed = failed or bool(code)
        total += found
    for line in ("", *left_out(), "", sentence(total)):
        tell(line)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
