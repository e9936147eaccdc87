"""Lint: everything that is wrong with a rulebook, all at once, each with file, line, key and what would mend it."""

from __future__ import annotations

from pathlib import Path

from scorecard.engine.cases.worked import vector_findings
from scorecard.engine.lint.meaning import meaning
from scorecard.engine.lint.references import references
from scorecard.engine.reading.loader import read_folder
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.findings import Finding


def lint(path: str | Path, *, vectors: bool = True) -> list[Finding]:
    """Return every finding on the rulebook in the folder `path`, sorted by file and line; an empty list means that it
    may be published. With `vectors` the worked cases are scored too, once nothing else is wrong.
    """
    return linted(path, vectors=vectors)[1]


def linted(path: str | Path, *, vectors: bool = True) -> tuple[Rulebook | None, list[Finding]]:
    """Return the rulebook in the folder with every finding on it; None where the folder holds none."""
    folder = Path(path)
    rulebook, fields = read_folder(folder)
    findings = list(fields.findings)
    if rulebook is not None:
        findings += references(rulebook, fields)
        findings += meaning(rulebook, fields)
        if vectors and not findings:
            findings += vector_findings(rulebook, folder)
    return rulebook, sorted(set(findings))
