"""Restores a backup beside the running installation, verifies trail and data, scores again, and prints the times.

    .venv/bin/python scripts/restore_drill.py                 a new set of the database that the environment names
    .venv/bin/python scripts/restore_drill.py --set FOLDER    a set that is there: last night's, from where it is kept

Nothing of the installation is touched: the set goes into a folder and a database of the drill's own, which are removed
at the end. On PostgreSQL the role of DATABASE_URL must be allowed to make a database. Ends with 1 where a step fails.
"""

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parents[1]
OF_PLACES = (
    "LETTER_KEY_FILE",
    "LETTER_CRL_FILE",
    "AUDIT_KEY_FILE",
    "AUDIT_KEYS_FILE",
    "AUDIT_CHECKPOINT_FILE",
    "BACKUP_DIR",
    "BACKUP_KEY_FILE",
)


class Failed(Exception):
    """A step of the drill ended with an error."""


def manage(env: dict[str, str], *words: str) -> str:
    """One command of the product; its words on standard output."""
    done = subprocess.run(
        [sys.executable, "manage.py", *words], cwd=ROOT, env=env, capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode:
        raise Failed(f"manage.py {' '.join(words)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def database(url: str, statement: str) -> None:
    """Make or drop the drill's database, from the server's own."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as server:
        server.execute(statement.encode())


def environment(folder: Path, name: str) -> tuple[dict[str, str], str]:
    """The environment of the drill's own installation, and the address of its database ("" for SQLite)."""
    env = {key: value for key, value in os.environ.items() if key not in OF_PLACES}
    env |= {"SCORECARD_DATA_DIR": str(folder / "data"), "AUDIT_KEY_FILE": ""}  # a copy never signs
    env.setdefault("DJANGO_SETTINGS_MODULE", "scorecard.settings.dev")
    url = os.environ.get("DATABASE_URL", "")
    if not url or url.startswith("sqlite"):
        env.pop("DATABASE_URL", None)
        return env, ""
    parts = urlsplit(url)
    env["DATABASE_URL"] = urlunsplit(parts._replace(path=f"/{name}"))
    return env, url


def drill(folder: Path, made: Path | None, runs: str) -> list[tuple[str, float, str]]:
    """Every step with its seconds and its last words."""
    found: list[tuple[str, float, str]] = []

    def step(words: str, env: dict[str, str], *command: str) -> str:
        started = time.monotonic()
        said = manage(env, *command)
        found.append((words, time.monotonic() - started, said.splitlines()[-1] if said else ""))
        return said

    if made is None:
        here = os.environ | {
            "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "scorecard.settings.dev")
        }
        step("backup", dict(here), "backup", str(folder / "sets"), "--without-keys")
        made = next((folder / "sets").glob("scorecard-*Z"))
    name = f"scorecard_drill_{secrets.token_hex(4)}"
    env, server = environment(folder, name)
    if server:
        database(server, f"CREATE DATABASE {name}")
    try:
        step("restore", env, "restore", str(made), "--trial")
        step("verify_audit", env, "verify_audit")
        step("verify_data", env, "verify_data")
        step("rescore", env, "rescore", *(["--newest"] if runs == "newest" else []))
    finally:
        if server:
            database(server, f"DROP DATABASE {name} WITH (FORCE)")
    return found


def main() -> int:
    """The drill, with its times as a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", type=Path, help="the folder of a set; without it one is made")
    parser.add_argument("--runs", choices=["all", "newest"], default="all", help="which score runs are scored again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="scorecard-drill-") as name:
        started = time.monotonic()
        try:
            steps = drill(Path(name), options.set.resolve() if options.set else None, options.runs)
        except Failed as error:
            print(error, file=sys.stderr)
            return 1
    print("| Step | Seconds | What it said |\n|---|---|---|")
    for words, seconds, said in steps:
        print(f"| {words} | {seconds:.1f} | {said} |")
    print(f"| together | {time.monotonic() - started:.1f} | |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
