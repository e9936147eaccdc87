"""Running a compiled rulebook over columns, with the arrays of `scorecard.engine.arrays` for what it puts down.

One part of the rows at a time: loops of targets, loops of indicators, then the loops that conclude. After each, rows
whose error bound did not decide are computed by the arrays, which prove ties or evaluate exactly.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np

from scorecard.engine.arrays.blocks import BlockRun
from scorecard.engine.arrays.columns import MAX_DIGITS, Array, Column, Columns
from scorecard.engine.arrays.result import STATES, ManyResult, Tally, fixed_units
from scorecard.engine.arrays.vector import Block
from scorecard.engine.native import library
from scorecard.engine.native.program import ROWS, Program, Unit, write_program
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.facts import Absence

#: Fewer rows are not worth compiling a rulebook for; a library that is there already is used from the second figure on.
WORTH_COMPILING = 2_000
WORTH_LOADING = 50
#: Rows from which a second thread is worth its start.
WORTH_THREADS = 16_384
#: The longest vector: a part of the rows holds one at least.
MOST_LANES = 8
_TYPES = {"double": np.float64, "uint8_t": np.uint8, "uint16_t": np.uint16}
_POINTER = ctypes.c_void_p
#: What loops read in place of a column that is not there: values that do no harm, and one kind of absence.
_VALUES = {ctype: np.ones(ROWS, kind) if ctype == "double" else np.zeros(ROWS, kind) for ctype, kind in _TYPES.items()}
_CODES = {int(code): np.full(ROWS, code, np.uint8) for code in (0, *Absence)}


class _Run(ctypes.Structure):
    """The C program's view of one part of the rows; `program.HEAD` has the same fields."""

    _fields_ = [
        *((name, _POINTER) for name in ("C", "M", "K", "N", "P", "PK", "E")),
        ("rows", ctypes.c_int64),
        *((name, _POINTER) for name in ("units", "states", "sections", "targets", "total", "before", "after")),
        *((name, _POINTER) for name in ("caps", "holding", "adjustments", "measures", "doubts")),
        ("room", ctypes.c_int64),
        ("found", ctypes.c_int64),
    ]


@dataclass(slots=True)
class Compiled:
    """A program with its loaded library."""

    program: Program
    library: Any


class Unbound(Exception):
    """Columns that the compiled program does not take; the arrays do."""


def compiled(rulebook: Rulebook, rows: int, guard: bool = True) -> Compiled | None:
    """Return the compiled rulebook where there is one for so many rows, None where the arrays are to be used."""
    if rows < WORTH_LOADING or not library.available():
        return None
    key = ("compiled", guard)
    plan = rulebook.plan
    found = plan.get(key)
    if isinstance(found, Compiled):
        return found
    program = plan.get(("program", guard))
    if program is None:
        program = plan["program", guard] = write_program(rulebook, guard)
    loaded = library.load(program.source, build=rows >= WORTH_COMPILING)
    if loaded is None:
        return None
    plan[key] = Compiled(program, loaded)
    return plan[key]  # type: ignore[no-any-return]


def score(machine: Compiled, columns: Columns, result: ManyResult) -> None:
    """Fill `result`. Raises Unbound for columns that the program does not take, or that leave it more rows than it can
    put down; the result is then to be thrown away.
    """
    bound = Binding(machine.program, columns)
    parts = _parts(columns.size)
    if len(parts) == 1:
        _Part(machine, bound, columns, result, *parts[0]).run()
        return
    for done in _threads().map(lambda p: _Part(machine, bound, columns, result, *p).run(), parts):
        del done


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_cores(), thread_name_prefix="scoring")


@lru_cache(maxsize=1)
def _cores() -> int:
    return min(4, len(os.sched_getaffinity(0)))


if hasattr(os, "register_at_fork"):  # a forked worker has none of its parent's threads
    os.register_at_fork(after_in_child=_threads.cache_clear)


def _parts(size: int) -> list[tuple[int, int]]:
    count = _cores() if size >= WORTH_THREADS else 1
    each = -(-size // count)
    each = -(-each // ROWS) * ROWS  # whole blocks, so that no two threads write into one line of the cache
    starts = [start for start in range(0, size, each) if not start or size - start >= MOST_LANES]
    return list(zip(starts, [*starts[1:], size], strict=True))


# ---- columns


class Binding:
    """Pointers to the columns a program reads, and which of its loops to use."""

    def __init__(self, program: Program, columns: Columns) -> None:
        self.program = program
        self.columns = columns
        self.keep: list[Array] = []
        count = max(1, len(program.inputs.types))
        self.values = np.zeros(count, np.uintp)
        self.value_masks = np.full(count, -1, np.int64)
        self.codes = np.zeros(count, np.uintp)
        self.code_masks = np.zeros(count, np.int64)
        self.gaps = np.zeros(count, bool)
        for key, place in program.inputs.places.items():
            ctype = program.inputs.types[place]
            column, absent = self._column(key)
            if column is None:
                self.values[place] = _VALUES[ctype].ctypes.data
                self.value_masks[place] = 0
                self.codes[place] = _CODES[absent].ctypes.data
                self.gaps[place] = True
                continue
            values = column.values.view(np.uint8) if column.values.dtype == bool else column.values
            self.values[place] = self._address(np.ascontiguousarray(values, _TYPES[ctype]))
            if column.codes is None:
                self.codes[place] = _CODES[0].ctypes.data
            else:
                self.codes[place] = self._address(np.ascontiguousarray(column.codes))
                self.code_masks[place] = -1
                self.gaps[place] = True
        self._parameters()
        self.enabled = np.array([self._loop(u) for u in program.units] or [0], np.uint8)
        self.concludes = program.concludes and self._given(program.given)

    def _address(self, values: Array) -> int:
        self.keep.append(values)
        return values.ctypes.data

    def _column(self, key: tuple[Any, ...]) -> tuple[Column | None, Absence]:
        columns, book = self.columns, self.program.rulebook
        match key:
            case ("fact", id):
                absent = Absence.UNANSWERED if book.facts[id].supplied_by == "bank" else Absence.NOT_SUPPLIED
                return _short(columns.facts.get(id)), absent
            case ("past", id, offset):
                return _short(columns.earlier(book.facts[id], offset)), Absence.NOT_SUPPLIED
            case ("outcome", id, offset):
                return columns.outcomes.get((id, offset)), Absence.NOT_SUPPLIED
            case ("one of", id, wanted):
                column = columns.properties.get(id)
                if column is None:
                    return None, Absence.NOT_SUPPLIED
                table = np.array([option in wanted for option in column.options], np.uint8)
                return Column("bool", table[column.values], column.codes), Absence.NOT_SUPPLIED
        return columns.properties.get(key[1]), Absence.NOT_SUPPLIED

    def _parameters(self) -> None:
        names = self.program.inputs.parameters
        self.parameters = np.zeros(max(1, len(names)))
        self.parameter_codes = np.zeros(max(1, len(names)), np.uint8)
        for id, place in names.items():
            value = self.columns.parameters.get(id, self.program.rulebook.parameters[id].default)
            if isinstance(value, bool | Decimal):
                if isinstance(value, Decimal) and len(value.normalize().as_tuple().digits) > MAX_DIGITS:
                    raise Unbound("a parameter with more digits than a double has")
                self.parameters[place] = float(value)
            else:
                self.parameter_codes[place] = Absence.NOT_SUPPLIED

    def _given(self, facts: frozenset[str]) -> bool:
        return all((column := self.columns.facts.get(f)) is not None and column.codes is None for f in facts)

    def _loop(self, unit: Unit) -> int:
        if not unit.loops or not self._given(unit.given):
            return 0
        return 2 if any(self.gaps[place] for place in unit.coded) else 1


def _short(column: Column | None) -> Column | None:
    if column is not None and column.exact is not None:
        raise Unbound("figures with more digits than a double has")
    return column


# ---- one part of the rows


@dataclass(slots=True)
class _Part:
    machine: Compiled
    bound: Binding
    columns: Columns
    result: ManyResult
    start: int
    stop: int
    doubts: Array = field(init=False)

    def run(self) -> None:
        program, book = self.machine.program, self.machine.program.rulebook
        targets = len(book.targets)
        self.doubts = np.empty((self.stop - self.start) // 2 + 4096, np.int64)
        run = self._structure()
        call = self.machine.library.run_units
        call(ctypes.byref(run), *map(ctypes.c_int64, (self.start, self.stop, 0, targets)))
        self._settle(run, program.units[:targets])
        call(ctypes.byref(run), *map(ctypes.c_int64, (self.start, self.stop, targets, len(program.units))))
        self._overrule()
        self._settle(run, program.units[targets:])
        if not self.bound.concludes:
            self._by_arrays(np.arange(self.start, self.stop))
            return
        self.machine.library.conclude(ctypes.byref(run), *map(ctypes.c_int64, (self.start, self.stop)))
        for _, rows in self._taken(run):
            self._by_arrays(rows)

    def _structure(self) -> _Run:
        bound, result = self.bound, self.result
        run = _Run(rows=self.columns.size, room=len(self.doubts), found=0)
        pointers: dict[str, Array] = {
            "C": bound.values, "M": bound.value_masks, "K": bound.codes, "N": bound.code_masks,
            "P": bound.parameters, "PK": bound.parameter_codes, "E": bound.enabled, "doubts": self.doubts,
            "units": result.units, "states": result.states, "sections": result.sections, "targets": result.targets,
            "total": result.total, "before": result.before, "after": result.after, "caps": result.caps,
            "holding": result.holding, "adjustments": result.adjustments, "measures": result.measures,
        }  # fmt: skip
        for name, values in pointers.items():
            setattr(run, name, values.ctypes.data)
        return run

    def _taken(self, run: _Run) -> Iterator[tuple[int, Array]]:
        """Yield each unit that put rows down since the last call, with its rows in rising order."""
        count, run.found = run.found, 0
        if not count:
            return
        if count > run.room:
            raise Unbound("more rows in doubt than there is room for")
        found = self.doubts[:count]
        number = found >> 40
        rows = found & ((1 << 40) - 1)
        for each in np.unique(number):
            # The last rows of a part may be there twice: they were computed twice.
            mine = np.unique(rows[number == each])
            self.result.tally.left += len(mine)
            yield int(each), mine

    def _settle(self, run: _Run, units: list[Unit]) -> None:
        """Let the arrays compute what loops put down, and units that have no loop."""
        open_ = dict(self._taken(run))
        everything = np.arange(self.start, self.stop)
        for unit in units:
            rows = open_.get(unit.number) if self.bound.enabled[unit.number] else everything
            if rows is not None:
                self._write(unit, self._arrays(_subset(self.columns, rows)), rows)

    def _arrays(self, subset: Columns) -> BlockRun:
        book = self.machine.program.rulebook
        return BlockRun(book, Block(book, subset, 0, subset.size), Tally(self.result.tally.clipped))

    def _write(self, unit: Unit, arrays: BlockRun, rows: Array) -> None:
        book, result = self.machine.program.rulebook, self.result
        if unit.is_target:
            result.targets[unit.number, rows] = arrays.target_states(unit.id)
        else:
            place = unit.number - len(book.targets)
            result.units[place, rows] = arrays.indicator(unit.id)
            states = arrays.states[unit.id]
            result.states[place, rows] = 0 if states is None else states
        result.tally.exact.update(int(rows[k]) for k in arrays.tally.exact)

    def _by_arrays(self, rows: Array) -> None:
        """Let the arrays score whole rows."""
        subset = _subset(self.columns, rows)
        arrays = self._arrays(subset)
        result, other = self.result, ManyResult.empty(self.machine.program.rulebook, subset)
        arrays.run(other)
        for name in ("units", "states", "sections", "targets"):
            getattr(result, name)[:, rows] = getattr(other, name)
        for name in ("total", "before", "after", "caps", "holding", "adjustments", "measures"):
            getattr(result, name)[rows] = getattr(other, name)
        result.tally.exact.update(int(rows[k]) for k in arrays.tally.exact)

    def _overrule(self) -> None:
        """Apply what the supervisor accepted as not applicable, and the reviewers' points."""
        book, columns, result = self.machine.program.rulebook, self.columns, self.result
        cut = slice(self.start, self.stop)
        scale = 10**book.rounding.indicator
        for place, (id, spec) in enumerate(book.indicators.items()):
            flags = columns.not_applicable.get(id)
            if flags is not None and flags[cut].any():
                excused = fixed_units(spec, scale)["not_applicable"]
                result.states[place, cut][flags[cut]] = STATES.index("not_applicable")
                result.units[place, cut][flags[cut]] = excused
            column = columns.judged.get(id)
            if column is None:
                continue
            rows = np.arange(self.start, self.stop)
            if column.codes is not None:
                rows = rows[column.codes[cut] == 0]
            if len(rows):
                arrays = self._arrays(_subset(columns, rows))
                result.units[place, rows] = arrays.judged_units(id)
                result.states[place, rows] = STATES.index("judged")


class _Lazy(Mapping[Any, Any]):
    """Columns cut down to some rows when they are first asked for."""

    def __init__(self, whole: Mapping[Any, Any], rows: Array) -> None:
        self.whole = whole
        self.rows = rows
        self.cut: dict[Any, Any] = {}

    def __getitem__(self, key: Any) -> Any:
        found = self.cut.get(key)
        if found is None:
            found = self.cut[key] = _cut(self.whole[key], self.rows)
        return found

    def __iter__(self) -> Iterator[Any]:
        return iter(self.whole)

    def __len__(self) -> int:
        return len(self.whole)


def _cut(column: Any, rows: Array) -> Any:
    if not isinstance(column, Column):
        return column[rows]
    codes = None if column.codes is None else column.codes[rows]
    exact = None if column.exact is None else column.exact[rows]
    return Column(column.kind, column.values[rows], codes, column.options, exact, column.digits)


def _subset(columns: Columns, rows: Array) -> Columns:
    """Return some rows of the columns; each column is cut when it is used."""
    parts: dict[str, Any] = {
        name: _Lazy(getattr(columns, name), rows)
        for name in ("facts", "past", "outcomes", "own", "judged", "not_applicable", "properties")
    }
    return Columns(
        len(rows),
        **parts,
        parameters=columns.parameters,
        snapshot=columns.snapshot,
        group=columns.group,
        peers=columns.peers,
    )
