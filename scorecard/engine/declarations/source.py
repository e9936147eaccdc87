"""YAML with line numbers: the tree that the reader walks, made from YAML files or from canonical JSON.

Only plain data is read: mappings, lists and scalars, no tags, no anchors across files. Scalars keep their text, so that
0.1 is one tenth and not a binary float.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from scorecard.engine.values.findings import Finding
from scorecard.engine.values.text import Text


@dataclass(slots=True)
class Mark:
    """One value of the source: a dict of marks, a list of marks, or a scalar text (None for null), with where it
    stands.
    """

    value: dict[str, Mark] | list[Mark] | str | None
    file: str
    line: int
    path: str
    key_lines: dict[str, int] = field(default_factory=dict)

    def items(self) -> Iterator[tuple[str, Mark]]:
        if isinstance(self.value, dict):
            yield from self.value.items()

    def get(self, key: str) -> Mark | None:
        return self.value.get(key) if isinstance(self.value, dict) else None

    def step(self, rest: list[str], by_id: bool = False) -> tuple[str, Mark, list[str]] | None:
        """Return key and mark of the entry that the longest beginning of `rest` names (ids may contain dots), and what
        is left of it. Entries of a list go by their place; before that, when `by_id`, by their id.
        """
        held = self.value
        below = {str(i): each for i, each in enumerate(held)} if isinstance(held, list) else dict(self.items())
        found = [(own.value, key) for key, each in below.items() if by_id and (own := each.get("id")) is not None]
        for names in (found if isinstance(held, list) else [], [(key, key) for key in below]):
            for taken in range(len(rest), 0, -1):
                key = next((key for name, key in names if name == ".".join(rest[:taken])), None)
                if key is not None:
                    return key, below[key], rest[taken:]
        return None

    def plain(self) -> Any:
        """Return plain JSON data; scalars as texts."""
        if isinstance(self.value, dict):
            return {k: v.plain() for k, v in self.value.items()}
        if isinstance(self.value, list):
            return [v.plain() for v in self.value]
        return self.value

    def finding(self, code: str, message: Text, remedy: Text) -> Finding:
        return Finding(self.file, self.line, self.path, code, message, remedy)


def read_yaml(path: Path, name: str, findings: list[Finding]) -> Mark | None:
    """Read one YAML file into marks; what cannot be read becomes a finding."""
    at = Mark({}, name, 1, "")
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=_Loader)
        return at if node is None else _Converter(name, findings).convert(node, "", 0)
    except UnicodeDecodeError:
        said = Text("文件不是 UTF-8 编码。", "The file is not UTF-8.")
        wrong = at.finding("encoding", said, Text("请以 UTF-8 编码保存。", "Save it as UTF-8."))
    except yaml.YAMLError as e:
        mark = getattr(e, "problem_mark", None)
        at.line = mark.line + 1 if mark is not None else 1
        problem = str(getattr(e, "problem", None) or e)
        said = Text(f"YAML 语法错误：{problem}。", f"The YAML cannot be read: {problem}.")
        wrong = at.finding("yaml", said, Text("请检查缩进、冒号和引号。", "Check indentation, colons and quotes."))
    except _TooLarge as e:
        at.line = e.args[0]
        said = Text(
            f"文件展开后超过 {MOST_VALUES} 个值或 {MOST_LEVELS} 层。",
            f"Written out, the file has more than {MOST_VALUES} values or {MOST_LEVELS} levels.",
        )
        use = Text("请减少“*”引用，或拆分文件。", "Use fewer aliases (“*”), or split the file.")
        wrong = at.finding("size", said, use)
    findings.append(wrong)
    return None


#: Values and levels of one file, with everything that its aliases repeat. The largest file that ships has 2,000.
MOST_VALUES, MOST_LEVELS = 200_000, 60


class _TooLarge(Exception):
    """A file that aliases blow up; holds the line where the bound was passed."""


_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Converter:
    """Turns nodes into marks. Aliases make copies, so what they come to is counted."""

    def __init__(self, file: str, findings: list[Finding]) -> None:
        self.file, self.findings, self.count = file, findings, 0

    def convert(self, node: yaml.Node, path: str, level: int) -> Mark:
        file, line = self.file, node.start_mark.line + 1
        self.count += 1
        if self.count > MOST_VALUES or level > MOST_LEVELS:
            raise _TooLarge(line)
        if isinstance(node, yaml.MappingNode):
            entries: dict[str, Mark] = {}
            lines: dict[str, int] = {}
            for key_node, value_node in node.value:
                key = str(key_node.value)
                where = f"{path}.{key}" if path else key
                if key in entries:
                    said = Text(f"键“{key}”重复。", f"The key “{key}” stands twice.")
                    twice = Mark(None, file, key_node.start_mark.line + 1, where)
                    use = Text("请删除或改名其中一个。", "Remove or rename one of them.")
                    self.findings.append(twice.finding("duplicate-key", said, use))
                    continue
                lines[key] = key_node.start_mark.line + 1
                entries[key] = self.convert(value_node, where, level + 1)
            return Mark(entries, file, line, path, key_lines=lines)
        if isinstance(node, yaml.SequenceNode):
            return Mark([self.convert(v, f"{path}.{i}", level + 1) for i, v in enumerate(node.value)], file, line, path)
        nothing = node.tag == "tag:yaml.org,2002:null" and getattr(node, "style", None) not in ("'", '"')
        return Mark(None if nothing else str(node.value), file, line, path)


def from_plain(data: Any, file: str = "rulebook.json", path: str = "") -> Mark:
    """Make marks from plain data, for rulebooks that come from their canonical JSON; every line is 1."""
    value: dict[str, Mark] | list[Mark] | str | None
    if isinstance(data, dict):
        value = {str(k): from_plain(v, file, f"{path}.{k}" if path else str(k)) for k, v in data.items()}
    elif isinstance(data, list):
        value = [from_plain(v, file, f"{path}.{i}") for i, v in enumerate(data)]
    elif isinstance(data, bool):
        value = "true" if data else "false"
    else:
        value = None if data is None else str(data)
    return Mark(value, file, 1, path)


def parse_json(text: str) -> Any:
    """Read JSON without binary floats: numbers stay texts."""
    return json.loads(text, parse_float=str, parse_int=str)


def merge(parts: list[Mark], findings: list[Finding]) -> Mark:
    """Merge the files of a rulebook: top-level mappings of the same name are joined, their keys must not repeat."""
    merged: dict[str, Mark] = {}
    for part in parts:
        for key, mark in part.items():
            if key not in merged:
                value = dict(mark.value) if isinstance(mark.value, dict) else mark.value
                merged[key] = Mark(value, mark.file, mark.line, mark.path)
                continue
            held = merged[key]
            if not isinstance(held.value, dict) or not isinstance(mark.value, dict):
                findings.append(_twice(mark, key, held))
                continue
            for sub, child in mark.items():
                if sub in held.value:
                    findings.append(_twice(child, sub, held.value[sub]))
                else:
                    held.value[sub] = child
    return Mark(merged, parts[0].file if parts else "rulebook.yaml", 1, "")


def _twice(mark: Mark, key: str, other: Mark) -> Finding:
    said = Text(
        f"“{key}”已在 {other.file} 第 {other.line} 行定义。",
        f"“{key}” is already defined in {other.file}, line {other.line}.",
    )
    return mark.finding("duplicate-key", said, Text("请只保留一处。", "Keep only one of them."))
