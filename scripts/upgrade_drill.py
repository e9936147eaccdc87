"""Lets the old code work on the new schema, as it must while an upgrade goes from process to process.

    .venv/bin/python scripts/upgrade_drill.py REF [TESTS…]     REF: the release that serves, a tag or a commit

Takes the old code out of git into a folder of its own, makes a test database with the new code's migrations, and runs
the old code's own smoke tests in it. Prints the times; ends with 1 where a test fails. ``DATABASE_URL`` names the
server (PostgreSQL); without it SQLite is used.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SMOKE = [
    "scorecard/ui/tests/test_pages.py",
    "assessments/tests/workflow/test_duties.py",
    "assessments/tests/reviews",
    "assessments/tests/filings/test_pages.py",
    "scorecard/audit/tests/test_checkpoints.py",
]


def git(*words: str) -> str:
    """One command of git on this repository."""
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, encoding="utf-8").stdout.strip()


def take_out(ref: str, folder: Path) -> None:
    """The files of a commit, with the packages of this environment and its translations compiled."""
    archive = subprocess.Popen(["git", "archive", ref], cwd=ROOT, stdout=subprocess.PIPE)
    subprocess.run(["tar", "-x", "-C", str(folder)], stdin=archive.stdout, check=True)
    if archive.wait():
        raise SystemExit(f"There is no {ref}.")
    (folder / ".venv").symlink_to(ROOT / ".venv")
    subprocess.run(
        [sys.executable, "scripts/messages.py", "compile"], cwd=folder, check=True, stdout=subprocess.DEVNULL
    )


def run(folder: Path, env: dict[str, str], *words: str) -> tuple[int, str]:
    """A command of one of the two codes: its code and its last line."""
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, env=env, capture_output=True, encoding="utf-8", errors="replace",
        check=False,
    )  # fmt: skip
    if done.returncode:
        print(done.stdout[-4000:], done.stderr[-4000:], file=sys.stderr)
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    return done.returncode, lines[-1].strip("= ") if lines else ""


def environment(place: Path, name: str) -> dict[str, str]:
    """The test settings with a database of the drill's own."""
    env = dict(os.environ) | {
        "DJANGO_SETTINGS_MODULE": "scorecard.settings.test",
        "SCORECARD_DATA_DIR": str(place),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    env.pop("AUDIT_KEY_FILE", None)
    if url := os.environ.get("DATABASE_URL"):
        env["DATABASE_URL"] = f"{url.rsplit('/', 1)[0]}/{name}"
    return env


def main() -> int:
    """The drill, with its times as a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ref")
    parser.add_argument("tests", nargs="*", help="smoke tests of the old code (default: a few of each room)")
    options = parser.parse_args()
    commit = git("rev-parse", "--short", options.ref)
    with tempfile.TemporaryDirectory(prefix="scorecard-upgrade-") as name:
        place, old = Path(name) / "data", Path(name) / "old"
        place.mkdir()
        old.mkdir()
        env = environment(place, f"scorecard_upgrade_{os.getpid()}")
        rows: list[tuple[str, float, str]] = []
        worst = 0

        def step(words: str, folder: Path, *command: str) -> None:
            nonlocal worst
            started = time.monotonic()
            code, said = run(folder, env, *command)
            worst = worst or code
            rows.append((words, time.monotonic() - started, said))

        take_out(options.ref, old)
        tests = options.tests or [path for path in SMOKE if (old / path).exists()]
        pytest = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"]
        # The new code makes the test database and leaves it; the old code takes it as it is.
        step("the new code makes the schema", ROOT, *pytest, "--create-db", "--reuse-db",
             "scorecard/tests/test_migrations.py::test_no_model_changed_without_a_migration")  # fmt: skip
        step(f"smoke tests of {commit} on it", old, *pytest, "--reuse-db", *tests)
        (old / ".venv").unlink()
        if "DATABASE_URL" in env:
            import psycopg

            with psycopg.connect(os.environ["DATABASE_URL"].rsplit("/", 1)[0] + "/postgres", autocommit=True) as server:
                server.execute(f"DROP DATABASE IF EXISTS test_{env['DATABASE_URL'].rsplit('/', 1)[1]}".encode())
    print("| Step | Seconds | What it said |\n|---|---|---|")
    for words, seconds, said in rows:
        print(f"| {words} | {seconds:.1f} | {said} |")
    return 1 if worst else 0


if __name__ == "__main__":
    sys.exit(main())
