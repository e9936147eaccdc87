"""Worked cases: facts in, points and grade out. They stand beside the rulebook and are scored by lint.

A file ``vectors/*.yaml`` has ``bases`` (named sets of facts) and ``cases``. A case names its ``base``, what it
changes, and what it expects; only what it names is compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scorecard.engine.cases.worked_data import build_case
from scorecard.engine.declarations.source import Mark, read_yaml
from scorecard.engine.errors import FactError
from scorecard.engine.explain.evaluate import evaluate
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.findings import Finding
from scorecard.engine.values.numbers import exact, plain
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.results import Result
from scorecard.engine.values.scoring_input import ScoringInput
from scorecard.engine.values.text import Text

SETTINGS = ("facts", "bank", "history", "self_points", "judged", "not_applicable", "parameters", "peers", "decisions")
EXPECT = (
    "total",
    "pending",
    "points",
    "states",
    "sections",
    "parts",
    "targets",
    "grade",
    "before",
    "caps",
    "adjustment",
    "measures",
    "needed",
    "missing",
    "checks",
    "values",
    "estimates",
)


@dataclass(frozen=True, slots=True)
class Vector:
    """One worked case, ready to be scored, with where it stands."""

    id: str
    title: Text
    case: ScoringInput
    expect: Mapping[str, Any]
    file: str
    line: int
    base: str = ""


def read_vectors(rulebook: Rulebook, folder: Path, findings: list[Finding] | None = None) -> list[Vector]:
    """Read all worked cases of the rulebook in `folder`; what cannot be read is added to `findings`."""
    found: list[Vector] = []
    problems = findings if findings is not None else []
    for path in sorted((folder / "vectors").glob("*.yaml")):
        name = f"vectors/{path.name}"
        root = read_yaml(path, name, problems)
        if root is not None:
            found += read_file(rulebook, root, name, problems)
    return found


def _problem(mark: Mark, key: str, zh: str, en: str) -> Finding:
    remedy = Text("请改正算例，或改正规则。", "Correct the worked case, or the rule.")
    return Finding(mark.file, mark.line, key, "vector", Text(zh, en), remedy)


def read_file(rulebook: Rulebook, root: Mark, name: str, problems: list[Finding]) -> Iterator[Vector]:
    """Yield the worked cases of one file that are already read; what cannot be read is added to `problems`."""
    bases = dict((root.get("bases") or Mark({}, name, 1, "")).items())
    cases = root.get("cases")
    if cases is None or not isinstance(cases.value, list):
        problems.append(_problem(cases or root, "cases", "“cases”应为算例的列表。", "“cases” must be a list of cases."))
        return
    strays = [(top, top, mark) for top, mark in root.items() if top not in ("bases", "cases")]
    for id, held in bases.items():
        strays += [(f"bases.{id}.{entry}", entry, mark) for entry, mark in held.items() if entry not in SETTINGS]
    for at, entry, mark in strays:
        problems.append(_problem(mark, at, f"不认识的键“{entry}”。", f"The key “{entry}” is not known here."))
    for mark in cases.value:
        data = mark.plain()
        if (
            not isinstance(data, dict)
            or not isinstance(data.get("id"), str)
            or not isinstance(data.get("expect"), dict)
        ):
            problems.append(_problem(mark, mark.path, "算例须有 id 和 expect。", "A worked case needs id and expect."))
            continue
        key = f"cases.{data['id']}"
        unknown = [k for k in data if k not in ("id", "title", "base", "expect", "without", *SETTINGS)]
        unknown += [f"expect.{k}" for k in data["expect"] if k not in EXPECT]
        if unknown:
            listed = ", ".join(unknown)
            problems.append(_problem(mark, key, f"不认识的键：{listed}。", f"These keys are not known: {listed}."))
            continue
        base = data.get("base")
        if base is not None and base not in bases:
            problems.append(_problem(mark, key, f"没有名为“{base}”的基础数据。", f"There is no base “{base}”."))
            continue
        merged: dict[str, Any] = bases[base].plain() if base else {}
        for setting in SETTINGS:
            if setting in data:
                value = data[setting]
                merged[setting] = {**merged.get(setting, {}), **value} if isinstance(value, dict) else value
        for fact in data.get("without") or []:
            merged.get("facts", {}).pop(fact, None)
        try:
            case = build_case(rulebook, merged)
        except KeyError as e:
            problems.append(_problem(mark, key, f"评价办法没有“{e.args[0]}”。", f"The rulebook has no “{e.args[0]}”."))
            continue
        except (FactError, ValueError) as e:
            problems.append(_problem(mark, key, f"算例数据有误：{e}", f"The data of the case are wrong: {e}"))
            continue
        title = data.get("title")
        text = (
            Text(title.get("zh", ""), title.get("en", "")) if isinstance(title, dict) else Text(data["id"], data["id"])
        )
        yield Vector(data["id"], text, case, data["expect"], name, mark.line, base or "")


def vector_findings(rulebook: Rulebook, folder: Path) -> list[Finding]:
    """Score every worked case and return one finding for each thing that comes out otherwise."""
    findings: list[Finding] = []
    for vector in read_vectors(rulebook, folder, findings):
        result = evaluate(rulebook, vector.case)
        for key, wanted, got in _compared(vector, result, findings):
            findings.append(
                Finding(
                    vector.file,
                    vector.line,
                    f"cases.{vector.id}.expect.{key}",
                    "vector",
                    Text(
                        f"算例应得 {wanted}，实得 {got}。", f"The worked case expects {wanted}, the rules give {got}."
                    ),
                    Text("请改正算例，或改正规则。", "Correct the worked case, or the rule."),
                )
            )
    return findings


def _compared(vector: Vector, result: Result, findings: list[Finding]) -> Iterator[tuple[str, str, str]]:
    """Yield what comes out otherwise; an expectation of what the result cannot have is put among the findings."""
    for key, wanted in vector.expect.items():
        try:
            yield from differences({key: wanted}, result)
        except (KeyError, AttributeError):
            at = Mark(None, vector.file, vector.line, "")
            where = f"cases.{vector.id}.expect.{key}"
            en = f"The result has nothing by the names under “{key}”."
            findings.append(_problem(at, where, f"结果中没有“{key}”下所写的内容。", en))


def differences(expect: Mapping[str, Any], result: Result) -> list[tuple[str, str, str]]:
    """Return (key, expected, found) for everything named in `expect` that differs."""
    found: list[tuple[str, str, str]] = []
    for key, wanted, got in outcomes_of(expect, result):
        if not _same(wanted, got):
            found.append((key, str(wanted), str(got)))
    return found


def _same(wanted: Any, got: Any) -> bool:
    if isinstance(wanted, str) and isinstance(got, str):
        try:
            return Fraction(wanted) == Fraction(got)
        except (ValueError, ZeroDivisionError):
            return wanted == got
    return bool(wanted == got)


def outcomes_of(expect: Mapping[str, Any], result: Result) -> Iterator[tuple[str, Any, Any]]:
    """Yield (key, expected, found) for everything named in `expect`. Raises KeyError for what the result lacks."""
    for key, wanted in expect.items():
        match key:
            case "total":
                yield key, wanted, plain(result.total)
            case "pending":
                yield key, wanted, plain(result.pending)
            case "points":
                for i, value in wanted.items():
                    points = result.indicators[i].points
                    yield f"points.{i}", value, None if points is None else plain(points)
            case "states":
                yield from ((f"states.{i}", v, result.indicators[i].state) for i, v in wanted.items())
            case "sections":
                yield from ((f"sections.{i}", v, plain(result.sections[i].points)) for i, v in wanted.items())
            case "parts":
                yield from ((f"parts.{i}", v, plain(result.parts[i])) for i, v in wanted.items())
            case "targets":
                yield from ((f"targets.{i}", v, result.targets[i].state) for i, v in wanted.items())
            case "grade":
                yield key, wanted, result.grade.after
            case "before":
                yield key, wanted, result.grade.before
            case "caps":
                yield key, wanted, [c.id for c in result.grade.applied]
            case "adjustment":
                yield key, wanted, None if result.adjustment is None else plain(result.adjustment.points)
            case "measures":
                yield key, wanted, [m.id for m in result.measures]
            case "needed":
                for i, value in wanted.items():
                    need = result.targets[i].needed
                    yield f"needed.{i}", value, None if need is None else plain(need.increase)
            case "missing":
                yield key, wanted, [m.fact for m in result.missing]
            case "checks":
                yield key, wanted, [c.id for c in result.checks]
            case "estimates":
                for i, value in wanted.items():
                    amount = result.estimates[i].value
                    yield f"estimates.{i}", value, None if amount is None else plain(amount)
            case "values":
                for i, value in wanted.items():
                    found = exact(result.values[i])
                    yield f"values.{i}", value, ("true" if found else "false") if isinstance(found, bool) else found
