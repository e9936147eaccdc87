"""A rulebook that extends another: the base as it stands, an explicit list of changes, and what the folder adds.

::

    extends:
      rulebook: national-2020/1
      changes:
        - set: indicators.1.1.2.max        # an entry that the base has
          to: 6
        - add: indicators.L1               # an entry that it does not have
          to: {section: L, ...}
        - remove: caps.regular-below-60    # an entry that it has

Entries of lists are named by their id (``grades.g1.min``) or by their place from 0. New entries of a list go to its
end, or before the entry that ``before`` names. Top-level mappings of the folder's own files are joined to those of the
base and may only bring new names: whatever replaces an entry of the base must stand among the changes. The head
(``rulebook:``) states what differs; the rest of it is the base's.

A change that hits nothing, adds what is there already, or changes nothing is a finding. The result is read like any
other rulebook, and its canonical text is complete: it keeps the name and hash of the base and the changes beside the
whole content, so a published version never depends on files.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from scorecard.engine.declarations.source import Mark
from scorecard.engine.rulebook.model import GROUPS, TOP_KEYS
from scorecard.engine.values.findings import Finding
from scorecard.engine.values.text import Text

#: Where rulebooks that ship with the engine lie; a base is looked for beside the folder first.
SHIPPED = Path(__file__).resolve().parents[2] / "rulebooks"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}/[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
VERBS = ("set", "add", "remove")
#: Lists whose entries have an id by which changes name them.
KEYED_LISTS = tuple(name for name, group in GROUPS.items() if group.listed)

Load = Callable[[Path, list[Finding]], Mark]


class _Problem(Exception):
    """A change that cannot be made; holds message and remedy."""

    def __init__(self, message: Text, remedy: Text) -> None:
        super().__init__(message.en)
        self.message = message
        self.remedy = remedy


def canonical_data(root: Mark) -> Mapping[str, Any]:
    """Return the plain data of a rulebook in the order of its keys, from which its canonical text is written."""
    data: dict[str, Any] = root.plain()
    return {k: data[k] for k in TOP_KEYS if k in data}


def content_hash(root: Mark) -> str:
    """Return the hash that the rulebook of these marks has: SHA-256 of its canonical JSON text."""
    text = json.dumps(canonical_data(root), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def extended(root: Mark, folder: Path, findings: list[Finding], load: Load, seen: tuple[Path, ...] = ()) -> Mark | None:
    """Return the marks of the whole rulebook in `folder`, whose own files are `root`; `root` itself when it extends
    nothing, None when the base cannot be had. What is wrong is added to `findings`; `seen` are the folders on the way
    here, so that a circle is found.
    """
    extends = root.get("extends")
    if extends is None:
        return root
    base = _base(extends, folder, findings, load, (*seen, folder.resolve()))
    if base is None:
        return None
    base_hash = content_hash(base)
    pinned = extends.get("hash")
    if pinned is not None and pinned.value != base_hash:
        _report(
            findings,
            pinned,
            Text(
                "所基于的评价办法内容与此处记录的不一致。",
                "The rulebook that is extended has other content than noted.",
            ),
            Text(f"请核对后改为 {base_hash}。", f"Check it, then write {base_hash}."),
        )
    result = _copy(base)
    result.file, result.line = root.file, root.line
    _forget(result, "extends")
    done: list[Mark] = []
    changes = extends.get("changes")
    for change in changes.value if changes is not None and isinstance(changes.value, list) else []:
        if _apply(result, change, findings):
            done.append(change)
    if changes is not None and not isinstance(changes.value, list):
        _report(
            findings,
            changes,
            Text("“changes”应为列表。", "“changes” must be a list."),
            Text("请以“-”逐行列出改动。", "Write one line with “-” for each change."),
            "list",
        )
    _join(result, root, findings)
    _entries(result)["extends"] = _record(extends, base_hash, done)
    return result


def _entries(mark: Mark) -> dict[str, Mark]:
    """Return the entries of a mapping. A rulebook's root and `extends` are mappings: others do not come this far."""
    if not isinstance(mark.value, dict):
        raise TypeError(f"{mark.path or mark.file} is not a mapping")
    return mark.value


def _report(findings: list[Finding], mark: Mark, message: Text, remedy: Text, code: str = "change") -> None:
    findings.append(Finding(mark.file, mark.line, mark.path, code, message, remedy))


def _base(extends: Mark, folder: Path, findings: list[Finding], load: Load, seen: tuple[Path, ...]) -> Mark | None:
    for key, value in extends.items():
        if key not in ("rulebook", "hash", "changes"):
            _report(
                findings,
                value,
                Text(f"不认识的键“{key}”。", f"The key “{key}” is not known here."),
                Text("请改为 rulebook、hash 或 changes。", "Use one of rulebook, hash, changes."),
                "unknown-key",
            )
    named = extends.get("rulebook")
    name = named.value if named is not None else None
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        _report(
            findings,
            named or extends,
            Text("应写明所基于的评价办法。", "The rulebook that is extended must be named."),
            Text("请写成“rulebook: 代码/版本”。", "Write “rulebook: code/version”."),
            "missing-key",
        )
        return None
    places = [root / name for root in (folder.resolve().parent.parent, SHIPPED)]
    found = next((p for p in places if any(p.glob("*.yaml"))), None)
    if found is None:
        _report(
            findings,
            named or extends,
            Text(f"没有评价办法“{name}”。", f"There is no rulebook “{name}”."),
            Text("请改正代码和版本。", "Correct code and version."),
            "reference",
        )
        return None
    if found.resolve() in seen:
        _report(
            findings,
            named or extends,
            Text(f"评价办法“{name}”循环引用。", f"The rulebook “{name}” extends itself in a circle."),
            Text("请改正“extends”。", "Correct “extends”."),
            "cycle",
        )
        return None
    inner: list[Finding] = []
    base = load(found, inner)
    _name_files(base, name)
    inner = [Finding(f"{name}/{f.file}", f.line, f.key, f.code, f.message, f.remedy) for f in inner]
    findings += inner
    return extended(base, found, findings, load, seen)


def _name_files(mark: Mark, name: str) -> None:
    """Put the base's name before the file of every mark, so that a finding says where it stands."""
    mark.file = f"{name}/{mark.file}"
    below = mark.value.values() if isinstance(mark.value, dict) else mark.value if isinstance(mark.value, list) else ()
    for child in below:
        _name_files(child, name)


def _copy(mark: Mark, old: str = "", new: str = "") -> Mark:
    """Return a deep copy; paths that begin with `old` begin with `new` instead."""
    path = new + mark.path[len(old) :] if new else mark.path
    value: dict[str, Mark] | list[Mark] | str | None
    if isinstance(mark.value, dict):
        value = {k: _copy(v, old, new) for k, v in mark.value.items()}
    elif isinstance(mark.value, list):
        value = [_copy(v, old, new) for v in mark.value]
    else:
        value = mark.value
    return Mark(value, mark.file, mark.line, path, mark.quoted, dict(mark.key_lines))


def _forget(mark: Mark, key: str) -> None:
    if isinstance(mark.value, dict):
        mark.value.pop(key, None)
        mark.key_lines.pop(key, None)


def _apply(root: Mark, change: Mark, findings: list[Finding]) -> bool:
    """Make one change. Returns False, with a finding, when it cannot be made."""
    verbs = [k for k, _ in change.items() if k in VERBS]
    others = [k for k, _ in change.items() if k not in (*VERBS, "to", "before")]
    path = change.get(verbs[0]) if len(verbs) == 1 else None
    to = change.get("to")
    if change.get("before") is not None and "add" not in verbs:
        others.append("before")
    if path is None or not isinstance(path.value, str) or others or (to is None) == (verbs[0] != "remove"):
        _report(
            findings,
            change,
            Text("改动须写明 set、add 或 remove 及其路径。", "A change says set, add or remove and its path."),
            Text(
                "请写成“- set: 路径”加“to: 新值”，或“- add: 路径”加“to: 内容”，或“- remove: 路径”。",
                "Write “- set: path” with “to: value”, “- add: path” with “to: entry”, or “- remove: path”.",
            ),
        )
        return False
    try:
        {"set": _set, "add": _add, "remove": _remove}[verbs[0]](root, path.value, to, change.get("before"))
    except _Problem as e:
        _report(findings, change, e.message, e.remedy)
        return False
    return True


def _nothing(path: str) -> _Problem:
    return _Problem(
        Text(f"所基于的评价办法没有“{path}”，改动落空。", f"The base has no “{path}”: the change hits nothing."),
        Text("请改正路径；新增内容请用“add”。", "Correct the path; use “add” for something new."),
    )


def _step(at: Mark, rest: list[str]) -> tuple[str | int, Mark, int] | None:
    """Return key, mark and number of parts taken of the entry that the longest beginning of `rest` names."""
    if isinstance(at.value, dict):
        for taken in range(len(rest), 0, -1):
            key = ".".join(rest[:taken])
            if key in at.value:
                return key, at.value[key], taken
    if isinstance(at.value, list):
        for taken in range(len(rest), 0, -1):
            key = ".".join(rest[:taken])
            for i, item in enumerate(at.value):
                own = item.get("id")
                if own is not None and own.value == key:
                    return i, item, taken
        if rest[0].isdigit() and int(rest[0]) < len(at.value):
            return int(rest[0]), at.value[int(rest[0])], 1
    return None


def _find(root: Mark, path: str) -> tuple[Mark, str | int, Mark] | None:
    """Return holder, key and mark of the entry at `path`; ids may contain dots."""
    at, rest = root, path.split(".")
    while True:
        found = _step(at, rest)
        if found is None:
            return None
        key, child, taken = found
        rest = rest[taken:]
        if not rest:
            return at, key, child
        at = child


def _holder(root: Mark, path: str) -> tuple[Mark, str]:
    """Return the deepest mark on the way to `path` and the name that remains."""
    at, rest = root, path.split(".")
    while len(rest) > 1:
        found = _step(at, rest[:-1])
        if found is None:
            break
        _, at, taken = found
        rest = rest[taken:]
    return at, ".".join(rest)


def _put(holder: Mark, key: str | int, value: Mark, path: str) -> None:
    placed = _copy(value, value.path, path)
    if isinstance(holder.value, dict):
        holder.value[str(key)] = placed
        holder.key_lines[str(key)] = value.line
    elif isinstance(holder.value, list):
        holder.value[int(key)] = placed


def _set(root: Mark, path: str, to: Mark | None, before: Mark | None) -> None:
    found = _find(root, path)
    if found is None or to is None or path.partition(".")[0] == "rulebook":
        raise _nothing(path) if found is None else _head()
    holder, key, old = found
    if old.plain() == to.plain():
        raise _Problem(
            Text(f"“{path}”的新值与原值相同。", f"The new value of “{path}” is what it was."),
            Text("请删除该项改动，或改正新值。", "Remove the change, or correct the value."),
        )
    _put(holder, key, to, old.path)


def _head() -> _Problem:
    return _Problem(
        Text("“rulebook”下的内容不在改动中修改。", "What stands under “rulebook” is not changed here."),
        Text("请直接写在本办法的“rulebook”下。", "Write it under “rulebook” of this rulebook."),
    )


def _remove(root: Mark, path: str, to: Mark | None, before: Mark | None) -> None:
    found = _find(root, path)
    if found is None:
        raise _nothing(path)
    holder, key, _ = found
    if holder is root:
        raise _Problem(
            Text(f"不能整体删除“{path}”。", f"“{path}” cannot be removed as a whole."),
            Text("请逐项删除。", "Remove its entries one by one."),
        )
    if isinstance(holder.value, dict):
        del holder.value[str(key)]
        holder.key_lines.pop(str(key), None)
    elif isinstance(holder.value, list):
        del holder.value[int(key)]


def _add(root: Mark, path: str, to: Mark | None, before: Mark | None) -> None:
    holder, name = _holder(root, path)
    if to is None:
        raise _nothing(path)
    if _find(root, path) is not None:
        raise _Problem(
            Text(f"所基于的评价办法已有“{path}”。", f"The base has “{path}” already."),
            Text("请改用“set”，或换一个编号。", "Use “set”, or another id."),
        )
    if holder is root and "." in path:
        group = path.partition(".")[0]
        if isinstance(root.value, dict) and group not in root.value and group in GROUPS:
            root.value[group] = Mark([] if group in KEYED_LISTS else {}, to.file, to.line, group)
            holder, name = root.value[group], path.partition(".")[2]
    if isinstance(holder.value, list):
        own = to.get("id")
        if own is None or own.value != name:
            raise _Problem(
                Text(f"新增项的 id 应为“{name}”。", f"The id of the new entry must be “{name}”."),
                Text("请使路径与 id 一致。", "Let path and id agree."),
            )
        at = len(holder.value)
        if before is not None:
            found = _step(holder, [str(before.value)])
            if found is None:
                raise _nothing(f"{holder.path}.{before.value}")
            at = int(found[0])
        holder.value.insert(at, _copy(to, to.path, f"{holder.path}.{at}"))
        return
    if not isinstance(holder.value, dict) or holder is root:
        raise _nothing(path)
    _put(holder, name, to, path)


def _join(result: Mark, root: Mark, findings: list[Finding]) -> None:
    """Join what the folder's own files bring. Only the head may say anew what the base says."""
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
                    held.value.append(_copy(item, item.path, f"{key}.{len(held.value)}"))
        else:
            _twice(findings, mark, key)


def _twice(findings: list[Finding], mark: Mark, path: str) -> None:
    _report(
        findings,
        mark,
        Text(f"所基于的评价办法已有“{path}”。", f"The base has “{path}” already."),
        Text("请在“extends”的改动中用“set”修改它。", "Change it with “set” among the changes of “extends”."),
        "duplicate-key",
    )


def _record(extends: Mark, base_hash: str, done: list[Mark]) -> Mark:
    """Return the `extends` that the canonical text keeps: name, hash and changes."""
    named = _entries(extends)["rulebook"]
    changes = extends.get("changes") or Mark([], extends.file, extends.line, f"{extends.path}.changes")
    return Mark(
        {
            "rulebook": named,
            "hash": Mark(base_hash, named.file, named.line, f"{extends.path}.hash"),
            "changes": Mark(list(done), changes.file, changes.line, changes.path),
        },
        extends.file,
        extends.line,
        extends.path,
        key_lines=dict(extends.key_lines),
    )
