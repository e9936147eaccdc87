"""A rulebook that extends another: the base as it stands, an explicit list of changes, and what the folder adds.

How it is written is in docs/rules.md. The result is read like any other rulebook, and its canonical text is complete:
it keeps the name and hash of the base and the changes beside the whole content, so a published version never depends on
files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from scorecard.engine.declarations.source import Mark
from scorecard.engine.reading.changes import apply, copied, forget
from scorecard.engine.rulebook.rulebook import TOP_KEYS, content_hash
from scorecard.engine.values.findings import Finding
from scorecard.engine.values.text import Text

#: Where rulebooks that ship with the engine lie; a base is looked for beside the folder first.
SHIPPED = Path(__file__).resolve().parents[2] / "rulebooks"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}/[A-Za-z0-9][A-Za-z0-9._-]{0,39}")

Load = Callable[[Path, list[Finding]], Mark]


def canonical_data(root: Mark) -> Mapping[str, Any]:
    """Return the plain data of a rulebook in the order of its keys, from which its canonical text is written."""
    data: dict[str, Any] = root.plain()
    return {k: data[k] for k in TOP_KEYS if k in data}


def extended(root: Mark, folder: Path, findings: list[Finding], load: Load, seen: tuple[Path, ...] = ()) -> Mark | None:
    """Return the marks of the whole rulebook in `folder`, whose own files are `root`; `root` itself when it extends
    nothing, None when the base cannot be had. What is wrong is added to `findings`; `seen` are the folders on the way
    here, so that a circle is found.
    """
    extends = root.get("extends")
    if extends is None:
        return root
    result = _base(extends, folder, findings, load, (*seen, folder.resolve()))
    if result is None:
        return None
    base_hash = content_hash(canonical_data(result))
    pinned = extends.get("hash")
    if pinned is not None and pinned.value != base_hash:
        said = Text(
            "所基于的评价办法内容与此处记录的不一致。", "The rulebook that is extended has other content than noted."
        )
        use = Text(f"请核对后改为 {base_hash}。", f"Check it, then write {base_hash}.")
        findings.append(pinned.finding("change", said, use))
    result.file, result.line = root.file, root.line
    forget(result, "extends")
    changes = extends.get("changes")
    listed = changes.value if changes is not None and isinstance(changes.value, list) else []
    done = [change for change in listed if apply(result, change, findings)]
    if changes is not None and not isinstance(changes.value, list):
        said = Text("“changes”应为列表。", "“changes” must be a list.")
        use = Text("请以“-”逐行列出改动。", "Write one line with “-” for each change.")
        findings.append(changes.finding("list", said, use))
    _join(result, root, findings)
    _entries(result)["extends"] = _record(extends, base_hash, done)
    return result


def _entries(mark: Mark) -> dict[str, Mark]:
    """Return the entries of a mapping. A rulebook's root and `extends` are mappings: others do not come this far."""
    if not isinstance(mark.value, dict):
        raise TypeError(f"{mark.path or mark.file} is not a mapping")
    return mark.value


def _base(extends: Mark, folder: Path, findings: list[Finding], load: Load, seen: tuple[Path, ...]) -> Mark | None:
    for key, value in extends.items():
        if key not in ("rulebook", "hash", "changes"):
            said = Text(f"不认识的键“{key}”。", f"The key “{key}” is not known here.")
            use = Text("请改为 rulebook、hash 或 changes。", "Use one of rulebook, hash, changes.")
            findings.append(value.finding("unknown-key", said, use))
    named = extends.get("rulebook")
    name = named.value if named is not None else None
    at = named or extends
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        said = Text("应写明所基于的评价办法。", "The rulebook that is extended must be named.")
        use = Text("请写成“rulebook: 代码/版本”。", "Write “rulebook: code/version”.")
        findings.append(at.finding("missing-key", said, use))
        return None
    places = [root / name for root in (folder.resolve().parent.parent, SHIPPED)]
    found = next((p for p in places if any(p.glob("*.yaml"))), None)
    if found is None:
        said = Text(f"没有评价办法“{name}”。", f"There is no rulebook “{name}”.")
        findings.append(at.finding("reference", said, Text("请改正代码和版本。", "Correct code and version.")))
        return None
    if found.resolve() in seen:
        said = Text(f"评价办法“{name}”循环引用。", f"The rulebook “{name}” extends itself in a circle.")
        findings.append(at.finding("cycle", said, Text("请改正“extends”。", "Correct “extends”.")))
        return None
    inner: list[Finding] = []
    base = load(found, inner)
    _name_files(base, name)
    findings += (replace(finding, file=f"{name}/{finding.file}") for finding in inner)
    return extended(base, found, findings, load, seen)


def _name_files(mark: Mark, name: str) -> None:
    """Put the base's name before the file of every mark, so that a finding says where it stands."""
    mark.file = f"{name}/{mark.file}"
    below = mark.value.values() if isinstance(mark.value, dict) else mark.value if isinstance(mark.value, list) else ()
    for child in below:
        _name_files(child, name)


def _join(result: Mark, root: Mark, findings: list[Finding]) -> None:
    """Join what the folder's own files bring. Only the head may say again what the base says."""
    entries = _entries(result)
    for key, mark in root.items():
        if key == "extends":
            continue
        held = entries.get(key)
        if held is None:
            entries[key] = mark
        elif isinstance(held.value, dict) and isinstance(mark.value, dict):
            for name, value in mark.items():
                if name in held.value and key != "rulebook":
                    _twice(findings, value, f"{key}.{name}")
                else:
                    held.value[name] = value
                    held.key_lines[name] = mark.key_lines.get(name, value.line)
        elif isinstance(held.value, list) and isinstance(mark.value, list):
            known = {i.get("id").value for i in held.value if i.get("id") is not None}  # type: ignore[union-attr]
            for item in mark.value:
                own = item.get("id")
                if own is not None and own.value in known:
                    _twice(findings, item, f"{key}.{own.value}")
                else:
                    held.value.append(copied(item, item.path, f"{key}.{len(held.value)}"))
        else:
            _twice(findings, mark, key)


def _twice(findings: list[Finding], mark: Mark, path: str) -> None:
    said = Text(f"所基于的评价办法已有“{path}”。", f"The base has “{path}” already.")
    use = Text("请在“extends”的改动中用“set”修改它。", "Change it with “set” among the changes of “extends”.")
    findings.append(mark.finding("duplicate-key", said, use))


def _record(extends: Mark, base_hash: str, done: list[Mark]) -> Mark:
    """Return the `extends` that the canonical text keeps: name, hash and changes."""
    named = _entries(extends)["rulebook"]
    changes = extends.get("changes") or Mark([], extends.file, extends.line, f"{extends.path}.changes")
    entries = {
        "rulebook": named,
        "hash": Mark(base_hash, named.file, named.line, f"{extends.path}.hash"),
        "changes": Mark(list(done), changes.file, changes.line, changes.path),
    }
    return replace(extends, value=entries)
