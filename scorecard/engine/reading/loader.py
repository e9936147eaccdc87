"""Loading a rulebook from its folder of YAML files."""

from __future__ import annotations

from pathlib import Path

from scorecard.engine.errors import RulebookError
from scorecard.engine.reading.declarations import Fields
from scorecard.engine.reading.extends import extended
from scorecard.engine.reading.reader import read_with_fields
from scorecard.engine.reading.source import Mark, merge, read_yaml
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.findings import Finding
from scorecard.engine.values.text import Text

MAX_FILE = 2_000_000


def load_marks(path: Path, findings: list[Finding]) -> Mark:
    """Read all YAML files at the top of a rulebook's folder, in the order of their names, into one tree."""
    parts = []
    files = sorted(p for p in path.glob("*.yaml") if p.is_file())
    for file in files:
        if file.stat().st_size > MAX_FILE:
            findings.append(
                Finding(
                    file.name,
                    1,
                    "",
                    "size",
                    Text("文件过大。", "The file is too large."),
                    Text("请拆分文件。", "Split it."),
                )
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
        findings.append(
            Finding(
                path.name,
                1,
                "",
                "empty",
                Text(f"文件夹“{path}”中没有评价办法。", f"There is no rulebook in “{path}”."),
                Text("请指定含有 rulebook.yaml 的文件夹。", "Name a folder with a rulebook.yaml."),
            )
        )
        return None, Fields(findings)
    root = extended(load_marks(path, findings), path, findings, load_marks)
    if root is None:
        return None, Fields(findings)
    rulebook, fields = read_with_fields(root, findings)
    return rulebook, fields


def load_rulebook(path: str | Path) -> Rulebook:
    """Load the rulebook in the folder `path`. Raises RulebookError with all findings when its form or references are
    wrong.

    Everything that scoring relies on is checked here too (names, types, units, cycles); `lint` adds what publication
    needs.
    """
    from scorecard.engine.lint.lint import structural

    rulebook, fields = read_folder(Path(path))
    findings = list(fields.findings)
    if rulebook is not None:
        findings += structural(rulebook, fields)
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
