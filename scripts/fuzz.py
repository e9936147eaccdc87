"""Feeds the readers of what people upload with what a fuzzer draws, guided by the lines that it reaches.

    .venv/bin/uv run --no-project --python 3.11 --with atheris==3.0.0 --with-requirements requirements.txt \\
        scripts/fuzz.py expression rulebook register workbook --seconds 900

``--seconds`` are those of each reader. A reader may refuse in words; any other error, twenty seconds or two gigabytes
for one input are a finding: the input is written beside the corpus (``var/fuzz/<reader>``, kept from night to night),
and the script returns 1. ``--again FILE`` reads one input. ``SCORECARD_FUZZ_DIR`` names another folder.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CORPORA = Path(os.environ.get("SCORECARD_FUZZ_DIR", ROOT / "var" / "fuzz"))
LIMITS = ("-timeout=20", "-rss_limit_mb=2048", "-max_len=20000", "-print_final_stats=1")
Read = Callable[[bytes], None]


# --- Readers: each makes what reads one input, as a person could have sent it -----------------------------------------
def expression() -> Read:
    """The language of rulebooks."""
    from scorecard.engine.errors import ExpressionError
    from scorecard.engine.language.syntax import parse_expression

    def read(data: bytes) -> None:
        with contextlib.suppress(ExpressionError):
            parse_expression(data.decode("utf-8", "replace"))

    return read


def rulebook() -> Read:
    """A rulebook's YAML, read and linted: what is wrong with it are findings and no error."""
    from scorecard.engine.lint.lint import lint

    folder = Path(tempfile.mkdtemp(prefix="fuzz-rulebook-")) / "fuzz" / "1"
    folder.mkdir(parents=True)

    def read(data: bytes) -> None:
        (folder / "rulebook.yaml").write_bytes(data)
        lint(folder)

    return read


def register() -> Read:
    """The register's import, from a CSV file."""
    from banks.register_file import read_register
    from scorecard.access.decisions import Refused

    def read(data: bytes) -> None:
        with contextlib.suppress(Refused):
            read_register("fuzz.csv", data)

    return read


def workbook() -> Read:
    """The workbook of a filing: one that passes, but for a part, chosen by the first byte, that the fuzzer draws."""
    from assessments.filings.workbook.flat import read_flat
    from scorecard.access.decisions import Refused, TooLarge
    from scorecard.uploads import lost_problems, sheet_rows

    base = next(_passing())
    with zipfile.ZipFile(io.BytesIO(base)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    names = [name for name in parts if name.endswith((".xml", ".rels"))]

    def read(data: bytes) -> None:
        if not data:
            return
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for name, content in parts.items():
                archive.writestr(name, data[1:] if name == names[data[0] % len(names)] else content)
        for reader in (
            read_flat,
            lambda file: list(sheet_rows(file, columns=40, rows=200)),
            lambda file: list(lost_problems(file)),
        ):
            with contextlib.suppress(Refused, TooLarge):
                reader(packed.getvalue())

    return read


READERS: dict[str, Callable[[], Read]] = {each.__name__: each for each in (expression, rulebook, register, workbook)}


# --- What the corpora begin with -------------------------------------------------------------------------------------
def _passing() -> Iterator[bytes]:
    for path in sorted((ROOT / "fixtures" / "workbooks" / "should_pass").glob("*.xlsx")):
        yield path.read_bytes()


def seeds(name: str) -> Iterator[bytes]:
    """Inputs that are read well, from what ships with the project."""
    if name == "expression":
        import yaml

        for path in sorted((ROOT / "scorecard" / "rulebooks").rglob("*.yaml")):
            yield from (text.encode() for text in _strings(yaml.safe_load(path.read_text(encoding="utf-8"))))
    elif name == "rulebook":
        for path in sorted((ROOT / "scorecard" / "engine" / "tests" / "rulebooks").rglob("*.yaml")):
            yield path.read_bytes()
    elif name == "register":
        import csv

        from banks.register_file import template_rows

        text = io.StringIO()
        csv.writer(text).writerows([*template_rows(()), ["DA01", "演示银行", "", "large"], ["", "", "", ""]])
        yield text.getvalue().encode()
        yield text.getvalue().encode("gb18030")
    else:
        for base in _passing():
            with zipfile.ZipFile(io.BytesIO(base)) as archive:
                names = [each for each in archive.namelist() if each.endswith((".xml", ".rels"))]
                yield from (bytes([place]) + archive.read(each)[:19_000] for place, each in enumerate(names))
            break


def _strings(data: Any) -> Iterator[str]:
    if isinstance(data, str) and len(data) < 300 and data.isascii():
        yield data
    elif isinstance(data, dict | list):
        for each in data.values() if isinstance(data, dict) else data:
            yield from _strings(each)


# --- The run ---------------------------------------------------------------------------------------------------------
def fuzz(name: str, seconds: int) -> None:
    """Fuzz one reader in this process, which the fuzzer ends."""
    import atheris

    with atheris.instrument_imports(include=["scorecard", "banks", "assessments", "yaml", "csv", "openpyxl"]):
        _set_up()
        read = READERS[name]()
    folder = CORPORA / name
    folder.mkdir(parents=True, exist_ok=True)
    for place, data in enumerate(seeds(name)):
        (folder / f"seed-{place:04}").write_bytes(data)
    atheris.Setup(
        [sys.argv[0], str(folder), f"-max_total_time={seconds}", f"-artifact_prefix={folder}-", *LIMITS], read
    )
    atheris.Fuzz()


def _set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scorecard.settings.test")
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()


def main() -> int:
    """1 where a reader failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("readers", nargs="+", choices=READERS)
    parser.add_argument("--seconds", type=int, default=900)
    parser.add_argument("--again", type=Path, help="read this input alone, without a fuzzer")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.again:
        _set_up()
        for name in asked.readers:
            READERS[name]()(asked.again.read_bytes())
        return 0
    if asked.here:
        fuzz(asked.readers[0], asked.seconds)
        return 0
    failed = []
    for name in asked.readers:
        command = [sys.executable, __file__, name, "--here", "--seconds", str(asked.seconds)]
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            failed.append(name)
    print(f"Failed: {', '.join(failed)}; the inputs lie in {CORPORA}." if failed else "Nothing was found.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
