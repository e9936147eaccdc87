"""Reading a rulebook from its folder of YAML files, with everything that is wrong with its form."""

from __future__ import annotations

from pathlib import Path

from scorecard.engine.declarations.fields import Fields
from scorecard.engine.declarations.source import Mark, merge, read_yaml
from scorecard.engine.reading.extends import extended
from scorecard.engine.reading.reader import read_with_fields
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.findings import Finding
from scorecard.engine.values.text import Text

MAX_FILE = 2_000_000


def load_marks(path: Path, findings: list[Finding]) -> Mark:
    """Read all YAML files at the top of a rulebook's folder, in the order of their names, into one tree."""
    parts = []
    for file in sorted(p for p in path.glob("*.yaml") if p.is_file()):
        if file.stat().st_size > MAX_FILE:
            at = Mark(None, file.name, 1, "")
            findings.append(
                at.finding("size", Text("文件过大。", "The file is too large."), Text("请拆分文件。", "Split it."))
            )
            continue
        mark = read_yaml(file, file.name, findings)
        if mark is not None:
            parts.append(mark)
    return merge(parts, findings)


def read_folder(path: Path) -> tuple[Rulebook | None, Fields]:
    """Read the rulebook in a folder with all findings about its form; None when there is nothing to read."""
    findings: list[Finding] = []
    if not any(path.glob("*.yaml")):
        said = Text(f"文件夹“{path}”中没有评价办法。", f"There is no rulebook in “{path}”.")
        use = Text("请指定含有 rulebook.yaml 的文件夹。", "Name a folder with a rulebook.yaml.")
        findings.append(Mark(None, path.name, 1, "").finding("empty", said, use))
        return None, Fields(findings)
    root = extended(load_marks(path, findings), path, findings, load_marks)
    if root is None:
        return None, Fields(findings)
    return read_with_fields(root, findings)
