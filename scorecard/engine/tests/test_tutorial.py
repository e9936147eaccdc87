"""The tutorial followed literally: its files written, its commands run, what they print compared."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from scorecard.engine import lint, load_rulebook

ROOT = Path(__file__).resolve().parents[3]
BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.S | re.M)
TUTORIAL = (ROOT / "docs" / "tutorial-rulebook.md").read_text(encoding="utf-8")


def steps() -> list[tuple[str, str, str]]:
    return BLOCK.findall(TUTORIAL)


def follow(folder: Path) -> list[tuple[str, str, str]]:
    """Do what the tutorial says in `folder`; return (commands, what they print, what the tutorial says they print)."""
    # A newcomer works in the project's folder; here a link to its manage.py stands for it.
    (folder / "manage.py").symlink_to(ROOT / "manage.py")
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "SCORECARD_DATA_DIR": str(folder / "var"),
        "DJANGO_SETTINGS_MODULE": "scorecard.settings.test",
        "LANG": "C.UTF-8",
        "PYTHONUTF8": "1",
    }
    done = []
    printed = commands = ""
    for language, argument, text in steps():
        if argument.startswith("file="):
            path = folder / argument.removeprefix("file=")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif language == "sh":
            run = subprocess.run(
                ["bash", "-c", text],
                cwd=folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                timeout=120,
                check=False,
            )
            commands, printed = text, run.stdout.replace("\r\n", "\n")
        elif language == "output":
            done.append((commands, printed, text))
    return done


def test_the_tutorial_followed_literally(tmp_path: Path) -> None:
    done = follow(tmp_path)
    assert len(done) == 5
    for commands, printed, said in done:
        assert printed.strip() == said.strip(), commands
    folder = tmp_path / "my-method" / "1"
    assert lint(folder) == []
    book = load_rulebook(folder)
    assert (len(book.indicators), len(book.caps), len(book.grades)) == (3, 1, 3)


def test_every_file_says_its_name_where_it_is_read() -> None:
    """What stands behind the fence is not shown; the name must be in the text."""
    for _, argument, _ in steps():
        if argument.startswith("file="):
            assert f"Save as `{argument.removeprefix('file=')}`:" in TUTORIAL


def test_it_is_short_enough_for_ten_minutes() -> None:
    """What a newcomer types or pastes: a few files of a few lines, a handful of commands."""
    files = [text for _, argument, text in steps() if argument.startswith("file=")]
    commands = [line for language, _, text in steps() if language == "sh" for line in text.splitlines()]
    assert len(files) <= 6
    assert sum(text.count("\n") for text in files) <= 140
    assert len(commands) <= 8
