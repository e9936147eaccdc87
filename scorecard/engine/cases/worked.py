"""Worked cases: facts in, points and grade out. They stand beside the rulebook and are scored by lint.

A file ``vectors/*.yaml`` has ``bases`` (named sets of facts) and ``cases``. A case names its ``base``, what it
changes, and what it expects; only what it names is compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from scorecard.engine.cases.worked_data import worked_input
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

SETTINGS = tuple(each.name for each in fields(ScoringInput))
#: What a case may expect of the whole result, and what of one entry of it.
OF_RESULT: dict[str, Callable[[Result], Any]] = {
    "total": lambda r: plain(r.total),
    "pending": lambda r: plain(r.pending),
    "grade": lambda r: r.grade.after,
    "before": lambda r: r.grade.before,
    "caps": lambda r: [c.id for c in r.grade.applied],
    "adjustment": lambda r: r.adjustment and plain(r.adjustment.points),
    "measures": lambda r: [m.id for m in r.measures],
    "missing": lambda r: [m.fact for m in r.missing],
    "checks": lambda r: [c.id for c in r.checks],
}
OF_ENTRY: dict[str, Callable[[Result, str], Any]] = {
    "points": lambda r, id: exact(r.indicators[id].points),
    "states": lambda r, id: r.indicators[id].state,
    "sections": lambda r, id: plain(r.sections[id].points),
    "parts": lambda r, id: plain(r.parts[id]),
    "targets": lambda r, id: r.targets[id].state,
    "needed": lambda r, id: (need := r.targets[id].needed) and plain(need.increase),
    "estimates": lambda r, id: exact(r.estimates[id].value),
    "values": lambda r, id: _value(r.values[id]),
}


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
        if not (isinstance(data, dict) and isinstance(data.get("id"), str) and isinstance(data.get("expect"), dict)):
            problems.append(_problem(mark, mark.path, "算例须有 id 和 expect。", "A worked case needs id and expect."))
            continue
        key = f"cases.{data['id']}"
        unknown = [k for k in data if k not in ("id", "title", "base", "expect", "without", *SETTINGS)]
        unknown += [f"expect.{k}" for k in data["expect"] if k not in (*OF_RESULT, *OF_ENTRY)]
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
            case = worked_input(rulebook, merged)
        except KeyError as e:
            problems.append(_problem(mark, key, f"评价办法没有“{e.args[0]}”。", f"The rulebook has no “{e.args[0]}”."))
            continue
        except (FactError, ValueError) as e:
            problems.append(_problem(mark, key, f"算例数据有误：{e}", f"The data of the case are wrong: {e}"))
            continue
        title = data["title"] if isinstance(data.get("title"), dict) else {"zh": data["id"], "en": data["id"]}
        text = Text(title.get("zh", ""), title.get("en", ""))
        yield Vector(data["id"], text, case, data["expect"], name, mark.line, base or "")


def vector_findings(rulebook: Rulebook, folder: Path) -> list[Finding]:
    """Score every worked case and return one finding for each thing that comes out otherwise."""
    findings: list[Finding] = []
    for vector in read_vectors(rulebook, folder, findings):
        result = evaluate(rulebook, vector.case, explain=False)  # nothing of a tree can be expected
        at = Mark(None, vector.file, vector.line, "")
        for key, wanted in vector.expect.items():
            where = f"cases.{vector.id}.expect"
            try:
                for name, was, got in differences({key: wanted}, result):
                    zh, en = f"算例应得 {was}，实得 {got}。", f"The worked case expects {was}, the rules give {got}."
                    findings.append(_problem(at, f"{where}.{name}", zh, en))
            except (KeyError, AttributeError):
                en = f"The result has nothing by the names under “{key}”."
                findings.append(_problem(at, f"{where}.{key}", f"结果中没有“{key}”下所写的内容。", en))
    return findings


def differences(expect: Mapping[str, Any], result: Result) -> list[tuple[str, str, str]]:
    """Return (key, expected, found) for everything named in `expect` that differs."""
    outcomes = outcomes_of(expect, result)
    return [(key, str(wanted), str(got)) for key, wanted, got in outcomes if not _same(wanted, got)]


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
        if key in OF_RESULT:
            yield key, wanted, OF_RESULT[key](result)
        else:
            yield from ((f"{key}.{id}", value, OF_ENTRY[key](result, id)) for id, value in wanted.items())


def _value(value: Fraction | bool | str | None) -> str | None:
    found = exact(value)
    return ("true" if found else "false") if isinstance(found, bool) else found
