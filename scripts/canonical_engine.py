"""The calls of the engine whose results are canonical: when a module moves or a name changes, this file follows.

What a call gives is turned into plain data by `canonical_forms`, field by field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from canonical_forms import (
    Plain,
    failure,
    finding,
    improvement,
    need_form,
    number,
    result_form,
    source,
    text,
    value_form,
)

from scorecard.commands.catalog import installed
from scorecard.commands.describe import describe
from scorecard.commands.rulebook_schema import schema_text
from scorecard.engine import (
    Nothing,
    Rulebook,
    RulebookError,
    ScoringInput,
    evaluate,
    format_fact,
    input_text,
    lint,
    load_rulebook,
    parse_fact,
    rulebook_from_json,
    still_needed,
)
from scorecard.engine.arrays import ManyResult, evaluate_many
from scorecard.engine.arrays.frames import categorical, frame_of
from scorecard.engine.cases.worked import read_vectors
from scorecard.engine.exact.peergroup import Snapshot, group_of, peer_snapshot
from scorecard.engine.whatif.diff import diff
from scorecard.engine.whatif.tunables import tunables
from scorecard.engine.whatif.tuning import tune

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ROOT / "scorecard" / "rulebooks"
EXAMPLES = ROOT / "scorecard" / "engine" / "tests" / "rulebooks"
BROKEN = ROOT / "scorecard" / "engine" / "tests" / "broken"

NOTHINGS = (Nothing.UNANSWERED, Nothing.NOT_APPLICABLE, Nothing.NOT_SUPPLIED)


# --- Rulebooks -------------------------------------------------------------------------------------------------------
def rulebook_folders() -> dict[str, Path]:
    """``code/version`` of every shipped rulebook, and of those that the tests build on, with its folder."""
    return {f"{i.code}/{i.version}": i.path for root in (SHIPPED, EXAMPLES) for i in installed(root)}


def broken_folders() -> dict[str, Path]:
    """The rulebooks with mistakes, by ``code/version``."""
    return {f"{i.code}/{i.version}": i.path for i in installed(BROKEN)}


def rulebook_in(folder: Path) -> Rulebook:
    """The rulebook of a folder."""
    return load_rulebook(folder)


def content_hash(book: Rulebook) -> str:
    """The rulebook's own content hash."""
    return book.hash


def content_text(book: Rulebook) -> str:
    """The rulebook's canonical JSON text."""
    return book.to_json()


def read_back(book: Rulebook) -> str:
    """The content hash after a way through JSON text."""
    return rulebook_from_json(book.to_json()).hash


def schema() -> str:
    """The JSON Schema of rulebook files."""
    return schema_text()


def described(book: Rulebook) -> Plain:
    """The rulebook in words, in both languages."""
    return [list(describe(book, lang)) for lang in ("zh", "en")]


def knobs(book: Rulebook) -> Plain:
    """Every number of a rulebook that can be tried otherwise, in order."""
    return [
        {
            "path": knob.path,
            "entry": knob.entry,
            "group": knob.group,
            "name": text(knob.name),
            "label": text(knob.label),
            "form": knob.form,
            "value": knob.value,
            "unit": knob.unit,
            "source": source(knob.source),
            "basis": knob.basis,
            "points": knob.points,
        }
        for knob in tunables(book).values()
    ]


def differences(old: Rulebook, new: Rulebook) -> Plain:
    """What differs between two rulebooks, in words."""
    return [
        {
            "kind": group.kind,
            "label": text(group.label),
            "reordered": group.reordered,
            "entries": [
                {
                    "id": entry.id,
                    "name": text(entry.name),
                    "what": entry.what,
                    "fields": [
                        {
                            "key": change.key,
                            "label": text(change.label),
                            "before": [[text(line.text), line.changed] for line in change.before],
                            "after": [[text(line.text), line.changed] for line in change.after],
                        }
                        for change in entry.fields
                    ],
                }
                for entry in group.entries
            ],
        }
        for group in diff(old, new).groups
    ]


def lint_findings(folder: Path, *, worked_cases: bool = True) -> Plain:
    """What lint says of the rulebook in a folder."""
    return [finding(each) for each in lint(folder, vectors=worked_cases)]


def load_errors(folder: Path) -> Plain:
    """What loading says of the rulebook in a folder; its content hash where it loads."""
    try:
        return {"hash": load_rulebook(folder).hash}
    except RulebookError as error:
        return {**failure(error), "findings": [finding(each) for each in error.findings]}


def worked_cases(book: Rulebook, folder: Path) -> dict[str, ScoringInput]:
    """The worked cases of a rulebook by their id."""
    return {vector.id: vector.case for vector in read_vectors(book, folder)}


# --- What a filing can hold ------------------------------------------------------------------------------------------
def fact_specs(book: Rulebook) -> list[dict[str, Any]]:
    """The facts of a rulebook as drawing needs them."""
    return [
        {
            "id": spec.id,
            "kind": "number" if spec.is_number else spec.kind,
            "whole": spec.kind == "count",
            "places": spec.places,
            "low": spec.min,
            "high": spec.max,
            "options": list(spec.options),
            "derived": spec.derived is not None,
        }
        for spec in book.facts.values()
    ]


def property_specs(book: Rulebook) -> list[tuple[str, str, list[str]]]:
    """Id, kind and options of each property of the bank."""
    return [(prop.id, prop.kind, list(prop.options)) for prop in book.properties.values()]


def parameter_kinds(book: Rulebook) -> list[tuple[str, str]]:
    """Id and kind of each value of the year."""
    return [(parameter.id, parameter.kind) for parameter in book.parameters.values()]


def indicator_ranges(book: Rulebook) -> list[tuple[str, Decimal, Decimal, bool]]:
    """Id, lowest and highest points of each indicator, and whether it may be not applicable."""
    return [(i.id, i.min, i.max, i.not_applicable != "none") for i in book.indicators.values()]


def target_ids(book: Rulebook) -> list[str]:
    """The targets of a rulebook."""
    return list(book.targets)


def make_case(drawn: Mapping[str, Any]) -> ScoringInput:
    """A case out of what was drawn."""
    return ScoringInput(
        facts=drawn["facts"],
        bank=drawn["bank"],
        history=drawn["history"],
        self_points=drawn["self_points"],
        judged=drawn["judged"],
        not_applicable=frozenset(drawn["not_applicable"]),
        parameters=drawn["parameters"],
    )


def case_parts(case: ScoringInput) -> dict[str, Any]:
    """What `make_case` takes, out of a case."""
    return {
        "facts": dict(case.facts),
        "bank": dict(case.bank),
        "history": {year: dict(held) for year, held in case.history.items()},
        "self_points": dict(case.self_points),
        "judged": dict(case.judged),
        "not_applicable": sorted(case.not_applicable),
    }


def with_peers(book: Rulebook, cases: Sequence[ScoringInput]) -> tuple[list[ScoringInput], Snapshot]:
    """The cases with the frozen values of their peer groups, and the values of all groups."""
    snapshot = peer_snapshot(book, cases)
    return [replace(case, peers=snapshot.get(group_of(case.bank), {})) for case in cases], snapshot


def case_form(case: ScoringInput) -> Plain:
    """A case, for whoever must see which filing differs."""
    return {
        "facts": {key: value_form(value) for key, value in case.facts.items()},
        "bank": {key: value_form(value) for key, value in case.bank.items()},
        "history": {
            str(year): {key: value_form(value) for key, value in held.items()} for year, held in case.history.items()
        },
        "self_points": {key: number(value) for key, value in case.self_points.items()},
        "judged": {key: number(value) for key, value in case.judged.items()},
        "not_applicable": sorted(case.not_applicable),
        "parameters": {key: value_form(value) for key, value in case.parameters.items()},
    }


def peers_form(snapshot: Snapshot) -> Plain:
    """The frozen values of all peer groups."""
    return {
        group: {key: [number(value) for value in values] for key, values in held.items()}
        for group, held in snapshot.items()
    }


# --- Ways to score ---------------------------------------------------------------------------------------------------
def scored(book: Rulebook, case: ScoringInput, *, tree: bool) -> Plain:
    """The exact result of one case, or how scoring failed."""
    try:
        return result_form(evaluate(book, case, explain=tree), tree=tree)
    except Exception as error:
        return failure(error)


def stored_form(book: Rulebook, case: ScoringInput) -> Plain:
    """The result as the product stores it: the keys are the engine's own, and readers of old rows rely on them.

    Release and content hash are left out: they are compared by themselves.
    """
    data = evaluate(book, case).to_json()
    data.pop("engine_version")
    data.pop("rulebook_hash")
    return data


def needed_form(book: Rulebook, case: ScoringInput) -> Plain:
    """What is still needed for targets and for the next grade."""
    try:
        found = still_needed(book, case)
    except Exception as error:
        return failure(error)
    grade = found.grade
    return {
        "targets": {key: need_form(need) for key, need in found.targets.items()},
        "grade": grade
        and {
            "grade": grade.grade,
            "points": number(grade.points),
            "blocked_by": list(grade.blocked_by),
            "improvements": [[key, improvement(value)] for key, value in grade.improvements],
            "text": text(grade.text),
        },
    }


def tuned(book: Rulebook, path: str, typed: str) -> Plain:
    """What becomes of a rulebook when one of its numbers is tried otherwise."""
    try:
        found = tune(book, {path: typed})
    except Exception as error:
        return failure(error)
    return {
        "chosen": dict(found.chosen),
        "changes": [[change.path, change.value] for change in found.changes],
        "hash": found.rulebook and found.rulebook.hash,
        "problems": [[problem.path, text(problem.message), text(problem.remedy)] for problem in found.problems],
    }


def scored_together(book: Rulebook, cases: Sequence[ScoringInput], snapshot: Snapshot) -> tuple[list[Plain], Plain]:
    """Points, grade and measures of each case as arrays give them, and all of them as a table."""
    try:
        frame = frame_of(book, cases)
        many = evaluate_many(book, frame, parameters=cases[0].parameters, snapshot=snapshot)
        rows = zip(*(each.T.tolist() for each in (many.states, many.units, many.sections, many.targets)), strict=True)
        return [_row_form(many, number, row) for number, row in enumerate(rows)], table(many).to_csv(index=False)
    except Exception as error:
        return [failure(error)], failure(error)


def table(many: ManyResult) -> pd.DataFrame:
    """Indicators, sections, total, states of targets and grades; points are floats, NaN where there are none."""
    book, data = many.rulebook, dict[str, Any]()
    known = many.has_points()
    for n, i in enumerate(book.indicators):
        data[i] = np.where(known[n], many.units[n] / 10**book.rounding.indicator, np.nan)
    for n, s in enumerate(book.sections):
        data[f"section_{s}"] = many.sections[n] / 10**book.rounding.indicator
    data["total"] = many.total / 10**book.rounding.total
    data["pending"] = many.pending_units() / 10**book.rounding.indicator
    for n, t in enumerate(book.targets):
        data[f"{t}_state"] = categorical(np.minimum(many.targets[n], 2), ["met", "missed", "unknown"])
    names = [g.id for g in book.grades]
    data["grade_before"] = categorical(many.before, names)
    data["grade"] = categorical(many.after, names)
    return pd.DataFrame(data)


def _row_form(many: ManyResult, row: int, columns: Sequence[list[int]]) -> Plain:
    states, units, sections, targets = columns
    return {
        "total": number(many.total_of(row)),
        "grade": list(many.grade_of(row)),
        "states": states,
        "units": units,
        "sections": sections,
        "targets": targets,
        "caps": many.caps_of(row),
        "holding": int(many.holding[row]),
        "measures": many.measures_of(row),
        "adjustment": number(many.adjustment_of(row)),
    }


# --- Typed text ------------------------------------------------------------------------------------------------------
def typed_forms(book: Rulebook, samples: Sequence[str]) -> Iterator[Plain]:
    """How each fact reads typed texts, and how what was read is shown and put back into a form."""
    for spec in book.facts.values():
        for sample in (*samples, *spec.options):
            for percent in (True, False):
                try:
                    value = parse_fact(spec, sample, percent=percent)
                except Exception as error:
                    yield [spec.id, sample, percent, failure(error)]
                    continue
                shown = [format_fact(spec, value, lang) for lang in ("zh", "en")]
                yield [spec.id, sample, percent, value_form(value), shown, input_text(spec, value)]
