"""Frames as columns, and cases as a frame. Pandas is loaded here alone: it is a second of a process's start."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

import numpy as np
import pandas as pd

from scorecard.engine.arrays.columns import MAX_DIGITS, Array, Column, Columns, filled, some
from scorecard.engine.exact.peergroup import Snapshot
from scorecard.engine.rulebook.model import FactSpec
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.rulebook.typed import parse_fact
from scorecard.engine.values.facts import Absence, FactValue, Nothing
from scorecard.engine.values.scoring_input import ScoringInput

_YES = ("true", "1", "1.0", "yes", "是", "met", "完成")
_PAST = re.compile(r"(.+)@-([1-9])")
#: Type of a column, and what stands where a case has nothing, by the prefix of its name.
_KINDS: dict[str, tuple[Any, Any]] = {"self": (float, np.nan), "judged": (float, np.nan), "na": (bool, False)}


def frame_of(rulebook: Rulebook, cases: Sequence[ScoringInput]) -> pd.DataFrame:
    """Cases as a frame that `read_frame` takes, one row a case in their order; free text is left out, since no rule
    reads it.

    What a frame has for all its rows at once, the values of the year and of the peers, is not in it.
    """
    rows: list[dict[str, Any]] = []
    for case in cases:
        row: dict[str, Any] = {**case.facts, **case.bank}
        for years, facts in case.history.items():
            row.update({f"{fact}@{years}": value for fact, value in facts.items()})
        row.update({f"self:{i}": float(points) for i, points in case.self_points.items()})
        row.update({f"judged:{i}": float(points) for i, points in case.judged.items()})
        row.update({f"na:{i}": True for i in case.not_applicable})
        row.update({f"decided:{t}": decision.outcome for t, decision in case.decisions.items()})
        rows.append(row)
    columns = {}
    for name in dict.fromkeys(name for row in rows for name in row):
        spec = rulebook.facts.get(name.partition("@")[0])
        if spec is None or spec.kind != "text":
            kind, default = _KINDS.get(name.partition(":")[0], (object, None))
            columns[name] = pd.Series([row.get(name, default) for row in rows], dtype=kind)
    return pd.DataFrame(columns, index=range(len(cases)))


def read_frame(
    rulebook: Rulebook,
    frame: pd.DataFrame,
    parameters: Mapping[str, FactValue] | None = None,
    snapshot: Snapshot | None = None,
) -> Columns:
    """Turn a frame into columns.

    Column names are those of ``manage.py score``: facts, ``fact@-1``, ``T1@-1`` (True = met), ``self:A1``,
    ``judged:A1``, ``na:A3`` (True = accepted as not applicable), ``decided:T3`` (an officer's outcome) and properties.
    Cells may be numbers, Decimals, texts as `parse_fact` reads them in files, sets of items, members of `Nothing`, or
    NaN/None for an empty cell. Raises FactError for a cell that is no value of its fact.
    """
    found = Columns(len(frame), parameters=parameters or {}, snapshot=snapshot or {})
    for name in frame.columns:
        series = frame[name]
        prefix, _, id = name.partition(":")
        past = _PAST.fullmatch(name)
        if past and past[1] in rulebook.facts:
            found.past[past[1], int(past[2])] = _fact(rulebook, past[1], series, past=True)
        elif past and past[1] in rulebook.targets:
            found.past[past[1], int(past[2])] = _flags(series)
        elif name in rulebook.facts:
            found.facts[name] = _fact(rulebook, name, series)
        elif name in rulebook.properties:
            kind = rulebook.properties[name].kind
            found.properties[name] = _flags(series) if kind == "bool" else _text(series)
        elif prefix in ("self", "judged"):
            (found.own if prefix == "self" else found.judged)[id] = _number(series, Absence.NOT_SUPPLIED)
        elif prefix == "na":
            found.not_applicable[id] = series.fillna(False).to_numpy(bool)
        elif prefix == "decided":
            found.decisions[id] = series.fillna("").to_numpy(object)
    return found


def _fact(rulebook: Rulebook, name: str, series: pd.Series[Any], past: bool = False) -> Column:
    spec = rulebook.facts[name]
    default = Absence.UNANSWERED if spec.supplied_by == "bank" and not past else Absence.NOT_SUPPLIED
    if spec.is_number:
        if series.dtype == object or isinstance(series.dtype, pd.StringDtype):
            cells = [
                v if isinstance(v, Nothing | Decimal) else parse_fact(spec, _cell(v), percent=False) for v in series
            ]
            return replace(_decimals(cells, default), digits=spec.places)
        column = _number(series, default)
        column.digits = spec.places
        return column
    if spec.kind == "bool":
        return _flags(series, default, spec)
    place = {option: number for number, option in enumerate(spec.options)}
    level = spec.kind == "level"

    def read(cell: Any) -> int | Nothing:
        given = isinstance(cell, Nothing) or (isinstance(cell, frozenset) and not level)
        value = cell if given else parse_fact(spec, _cell(cell), percent=False)
        if isinstance(value, Nothing):
            return value
        return place[str(value)] if level else sum(1 << place[option] for option in cast(frozenset[str], value))

    short: type[np.integer[Any]] = np.uint8 if level else np.uint16
    values, codes = _coded(series, read, default, short if len(place) <= (255 if level else 16) else np.intp)
    return Column("level" if level else "items", values, codes, tuple(place))


def _cell(value: Any) -> Any:
    if value is None or value is pd.NaT or (isinstance(value, float) and value != value):
        return None
    return value.item() if isinstance(value, np.generic) else value


def _code(given: Nothing, default: Absence) -> Absence:
    return default if given is Nothing.UNANSWERED else Absence[given.name]


def _number(series: pd.Series[Any], default: Absence) -> Column:
    # Doubles are taken as they lie in the frame; anything else is converted.
    as_it_lies = series.dtype == np.float64
    values = series.to_numpy() if as_it_lies else series.to_numpy(dtype=np.float64, na_value=np.nan)
    empty = np.isnan(values)
    codes = None
    if empty.any():
        codes = empty * np.uint8(default)
        values = filled(values, empty)
    return Column("number", np.ascontiguousarray(values), codes)


def _decimals(cells: list[FactValue], default: Absence) -> Column:
    values = np.ones(len(cells))
    codes = np.zeros(len(cells), np.uint8)
    long = False
    for i, cell in enumerate(cells):
        if isinstance(cell, Nothing):
            codes[i] = _code(cell, default)
            continue
        number = Decimal(cell)  # type: ignore[arg-type]
        values[i] = float(number)
        long = long or len(number.normalize().as_tuple().digits) > MAX_DIGITS
    exact = np.array([Decimal(0) if isinstance(c, Nothing) else c for c in cells], dtype=object) if long else None
    return Column("number", filled(values, codes > 0), some(codes), exact=exact)


def _flags(series: pd.Series[Any], default: Absence = Absence.NOT_SUPPLIED, spec: FactSpec | None = None) -> Column:
    if series.dtype == bool:
        return Column("bool", series.to_numpy(), None)

    def read(cell: Any) -> FactValue:
        if isinstance(cell, Nothing):
            return cell
        if spec is not None:
            return parse_fact(spec, _cell(cell), percent=False)
        return Nothing.UNANSWERED if cell == "" else str(cell).strip().lower() in _YES

    return Column("bool", *_coded(series, read, default, np.bool_))


def _text(series: pd.Series[Any]) -> Column:
    category = series.array if isinstance(series.array, pd.Categorical) else pd.Categorical(series)
    index = category.codes
    options = tuple(str(c) for c in category.categories)
    codes = np.where(index < 0, np.uint8(Absence.NOT_SUPPLIED), np.uint8(0)) if (index < 0).any() else None
    return Column("text", np.maximum(index, 0).astype(np.intp), codes, options or ("",))


def _coded(series: pd.Series[Any], read: Any, default: Absence, kind: type[np.generic]) -> tuple[Array, Array | None]:
    """Read each distinct cell once; return values and absence codes."""
    index: Array
    uniques: Any
    cells = series.array
    if isinstance(cells, pd.Categorical):  # told apart already; -1 is an empty cell, as below
        index, uniques = cells.codes, cells.categories
    else:
        index, uniques = pd.factorize(series, use_na_sentinel=True)
    table = np.zeros(len(uniques) + 1, kind)
    absent = np.zeros(len(uniques) + 1, np.uint8)
    absent[-1] = default
    for i, cell in enumerate(uniques):
        value = read(cell)
        if isinstance(value, Nothing):
            absent[i] = _code(value, default)
        else:
            table[i] = value
    values = table.take(index, mode="wrap")
    if not absent[:-1].any() and not (index < 0).any():
        return values, None
    codes = absent.take(index, mode="wrap")
    return values, some(codes)


def categorical(codes: Array, names: list[str]) -> pd.Categorical[Any]:
    """Return a categorical of texts out of their codes."""
    dtype = pd.CategoricalDtype(names)
    return pd.Categorical.from_codes(codes, dtype=dtype)
