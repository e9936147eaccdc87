"""The program of a rulebook on arrays: what follows from the columns at hand is worked out once, the rest by block."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any, get_args

import numpy as np

from scorecard.engine.arrays import arithmetic, conditions, points
from scorecard.engine.arrays.columns import Column, Columns
from scorecard.engine.arrays.peers import peers
from scorecard.engine.arrays.result import ManyResult
from scorecard.engine.arrays.values import Block, V, constant, constant_grid, merge_doubt, ones, truth
from scorecard.engine.lowering.conclusions import program_of
from scorecard.engine.lowering.program import SETTLING, Concluded, Condition, Number, Op
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.facts import Absence, FactValue, Nothing
from scorecard.engine.values.rational import ZERO, Fraction
from scorecard.engine.values.scoring_input import of_year

Kernel = Callable[..., V]
#: An array of the result, and the row or bit in it.
Store = tuple[str, int]


def load(block: Block, source: str, name: str, years: int, kind: str, code: Absence) -> V:
    column = _column(block.columns, source, name, years)
    if column is None:
        raise LookupError(name)
    value = block.column(column)
    return truth(~value.v, value.codes) if source == "outcome" else value  # True is met there, and missed here


_MODULES = ((arithmetic, Number), (conditions, Condition), (points, Concluded))
#: Each operation with the function that carries it out over a block: it takes the block, what the operation is given,
#: and its operands.
KERNELS: dict[str, Kernel] = {name: getattr(module, name) for module, names in _MODULES for name in get_args(names)}
KERNELS |= {"load": load, "peers": peers, "compare": arithmetic.compare}
#: What a function takes in place of what its operation is given, worked out once.
READY: dict[str, Callable[[Op, Rulebook], Any]] = {
    "curve": lambda op, _: arithmetic.Segments(*op.given),
    "tally": lambda op, _: arithmetic.Table(*op.given),
    "worth": lambda op, _: arithmetic.Table(ZERO, *op.given),
    "points": points.Ready,
}
#: Operations that read more than their operands.
READING = ("load", "peers", "points", "shared_out", "own_points")
_KINDS: dict[str, Any] = {"number": 0.0, "bool": np.bool_(False)}
KEPT = 16


@dataclass(frozen=True, slots=True)
class Step:
    """One operation to carry out: its function, what that takes, where from and where to, what is not used again."""

    kernel: Kernel
    given: tuple[Any, ...]
    args: tuple[int, ...]
    place: int
    settles: bool
    done: tuple[int, ...]
    stores: tuple[Store, ...]


@dataclass(frozen=True, slots=True)
class Schedule:
    """The steps for some outputs under some columns; `known` are the values that are the same in every row, whose
    codes, if any, are those of one row.
    """

    known: Mapping[int, V]
    steps: tuple[Step, ...]
    stores: tuple[tuple[int, tuple[Store, ...]], ...]
    outputs: tuple[int, ...]


class Machine:
    """Carries out one rulebook's program."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self.program = program_of(rulebook)
        self.given = [(READY[op.name](op, rulebook),) if op.name in READY else op.given for op in self.program.ops]
        self._schedules: dict[Any, Schedule] = {}

    def score(self, columns: Columns, result: ManyResult, block: int, guard: bool = True) -> None:
        """Score all rows in blocks, several at a time: NumPy works outside the interpreter's lock."""
        schedule = self.schedule(columns, None)

        def one(start: int) -> None:
            rows = slice(start, min(start + block, columns.size))
            part = Block(self.rulebook, columns, rows, rows.stop - start, result.exact, self.values, guard=guard)
            with np.errstate(all="ignore"):
                run(schedule, part, result)

        workers = WORKERS if columns.size > LEAST else 1
        turns = max(1, -(-columns.size // (workers * block)))
        block = max(1, -(-columns.size // (workers * turns)))  # blocks of one size: no worker waits for another
        starts = range(0, columns.size, block)
        if workers < 2:
            for start in starts:
                one(start)
            return
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(one, starts))

    def values(self, block: Block, places: tuple[int, ...]) -> Sequence[V]:
        """Return the values of some places over a block."""
        return run(self.schedule(block.columns, places), block, None)

    # ---- what follows from the columns

    def schedule(self, columns: Columns, places: tuple[int, ...] | None) -> Schedule:
        """Return the steps for some places, or for a whole result."""
        key = (
            places,
            tuple((name, column.codes is None) for name, column in columns.facts.items()),
            tuple((key, column.codes is None) for key, column in columns.past.items()),
            tuple(columns.judged),
            tuple(columns.properties),
            frozenset(columns.parameters.items()),
        )
        found = self._schedules.get(key)
        if found is None:
            if len(self._schedules) >= KEPT:
                self._schedules.clear()
            with np.errstate(all="ignore"):
                found = self._schedules[key] = self._plan(columns, places)
        return found

    def _plan(self, columns: Columns, places: tuple[int, ...] | None) -> Schedule:
        known, same = self._fold(columns)
        stores: dict[int, list[Store]] = {}
        for name, row, place in () if places is not None else self.program.outputs:
            stores.setdefault(same[place], []).append((name, row))
        outputs = tuple(same[place] for place in places or ())
        wanted = {*stores, *outputs}
        args: dict[int, tuple[int, ...]] = {}
        for place in reversed(range(len(same))):
            if place in wanted and place not in known:
                op = self.program.ops[place]
                unjudged = op.name == "points" and op.given[0] not in columns.judged
                args[place] = tuple(same[arg] for arg in (op.args[:1] if unjudged else op.args))
                wanted.update(args[place])
        steps: list[Step] = []
        used: set[int] = set(outputs)
        for place in args:  # from the last to the first
            op = self.program.ops[place]
            done = tuple(arg for arg in dict.fromkeys(args[place]) if arg not in used and arg not in known)
            if place not in used:
                done = (*done, place)
            used.update(args[place])
            stored = tuple(stores.pop(place, ()))
            settles = op.name in SETTLING
            steps.append(Step(KERNELS[op.name], self.given[place], args[place], place, settles, done, stored))
        constants = tuple((place, tuple(found)) for place, found in stores.items())
        return Schedule({p: v for p, v in known.items() if p in wanted}, tuple(reversed(steps)), constants, outputs)

    def _fold(self, columns: Columns) -> tuple[dict[int, V], list[int]]:
        """Work out what is the same in every row, and which values are just another one."""
        known: dict[int, V] = {}
        same = list(range(len(self.program.ops)))
        one = Block(self.rulebook, columns, np.zeros(1, np.intp), 1, set())
        for place, op in enumerate(self.program.ops):
            args = tuple(same[arg] for arg in op.args)
            found: V | None = None
            match op:
                case Op("constant", _, (value,)):
                    found = constant(value)
                case Op("absent", _, (code, kind)):
                    found = _absent(kind, code)
                case Op("load"):
                    found = self._given(columns, *op.given)
                case Op("fill") if (given := known.get(args[0])) is not None:
                    if given.codes is None or given.codes[0] != Absence.NOT_APPLICABLE:
                        same[place] = args[0] if given.codes is None else args[1]
                case Op("fill") if _without_gaps(self.program.ops[args[0]], columns):
                    same[place] = args[0]
                case Op("tally", (), (base, _)):
                    found = constant(base)
                case _ if op.name not in READING and all(arg in known for arg in args) and args:
                    operands = (known[arg] for arg in args)
                    found = _of_one_row(KERNELS[op.name](one, *self.given[place], *operands))
            if found is not None:
                known[place] = found
        return known, same

    def _given(self, columns: Columns, source: str, name: str, years: int, kind: str, code: Absence) -> V | None:
        """The value of a load without a column."""
        if source != "parameter":
            column = _column(columns, source, name, years)
            return _absent(kind, code) if column is None else None
        default = self.rulebook.parameters[name].default
        value: FactValue | None = columns.parameters.get(of_year(name, years), default)
        if isinstance(value, bool):
            return truth(np.bool_(value))
        if isinstance(value, Decimal):
            return constant(Fraction(value))
        return _absent(kind, code if value is not Nothing.NOT_APPLICABLE else Absence.NOT_APPLICABLE)


def run(schedule: Schedule, block: Block, result: ManyResult | None) -> list[V]:
    """Carry out the steps over a block; return the outputs."""
    values: dict[int, V] = {place: _over(known, block.size) for place, known in schedule.known.items()}
    if result is not None and isinstance(block.rows, slice):
        for place, stores in schedule.stores:
            _store(result, block.rows, values[place], stores)
    for step in schedule.steps:
        args = [values[arg] for arg in step.args]
        value = step.kernel(block, *step.given, *args)
        if not step.settles:
            for arg in args:
                if arg.doubt is not None and arg is not value:
                    value = replace(value, doubt=merge_doubt(value.doubt, arg.doubt))
        values[step.place] = value
        if result is not None and isinstance(block.rows, slice):
            _store(result, block.rows, value, step.stores)
        for place in step.done:
            del values[place]
    return [values[place] for place in schedule.outputs]


def _over(known: V, size: int) -> V:
    """A value of all rows, over a block."""
    return known if known.codes is None else replace(known, codes=np.broadcast_to(known.codes, (size,)))


def _absent(kind: str, code: int) -> V:
    codes = np.array([code], np.uint8)
    return V(_KINDS.get(kind, np.intp(0)), codes=codes, grid=ones, leaf=True, top=0.0, options=("",))


def _of_one_row(value: V) -> V | None:
    """The value of all rows out of that of one; None when doubles do not decide it."""
    if value.doubt is not None and len(value.doubt):
        return None
    codes = None if value.codes is None or not value.codes[0] else value.codes
    grid = None if value.grid is None else constant_grid(float(value.grid(np.zeros(1, np.intp))[0]))
    return replace(value, v=value.v[0] if np.ndim(value.v) else value.v, codes=codes, grid=grid, doubt=None)


def _without_gaps(op: Op, columns: Columns) -> bool:
    column = _column(columns, *op.given[:3]) if op.name == "load" else None
    return column is not None and column.codes is None


def _column(columns: Columns, source: str, name: str, years: int) -> Column | None:
    if years:
        return columns.past.get((name, years))
    return {"fact": columns.facts, "judged": columns.judged, "property": columns.properties}[source].get(name)


def _store(result: ManyResult, rows: slice, value: V, stores: tuple[Store, ...]) -> None:
    for name, row in stores:
        array = getattr(result, name)
        if name in ("caps", "holding", "measures"):
            if np.any(value.v):
                array[rows] |= value.v * array.dtype.type(1 << row)
        elif array.ndim == 1:
            array[rows] = value.v
        else:
            array[row, rows] = value.v if name != "targets" else points.target_states(value, rows.stop - rows.start)
            if name == "units" and value.states is not None:
                result.states[row, rows] = value.states


@lru_cache(maxsize=64)
def machine_of(rulebook: Rulebook) -> Machine:
    return Machine(rulebook)


#: Rows from which on blocks are scored side by side.
LEAST = 16384
WORKERS = min(4, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
