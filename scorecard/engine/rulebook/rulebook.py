"""The rulebook: one published version of an assessment method, immutable."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from scorecard.engine.rulebook import conclusions, model
from scorecard.engine.values.text import EMPTY, Text


@dataclass(frozen=True, slots=True)
class Extension:
    """What a rulebook extends: code and version of the base, the base's hash, and the changes, each as
    (verb, path)."""

    rulebook: str
    hash: str
    changes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Rulebook:
    """Facts, checks, sections, indicators, targets, grades, caps, adjustments and measures of one method.

    All mappings keep the order of the rulebook. `document_data` is the parsed source as plain JSON data (numbers as
    strings), from which `to_json` writes the canonical text and `hash` its SHA-256.
    """

    code: str
    version: str
    year: int
    title: Text
    facts: Mapping[str, model.FactSpec]
    checks: Mapping[str, conclusions.Check]
    sections: Mapping[str, model.Section]
    indicators: Mapping[str, model.Indicator]
    targets: Mapping[str, model.Target]
    grades: tuple[conclusions.Grade, ...]
    caps: tuple[conclusions.Cap, ...]
    adjustments: tuple[conclusions.Adjustment, ...]
    tools: Mapping[str, conclusions.Tool]
    measures: Mapping[str, conclusions.Measure]
    documents: Mapping[str, model.Document]
    definitions: Mapping[str, model.Definition]
    parameters: Mapping[str, model.Parameter]
    properties: Mapping[str, model.Property]
    parts: Mapping[str, model.Part]
    rounding: model.Rounding
    peer_minimum: int
    min: Decimal
    max: Decimal
    floor: Decimal | None
    ceiling: Decimal | None
    process: tuple[model.Step, ...]
    document_data: Mapping[str, Any] = field(repr=False)
    summary: Text = EMPTY
    basis: str = ""
    extends: Extension | None = None
    estimates: Mapping[str, conclusions.Estimate] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(self.hash)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rulebook) and other.hash == self.hash

    @cached_property
    def canonical(self) -> str:
        """The canonical JSON text: sorted nowhere (order is meaning), no spaces, UTF-8, numbers as strings."""
        return json.dumps(self.document_data, ensure_ascii=False, separators=(",", ":"))

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the canonical JSON text, in hexadecimal."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()

    def to_json(self) -> str:
        """Return the canonical JSON text; `rulebook_from_json` reads it back to an equal rulebook."""
        return self.canonical

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
