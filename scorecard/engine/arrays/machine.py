"""The program of a rulebook on arrays: what follows from the columns at hand is worked out once, the rest by block."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np

from scorecard.engine.arrays import arithmetic, conditions, points
from scorecard.engine.arrays.block import Block
from scorecard.engine.arrays.columns import Column, Columns
from scorecard.engine.arrays.peers import peers
from scorecard.engine.arrays.result import ManyResult
from scorecard.engine.arrays.values import V, constant, constant_grid, ones, truth, with_doubt
from scorecard.engine.lowering import program as do
from scorecard.engine.lowering.conclusions import program_of
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.facts import Absence, FactValue, Nothing
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.scoring_input import of_year

Kernel = Callable[..., V]

#: Each operation with the function that carries it out over a block.
KERNELS: dict[type[do.Op], Kernel] = {
    do.Sum: arithmetic.total,
    do.Multiply: arithmetic.multiply,
    do.Divide: arithmetic.divide,
    do.Absolute: arithmetic.absolute,
    do.Extreme: arithmetic.extreme,
    do.Limit: arithmetic.limit,
    do.Curve: arithmetic.curve,
    do.Share: arithmetic.share,
    do.Tally: arithmetic.tally,
    do.Worth: arithmetic.worth,
    do.Compare: arithmetic.compare,
    do.Peers: peers,
    do.OneOf: conditions.one_of,
    do.Ticked: conditions.ticked,
    do.Invert: conditions.invert,
    do.Connect: conditions.connect,
    do.Choose: conditions.choose,
    do.Guard: conditions.guard,
    do.Answered: conditions.answered,
    do.Presume: conditions.presume,
    do.Fill: conditions.fill,
    do.Points: points.points,
    do.SharedOut: points.shared_out,
    do.OwnPoints: points.own_points,
    do.Scale: points.scale,
    do.Unscale: points.unscale,
    do.Outcome: points.outcome,
    do.Conclude: points.conclude,
}
#: What a kernel wants in place of its operation, worked out once.
READY: dict[type[do.Op], Callable[[Any, Rulebook], Any]] = {
    do.Curve: lambda op, _: arithmetic.Segments(op),
    do.Tally: lambda op, _: arithmetic.Table(op.base, op.worths),
    do.Worth: lambda op, _: arithmetic.Table(Fraction(0), op.worths, items=op.kind == "items"),
    do.Points: points.Ready,
}
#: Operations that read more than their operands.
READING = (do.Load, do.Peers, do.Points, do.SharedOut, do.OwnPoints)
_KINDS: dict[str, Any] = {"number": 0.0, "bool": np.bool_(False)}
KEPT = 16

Store = Callable[[ManyResult, slice, V], None]


@dataclass(frozen=True, slots=True)
class Known:
    """A value that is the same in every row: without codes, and the code of all rows."""

    value: V
    code: int

    def over(self, size: int) -> V:
        if not self.code:
            return self.value
        return replace(self.value, codes=np.broadcast_to(np.uint8(self.code), (size,)))


@dataclass(frozen=True, slots=True)
class Step:
    """One operation to carry out: its function, what that takes, where from and where to, what is not used again."""

    kernel: Kernel
    ready: Any
    args: tuple[int, ...]
    place: int
    settles: bool
    done: tuple[int, ...]
    stores: tuple[Store, ...]


@dataclass(frozen=True, slots=True)
class Schedule:
    """The steps for some outputs under some columns; `known` are the values that need none."""

    known: Mapping[int, Known]
    steps: tuple[Step, ...]
    stores: tuple[tuple[int, Store], ...]
    outputs: tuple[int, ...]


class Machine:
    """Carries out one rulebook's program."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self.program = program_of(rulebook)
        self.ready = [READY.get(type(op), lambda op, _: op)(op, rulebook) for op in self.program.ops]
        self._schedules: dict[Any, Schedule] = {}

    def score(self, columns: Columns, result: ManyResult, block: int, guard: bool = True) -> None:
        """Score all rows in blocks, several at a time: NumPy works outside the interpreter's lock."""
        schedule = self.schedule(columns, None)

        def one(start: int) -> None:
            rows = slice(start, min(start + block, columns.size))
            part = Block(self.rulebook, columns, rows, rows.stop - start, result.exact, self.values, guard=guard)
            with np.errstate(all="ignore"):
                run(schedule, part, result)

        starts = range(0, columns.size, block)
        workers = min(WORKERS, len(starts))
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
            tuple(columns.past),
            tuple((name, column.codes is None) for name, column in columns.outcomes.items()),
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
        for place, store in () if places is not None else self._stores():
            stores.setdefault(same[place], []).append(store)
        outputs = tuple(same[place] for place in places or ())
        wanted = {*stores, *outputs}
        args: dict[int, tuple[int, ...]] = {}
        for place in reversed(range(len(same))):
            if place in wanted and place not in known:
                op = self.program.ops[place]
                args[place] = tuple(same[arg] for arg in _needed(op, columns))
                wanted.update(args[place])
        steps: list[Step] = []
        used: set[int] = set(outputs)
        for place in args:  # from the last to the first
            op = self.program.ops[place]
            done = tuple(arg for arg in dict.fromkeys(args[place]) if arg not in used and arg not in known)
            if place not in used:
                done = (*done, place)
            used.update(args[place])
            kernel = self._load(op, columns) if isinstance(op, do.Load) else KERNELS[type(op)]
            stored = tuple(stores.pop(place, ()))
            steps.append(Step(kernel, self.ready[place], args[place], place, op.settles, done, stored))
        constants = tuple((place, store) for place, found in stores.items() for store in found)
        return Schedule({p: v for p, v in known.items() if p in wanted}, tuple(reversed(steps)), constants, outputs)

    def _fold(self, columns: Columns) -> tuple[dict[int, Known], list[int]]:
        """Work out what is the same in every row, and which values are just another one."""
        known: dict[int, Known] = {}
        same = list(range(len(self.program.ops)))
        one = Block(self.rulebook, columns, np.zeros(1, np.intp), 1, set())
        for place, op in enumerate(self.program.ops):
            args = tuple(same[arg] for arg in op.args)
            found: Known | None = None
            match op:
                case do.Constant():
                    found = Known(constant(op.value), 0)
                case do.Absent():
                    found = _absent(op.kind, op.code)
                case do.Load():
                    found = self._given(op, columns)
                case do.Fill() if (given := known.get(args[0])) is not None:
                    if given.code != Absence.NOT_APPLICABLE:
                        same[place] = args[1] if given.code else args[0]
                case do.Fill() if _without_gaps(self.program.ops[args[0]], columns):
                    same[place] = args[0]
                case do.Outcome() if _recorded(op, columns) is not None or not args:
                    pass
                case _ if not isinstance(op, READING) and all(arg in known for arg in args) and op.args:
                    value = KERNELS[type(op)](self.ready[place], one, *(known[arg].over(1) for arg in args))
                    found = _of_one_row(value)
                case do.Tally() if not args:
                    found = Known(constant(op.base), 0)
            if found is not None:
                known[place] = found
        return known, same

    def _given(self, op: do.Load, columns: Columns) -> Known | None:
        """The value of a load without a column."""
        if op.source != "parameter":
            return _absent(op.kind, op.code) if self._column(op, columns) is None else None
        default = self.rulebook.parameters[op.name].default
        value: FactValue | None = columns.parameters.get(of_year(op.name, op.years), default)
        if isinstance(value, bool):
            return Known(truth(np.bool_(value)), 0)
        if isinstance(value, Decimal):
            return Known(constant(Fraction(value)), 0)
        return _absent(op.kind, op.code if value is not Nothing.NOT_APPLICABLE else Absence.NOT_APPLICABLE)

    def _column(self, op: do.Load, columns: Columns) -> Column | None:
        match op.source:
            case "fact" if op.years:
                return columns.earlier(self.rulebook.facts[op.name], op.years)
            case "fact":
                return columns.facts.get(op.name)
            case "judged":
                return columns.judged.get(op.name)
        return columns.properties.get(op.name)

    def _load(self, op: do.Load, columns: Columns) -> Kernel:
        def load(op: do.Load, block: Block) -> V:
            column = self._column(op, block.columns)
            if column is None:
                raise LookupError(op.name)
            return block.column(column)

        return load

    # ---- what a result holds

    def _stores(self) -> Iterator[tuple[int, Store]]:
        out = self.program.outputs
        for row, place in enumerate(out.indicators):
            yield place, _indicator(row)
        for row, place in enumerate(out.sections):
            yield place, _row("sections", row)
        for row, place in enumerate(out.targets):
            yield place, _target(row)
        for name in ("total", "before", "after"):
            yield getattr(out, name), _row(name)
        yield out.adjustment, _row("adjustments")
        for name, places in (("caps", out.acted), ("holding", out.holding), ("measures", out.measures)):
            for number, place in enumerate(places):
                yield place, _bit(name, number)


def run(schedule: Schedule, block: Block, result: ManyResult | None) -> list[V]:
    """Carry out the steps over a block; return the outputs."""
    values: dict[int, V] = {place: known.over(block.size) for place, known in schedule.known.items()}
    if result is not None and isinstance(block.rows, slice):
        for place, store in schedule.stores:
            store(result, block.rows, values[place])
    for step in schedule.steps:
        args = [values[arg] for arg in step.args]
        value = step.kernel(step.ready, block, *args)
        if not step.settles:
            for arg in args:
                if arg.doubt is not None and arg is not value:
                    value = with_doubt(value, arg.doubt)
        values[step.place] = value
        if result is not None and isinstance(block.rows, slice):
            for store in step.stores:
                store(result, block.rows, value)
        for place in step.done:
            del values[place]
    return [values[place] for place in schedule.outputs]


def _absent(kind: str, code: int) -> Known:
    value = V(_KINDS.get(kind, np.intp(0)), grid=ones, leaf=True, top=0.0, options=("",))
    return Known(value, int(code))


def _of_one_row(value: V) -> Known | None:
    """The value of all rows out of that of one; None when doubles do not decide it."""
    if value.doubt is not None and len(value.doubt):
        return None
    code = 0 if value.codes is None else int(value.codes[0])
    grid = None if value.grid is None else constant_grid(float(value.grid(np.zeros(1, np.intp))[0]))
    return Known(replace(value, v=value.v[0] if np.ndim(value.v) else value.v, codes=None, grid=grid, doubt=None), code)


def _needed(op: do.Op, columns: Columns) -> tuple[int, ...]:
    """The operands that count under these columns: a complete record stands alone, and there may be no reviewer yet."""
    match op:
        case do.Outcome() if _recorded(op, columns):
            return ()
        case do.Points(args, id) if id not in columns.judged:
            return args[:1]
    return op.args


def _recorded(op: do.Outcome, columns: Columns) -> bool | None:
    """Whether the outcome of an earlier year is on record for every bank; None when it is for none."""
    column = columns.outcomes.get((op.target, op.years)) if op.years else None
    return None if column is None else column.codes is None


def _without_gaps(op: do.Op, columns: Columns) -> bool:
    column = columns.facts.get(op.name) if isinstance(op, do.Load) else None
    return column is not None and column.codes is None


def _row(name: str, row: int | None = None) -> Store:
    def store(result: ManyResult, rows: slice, value: V) -> None:
        array = getattr(result, name)
        (array if row is None else array[row])[rows] = value.v

    return store


def _indicator(row: int) -> Store:
    def store(result: ManyResult, rows: slice, value: V) -> None:
        result.units[row, rows] = value.v
        if value.states is not None:
            result.states[row, rows] = value.states

    return store


def _target(row: int) -> Store:
    def store(result: ManyResult, rows: slice, value: V) -> None:
        result.targets[row, rows] = points.target_states(value, rows.stop - rows.start)

    return store


def _bit(name: str, number: int) -> Store:
    def store(result: ManyResult, rows: slice, value: V) -> None:
        if np.any(value.v):
            array = getattr(result, name)[rows]
            array |= value.v * array.dtype.type(1 << number)

    return store


@lru_cache(maxsize=64)
def machine_of(rulebook: Rulebook) -> Machine:
    return Machine(rulebook)


WORKERS = min(4, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
