"""Measuring `evaluate_many`: inputs, equality with the baselines, medians and memory."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

from scorecard.commands.baselines import Array, numpy_by_hand, row_by_row
from scorecard.commands.synthetic import synthetic_frame
from scorecard.engine import ScoringInput, evaluate
from scorecard.engine.arrays import Columns, ManyResult, evaluate_many
from scorecard.engine.arrays.frames import read_frame
from scorecard.engine.arrays.machine import machine_of
from scorecard.engine.arrays.run import BLOCK
from scorecard.engine.rulebook.rulebook import Rulebook

LOOP_LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class Line:
    """One measured way: median processor and wall time in seconds, and its speed relative to NumPy by hand by both."""

    banks: int
    name: str
    seconds: float
    wall: float
    ratio: float
    wall_ratio: float
    note: str = ""


def arrays(columns: Columns) -> dict[str, Array]:
    """Return the columns as plain arrays, NaN for a blank, as NumPy by hand takes them."""
    found = {}
    for name, column in columns.facts.items():
        values = column.values
        if column.kind == "number" and column.codes is not None:
            values = np.where(column.codes > 0, np.nan, values)
        found[name] = values
    return found


def rows_of(inputs: dict[str, Array], count: int) -> list[dict[str, Any]]:
    names = list(inputs)
    lists = [inputs[n][:count].tolist() for n in names]
    return [{n: None if v != v else v for n, v in zip(names, row, strict=True)} for row in zip(*lists, strict=True)]


def assert_same(rulebook: Rulebook, many: ManyResult, other: dict[str, Array]) -> None:
    """Assert that both give the same points, totals, grades and adjustments in every row. Raises AssertionError."""
    names = list(rulebook.indicators)
    for place, name in enumerate(names):
        different = np.flatnonzero(np.rint(other[name] * 100) != many.units[place])
        if len(different):
            raise AssertionError(f"{name} differs in {len(different)} rows, the first is {different[0]}")
    pairs = {
        "total": (np.rint(other["total"] * 100), many.total),
        "before": (other["before"], many.before),
        "after": (other["after"], many.after),
    }
    for name, (a, b) in pairs.items():
        if not np.array_equal(a, b):
            raise AssertionError(f"{name} differs in {int((a != b).sum())} rows")


def wrong_without_guard(rulebook: Rulebook, many: ManyResult, inputs: dict[str, Array]) -> tuple[int, int]:
    """Return how many rows plain doubles get wrong: in the points of some indicator, and in the final grade."""
    plain = numpy_by_hand(inputs, guard=False)
    wrong = np.zeros(len(many), bool)
    for place, name in enumerate(rulebook.indicators):
        wrong |= np.rint(plain[name] * 100) != many.units[place]
    return int(wrong.sum()), int((plain["after"] != many.after).sum())


@dataclass(frozen=True, slots=True)
class Time:
    """Median processor time (of all threads) and wall time, in seconds."""

    cpu: float
    wall: float

    def line(self, banks: int, name: str, base: Time, note: str = "") -> Line:
        return Line(banks, name, self.cpu, self.wall, base.cpu / self.cpu, base.wall / self.wall, note)


def timed(call: Callable[[], Any], rounds: int) -> Time:
    """Time a call after one round that warms up. Processor time is what a busy machine does not blur."""
    call()
    cpu, wall = [], []
    for _ in range(rounds):
        begin, start = time.process_time(), time.perf_counter()
        call()
        cpu.append(time.process_time() - begin)
        wall.append(time.perf_counter() - start)
    return Time(median(cpu), median(wall))


def peak_mib(folder: Path, banks: int) -> float:
    """Return the peak memory of a process of its own that makes the filings, scores them and holds every result."""
    code = (
        "import re, sys\n"
        "from pathlib import Path\n"
        "from scorecard.engine import load_rulebook\n"
        "from scorecard.engine.arrays import evaluate_many\n"
        "from scorecard.engine.arrays.frames import read_frame\n"
        "from scorecard.commands.synthetic import synthetic_frame\n"
        "book = load_rulebook(sys.argv[1])\n"
        "columns = read_frame(book, synthetic_frame(book, int(sys.argv[2])))\n"
        "result = evaluate_many(book, columns)\n"
        "status = Path('/proc/self/status').read_text(encoding='utf-8')\n"
        "print(int(re.search(r'VmHWM:\\s+(\\d+)', status).group(1)) / 1024)\n"
    )
    root = Path(__file__).resolve().parents[2]
    run = subprocess.run(  # noqa: S603  our own interpreter and our own code
        [sys.executable, "-c", code, str(folder), str(banks)],
        cwd=root,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return float(run.stdout)


#: A way of scoring: what it is called in the table, and what is run.
Way = tuple[str, Callable[[], Any]]


def in_turn(ways: list[Way], rounds: int, cycles: int = 3) -> dict[str, Time]:
    """Time several ways: they take turns in cycles; in a cycle each warms up once and then runs in a row."""
    cpu: dict[str, list[float]] = {name: [] for name, _ in ways}
    wall: dict[str, list[float]] = {name: [] for name, _ in ways}
    each = max(1, -(-rounds // cycles))
    for _ in range(cycles):
        for name, call in ways:
            call()
            for _ in range(each):
                begin, start = time.process_time(), time.perf_counter()
                call()
                cpu[name].append(time.process_time() - begin)
                wall[name].append(time.perf_counter() - start)
    return {name: Time(median(cpu[name]), median(wall[name])) for name, _ in ways}


def without_guard(rulebook: Rulebook, columns: Columns) -> ManyResult:
    """Score while plain doubles decide comparisons and ties, to measure what the guard costs."""
    result = ManyResult.empty(rulebook, columns)
    machine_of(rulebook).score(columns, result, BLOCK, guard=False)
    return result


def measure(rulebook: Rulebook, sizes: list[int], rounds: int = 9, seed: int = 1) -> Iterator[Line]:
    """Yield the measured lines for each number of banks, after asserting that all ways give equal results."""
    for banks in sizes:
        frame: pd.DataFrame = synthetic_frame(rulebook, banks, seed)
        columns = read_frame(rulebook, frame)
        inputs = arrays(columns)
        many = evaluate_many(rulebook, columns)
        assert_same(rulebook, many, numpy_by_hand(inputs))
        wrong, grades = wrong_without_guard(rulebook, many, inputs)
        count = min(banks, LOOP_LIMIT)
        rows = rows_of(inputs, count)
        if [r["after"] for r in row_by_row(rows)] != many.after[:count].tolist():
            raise AssertionError("the loop gives other grades")
        ways: list[Way] = [
            ("hand", lambda i=inputs: numpy_by_hand(i)),  # type: ignore[misc]
            ("plain", lambda i=inputs: numpy_by_hand(i, guard=False)),  # type: ignore[misc]
            ("many", lambda c=columns: evaluate_many(rulebook, c)),  # type: ignore[misc]
            ("frame", lambda f=frame: evaluate_many(rulebook, f)),  # type: ignore[misc]
            ("bare", lambda c=columns: without_guard(rulebook, c)),  # type: ignore[misc]
        ]
        found = in_turn(ways, rounds if banks <= 200_000 else 3)
        loop = timed(lambda r=rows: row_by_row(r), 3)  # type: ignore[misc]
        base, ours = found["hand"], found["many"]
        whole = Time(loop.cpu * banks / count, loop.wall * banks / count)

        exact = f"{len(many.exact)} rows evaluated exactly"
        yield base.line(banks, "NumPy by hand", base)
        note = f"{wrong} rows with wrong points, {grades} with a wrong grade"
        yield found["plain"].line(banks, "NumPy by hand, plain doubles", base, note)
        yield ours.line(banks, "evaluate_many", base, exact)
        yield found["frame"].line(banks, "evaluate_many out of a DataFrame", base, "reading the frame included")
        note = f"the guard costs {ours.cpu / found['bare'].cpu - 1:.0%}"
        yield found["bare"].line(banks, "evaluate_many without its guard", base, note)
        note = f"evaluate_many is {whole.cpu / ours.cpu:.0f} times as fast"
        yield whole.line(banks, "plain loop over rows", base, note)


def measure_one(rulebook: Rulebook, case: ScoringInput, rounds: int = 200) -> tuple[Time, Time]:
    """Return the time of `evaluate` with its tree and without."""
    return timed(lambda: evaluate(rulebook, case), rounds), timed(
        lambda: evaluate(rulebook, case, explain=False), rounds
    )
