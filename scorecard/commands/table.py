"""Scoring a table without the database: one row per bank in, one row per bank out. The core of ``manage.py score``.

Columns in: ``bank``, ``category`` and other properties, fact names, values of the year, and optionally ``fact@-1`` (a
fact of last year; ``T1@-1`` its recorded outcome, ``goal@-1`` the value of that year), ``self:A1`` (the bank's own
points) and ``judged:A1`` (the reviewer's). Ratios are fractions, or carry a percent sign.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import cast

from scorecard.engine.errors import FactError
from scorecard.engine.exact.peergroup import group_of, peer_expressions, peer_snapshot
from scorecard.engine.explain.evaluate import Details
from scorecard.engine.rulebook.model import FactSpec
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.rulebook.typed import parse_fact
from scorecard.engine.values.facts import FactValue, Nothing
from scorecard.engine.values.numbers import exact, plain
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.results import Node, Result
from scorecard.engine.values.scoring_input import ScoringInput
from scorecard.engine.values.text import Text
from scorecard.engine.values.units import quantity

Cell = str | int | float | Decimal | bool | None
#: How a recorded outcome of a target is written.
_MET = {"met", "true", "1", "yes", "y", "是", "完成", "已完成", "达标", "√"}
_MISSED = {"missed", "false", "0", "no", "n", "否", "未完成", "没有完成", "未达标", "×"}
_PAST = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)@(-[1-5])")


@dataclass(frozen=True, slots=True)
class CellError:
    """What is wrong with one cell; `row` counts as in the file, the header being row 1."""

    row: int
    column: str
    message: Text

    def get(self, lang: str) -> str:
        return Text(
            f"第 {self.row} 行“{self.column}”列：{self.message.zh}",
            f"Row {self.row}, column “{self.column}”: {self.message.en}",
        ).get(lang)


@dataclass(frozen=True, slots=True)
class Table:
    """A read table: one named case per row. With errors there are no cases."""

    cases: tuple[tuple[str, ScoringInput], ...]
    errors: tuple[CellError, ...]


def read_table(rulebook: Rulebook, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Table:
    """Read all rows; every wrong header and cell is reported, at once."""
    errors: list[CellError] = []
    columns = [str(h).strip() for h in header]
    known = _known_columns(rulebook)
    for name in columns:
        if name and name not in known and not _past_column(rulebook, name):
            close = difflib.get_close_matches(name, known, 1)
            hint = Text(f"，是否应为“{close[0]}”？", f"; did you mean “{close[0]}”?") if close else Text("。", ".")
            errors.append(
                CellError(1, name, Text(f"评价办法没有这一填报项{hint.zh}", f"The rulebook has no such fact{hint.en}"))
            )
        if name and columns.count(name) > 1:
            errors.append(CellError(1, name, Text("列名重复。", "The column stands more than once.")))
    if "bank" not in columns:
        errors.append(CellError(1, "bank", Text("缺少“bank”列。", "The column “bank” is missing.")))
    if errors:
        return Table((), tuple(dict.fromkeys(errors)))
    cases: list[tuple[str, ScoringInput]] = []
    seen: dict[str, int] = {}
    compares = "category" in columns and bool(peer_expressions(rulebook))
    for number, row in enumerate(rows, 2):
        cells = {name: row[i] if i < len(row) else None for i, name in enumerate(columns) if name}
        strays = [i for i, cell in enumerate(row) if not _blank(cell) and not (i < len(columns) and columns[i])]
        for i in strays:
            lost = Text(
                "该列没有列名，无法读取；请补上列名，或清空该格。",
                "Its column has no name, so it cannot be read; name the column, or empty the cell.",
            )
            errors.append(CellError(number, f"#{i + 1}", lost))
        if all(_blank(v) for v in cells.values()):
            continue
        bank = str(cells.get("bank") or "").strip()
        if not bank:
            errors.append(CellError(number, "bank", Text("缺少银行名称。", "The name of the bank is missing.")))
        elif bank in seen:
            twice = Text(f"与第 {seen[bank]} 行的银行重复。", f"The bank stands in row {seen[bank]} already.")
            errors.append(CellError(number, "bank", twice))
        seen.setdefault(bank, number)
        case = _case(rulebook, cells, number, errors)
        if compares and _blank(cells["category"]):
            lone = Text(
                "缺少类别：评价办法与同组银行比较，没有类别的银行不成一组。",
                "The category is missing: banks are compared within theirs, and those without one are no group.",
            )
            errors.append(CellError(number, "category", lone))
        cases.append((bank, case))
    return Table(() if errors else tuple(cases), tuple(errors))


def _known_columns(rulebook: Rulebook) -> list[str]:
    points = [f"{prefix}:{i}" for prefix in ("self", "judged") for i in rulebook.indicators]
    return ["bank", *rulebook.properties, *rulebook.facts, *rulebook.parameters, *points, "not_applicable"]


def absent_columns(rulebook: Rulebook, header: Sequence[str]) -> list[str]:
    """Return the properties and facts that a file has no column for, in the rulebook's order."""
    return [name for name in (*rulebook.properties, *rulebook.facts) if name not in header]


def _past_column(rulebook: Rulebook, name: str) -> bool:
    match = _PAST.fullmatch(name)
    return match is not None and any(
        match.group(1) in known for known in (rulebook.facts, rulebook.targets, rulebook.parameters)
    )


def _case(rulebook: Rulebook, cells: Mapping[str, Cell], row: int, errors: list[CellError]) -> ScoringInput:
    facts: dict[str, FactValue] = {}
    bank: dict[str, FactValue] = {}
    history: dict[int, dict[str, FactValue]] = {}
    own: dict[str, Decimal] = {}
    judged: dict[str, Decimal] = {}
    parameters: dict[str, FactValue] = {}
    not_applicable: frozenset[str] = frozenset()
    for name, cell in cells.items():
        if _blank(cell):
            continue
        past = _PAST.fullmatch(name)
        try:
            if past and past.group(1) in rulebook.parameters:
                parameters[name] = _parameter(rulebook, past.group(1), cell)
            elif past:
                year = history.setdefault(int(past.group(2)), {})
                if past.group(1) in rulebook.targets:
                    year[past.group(1)] = _outcome(rulebook, past.group(1), cell)
                else:
                    year[past.group(1)] = _fact(rulebook, past.group(1), cell)
            elif name in rulebook.facts:
                facts[name] = _fact(rulebook, name, cell)
            elif name in rulebook.properties:
                bank[name] = _property(rulebook, name, cell)
            elif name in rulebook.parameters:
                parameters[name] = _parameter(rulebook, name, cell)
            elif name == "not_applicable":
                not_applicable = _ids(rulebook, cell)
            elif name.startswith("self:"):
                own[name[5:]] = _own_points(rulebook, name[5:], cell)
            elif name.startswith("judged:"):
                judged[name[7:]] = _own_points(rulebook, name[7:], cell)
        except FactError as e:
            errors.append(CellError(row, name, e.message))
    return ScoringInput(facts, bank, history, own, judged, not_applicable, parameters)


def _fact(rulebook: Rulebook, name: str, cell: Cell) -> FactValue:
    spec = rulebook.facts[name]
    bare = _bare_number(cell) if spec.unit == "%" else None
    if bare is not None and abs(bare) > 1:
        raise FactError(
            Text(
                f"“{spec.label.zh}”的“{plain(bare)}”可能是 {plain(bare)}%，"
                f"也可能是 {plain(bare * 100)}%；请带百分号填写。",
                f"“{spec.label.en}”: “{plain(bare)}” may mean {plain(bare)}% or {plain(bare * 100)}%; "
                f"write it with a percent sign.",
            )
        )
    return parse_fact(spec, cell, percent=False)


def _bare_number(cell: Cell) -> Decimal | None:
    """The number in a cell, None when it is none or carries a percent sign."""
    try:
        number = Decimal(unicodedata.normalize("NFKC", str(cell)).replace(",", "").strip())
    except ArithmeticError:
        return None
    return number if number.is_finite() else None


def _blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _given(spec: FactSpec, cell: Cell) -> FactValue:
    """Read a cell that a figure of the bank's does not stand in: it has a value, or is left blank."""
    value = parse_fact(spec, cell, percent=False)
    if isinstance(value, Nothing):
        raise FactError(
            Text(
                f"“{spec.label.zh}”不能填“{cell}”；没有值时请留空。",
                f"“{spec.label.en}” cannot be “{cell}”; leave it blank where there is no value.",
            )
        )
    return value


def _parameter(rulebook: Rulebook, name: str, cell: Cell) -> FactValue:
    spec = rulebook.parameters[name]
    return _given(FactSpec(id=name, label=spec.label, kind=spec.kind, unit=spec.unit, digits=20), cell)


def _property(rulebook: Rulebook, name: str, cell: Cell) -> FactValue:
    """Read a property of the bank: one of its options, by id or by name, where the rulebook lists them."""
    spec = rulebook.properties[name]
    listed = spec.kind == "text" and bool(spec.options)
    try:
        kind = "level" if listed else spec.kind
        return _given(FactSpec(id=name, label=spec.label, kind=kind, unit="", options=spec.options), cell)
    except FactError as e:
        if not listed:
            raise
        one, one_en = ("、".join(f"{i}（{t.zh}）" for i, t in spec.options.items()), ", ".join(spec.options))
        raise FactError(
            Text(
                f"“{spec.label.zh}”没有“{cell}”这一项，可填：{one}。",
                f"“{spec.label.en}” cannot be “{cell}”; use one of {one_en}.",
            )
        ) from e


def _own_points(rulebook: Rulebook, indicator: str, cell: Cell) -> Decimal:
    """Read points that somebody gave an indicator: a number within its range."""
    spec = rulebook.indicators[indicator]
    label = Text(f"{indicator} {spec.name.zh}", f"{indicator} {spec.name.en}")
    own = FactSpec(id=indicator, label=label, kind="number", unit="分", min=spec.min, max=spec.max)
    return cast(Decimal, _given(own, cell))


def _outcome(rulebook: Rulebook, target: str, cell: Cell) -> bool:
    """Read how a target came out in an earlier year; what is neither word is no outcome, and never a missed target."""
    word = unicodedata.normalize("NFKC", str(cell)).strip().lower()
    if word in _MET or word in _MISSED:
        return word in _MET
    name = rulebook.targets[target].name
    raise FactError(
        Text(
            f"目标“{name.zh}”的结果应填 met（完成）或 missed（未完成），不能是“{cell}”。",
            f"The outcome of “{name.en}” must be met or missed, not “{cell}”.",
        )
    )


def _ids(rulebook: Rulebook, cell: Cell) -> frozenset[str]:
    """Read the ids of indicators that are not applicable."""
    text = unicodedata.normalize("NFKC", str(cell)).strip()
    found = [id for id in re.split(r"[,、;|\s]+", text) if id]
    for id in found:
        if id not in rulebook.indicators:
            close = difflib.get_close_matches(id, rulebook.indicators, 1)
            hint = Text(f"，是否应为“{close[0]}”？", f"; did you mean “{close[0]}”?") if close else Text("。", ".")
            raise FactError(
                Text(f"没有编号为“{id}”的指标{hint.zh}", f"There is no indicator “{id}”{hint.en}"),
            )
    return frozenset(found)


def with_peers(rulebook: Rulebook, cases: Sequence[tuple[str, ScoringInput]]) -> list[tuple[str, ScoringInput]]:
    """Give every case the frozen values of its peer group among the rows."""
    snapshot = peer_snapshot(rulebook, [case for _, case in cases])
    return [(name, replace(case, peers=snapshot.get(group_of(case.bank), {}))) for name, case in cases]


def result_header(rulebook: Rulebook) -> list[str]:
    """Return the columns of the result table, in order."""
    targets = [f"{t}_{side}" for t in rulebook.targets for side in ("state", "left", "right", "margin", "needed")]
    return [
        "bank",
        "category",
        *rulebook.indicators,
        *(f"section_{s}" for s in rulebook.sections),
        "total",
        "pending",
        *targets,
        *(f"estimate_{e}" for e in rulebook.estimates),
        "grade_before",
        "grade",
        "caps",
        "adjustment",
        "measures",
        "missing",
        "checks",
    ]


def result_row(rulebook: Rulebook, bank: str, case: ScoringInput, result: Result) -> list[str]:
    """Return one bank's row; numbers are exact decimals, or ``p/q`` where a margin does not terminate."""
    row = [bank, str(case.bank.get("category", ""))]
    row += [_points(r.points, r.state) for r in result.indicators.values()]
    row += [plain(s.points) for s in result.sections.values()]
    row += [plain(result.total), plain(result.pending)]
    targets, estimates, last = detail_cells(result)
    row += [*targets, *estimates]
    row += [result.grade.before, result.grade.after, ";".join(c.id for c in result.grade.applied)]
    row.append(plain(result.adjustment.points) if result.adjustment else "0")
    row.append(";".join(m.id for m in result.measures))
    return row + last


def detail_cells(result: Result | Details) -> tuple[list[str], list[str], list[str]]:
    """Return the cells of the targets, of the estimates, and of what is missing with the findings of the checks."""
    targets: list[str] = []
    for t in result.targets.values():
        targets += [t.state, *(str(exact(v)) if v is not None else "" for v in (t.left, t.right, t.margin))]
        targets.append(f"{t.needed.fact}+{plain(t.needed.increase)}" if t.needed else "")
    estimates = ["" if e.value is None else plain(e.value) for e in result.estimates.values()]
    missing = ";".join(f"{m.fact}({m.state})" for m in result.missing)
    return targets, estimates, [missing, ";".join(c.id for c in result.checks)]


def _points(points: Decimal | None, state: str) -> str:
    return state if points is None else plain(points)


def explain_lines(node: Node, lang: str, depth: int = 0) -> Iterable[str]:
    """Yield an explanation tree as indented lines, with the clause and the basis of each rule."""
    value = "" if node.value is None or isinstance(node.value, bool | str) else f" [{_value(node, lang)}]"
    line = f"{'  ' * depth}{node.label.get(lang)}{value}: {node.text.get(lang)}"
    if node.source is not None and node.kind in ("indicator", "section", "target", "limit", "estimate"):
        line += f" — {node.source.told.get(lang)}"
        if node.basis:
            from scorecard.engine.rulebook.model import BASIS_LABELS

            label = BASIS_LABELS[node.basis]
            line += Text(f"（{label.zh}）", f" ({label.en})").get(lang)
    yield line
    for child in node.children:
        yield from explain_lines(child, lang, depth + 1)


def _value(node: Node, lang: str) -> str:
    if isinstance(node.value, Decimal | Fraction):
        return quantity(Fraction(node.value), node.unit, lang)
    return str(node.value)
