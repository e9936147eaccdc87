"""The rulebook: one published version of an assessment method, immutable."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from functools import cached_property
from typing import Any

from scorecard.engine.rulebook import conclusions, model
from scorecard.engine.values.rational import ZERO, Fraction
from scorecard.engine.values.text import Text


@dataclass(frozen=True, slots=True)
class Extension:
    """What a rulebook extends: code and version of the base, the base's hash, and the changes, each as
    (verb, path)."""

    rulebook: str
    hash: str
    changes: tuple[tuple[str, str], ...]


def canonical_text(data: Mapping[str, Any]) -> str:
    """Return the canonical JSON text: sorted nowhere (order is meaning), no spaces, numbers as strings."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def content_hash(data: Mapping[str, Any]) -> str:
    """Return SHA-256 of the canonical JSON text, in hexadecimal."""
    return hashlib.sha256(canonical_text(data).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Group:
    """The entries of one kind: by id, or `listed` in an order that counts."""

    entry: type
    words: Text
    about: str = ""
    listed: bool = False
    required: bool = False


def group(entry: type, words: Text, about: str = "", *, listed: bool = False, required: bool = False) -> Any:
    """Declare a field of the rulebook as a group of entries."""
    return field(metadata={"group": Group(entry, words, about, listed, required)})


@dataclass(frozen=True, kw_only=True)
class Rulebook:
    """Facts, checks, sections, indicators, targets, grades, caps, adjustments and measures of one method.

    All mappings keep the order of the rulebook; the groups stand in the order of the canonical text. `document_data` is
    the parsed source as plain JSON data (numbers as strings), from which `to_json` writes the canonical text and `hash`
    its SHA-256.
    """

    code: str
    version: str
    year: int
    title: Text
    summary: Text
    basis: str
    instrument: str
    rounding: model.Rounding
    peer_minimum: int
    min: Decimal
    max: Decimal
    floor: Decimal | None
    ceiling: Decimal | None
    extends: Extension | None
    documents: Mapping[str, model.Document] = group(model.Document, Text("依据文件", "Documents"), "what source cites")
    properties: Mapping[str, model.Property] = group(model.Property, Text("机构属性", "Properties of the bank"))
    parameters: Mapping[str, model.Parameter] = group(
        model.Parameter, Text("年度参数", "Values set for the year"), "values that the supervisor sets for the year"
    )
    definitions: Mapping[str, model.Definition] = group(model.Definition, Text("计算口径", "Derived figures"))
    facts: Mapping[str, model.FactSpec] = group(model.FactSpec, Text("填报数据", "Facts"), required=True)
    checks: Mapping[str, conclusions.Check] = group(conclusions.Check, Text("校验规则", "Checks"))
    parts: Mapping[str, model.Part] = group(model.Part, Text("分值构成", "Parts of the total"))
    sections: Mapping[str, model.Section] = group(model.Section, Text("评价部分", "Sections"), required=True)
    indicators: Mapping[str, model.Indicator] = group(model.Indicator, Text("指标", "Indicators"), required=True)
    targets: Mapping[str, model.Target] = group(model.Target, Text("目标", "Targets"))
    grades: tuple[conclusions.Grade, ...] = group(
        conclusions.Grade, Text("等次", "Grades"), "from the best to the worst", listed=True, required=True
    )
    caps: tuple[conclusions.Cap, ...] = group(
        conclusions.Cap, Text("等次限制", "Caps and floors"), "applied in this order", listed=True
    )
    adjustments: tuple[conclusions.Adjustment, ...] = group(
        conclusions.Adjustment, Text("监管评级调整", "Adjustments of the supervisory rating")
    )
    tools: Mapping[str, conclusions.Tool] = group(conclusions.Tool, Text("监管工具", "Tools"))
    measures: Mapping[str, conclusions.Measure] = group(conclusions.Measure, Text("监管措施", "Measures"))
    estimates: Mapping[str, conclusions.Estimate] = group(conclusions.Estimate, Text("测算", "Estimates"))
    process: tuple[model.Step, ...] = group(model.Step, Text("工作程序", "Process"), listed=True)
    document_data: Mapping[str, Any] = field(repr=False)

    def __hash__(self) -> int:
        return hash(self.hash)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rulebook) and other.hash == self.hash

    @cached_property
    def hash(self) -> str:
        return content_hash(self.document_data)

    def to_json(self) -> str:
        """Return the canonical JSON text; `rulebook_from_json` reads it back to an equal rulebook."""
        return canonical_text(self.document_data)

    @cached_property
    def kept(self) -> dict[Any, Any]:
        """What `prepared.once` keeps with this rulebook, by the function that made it."""
        return {}

    @cached_property
    def top_sections(self) -> tuple[model.Section, ...]:
        return tuple(s for s in self.sections.values() if not s.parent)

    @cached_property
    def indicators_of_parts(self) -> dict[str, tuple[str, ...]]:
        return {p: tuple(i.id for i in self.indicators.values() if i.part == p) for p in self.parts}

    @cached_property
    def grade_order(self) -> dict[str, int]:
        """Grade id -> rank, 0 being the best."""
        return {g.id: i for i, g in enumerate(self.grades)}

    def grade(self, grade_id: str) -> conclusions.Grade:
        return self.grades[self.grade_order[grade_id]]

    def indicators_of(self, section: str) -> tuple[model.Indicator, ...]:
        """Return the indicators of a section and of all sections below it, in order."""
        spec = self.sections[section]
        own = tuple(self.indicators[i] for i in spec.indicators)
        return own + tuple(i for child in spec.children for i in self.indicators_of(child))

    def members(self, ids: Iterable[str]) -> list[str]:
        """Return the indicators behind ids of indicators, sections and parts."""
        found: list[str] = []
        for id in ids:
            if id in self.sections:
                found += [i.id for i in self.indicators_of(id)]
            else:
                found += self.indicators_of_parts.get(id, (id,))
        return found

    def maximum_of(self, ids: Iterable[str]) -> Fraction:
        """Return the most points of the same."""
        return sum((Fraction(self.indicators[i].max) for i in self.members(ids)), ZERO)


#: Every group of entries, in the order of the canonical text.
GROUPS: dict[str, Group] = {f.name: f.metadata["group"] for f in fields(Rulebook) if "group" in f.metadata}
TOP_KEYS = ("rulebook", "extends", *GROUPS)
