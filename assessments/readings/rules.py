"""What readings have beside the rulebooks, as data (``scorecard/watching/rules.yaml``): the figures of the credit plan.

The file is read by the reader of rulebooks and belongs to none of them, so that no published hash depends on it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from scorecard.engine import RulebookError, Text
from scorecard.engine.declarations.fields import Fields
from scorecard.engine.declarations.keys import read_entries
from scorecard.engine.declarations.source import Mark, read_yaml
from scorecard.engine.rulebook.model import Document, FactSpec
from scorecard.engine.values.findings import Finding

RULES = Path(settings.BASE_DIR) / "scorecard" / "watching" / "rules.yaml"
TOP = ("watching", "documents", "facts")


@dataclass(frozen=True)
class Watching:
    """The whole file; what is computed by it names its version."""

    version: str
    facts: Mapping[str, FactSpec]


def read_watching(path: Path) -> tuple[Watching, list[Finding]]:
    """Read the file with everything that is wrong in it, by file and line."""
    findings: list[Finding] = []
    root = read_yaml(path, path.name, findings) or Mark({}, path.name, 1, "")
    fields = Fields(findings)
    fields.known(root, TOP)
    version = fields.string(fields.mapping(root, "watching", required=True), "version", required=True)
    fields.documents = read_entries(fields, fields.mapping(root, "documents", required=True), Document)
    facts = read_entries(fields, fields.mapping(root, "facts", required=True), FactSpec)
    return Watching(version, facts), fields.findings


@lru_cache(maxsize=1)
def watching() -> Watching:
    """The installed file, read once per process. Raises ``RulebookError`` with every finding for one that is wrong."""
    found, findings = read_watching(RULES)
    if findings:
        raise RulebookError(Text("监测规则有误。", "The rules of readings are wrong."), tuple(findings))
    return found
