"""Sets up and runs the whole test suite. Standard library only.

Three runs of pytest go side by side: tests with real workers one after the other, tests with a browser one after the
other, and the others, which share two processes. The first two measure time and mostly wait, so the third gets only the
processor time that they leave (``_below``). ``DATABASE_URL`` and ``CELERY_BROKER_URL`` run the same suite on PostgreSQL
and Redis. ``--coverage`` says which lines the shared run runs (``test-results/coverage.json``). Other arguments are
handed to one single run of pytest instead. docs/tests.md says what else can be chosen.
"""

from __future__ import annotations

import contextlib
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
#: The runs side by side, each with a database of its own. Where a marked test lies is said, so that no run imports all.
RUNS = {
    "worker": ["-m", "worker and not browser", "scorecard/tests/processes"],
    "browser": [
        "-m",
        "browser",
        "scorecard/tests/browser",
        "scorecard/ui/tests/test_browser.py",
        "assessments/tests/dossier/test_palette.py",
    ],
    "shared": ["-n", "2", "-m", "not worker and not browser"],
}
# Only the run in processes of pytest's own is measured: real servers and workers would be slowed. SlipCover
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


def _start(words: list[str], name: str, measured: bool) -> subprocess.Popen[bytes]:
    """Start one run. All but the shared one write into a file; each has a database of its own."""
    report = RESULTS / f"junit-{name}.xml"
    report.unlink(missing_ok=True)
    runner = COVERAGE if measured and name == "shared" else [str(PYTHON), "-m"]
    command = [*runner, "pytest", "-q", *words, f"--junitxml={report}"]
    if name == "shared":
        return _below(subprocess.Popen(command, cwd=ROOT, start_new_session=True))
    env = dict(os.environ)
    if url := env.get("DATABASE_URL"):
        env["DATABASE_URL"] = f"{url}_{name}"
    with (RESULTS / f"{name}.txt").open("wb") as out:
        plugin = f"--output={RESULTS / 'plugin'}-{name}"  # of the browser's plugin, which empties its folder
        return subprocess.Popen([*command, plugin], cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT)


def _below(process: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
    """Let a run, a session of its own, go on at a tenth of the share of the others while these want the processors.

    Linux shares them between sessions first (``autogroup``), where that is switched on, and between processes then.
    """
    os.setpriority(os.PRIO_PROCESS, process.pid, 10)
    with contextlib.suppress(OSError):
        Path(f"/proc/{process.pid}/autogroup").write_text("10", encoding="ascii")
    return process


def main(arguments: list[str]) -> int:
    """``make test``: 0 when every stage passed."""
    setup.prepare(dev=True)
    os.environ["PYTHONWARNDEFAULTENCODING"] = "1"  # see filterwarnings in pyproject.toml
    measured = arguments == ["--coverage"]
    if arguments and not measured:
        return subprocess.run([str(PYTHON), "-m", "pytest", "-q", *arguments], cwd=ROOT, check=False).returncode
    RESULTS.mkdir(exist_ok=True)
    total: Counter[str] = Counter()
    failed = False
    running = {name: _start(words, name, measured) for name, words in RUNS.items()}
    try:
        for name, process in reversed(running.items()):
            code = process.wait()
            if name != "shared":
                tell((RESULTS / f"{name}.txt").read_text(encoding="utf-8", errors="replace"))
            found = counts(RESULTS / f"junit-{name}.xml")
            if code and not found["failed"]:
                found["failed"] += 1  # pytest itself failed: a collection error, an interruption, no test at all
            failed = failed or bool(code)
            total += found
    finally:
        for process in running.values():
            process.terminate()  # nothing where it has ended; Ctrl-C does not reach a session of its own
    for line in ("", *left_out(), "", sentence(total)):
        tell(line)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
