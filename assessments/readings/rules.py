"""What readings have beside the rulebooks, as data (``scorecard/watching/rules.yaml``): the figures of the credit plan
and the rules of warnings (``docs/readings.md``).

The file is read by the reader of rulebooks and belongs to none of them, so that no published hash depends on it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from scorecard.engine import ExpressionError, RulebookError, Text
from scorecard.engine.declarations.fields import Fields
from scorecard.engine.declarations.keys import read_entries
from scorecard.engine.declarations.source import Mark, read_yaml
from scorecard.engine.language.types import BOOL, Checker, Type, number_of
from scorecard.engine.rulebook.conclusions import Check
from scorecard.engine.rulebook.model import Document, FactSpec
from scorecard.engine.values.findings import Finding

RULES = Path(settings.BASE_DIR) / "scorecard" / "watching" / "rules.yaml"
GROUPS = ("warnings_of_targets", "warnings_of_banks")
TOP = ("watching", "documents", "facts", *GROUPS, "supervisor_only", "accumulating")
#: The names that a condition may use, with their types.
OF_BOTH = {"months": number_of("")}
OF_TARGETS = {
    "missed": BOOL,
    "missed_before": BOOL,
    "need_share": number_of("%"),
    "met_share": number_of("%"),
} | OF_BOTH
OF_BANKS = {
    "missed_targets": number_of(""),
    "plan_increment": number_of("万元"),
    "plan_share": number_of("%"),
    "year_share": number_of("%"),
} | OF_BOTH
#: What is made from peers: a warning that rests on it is for supervisors alone.
FROM_PEERS = frozenset({"met_share"})


@dataclass(frozen=True)
class Watching:
    """The whole file; what is computed by it names its version."""

    version: str
    facts: Mapping[str, FactSpec]
    of_targets: Mapping[str, Check]
    of_banks: Mapping[str, Check]
    supervisor_only: frozenset[str]
    accumulating: frozenset[str]


def read_watching(path: Path) -> tuple[Watching, list[Finding]]:
    """Read the file with everything that is wrong in it, by file and line."""
    findings: list[Finding] = []
    root = read_yaml(path, path.name, findings) or Mark({}, path.name, 1, "")
    fields = Fields(findings)
    fields.known(root, TOP)
    version = fields.string(fields.mapping(root, "watching", required=True), "version", required=True)
    fields.documents = read_entries(fields, fields.mapping(root, "documents", required=True), Document)
    facts = read_entries(fields, fields.mapping(root, "facts", required=True), FactSpec)
    of_targets, of_banks = (read_entries(fields, fields.mapping(root, name), Check) for name in GROUPS)
    only, sums = (
        frozenset(str(item.value) for item in fields.list(root, name)) for name in ("supervisor_only", "accumulating")
    )
    for group, rules, names in ((GROUPS[0], of_targets, OF_TARGETS), (GROUPS[1], of_banks, OF_BANKS)):
        for id, rule in rules.items():
            _typed(fields, root, f"{group}.{id}", rule, names, only)
    return Watching(version, facts, of_targets, of_banks, only, sums), fields.findings


def _typed(fields: Fields, root: Mark, path: str, rule: Check, names: Mapping[str, Type], only: frozenset[str]) -> None:
    """Report a condition with a name that is not known or a type that does not fit, and one that would tell a bank
    what is made from peers.
    """
    group, _dot, id = path.partition(".")
    at = fields.mapping(fields.mapping(root, group), id)
    try:
        Checker(names.get, {}).bool(rule.holds.node)
    except ExpressionError as error:
        remedy = Text("请只使用说明中列出的名称。", "Use the names that the documentation lists.")
        fields.report(at, "expression", error.message, remedy, "holds")
    if FROM_PEERS.intersection(rule.holds.names) and id not in only:
        said = Text(
            "该规则含同业数据，须列入“supervisor_only”。", "It rests on peers, so it must be in “supervisor_only”."
        )
        fields.report(at, "peers", said, Text("请补充。", "Add it."), "holds")


@lru_cache(maxsize=1)
def watching() -> Watching:
    """The installed file, read once per process. Raises ``RulebookError`` with every finding for one that is wrong."""
    found, findings = read_watching(RULES)
    if findings:
        raise RulebookError(Text("监测规则有误。", "The rules of readings are wrong."), tuple(findings))
    return found
