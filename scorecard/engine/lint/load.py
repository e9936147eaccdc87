"""Loading a rulebook that may be used for scoring."""

from __future__ import annotations

from pathlib import Path

from scorecard.engine.errors import RulebookError
from scorecard.engine.lint.references import references
from scorecard.engine.reading.loader import read_folder
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.text import Text


def load_rulebook(path: str | Path) -> Rulebook:
    """Load the rulebook in the folder `path`. Raises RulebookError with all findings when its form or references are
    wrong.

    Everything that scoring relies on is checked here too (names, types, units, cycles); `lint` adds what publication
    needs.
    """
    rulebook, fields = read_folder(Path(path))
    findings = list(fields.findings)
    if rulebook is not None:
        findings += references(rulebook, fields)
    if rulebook is None or findings:
        findings.sort()
        first = findings[0]
        raise RulebookError(
            Text(
                f"评价办法“{path}”有 {len(findings)} 处错误，第一处：{first.get('zh')}",
                f"The rulebook “{path}” has {len(findings)} mistake(s); the first: {first}",
            ),
            tuple(findings),
        )
    return rulebook
