"""The changes that a rulebook makes to the one that it extends: an entry set, added or removed at a path."""

from __future__ import annotations

from scorecard.engine.declarations.source import Mark
from scorecard.engine.rulebook.rulebook import GROUPS
from scorecard.engine.values.findings import Finding
from scorecard.engine.values.text import Text

VERBS = ("set", "add", "remove")
#: Lists whose entries have an id by which changes name them.
KEYED_LISTS = tuple(name for name, group in GROUPS.items() if group.listed)


class _Problem(Exception):
    """A change that cannot be made; holds message and remedy."""

    def __init__(self, message: Text, remedy: Text) -> None:
        super().__init__(message.en)
        self.message = message
        self.remedy = remedy


def copied(mark: Mark, old: str, new: str) -> Mark:
    """Return a deep copy, whose paths begin with `new` instead of `old`."""
    value = mark.value
    if isinstance(value, dict):
        value = {k: copied(v, old, new) for k, v in value.items()}
    elif isinstance(value, list):
        value = [copied(v, old, new) for v in value]
    return Mark(value, mark.file, mark.line, new + mark.path[len(old) :], dict(mark.key_lines))


def forget(mark: Mark, key: str) -> None:
    if isinstance(mark.value, dict):
        mark.value.pop(key, None)
        mark.key_lines.pop(key, None)


def apply(root: Mark, change: Mark, findings: list[Finding]) -> bool:
    """Make one change. Returns False, with a finding, when it cannot be made."""
    try:
        _apply(root, change)
    except _Problem as e:
        findings.append(change.finding("change", e.message, e.remedy))
        return False
    return True


def _apply(root: Mark, change: Mark) -> None:
    verbs = [k for k, _ in change.items() if k in VERBS]
    others = [k for k, _ in change.items() if k not in (*VERBS, "to", "before")]
    path = change.get(verbs[0]) if len(verbs) == 1 else None
    to, before = change.get("to"), change.get("before")
    if before is not None and "add" not in verbs:
        others.append("before")
    if path is None or not isinstance(path.value, str) or others or (to is None) == (verbs[0] != "remove"):
        raise _Problem(
            Text("改动须写明 set、add 或 remove 及其路径。", "A change says set, add or remove and its path."),
            Text(
                "请写成“- set: 路径”加“to: 新值”，或“- add: 路径”加“to: 内容”，或“- remove: 路径”。",
                "Write “- set: path” with “to: value”, “- add: path” with “to: entry”, or “- remove: path”.",
            ),
        )
    if to is None:
        _remove(root, path.value)
    elif verbs == ["set"]:
        _set(root, path.value, to)
    else:
        _add(root, path.value, to, before)


def _nothing(path: str) -> _Problem:
    return _Problem(
        Text(f"所基于的评价办法没有“{path}”，改动落空。", f"The base has no “{path}”: the change hits nothing."),
        Text("请改正路径；新增内容请用“add”。", "Correct the path; use “add” for something new."),
    )


def _locate(root: Mark, path: str) -> tuple[Mark, str, Mark, list[str]]:
    """Return the deepest entry on the way to `path`, after its holder and key, and the rest of the path."""
    holder, key, at, rest = root, "", root, path.split(".")
    while found := at.step(rest, by_id=True):
        holder, (key, at, rest) = at, found
    return holder, key, at, rest


def _put(holder: Mark, key: str, value: Mark, path: str) -> None:
    placed = copied(value, value.path, path)
    if isinstance(holder.value, dict):
        holder.value[key] = placed
        holder.key_lines[key] = value.line
    elif isinstance(holder.value, list):
        holder.value[int(key)] = placed


def _set(root: Mark, path: str, to: Mark) -> None:
    holder, key, old, rest = _locate(root, path)
    if rest:
        raise _nothing(path)
    if path.partition(".")[0] == "rulebook":
        raise _Problem(
            Text("“rulebook”下的内容不在改动中修改。", "What stands under “rulebook” is not changed here."),
            Text("请直接写在本办法的“rulebook”下。", "Write it under “rulebook” of this rulebook."),
        )
    if old.plain() == to.plain():
        raise _Problem(
            Text(f"“{path}”的新值与原值相同。", f"The new value of “{path}” is what it was."),
            Text("请删除该项改动，或改正新值。", "Remove the change, or correct the value."),
        )
    _put(holder, key, to, old.path)


def _remove(root: Mark, path: str) -> None:
    holder, key, _, rest = _locate(root, path)
    if rest:
        raise _nothing(path)
    if holder is root:
        raise _Problem(
            Text(f"不能整体删除“{path}”。", f"“{path}” cannot be removed as a whole."),
            Text("请逐项删除。", "Remove its entries one by one."),
        )
    forget(holder, key)
    if isinstance(holder.value, list):
        del holder.value[int(key)]


def _add(root: Mark, path: str, to: Mark, before: Mark | None) -> None:
    _, _, holder, rest = _locate(root, path)
    if not rest:
        raise _Problem(
            Text(f"所基于的评价办法已有“{path}”。", f"The base has “{path}” already."),
            Text("请改用“set”，或换一个编号。", "Use “set”, or another id."),
        )
    if holder is root and len(rest) > 1 and isinstance(root.value, dict) and rest[0] in GROUPS:
        group, *rest = rest
        holder = root.value[group] = Mark([] if group in KEYED_LISTS else {}, to.file, to.line, group)
    name = ".".join(rest)
    if isinstance(holder.value, list):
        own = to.get("id")
        if own is None or own.value != name:
            raise _Problem(
                Text(f"新增项的 id 应为“{name}”。", f"The id of the new entry must be “{name}”."),
                Text("请使路径与 id 一致。", "Let path and id agree."),
            )
        at = len(holder.value)
        if before is not None:
            found = holder.step([str(before.value)], by_id=True)
            if found is None:
                raise _nothing(f"{holder.path}.{before.value}")
            at = int(found[0])
        holder.value.insert(at, copied(to, to.path, f"{holder.path}.{at}"))
    elif isinstance(holder.value, dict) and holder is not root:
        _put(holder, name, to, path)
    else:
        raise _nothing(path)
