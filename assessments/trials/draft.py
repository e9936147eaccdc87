"""The next version of a rulebook as files to review: what was tried, written down, and marked as a proposal.

Every entry with a changed number gets the basis ``proposed`` and the trial as its source, with the article that it goes
back to; nothing that was tried is ever shown as the supervisor's own. Its worked cases are made by `draft_cases`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from scorecard.engine.declarations.fields import NUMBER
from scorecard.engine.declarations.source import from_plain
from scorecard.engine.errors import RulebookError
from scorecard.engine.lint.meaning import meaning
from scorecard.engine.reading.changes import KEYED_LISTS
from scorecard.engine.reading.reader import read_with_fields
from scorecard.engine.rulebook.model import Document
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.text import Text
from scorecard.engine.whatif.diff import diff
from scorecard.engine.whatif.simulate import Change, apply_change

PROPOSED = "proposed"


def draft_data(
    base: Rulebook, changes: Sequence[Change], *, version: str, document: str, title: Text, date: str
) -> dict[str, Any]:
    """Return the plain data of the next version: `base` with `changes`, each changed entry marked as proposed.

    `document` begins the ids under which the trial is cited (one for each document that a changed entry goes back to),
    `title` is its title, `date` its day. Raises RulebookError when the result is no rulebook.
    """
    data: dict[str, Any] = copy.deepcopy(dict(base.document_data))
    after: dict[str, str] = {}
    for path in dict.fromkeys(_entry(change.path) for change in changes if change.value is not None):
        after |= _mark(data, path, document)
    for change in changes:
        apply_change(data, change)
    data["rulebook"]["version"] = version
    if changes:
        data["rulebook"]["basis"] = PROPOSED
        data["documents"] |= {
            id: {"title": _title(title, base.documents.get(old)).to_json(), "date": date} for id, old in after.items()
        }
    data.pop("extends", None)
    _prune(data)
    return data


def extension_data(base: Rulebook, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the draft as a rulebook that extends `base`: its head, the new documents, and the list of changes.

    It says the same as the whole of `data`, and a reader sees at once what is proposed.
    """
    old = base.document_data
    head = {k: v for k, v in data["rulebook"].items() if v != old["rulebook"].get(k)}
    new_documents = {k: v for k, v in data["documents"].items() if k not in old["documents"]}
    changes: list[dict[str, Any]] = []
    for group, value in data.items():
        if group not in ("rulebook", "documents"):
            changes += _changes(group, old[group], value)
    extends = {"rulebook": f"{base.code}/{base.version}", "hash": base.hash, "changes": changes}
    return {"rulebook": head, "extends": extends, "documents": new_documents}


def _changes(path: str, old: Any, new: Any) -> Iterator[dict[str, Any]]:
    """What leads from one value to the other, each as one change at the deepest place that both have."""
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in old:
            if key not in new:
                yield {"remove": f"{path}.{key}"}
        for key, value in new.items():
            if key in old:
                yield from _changes(f"{path}.{key}", old[key], value)
            else:
                yield {"add": f"{path}.{key}", "to": value}
        return
    if isinstance(old, list) and isinstance(new, list):
        if path in KEYED_LISTS:
            mine, theirs = ({item["id"]: item for item in side} for side in (old, new))
            yield from _changes(path, mine, theirs)
            return
        if len(old) == len(new):
            for place, (a, b) in enumerate(zip(old, new, strict=True)):
                yield from _changes(f"{path}.{place}", a, b)
            return
    yield {"set": path, "to": new}


def _entry(path: str) -> str:
    """The entry that a change belongs to: the part of its path that carries a source and a basis."""
    parts = path.split(".")
    if parts[0] == "indicators":
        return path.partition(".rule.")[0] if ".rule." in path else path.rpartition(".")[0]
    if parts[0] in ("grades", "caps"):
        return ".".join(parts[:2])
    if parts[0] == "adjustments":
        return path.rpartition(".")[0]
    if parts[0] == "rulebook":
        return ""
    return path.rpartition(".")[0]


def _mark(data: dict[str, Any], entry: str, document: str) -> dict[str, str]:
    """Mark an entry as proposed by the trial; returns the id of the document that it now cites, with that of the
    document before.
    """
    if not entry:
        return {}
    holder = _find(data, entry)
    old, _, article = (part.strip() for part in str(holder.get("source") or "").partition("§"))
    id = f"{document}-{old}" if old else document
    holder["source"] = f"{id} § {article}" if article else id
    holder["basis"] = PROPOSED
    return {id: old}


def _title(title: Text, old: Document | None) -> Text:
    """The title of the trial as a source, with the document that the changed entry goes back to."""
    if old is None:
        return title
    return Text(f"{title.zh}（改自{old.cite.zh}）", f"{title.en} (after {old.cite.en})")


def _find(data: Any, entry: str) -> dict[str, Any]:
    group, _, rest = entry.partition(".")
    at = data[group]
    if group == "adjustments":
        id, _, place = rest.partition(".cases.")
        return at[id]["cases"][int(place)]  # type: ignore[no-any-return]
    return at[int(rest)] if isinstance(at, list) else at[rest]  # type: ignore[no-any-return]


def _prune(data: dict[str, Any]) -> None:
    """Take out facts and derived figures that nothing uses any more, such as those of a cap that is gone."""
    while True:
        book, fields = read_with_fields(from_plain(data))
        if fields.findings:
            raise RulebookError(Text("草案不是有效的评价办法。", "The draft is no rulebook."), tuple(fields.findings))
        unused = [f.key for f in meaning(book, fields) if f.code == "unused"]
        gone = [key.partition(".") for key in unused if key.startswith(("facts.", "definitions."))]
        if not gone:
            return
        for group, _, name in gone:
            data[group].pop(name, None)


def changes_text(base: Rulebook, draft: Rulebook, heading: Text, note: str) -> str:
    """Return what the draft changes as a Markdown text in both languages, for the folder of the rulebook."""
    lines = [f"# {heading.zh} / {heading.en}", ""]
    if note:
        lines += [note, ""]
    lines += [
        "以下修改均为建议值，非监管部门原文；算例的应得结果由计分程序按修改后的规则算出，发布前须人工核对。",
        "Every change below is a proposal and not the supervisor's own. What the worked cases expect was computed with "
        "the changed rules; check it by hand before publishing.",
        "",
    ]
    for group in diff(base, draft).groups:
        lines += [f"## {group.label.zh} / {group.label.en}", ""]
        for entry in group.entries:
            lines.append(f"- {entry.id} {entry.name.zh} / {entry.name.en} ({entry.what})")
            for field in entry.fields:
                before = "；".join(line.text.zh for line in field.before if line.changed)
                after = "；".join(line.text.zh for line in field.after if line.changed)
                lines.append(f"  - {field.label.zh} / {field.label.en}: {before or '—'} → {after or '—'}")
        lines.append("")
    return "\n".join(lines)


# ---- Writing YAML


class _Dumper(yaml.SafeDumper):
    """Numbers are written as numbers although the data keep them as texts; nothing is shared or sorted."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        return super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    if NUMBER.fullmatch(value):
        tag = "tag:yaml.org,2002:float" if "." in value else "tag:yaml.org,2002:int"
        return dumper.represent_scalar(tag, value)
    if value in ("true", "false"):
        return dumper.represent_scalar("tag:yaml.org,2002:bool", value)
    return dumper.represent_scalar("tag:yaml.org,2002:str", value)


_Dumper.add_representer(str, _text)


def to_yaml(data: Mapping[str, Any]) -> str:
    """Return plain data of a rulebook as YAML that reads back to the same data, to the last digit."""
    return yaml.dump(dict(data), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=118)
