"""JSON Schema of rulebook files, for editors: completion, and a first look at what is wrong while one types.

``python -m scorecard.commands.rulebook_schema docs/rulebook.schema.json`` writes it. Lists of names (rule kinds, fact
kinds, bases, effects) are the engine's own, so the schema cannot fall behind them. A rulebook may be spread over
several files, so nothing is required at the top; inside each entry what must stand is required. What a schema cannot
say (sums, units, references, order) `lint` says.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from scorecard.engine.declarations.fields import BASES
from scorecard.engine.declarations.forms import ID_SCHEMA, YES_NO
from scorecard.engine.declarations.keys import Schema, entry_schema, list_schema, map_schema, object_schema, ref
from scorecard.engine.reading.changes import VERBS
from scorecard.engine.rulebook.model import Head
from scorecard.engine.rulebook.rulebook import GROUPS
from scorecard.engine.rules.base import KINDS
from scorecard.engine.rules.checklist import Item
from scorecard.engine.values.units import UNIT_LABELS

NUMBER_PATTERN = r"^[+-]?(\d+(\.\d*)?|\.\d+)$"


def _definitions() -> dict[str, Schema]:
    word: Schema = {"type": "string", "minLength": 1}
    case = {"when": ref("expression"), "points": ref("number"), "rule": ref("rule"), "label": ref("text")}
    path: Schema = {"type": "string"}
    return {
        "number": {"anyOf": [{"type": "number"}, {"type": "string", "pattern": NUMBER_PATTERN}]},
        "flag": {"enum": [True, False, *YES_NO]},
        "text": object_schema({"zh": word, "en": word}, ("zh", "en"), "a text in both languages"),
        "expression": {"type": ["string", "number", "boolean"], "description": "see docs/rules.md, Expressions"},
        "unit": {"type": "string", "examples": sorted(u for u in UNIT_LABELS if u)},
        "source": {"type": "string", "pattern": r"^[^§]+(§.+)?$", "description": "document id § article"},
        "basis": {"enum": list(BASES)},
        "item": entry_schema(Item),
        "case": {**object_schema(case), "oneOf": [{"required": ["points"]}, {"required": ["rule"]}]},
        "rule": {
            "anyOf": [
                object_schema({"points": ref("number")}, ("points",), "fixed points, the short form"),
                *(entry_schema(rule, {"kind": {"const": kind}}) for kind, rule in KINDS.items()),
            ]
        },
        "change": {
            "oneOf": [
                object_schema({VERBS[0]: path, "to": True}, (VERBS[0], "to")),
                object_schema({VERBS[1]: path, "to": True, "before": ID_SCHEMA}, (VERBS[1], "to")),
                object_schema({VERBS[2]: path}, (VERBS[2],)),
            ]
        },
    }


def rulebook_schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of one file of a rulebook."""
    extends = object_schema(
        {
            "rulebook": {"type": "string", "pattern": "^[^/]+/[^/]+$"},
            "hash": {"type": "string"},
            "changes": list_schema(ref("change")),
        },
        ("rulebook",),
        "the rulebook that this one extends, as code/version, and what it changes",
    )
    properties: dict[str, Any] = {"rulebook": entry_schema(Head), "extends": extends}
    for name, group in GROUPS.items():
        properties[name] = (list_schema if group.listed else map_schema)(entry_schema(group.entry), group.about)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A file of a Scorecard rulebook",
        "description": "A rulebook is a folder of such files, read together. manage.py rulebook lint checks the rest.",
        **object_schema(properties),
        "$defs": _definitions(),
    }


def schema_text() -> str:
    """Return the schema as the text of its file."""
    return json.dumps(rulebook_schema(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(schema_text(), encoding="utf-8")
