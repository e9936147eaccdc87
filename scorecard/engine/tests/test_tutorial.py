"""The tutorial followed literally: its files written, its commands run, what they print compared."""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import ManagementUtility

from scorecard.engine import lint, load_rulebook

ROOT = Path(__file__).resolve().parents[3]
BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.S | re.M)
TUTORIAL = (ROOT / "docs" / "tutorial-rulebook.md").read_text(encoding="utf-8")
MANAGE = "python manage.py "


def steps() -> list[tuple[str, str, str]]:
    return BLOCK.findall(TUTORIAL)


def in_process(line: str) -> str:
    """What one command prints, both streams in one. Other lines of a shell are run by a shell."""
    if not line.startswith(MANAGE):
        subprocess.run(["bash", "-c", line], check=True, timeout=60)
        return ""
    words = ["manage.py", *shlex.split(line.removeprefix(MANAGE))]
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        try:
            ManagementUtility(words).fetch_command(words[1]).run_from_argv(words)
        except SystemExit as end:
            assert end.code == 1  # the command has said why
    return out.getvalue().replace("\r\n", "\n")


def in_processes(text: str, folder: Path) -> str:
    """What a newcomer's shell shows: one pipe, and of the environment only what finds the programmes.

    Two variables keep the commands out of the developer's own data.
    """
    (folder / "manage.py").symlink_to(ROOT / "manage.py")
    run = subprocess.run(
        ["bash", "-c", text],
        cwd=folder,
        env={
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
            "HOME": str(folder),
            "SCORECARD_DATA_DIR": str(folder / "var"),
            "DJANGO_SETTINGS_MODULE": "scorecard.settings.test",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return run.stdout


def write(name: str, text: str) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_the_tutorial_followed_literally(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    printed = commands = ""
    compared = 0
    for language, argument, text in steps():
        if argument.startswith("file="):
            write(argument.removeprefix("file="), text)
        elif language == "sh":
            commands, printed = text, "".join(map(in_process, text.splitlines()))
        elif language == "output":
            assert printed.strip() == text.strip(), commands
            compared += 1
    assert compared == 5
    folder = tmp_path / "my-method" / "1"
    assert lint(folder) == []
    book = load_rulebook(folder)
    assert (len(book.indicators), len(book.caps), len(book.grades)) == (3, 1, 3)


def test_findings_and_the_error_come_in_order_in_a_newcomers_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The findings go to one stream and the error to the other; in a pipe or a file they must not change places."""
    monkeypatch.chdir(tmp_path)
    files = [(argument, text) for _, argument, text in steps() if argument.startswith("file=my-method/")]
    for argument, text in files:
        write(argument.removeprefix("file="), text)
    commands, said = next(
        (text, after)
        for (language, _, text), (_, _, after) in pairwise(steps())
        if language == "sh" and "CommandError" in after
    )
    assert in_processes(commands, tmp_path).strip() == said.strip()


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
