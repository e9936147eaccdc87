"""JSON Schema of rulebook files, for editors: completion, and a first look at what is wrong while one types.

``python -m scorecard.engine.reading.schema docs/rulebook.schema.json`` writes it. Lists of names (rule kinds, fact
kinds, bases, effects) are the engine's own, so the schema cannot fall behind them. A rulebook may be spread over
several files, so nothing is required at the top; inside each entry what must stand is required. What a schema cannot
say (sums, units, references, order) `lint` says.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from scorecard.engine.reading.conclusions import EFFECTS
from scorecard.engine.reading.extends import VERBS
from scorecard.engine.rulebook.model import BASES, FACT_KINDS, SUPPLIERS
from scorecard.engine.rules.registry import KINDS
from scorecard.engine.values.numbers import ROUNDING_MODES
from scorecard.engine.values.units import UNIT_LABELS

Schema = dict[str, Any]

NUMBER_PATTERN = r"^[+-]?(\d+(\.\d*)?|\.\d+)$"
ID = {"type": ["string", "integer", "number"]}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _object(properties: Mapping[str, Any], required: Iterable[str] = (), about: str = "") -> Schema:
    found: Schema = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    if required:
        found["required"] = list(required)
    if about:
        found["description"] = about
    return found


def _map(of: Schema, about: str = "") -> Schema:
    found: Schema = {"type": "object", "additionalProperties": of}
    if about:
        found["description"] = about
    return found


def _list(of: Schema, about: str = "", **more: Any) -> Schema:
    found: Schema = {"type": "array", "items": of, **more}
    if about:
        found["description"] = about
    return found


def _choice(names: Iterable[str]) -> Schema:
    return {"enum": list(names)}


NUMBER, TEXT, EXPR, FLAG = _ref("number"), _ref("text"), _ref("expression"), _ref("flag")
SOURCE, BASIS, RULE, UNIT = _ref("source"), _ref("basis"), _ref("rule"), _ref("unit")
PAIRS = _list(_list(NUMBER, minItems=2, maxItems=2), "[value, points] pairs")
CASES = _list(_ref("case"), "cases, read in order", minItems=1)
SAID = ("source", "basis")
CITED: Schema = {"source": SOURCE, "basis": BASIS}

#: How each key of a rule is written; the kinds and their keys are those of the registry.
RULE_KEYS: dict[str, Schema] = {
    "x": EXPR,
    "reference": EXPR,
    "unit": UNIT,
    "points": NUMBER,
    "below": NUMBER,
    "above": NUMBER,
    "open_ends": _list(_choice(("left", "right"))),
    "lever": {"type": "string", "description": "fact that “what would change it” moves"},
    "direction": _choice(("up", "down")),
    "compare": _choice(("at_most", "at_least", "below", "above")),
    "steps": PAIRS,
    "otherwise": {"anyOf": [NUMBER, RULE]},
    "scale": NUMBER,
    "floor": NUMBER,
    "ceiling": NUMBER,
    "full": NUMBER,
    "no_reference": NUMBER,
    "start": NUMBER,
    "per": _list(_object({"x": EXPR, "unit": UNIT, "points": NUMBER}, ("x", "points"))),
    "each": NUMBER,
    "fact": {"type": "string"},
    "items": _map({"anyOf": [NUMBER, _ref("item")]}),
    "target": {"type": "string"},
    "met": NUMBER,
    "missed": NUMBER,
    "years_missed": {
        "type": "object",
        "patternProperties": {"^[2-5]$": NUMBER},
        "additionalProperties": False,
        "description": "years running from 2 to 5 -> points",
    },
    "cases": CASES,
    "rules": _list(RULE, minItems=1),
}
#: Keys whose form depends on the kind.
OWN_KEYS: dict[tuple[str, str], Schema] = {
    ("curve", "points"): {**PAIRS, "minItems": 2},
    ("levels", "points"): _map(NUMBER, "level -> points"),
}
REQUIRED: dict[str, tuple[str, ...]] = {
    "curve": ("x", "points"),
    "steps": ("x", "compare", "steps", "otherwise"),
    "formula": ("x",),
    "share": ("x", "reference"),
    "deductions": ("per",),
    "rank": ("x", "each"),
    "levels": ("fact", "points"),
    "checklist": ("items",),
    "target": ("target",),
    "judged": (),
    "fixed": ("points",),
    "first": ("cases", "otherwise"),
    "most_severe": ("cases",),
    "lower_of": ("rules",),
    "higher_of": ("rules",),
    "mean_of": ("rules",),
    "sum_of": ("rules",),
}


def _rule_of(kind: str) -> Schema:
    keys = {key: OWN_KEYS.get((kind, key), RULE_KEYS[key]) for key in KINDS[kind][0]}
    return _object({"kind": {"const": kind}, **keys}, ("kind", *REQUIRED[kind]))


def _definitions() -> dict[str, Schema]:
    units = sorted(u for u in UNIT_LABELS if u)
    return {
        "number": {"anyOf": [{"type": "number"}, {"type": "string", "pattern": NUMBER_PATTERN}]},
        "flag": {"enum": [True, False, "true", "false"]},
        "text": _object(
            {"zh": {"type": "string", "minLength": 1}, "en": {"type": "string", "minLength": 1}},
            ("zh", "en"),
            "a text in both languages",
        ),
        "expression": {"type": ["string", "number", "boolean"], "description": "see docs/rules.md, Expressions"},
        "unit": {"type": "string", "examples": units},
        "source": {"type": "string", "pattern": r"^[^§]+(§.+)?$", "description": "document id § article"},
        "basis": _choice(BASES),
        "item": _object({"label": TEXT, "points": NUMBER, "when": EXPR}, ("points",)),
        "case": {
            **_object({"when": EXPR, "points": NUMBER, "rule": RULE, "label": TEXT}),
            "oneOf": [{"required": ["points"]}, {"required": ["rule"]}],
        },
        "rule": {
            "anyOf": [
                {**_object({"points": NUMBER}, ("points",)), "description": "fixed points, the short form"},
                *(_rule_of(kind) for kind in KINDS),
            ]
        },
        "change": {
            "oneOf": [
                _object({VERBS[0]: {"type": "string"}, "to": True}, (VERBS[0], "to")),
                _object({VERBS[1]: {"type": "string"}, "to": True, "before": ID}, (VERBS[1], "to")),
                _object({VERBS[2]: {"type": "string"}}, (VERBS[2],)),
            ]
        },
    }


def _facts() -> Schema:
    return _object(
        {
            "label": TEXT,
            "help": TEXT,
            "kind": _choice(FACT_KINDS),
            "unit": UNIT,
            "digits": _ref("number"),
            "min": NUMBER,
            "max": NUMBER,
            "options": _map(TEXT, "option -> its name, for levels and checklists"),
            "supplied_by": _choice(SUPPLIERS),
            "section": ID,
            "group": {"type": "string"},
            "carries_from": {"type": "string", "description": "the fact of last year that this one repeats"},
            "required": FLAG,
            "form": TEXT,
            "derived": EXPR,
            **CITED,
        },
        ("label", "kind", *SAID),
    )


def _indicators() -> Schema:
    return _object(
        {
            "section": ID,
            "name": TEXT,
            "name_basis": BASIS,
            "type": _choice(("qualitative", "quantitative", "mixed")),
            "min": NUMBER,
            "max": NUMBER,
            "rule": RULE,
            "judged_by": _choice(("supervisor", "nobody")),
            "not_applicable": _choice(("share_out", "full", "none")),
            "part": {"type": "string"},
            "evidence": _list(TEXT),
            "guidance": TEXT,
            "direction": _map(_choice(("up", "down")), "fact -> the direction in which points must not fall"),
            **CITED,
        },
        ("section", "name", "name_basis", "type", "min", "max", "rule", *SAID),
    )


def _sections() -> Schema:
    keys = {
        "parent": ID,
        "name": TEXT,
        "name_basis": BASIS,
        "kind": {"type": "string"},
        "min": NUMBER,
        "max": NUMBER,
        "weight": NUMBER,
        "floor": NUMBER,
        "ceiling": NUMBER,
        **CITED,
    }
    return _object(keys, ("name", "name_basis", "min", "max", *SAID))


def _targets() -> Schema:
    keys = {
        "name": TEXT,
        "short": TEXT,
        "left": EXPR,
        "op": _choice((">=", ">", "<=", "<")),
        "right": EXPR,
        "unit": UNIT,
        "lever": {"type": "string"},
        "base": _choice(("same_period", "year_start")),
        **CITED,
    }
    return _object(keys, ("name", "left", "op", "right", *SAID))


def _conclusions() -> dict[str, Schema]:
    grade = {"id": ID, "name": TEXT, "name_basis": BASIS, "min": {"anyOf": [NUMBER, {"type": "null"}]}, "notch_of": ID}
    cap = {
        "id": ID,
        "name": TEXT,
        "when": EXPR,
        "effect": _choice(EFFECTS),
        "to": ID,
        "because": TEXT,
        "when_unknown": _choice(("skip", "apply")),
    }
    case = _object(
        {
            "when": EXPR,
            "points": NUMBER,
            "range": _list(NUMBER, minItems=2, maxItems=2),
            "because": TEXT,
            **CITED,
        },
        ("when", "points", "because", *SAID),
    )
    measure = {
        "tool": {"type": "string"},
        "name": TEXT,
        "when": EXPR,
        "because": TEXT,
        "options": _map(TEXT),
        "case_by_case": FLAG,
        "needs_filing": FLAG,
    }
    estimate = {"label": TEXT, "unit": UNIT, "expr": EXPR, "years": {"type": "string"}, "digits": NUMBER}
    return {
        "grades": _list(_object({**grade, **CITED}, ("id", "name", "name_basis", *SAID)), "from the best to the worst"),
        "caps": _list(
            _object({**cap, **CITED}, ("id", "name", "when", "effect", "to", "because", *SAID)), "applied in this order"
        ),
        "adjustments": _map(_object({"label": TEXT, "cases": _list(case), **CITED}, ("label", "cases", *SAID))),
        "tools": _map(_object({"name": TEXT, "description": TEXT, **CITED}, ("name", *SAID))),
        "measures": _map(_object({**measure, **CITED}, ("tool", "name", "when", "because", *SAID))),
        "estimates": _map(_object({**estimate, **CITED}, ("label", "unit", "expr", "years", *SAID))),
        "process": _list(
            _object(
                {"id": ID, "name": TEXT, "actor": {"type": "string"}, "basis": BASIS}, ("id", "name", "actor", "basis")
            )
        ),
    }


def _head() -> Schema:
    total = _object({"min": NUMBER, "max": NUMBER, "floor": NUMBER, "ceiling": NUMBER}, ("min", "max"))
    rounding = _object(
        {"indicator": NUMBER, "total": NUMBER, "mode": _choice(ROUNDING_MODES), "basis": BASIS}, ("basis",)
    )
    return _object(
        {
            "code": {"type": "string"},
            "version": ID,
            "year": NUMBER,
            "title": TEXT,
            "summary": TEXT,
            "basis": BASIS,
            "total": total,
            "rounding": rounding,
        },
        ("code", "version", "year", "title"),
    )


def rulebook_schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of one file of a rulebook."""
    document = {"title": TEXT, "number": {"type": "string"}, "issuer": TEXT, "date": {"type": "string"}}
    parameter = {
        "label": TEXT,
        "kind": _choice(FACT_KINDS),
        "unit": UNIT,
        "default": {"anyOf": [NUMBER, FLAG]},
        **CITED,
    }
    properties: dict[str, Any] = {
        "rulebook": _head(),
        "extends": _object(
            {
                "rulebook": {"type": "string", "pattern": "^[^/]+/[^/]+$"},
                "hash": {"type": "string"},
                "changes": _list(_ref("change")),
            },
            ("rulebook",),
            "the rulebook that this one extends, as code/version, and what it changes",
        ),
        "documents": _map(_object(document, ("title",)), "what source cites"),
        "properties": _map(
            _object({"label": TEXT, "kind": _choice(("text", "bool")), "options": _map(TEXT)}, ("label", "kind"))
        ),
        "parameters": _map(
            _object(parameter, ("label", "kind", *SAID)), "values that the supervisor sets for the year"
        ),
        "definitions": _map(_object({"label": TEXT, "unit": UNIT, "expr": EXPR, **CITED}, ("label", "expr", *SAID))),
        "facts": _map(_facts()),
        "checks": _map(
            _object(
                {
                    "severity": _choice(("error", "warning")),
                    "holds": EXPR,
                    "message": TEXT,
                    "facts": _list({"type": "string"}),
                    **CITED,
                },
                ("severity", "holds", "message", *SAID),
            )
        ),
        "parts": _map(_object({"name": TEXT, "min": NUMBER, "max": NUMBER, **CITED}, ("name", "min", "max", *SAID))),
        "sections": _map(_sections()),
        "indicators": _map(_indicators()),
        "targets": _map(_targets()),
        **_conclusions(),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A file of a Scorecard rulebook",
        "description": "A rulebook is a folder of such files, read together. manage.py rulebook lint checks the rest.",
        **_object(properties),
        "$defs": _definitions(),
    }


def schema_text() -> str:
    """Return the schema as the text of its file."""
    return json.dumps(rulebook_schema(), ensure_ascii=False, indent=2) + "\n"


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m scorecard.engine.reading.schema FILE\n")
        return 2
    Path(arguments[0]).write_text(schema_text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
