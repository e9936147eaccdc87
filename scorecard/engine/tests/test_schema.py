"""The JSON Schema for editors: shipped rulebooks keep it, broken ones do not, and it knows what the reader knows."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from scorecard.commands.catalog import installed
from scorecard.commands.rulebook_schema import rulebook_schema, schema_text
from scorecard.engine import load_rulebook
from scorecard.engine.declarations.keys import keys_of
from scorecard.engine.declarations.source import from_plain
from scorecard.engine.reading.reader import read_rulebook
from scorecard.engine.rules.base import KINDS
from scorecard.engine.tests.conftest import RULEBOOKS

SCHEMA = rulebook_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
EXAMPLES = Path(__file__).parent / "rulebooks"
FOLDERS = [i.path for root in (RULEBOOKS, EXAMPLES) for i in installed(root)]
FILES = sorted(file for folder in FOLDERS for file in folder.glob("*.yaml"))
DOCS = Path(__file__).resolve().parents[3] / "docs"


def _load(file: Path) -> Any:
    """Read YAML as editors do: keys are texts, whatever they look like."""

    def keyed(data: Any) -> Any:
        if isinstance(data, dict):
            return {str(k): keyed(v) for k, v in data.items()}
        return [keyed(v) for v in data] if isinstance(data, list) else data

    return keyed(yaml.safe_load(file.read_text(encoding="utf-8")))


def test_the_file_is_the_engines() -> None:
    assert (DOCS / "rulebook.schema.json").read_text(encoding="utf-8") == schema_text(), (
        "write it again: python -m scorecard.commands.rulebook_schema docs/rulebook.schema.json"
    )
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("file", FILES, ids=lambda f: "/".join(f.parts[-3:]))
def test_every_file_of_every_rulebook_keeps_the_schema(file: Path) -> None:
    data = _load(file)
    assert [f"{e.json_path}: {e.message}" for e in VALIDATOR.iter_errors(data)] == []


def _file(name: str) -> dict[str, Any]:
    return _load(RULEBOOKS / "national-2020" / "3" / name)  # type: ignore[no-any-return]


def _set(data: Any, path: list[Any], value: Any) -> None:
    for key in path[:-1]:
        data = data[key]
    if value is None:
        del data[path[-1]]
    else:
        data[path[-1]] = value


NAME = {"zh": "甲", "en": "A"}
CITED = {"source": "outline-2020 § 1", "basis": "proposed"}
ONE_SIDED = {"when": "total() > 1", "points": 1, "because": NAME, "range": [1], **CITED}
BROKEN: dict[str, tuple[str, list[Any], Any]] = {
    "unknown group": ("1-lending.yaml", ["indicator"], {}),
    "unknown key": ("1-lending.yaml", ["indicators", "1.1.2", "maximum"], 5),
    "no rule": ("1-lending.yaml", ["indicators", "1.1.2", "rule"], None),
    "no source": ("1-lending.yaml", ["indicators", "1.1.2", "source"], None),
    "unknown basis": ("1-lending.yaml", ["indicators", "1.1.2", "basis"], "certain"),
    "unknown kind": ("1-lending.yaml", ["indicators", "1.1.2", "rule", "kind"], "targets"),
    "key of another kind": ("1-lending.yaml", ["indicators", "1.1.2", "rule", "steps"], [[1, 2]]),
    "a curve of one point": ("1-lending.yaml", ["indicators", "1.2.1", "rule", "points"], [[0, 5]]),
    "a pair of three": ("1-lending.yaml", ["indicators", "1.2.1", "rule", "points", 0], [0, 5, 1]),
    "a word for a number": ("1-lending.yaml", ["indicators", "1.2.1", "max"], "five"),
    "one language": ("1-lending.yaml", ["indicators", "1.2.1", "name"], {"zh": "成本"}),
    "a case with points and rule": (
        "1-lending.yaml",
        ["indicators", "1.5.1", "rule", "cases", 0, "rule"],
        {"points": 1},
    ),
    "an end that is neither": ("1-lending.yaml", ["indicators", "1.2.1", "rule", "open_ends"], ["lft"]),
    "no cases": ("1-lending.yaml", ["indicators", "1.5.1", "rule", "cases"], []),
    "a third language": ("1-lending.yaml", ["indicators", "1.2.1", "name"], {"zh": "成本", "en": "Cost", "fr": "Coût"}),
    "a range of one": ("outcome.yaml", ["adjustments"], {"e": {"label": NAME, "cases": [ONE_SIDED], **CITED}}),
    "seven years missed": ("1-lending.yaml", ["indicators", "1.1.2", "rule", "years_missed"], {"7": -2}),
    "unknown fact kind": ("facts.yaml", ["facts", "incl_bal_end", "kind"], "money"),
    "unknown supplier": ("facts.yaml", ["facts", "incl_bal_end", "supplied_by"], "auditor"),
    "unknown comparison": ("outcome.yaml", ["targets", "growth", "op"], "=>"),
    "unknown effect": ("outcome.yaml", ["caps", 0, "effect"], "lower"),
    "unknown severity": ("checks.yaml", ["checks", "incl_within_all", "severity"], "fatal"),
    "unknown rounding": ("rulebook.yaml", ["rulebook", "rounding", "mode"], "nearest"),
    "no code": ("rulebook.yaml", ["rulebook", "code"], None),
    "a change without value": ("rulebook.yaml", ["extends"], {"rulebook": "a/1", "changes": [{"set": "x"}]}),
    "a removal with value": (
        "rulebook.yaml",
        ["extends"],
        {"rulebook": "a/1", "changes": [{"remove": "x", "to": 1}]},
    ),
    "no base": ("rulebook.yaml", ["extends"], {"changes": []}),
    "an estimate without years": (
        "outcome.yaml",
        ["estimates"],
        {"e": {"label": {"zh": "甲", "en": "A"}, "unit": "万元", "expr": "1", "source": "d", "basis": "proposed"}},
    ),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_broken_file_does_not(name: str) -> None:
    file, path, value = BROKEN[name]
    data = _file(file)
    assert VALIDATOR.is_valid(data)
    _set(data, path, value)
    assert not VALIDATOR.is_valid(data)


@pytest.mark.parametrize("name", sorted(n for n, (_, path, _) in BROKEN.items() if path != ["extends"]))
def test_the_reader_sees_what_the_schema_sees(name: str) -> None:
    """What an editor underlines is no less wrong where nobody looked at an editor."""
    file, path, value = BROKEN[name]
    data = _file(file)
    _, before = read_rulebook(from_plain(data))
    _set(data, path, value)
    _, after = read_rulebook(from_plain(data))
    # Documents stand in another file of the rulebook.
    assert {str(f) for f in after if f.code != "reference"} - set(map(str, before))


def _defs(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return SCHEMA["$defs"][name] if name else schema


def _objects() -> Iterator[tuple[list[Any], set[str]]]:
    """Yield each place where the reader checks keys, with the keys that the schema allows there."""
    properties = SCHEMA["properties"]
    yield [], set(properties)
    for group, schema in properties.items():
        if group == "extends":
            continue  # read before the reader, by `extended`
        if "properties" in schema:
            yield [group], set(schema["properties"])
        elif schema.get("type") == "array":
            yield [group, 0], set(schema["items"]["properties"])
        else:
            yield [group, "e"], set(schema["additionalProperties"]["properties"])
    for key in ("total", "rounding"):
        yield ["rulebook", key], set(properties["rulebook"]["properties"][key]["properties"])
    cases = properties["adjustments"]["additionalProperties"]["properties"]["cases"]
    yield ["adjustments", "e", "cases", 0], set(cases["items"]["properties"])


def _known(path: list[Any], key: str) -> set[str]:
    """Return the keys that the reader names when `key` stands at `path`."""
    root: Any = {}
    at = root
    for here, following in zip(path, [*path, None][1:], strict=True):
        made: Any = [] if isinstance(following, int) else {}
        if isinstance(here, int):
            at.append(made)
        else:
            at[here] = made
        at = made
    at[key] = "x"
    _, findings = read_rulebook(from_plain(root))
    wanted = ".".join(str(p) for p in [*path, key])
    found = [f for f in findings if f.code == "unknown-key" and f.key == wanted]
    assert len(found) == 1, (path, [str(f) for f in findings])
    listed = re.fullmatch(r"Use one of (.*)\.", found[0].remedy.en)
    assert listed
    return set(listed[1].split(", "))


@pytest.mark.parametrize(
    ("path", "keys"),
    list(_objects()),
    ids=lambda v: ".".join(map(str, v if isinstance(v, list) else sorted(v))) or "root",
)
def test_the_schema_allows_what_the_reader_reads_and_nothing_else(path: list[Any], keys: set[str]) -> None:
    assert _known(path, "no_such_key") == keys


def _rules() -> dict[str, dict[str, Any]]:
    return {r["properties"]["kind"]["const"]: r for r in SCHEMA["$defs"]["rule"]["anyOf"][1:]}


def test_the_schema_knows_every_rule_kind_with_its_keys() -> None:
    rules = _rules()
    assert set(rules) == set(KINDS)
    for kind, declared in KINDS.items():
        assert set(rules[kind]["properties"]) == {"kind", *keys_of(declared)}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_the_schema_requires_of_a_kind_the_reader_requires_too(kind: str) -> None:
    """An empty rule of the kind lacks, for the reader, no key that the schema does not require, and the other way."""
    indicator = {"min": "0", "max": "1", "rule": {"kind": kind}}
    _, findings = read_rulebook(from_plain({"indicators": {"e": indicator}}))
    prefix = "indicators.e.rule."
    lacking = {f.key.removeprefix(prefix) for f in findings if f.key.startswith(prefix)}
    required = {name for name, key in keys_of(KINDS[kind]).items() if key.stated}
    assert lacking == required | ({"otherwise"} if kind == "most_severe" else set())


def test_extended_and_canonical_data_keep_the_schema_too() -> None:
    for folder in FOLDERS:
        data = copy.deepcopy(dict(load_rulebook(folder).document_data))
        assert [f"{e.json_path}: {e.message}" for e in VALIDATOR.iter_errors(data)] == [], folder
