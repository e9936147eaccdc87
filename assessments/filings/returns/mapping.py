"""Which cells of a return make which figure: data in ``scorecard/returns``, read strictly (``docs/returns.md``)."""

import re
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from assessments.filings.form_layout import own_facts
from scorecard.engine import Rulebook
from scorecard.engine.declarations.fields import Fields
from scorecard.engine.declarations.source import Mark, read_yaml
from scorecard.engine.values.findings import Finding
from scorecard.engine.values.text import EMPTY, Text
from scorecard.engine.values.units import UNIT_LABELS

FOLDER = Path(settings.BASE_DIR) / "scorecard" / "returns"
#: What an entry rests on. "sourced" would say that the supervisor's own sheet says it: it may stand only in a mapping
#: whose ``text`` is "seen".
ASSUMED, BASES = ("reconstructed", "proposed"), ("sourced", "reconstructed", "proposed")
_COLUMN = re.compile(r"[A-Z]{1,2}[0-9]?")
_ITEM = re.compile(r"[0-9]+(\.[0-9a-z]+)*")


@dataclass(frozen=True)
class Column:
    """A column of data: its letter and band as the head says it, what it holds and in which unit."""

    id: str
    label: Text
    unit: str
    basis: str


@dataclass(frozen=True)
class Row:
    """A row: its item number, what it holds, and a word that its name must hold."""

    id: str
    label: Text
    says: str
    basis: str


@dataclass(frozen=True)
class Figure:
    """A fact of rulebooks as the sum of the cells of these rows and columns."""

    fact: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    basis: str
    because: Text


@dataclass(frozen=True)
class ReturnMapping:
    """One part of a return. ``first_row`` and ``first_column`` (from 0 on) are where its data begin."""

    form: str
    part: str
    title: Text
    seen: bool
    source: Text
    sheets: tuple[str, ...]
    first_row: int
    first_column: int
    layout_basis: str
    columns: MappingType[str, Column]
    rows: MappingType[str, Row]
    figures: tuple[Figure, ...]
    unmapped: MappingType[str, Text]

    @property
    def name(self) -> str:
        """The return and its part, as notes say it."""
        return f"{self.form}-{self.part}"

    def figures_for(self, rulebook: Rulebook, *, earlier: bool = False) -> dict[str, Figure]:
        """The figures of this rulebook that the part fills, by fact; ``earlier`` for a return of the year before: those
        that repeat last year's figures."""
        own = own_facts(rulebook)
        if not earlier:
            return {figure.fact: figure for figure in self.figures if figure.fact in own}
        repeats = {spec.carries_from: spec.id for spec in own.values() if spec.carries_from}
        return {repeats[figure.fact]: figure for figure in self.figures if figure.fact in repeats}


class BadMapping(ValueError):
    """A mapping that is not as it must be; ``findings`` say what is wrong, each with file and line."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("\n".join(str(finding) for finding in findings))
        self.findings = findings


def mappings() -> tuple[ReturnMapping, ...]:
    """Every mapping that is installed. Raises ``BadMapping``."""
    return _read_folder(FOLDER)


@cache
def _read_folder(folder: Path) -> tuple[ReturnMapping, ...]:
    findings: list[Finding] = []
    found = [read_mapping(path, findings) for path in sorted(folder.glob("*.yaml"))]
    if findings:
        raise BadMapping(findings)
    return tuple(mapping for mapping in found if mapping is not None)


def read_mapping(path: Path, findings: list[Finding]) -> ReturnMapping | None:
    """Read one file; what is wrong with it is added to ``findings``."""
    root = read_yaml(path, path.name, findings)
    return _Reader(root, findings).read() if root is not None else None


class _Reader(Fields):
    """Reads one mapping. What is not known here is a finding, like what is missing."""

    KEYS = ("form", "part", "title", "text", "source", "sheets", "layout", "columns", "rows", "figures", "unmapped")

    def __init__(self, root: Mark, findings: list[Finding]) -> None:
        super().__init__(findings)
        self.root = root

    def read(self) -> ReturnMapping:
        root = self.root
        self.known(root, self.KEYS)
        self.seen = self.choice(root, "text", ("seen", "unseen"), required=True) == "seen"
        sheets = tuple(str(mark.value) for mark in self.some(root, "sheets"))
        layout = self.mapping(root, "layout", required=True)
        self.known(layout, ("first_row", "first_column", "basis"))
        first_row = self.number(layout, "first_row", required=True)
        columns = {id: self._column(id, mark) for id, mark in self.mapping(root, "columns", required=True).items()}
        rows = {id: self._row(id, mark) for id, mark in self.mapping(root, "rows", required=True).items()}
        unmapped = self.mapping(root, "unmapped")
        return ReturnMapping(
            form=self.string(root, "form", required=True),
            part=self.string(root, "part", required=True),
            title=self.text(root, "title", required=True),
            seen=self.seen,
            source=self.text(root, "source", required=True),
            sheets=sheets,
            first_row=int(first_row or 1) - 1,
            first_column=_column_number(self._letters(layout)),
            layout_basis=self._basis(layout),
            columns=columns,
            rows=rows,
            figures=tuple(
                self._figure(fact, mark, columns, rows)
                for fact, mark in self.mapping(root, "figures", required=True).items()
            ),
            unmapped={fact: self.text(unmapped, fact, required=True) for fact, _mark in unmapped.items()},
        )

    def _letters(self, layout: Mark) -> str:
        letters = self.string(layout, "first_column", "A", required=True)
        if re.fullmatch(r"[A-Z]{1,2}", letters):
            return letters
        said = Text(f"“{letters}”不是列号。", f"“{letters}” is no column.")
        self.report(layout, "column", said, Text("请写成 A 至 ZZ。", "Write A to ZZ."), "first_column")
        return "A"

    def _basis(self, mark: Mark) -> str:
        """What an entry rests on; of a text that nobody has seen nothing is the supervisor's own."""
        found = self.choice(mark, "basis", BASES, required=True)
        if found == "sourced" and not self.seen:
            said = Text(
                "未见官方报表，不得标为原文载明。", "The official sheet was not seen, so nothing of it is sourced."
            )
            use = Text("请改为推定或系统建议值。", f"Use one of {', '.join(ASSUMED)}.")
            self.report(mark, "basis", said, use, "basis")
        return found

    def _column(self, id: str, mark: Mark) -> Column:
        self.known(mark, ("label", "unit", "basis"))
        if not _COLUMN.fullmatch(id):
            said = Text(f"“{id}”不是报表的列。", f"“{id}” is no column of a return.")
            self.report(
                mark, "column", said, Text("请写成字母，可加一位数字。", "Write letters, with one digit or none.")
            )
        unit = self.choice(mark, "unit", UNIT_LABELS, required=True)
        return Column(id, self.text(mark, "label", required=True), unit, self._basis(mark))

    def _row(self, id: str, mark: Mark) -> Row:
        self.known(mark, ("label", "says", "basis"))
        if not _ITEM.fullmatch(id):
            said = Text(f"“{id}”不是项目编号。", f"“{id}” is no item number.")
            self.report(mark, "row", said, Text("请写成 1.1.3 的形式。", "Write it like 1.1.3."))
        return Row(
            id, self.text(mark, "label", required=True), self.string(mark, "says", required=True), self._basis(mark)
        )

    def _figure(self, fact: str, mark: Mark, columns: dict[str, Column], rows: dict[str, Row]) -> Figure:
        self.known(mark, ("rows", "columns", "basis", "because"))
        named = {"rows": self._names(mark, "rows", rows), "columns": self._names(mark, "columns", columns)}
        if len({columns[id].unit for id in named["columns"]}) > 1:
            said = Text("各列单位不同，不能相加。", "The columns have different units and cannot be added up.")
            self.report(mark, "unit", said, Text("请只列同一单位的列。", "Name columns of one unit."), "columns")
        because = self.text(mark, "because", required=True) or EMPTY
        return Figure(fact, named["rows"], named["columns"], self._basis(mark), because)

    def _names(self, mark: Mark, key: str, declared: MappingType[str, Any]) -> tuple[str, ...]:
        found: list[str] = []
        for each in self.some(mark, key):
            id = str(each.value)
            if id not in declared:
                said = Text(f"没有声明“{id}”。", f"“{id}” is not declared.")
                self.report(each, "reference", said, Text(f"请在“{key}”中声明。", f"Declare it under “{key}”."))
            elif id in found:
                said = Text(f"“{id}”重复，会重复计算。", f"“{id}” stands twice and would count twice.")
                self.report(each, "duplicate", said, Text("请删除一处。", "Remove one of them."))
            else:
                found.append(id)
        return tuple(found)


def _column_number(letters: str) -> int:
    """The place of a column, from 0 on."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
