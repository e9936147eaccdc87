"""``docs/asvs.md`` against itself and the project: its counts, its requirements, the files that it names."""

import re
from collections import Counter

from django.conf import settings

TEXT = (settings.BASE_DIR / "docs" / "asvs.md").read_text(encoding="utf-8")
STATES = ("met", "in part", "gap", "n/a")
_ROW = re.compile(r"^\| ([\d.–]+) \| ([12]) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
_COUNTED = re.compile(r"^\| (V\d+) [^|]*\| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", re.MULTILINE)
#: How many requirements of level 1 and 2 each chapter of the standard has, counted in its own text.
ASKED = {
    "V1": 27, "V2": 11, "V3": 19, "V4": 10, "V5": 9, "V6": 32, "V7": 18, "V8": 7,
    "V9": 7, "V10": 29, "V11": 13, "V12": 9, "V13": 13, "V14": 9, "V15": 13, "V16": 16,
}  # fmt: skip


def numbers(written: str) -> list[str]:
    """The requirements of a row: one, or ``10.3.1–10.3.4``."""
    first, _dash, last = written.partition("–")
    section, _dot, low = first.rpartition(".")
    high = last.rpartition(".")[2] or low
    return [f"{section}.{number}" for number in range(int(low), int(high) + 1)]


def test_every_requirement_stands_there_once_with_a_state() -> None:
    found = [number for row in _ROW.finditer(TEXT) for number in numbers(row[1])]
    assert len(found) == len(set(found))
    assert Counter(f"V{number.partition('.')[0]}" for number in found) == ASKED
    assert {row[4] for row in _ROW.finditer(TEXT)} <= set(STATES)
    for row in _ROW.finditer(TEXT):
        assert len(row[3].split()) <= 12, f"{row[1]} says more than its summary"


def test_the_counts_at_the_top_are_those_of_the_tables() -> None:
    counts = {chapter: Counter[str]() for chapter in ASKED}
    for row in _ROW.finditer(TEXT):
        counts[f"V{row[1].partition('.')[0]}"][row[4]] += len(numbers(row[1]))
    written = {row[1]: [int(row[place]) for place in range(2, 7)] for row in _COUNTED.finditer(TEXT)}
    assert written == {name: [*(one[state] for state in STATES), one.total()] for name, one in counts.items()}


def test_what_is_open_is_named_among_the_gaps() -> None:
    begin = TEXT.index("## Gaps, by weight")
    listed = TEXT[begin : TEXT.index("## V1 ")].replace("12.3.1 to 12.3.4", "12.3.1 12.3.2 12.3.3 12.3.4")
    still = {n for row in _ROW.finditer(TEXT) if row[4] in ("in part", "gap") for n in numbers(row[1])}
    assert still - set(re.findall(r"\d+\.\d+\.\d+", listed)) == set()


def test_every_file_that_it_names_is_there() -> None:
    named = set(re.findall(r"`((?:\.\w+|\w+)(?:[/.][\w.@-]+)*/?)`", TEXT))
    files = {name for name in named if "/" in name or name.endswith((".md", ".txt", ".toml", ".in", ".dockerignore"))}
    assert files and {name for name in files if not (settings.BASE_DIR / name).exists()} == set()
