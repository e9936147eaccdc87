"""Reading of what a rulebook concludes: targets, checks, grades, caps, adjustments, tools and measures."""

from __future__ import annotations

from scorecard.engine.reading.declarations import Fields
from scorecard.engine.reading.source import Mark
from scorecard.engine.rulebook.model import (
    Adjustment,
    AdjustmentCase,
    Cap,
    Check,
    Estimate,
    Grade,
    Measure,
    Target,
    Tool,
)
from scorecard.engine.values.text import EMPTY, Text

EFFECTS = ("cap_grade", "floor_grade", "set_grade", "cap_total", "floor_total")


def read_targets(f: Fields, mark: Mark) -> dict[str, Target]:
    found = {}
    for key, m in mark.items():
        f.known(m, ("name", "short", "left", "op", "right", "unit", "lever", "base", "source", "basis"))
        name = f.text(m, "name", required=True)
        found[key] = Target(
            key,
            name,
            f.text(m, "short") if m.get("short") is not None else name,
            f.need_expression(m, "left"),
            f.choice(m, "op", (">=", ">", "<=", "<"), ">=", required=True),
            f.need_expression(m, "right"),
            f.string(m, "unit"),
            f.string(m, "lever"),
            f.choice(m, "base", ("same_period", "year_start"), ""),
            f.source(m),
            f.basis(m),
        )
    return found


def read_checks(f: Fields, mark: Mark) -> dict[str, Check]:
    found = {}
    for key, m in mark.items():
        f.known(m, ("severity", "holds", "message", "facts", "source", "basis"))
        holds = f.need_expression(m, "holds")
        facts = tuple(str(v.value) for v in f.list(m, "facts")) or holds.names
        severity = f.choice(m, "severity", ("error", "warning"), "error", required=True)
        found[key] = Check(key, severity, holds, f.text(m, "message", required=True), facts, f.source(m), f.basis(m))
    return found


def read_estimates(f: Fields, mark: Mark) -> dict[str, Estimate]:
    found = {}
    for key, m in mark.items():
        f.known(m, ("label", "unit", "expr", "years", "digits", "source", "basis"))
        found[key] = Estimate(
            key,
            f.text(m, "label", required=True),
            f.string(m, "unit", required=True),
            f.need_expression(m, "expr"),
            f.string(m, "years", required=True),
            f.integer(m, "digits", 2, 0, 8),
            f.source(m),
            f.basis(m),
        )
    return found


def read_grades(f: Fields, root: Mark) -> tuple[Grade, ...]:
    found = []
    for m in f.list(root, "grades", required=True):
        f.known(m, ("id", "name", "name_basis", "min", "notch_of", "source", "basis"))
        found.append(
            Grade(
                f.string(m, "id", required=True),
                f.text(m, "name", required=True),
                f.number(m, "min"),
                f.string(m, "notch_of"),
                f.source(m),
                f.basis(m),
                f.basis(m, "name_basis"),
            )
        )
    return tuple(found)


def read_caps(f: Fields, root: Mark) -> tuple[Cap, ...]:
    found = []
    for m in f.list(root, "caps"):
        f.known(m, ("id", "name", "when", "effect", "to", "because", "when_unknown", "source", "basis"))
        found.append(
            Cap(
                f.string(m, "id", required=True),
                f.text(m, "name", required=True),
                f.need_expression(m, "when"),
                f.choice(m, "effect", EFFECTS, "cap_grade", required=True),
                f.string(m, "to", required=True),
                f.text(m, "because", required=True),
                f.choice(m, "when_unknown", ("skip", "apply"), "skip"),
                f.source(m),
                f.basis(m),
            )
        )
    return tuple(found)


def read_adjustments(f: Fields, mark: Mark) -> tuple[Adjustment, ...]:
    found = []
    for key, m in mark.items():
        f.known(m, ("label", "cases", "source", "basis"))
        cases = []
        for item in f.list(m, "cases", required=True):
            f.known(item, ("when", "points", "range", "because", "source", "basis"))
            bounds = [f.scalar_number(v) for v in f.list(item, "range")]
            if item.get("range") is not None and len(bounds) != 2:
                f.report(
                    item,
                    "list",
                    Text("“range”应为两个数字。", "“range” must be two numbers."),
                    Text("请写成 [最低, 最高]。", "Write [lowest, highest]."),
                    "range",
                )
            span = (
                (bounds[0], bounds[1]) if len(bounds) == 2 and bounds[0] is not None and bounds[1] is not None else None
            )
            cases.append(
                AdjustmentCase(
                    f.need_expression(item, "when"),
                    f.need_number(item, "points"),
                    f.text(item, "because", required=True),
                    span,
                    f.source(item),
                    f.basis(item),
                )
            )
        found.append(Adjustment(key, f.text(m, "label", required=True), tuple(cases), f.source(m), f.basis(m)))
    return tuple(found)


def read_tools(f: Fields, mark: Mark) -> dict[str, Tool]:
    found = {}
    for key, m in mark.items():
        f.known(m, ("name", "description", "source", "basis"))
        description: Text = f.text(m, "description") if m.get("description") is not None else EMPTY
        found[key] = Tool(key, f.text(m, "name", required=True), description, f.source(m), f.basis(m))
    return found


def read_measures(f: Fields, mark: Mark) -> dict[str, Measure]:
    found = {}
    for key, m in mark.items():
        f.known(m, ("tool", "name", "when", "because", "options", "case_by_case", "needs_filing", "source", "basis"))
        found[key] = Measure(
            key,
            f.string(m, "tool", required=True),
            f.text(m, "name", required=True),
            f.need_expression(m, "when"),
            f.text(m, "because", required=True),
            f.texts(m, "options"),
            f.flag(m, "case_by_case", True),
            f.flag(m, "needs_filing", False),
            f.source(m),
            f.basis(m),
        )
    return found
