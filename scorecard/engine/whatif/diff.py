"""What changed between two rulebooks, entry by entry, in words of both languages and with the source of each entry.

Read out of the whole documents, so that nothing that differs goes unsaid: every key of every entry is compared, and a
rule whose wording is the same but whose data are not is taken apart down to the number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scorecard.engine.declarations.fields import cited
from scorecard.engine.language.syntax import parse_expression
from scorecard.engine.rulebook.labels import label, rendered, rule_lines
from scorecard.engine.rulebook.model import BASIS_LABELS
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.results import Source
from scorecard.engine.values.text import EMPTY, Text, join
from scorecard.engine.whatif.diff_words import GROUP_LABELS, field_label, unworded, value_label

HEAD = "rulebook"
#: What is said of an entry anyhow; an entry that was added or removed does not say it again.
STATED = ("id", "name", "label", "title", "source", "basis")
EXPRESSIONS = ("left", "right", "when", "holds", "expr", "derived")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a value; `changed` when the other version has no such line."""

    text: Text
    changed: bool


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One changed field of an entry: what it said and what it says. An empty side means that it was not there."""

    key: str
    label: Text
    before: tuple[Line, ...]
    after: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class EntryChange:
    """One entry that was added, removed or changed. Sources and bases are those of the entry in each version."""

    kind: str
    id: str
    name: Text
    what: str
    fields: tuple[FieldChange, ...]
    source_before: Source | None
    source_after: Source | None
    basis_before: str
    basis_after: str


@dataclass(frozen=True, slots=True)
class GroupChange:
    """All changed entries of one kind; `reordered` when the entries that both have stand in another order."""

    kind: str
    label: Text
    entries: tuple[EntryChange, ...]
    reordered: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that differs, in the order of a rulebook."""

    groups: tuple[GroupChange, ...]

    def count(self, what: str) -> int:
        """How many entries were added, removed or changed."""
        return sum(entry.what == what for group in self.groups for entry in group.entries)


def diff(old: Rulebook, new: Rulebook) -> Difference:
    """Compare two rulebooks; equal ones give an empty difference. Entries are matched by their id."""
    groups = []
    for kind in GROUP_LABELS:
        before, after = _entries(old, kind), _entries(new, kind)
        changes = tuple(_compare(old, new, kind, before, after))
        kept = [key for key in before if key in after]
        reordered = kept != [key for key in after if key in before]
        if changes or reordered:
            groups.append(GroupChange(kind, GROUP_LABELS[kind], changes, reordered))
    return Difference(tuple(groups))


def _entries(rulebook: Rulebook, kind: str) -> dict[str, Mapping[str, Any]]:
    """The entries of one kind by id, as plain data. The head of a rulebook, and what it extends, is one without id."""
    raw = rulebook.document_data.get(kind)
    if raw is None:
        return {}
    if kind == "extends":
        # Its changes stand where they act; only what is extended is said here.
        return {"": {"base": raw.get("rulebook")}}
    if kind == HEAD:
        return {"": raw}
    if isinstance(raw, Mapping):
        return {key: value if isinstance(value, Mapping) else {"": value} for key, value in raw.items()}
    return {str(item["id"]): item for item in raw}


def _compare(
    old: Rulebook,
    new: Rulebook,
    kind: str,
    before: Mapping[str, Mapping[str, Any]],
    after: Mapping[str, Mapping[str, Any]],
) -> Iterator[EntryChange]:
    for key in dict.fromkeys((*after, *before)):
        a, b = before.get(key), after.get(key)
        if a == b or (kind == "extends" and b is None):  # what is no longer extended stands in full now
            continue
        id = key or new.code
        yield EntryChange(
            kind,
            id,
            _name(b if b is not None else a or {}, id),
            "added" if a is None else "removed" if b is None else "changed",
            tuple(_fields(old, new, kind, key, a or {}, b or {})),
            _source(old, a),
            _source(new, b),
            str((a or {}).get("basis") or ""),
            str((b or {}).get("basis") or ""),
        )


def _name(entry: Mapping[str, Any], key: str) -> Text:
    for name in ("name", "label", "title", "message"):
        found = entry.get(name)
        if isinstance(found, Mapping) and "zh" in found:
            return Text(str(found["zh"]), str(found.get("en", "")))
    return Text(key, key)


def _source(rulebook: Rulebook, entry: Mapping[str, Any] | None) -> Source | None:
    text = str((entry or {}).get("source") or "")
    document, article, cite = cited(text, rulebook.documents)
    return Source(document, article, cite or Text(text, text)) if text else None


def _fields(
    old: Rulebook, new: Rulebook, kind: str, id: str, a: Mapping[str, Any], b: Mapping[str, Any]
) -> Iterator[FieldChange]:
    """Every key in which the entries differ; of an entry that only one version has, all that its head does not say."""
    for key in dict.fromkeys((*a, *b)):
        left, right = a.get(key), b.get(key)
        if left == right or (key in STATED and not (a and b)):
            continue
        if key == "rule" and kind == "indicators":
            before = _rule(old, id) if left is not None else []
            after = _rule(new, id) if right is not None else []
            if before != after:
                yield _change(key, _label(key), before, after)
            if left is not None and right is not None:
                yield from _leaves(old, new, left, right, only_unworded=before != after)
        else:
            yield _value_change(old, new, key, _label(key), key, left, right)


def _value_change(old: Rulebook, new: Rulebook, path: str, name: Text, key: str, left: Any, right: Any) -> FieldChange:
    """A changed value in words, or as it stands in the file where the words of both are the same."""
    before, after = _lines(old, key, left), _lines(new, key, right)
    if before == after:
        before, after = _raw(left), _raw(right)
    return _change(path, name, before, after)


def _change(key: str, name: Text, before: list[Text], after: list[Text]) -> FieldChange:
    lines = (tuple(Line(t, t not in other) for t in side) for side, other in ((before, after), (after, before)))
    return FieldChange(key, name, *lines)


def _label(key: str) -> Text:
    return field_label(key) or Text(key, key)


def _raw(value: Any) -> list[Text]:
    return [] if value is None else [Text(str(value), str(value))]


def _rule(rulebook: Rulebook, indicator: str) -> list[Text]:
    """The rule of an indicator in words, one text a line."""
    rule = rulebook.indicators[indicator].rule
    zh, en = (list(rule_lines(rulebook, rule, lang)) for lang in ("zh", "en"))
    return [Text(a.strip(), b.strip()) for a, b in zip(zh, en, strict=True)]


def _lines(rulebook: Rulebook, key: str, value: Any) -> list[Text]:
    """A value in words, one text a line; no line where there is no value."""
    if value is None:
        return []
    if key == "cases" and isinstance(value, list):
        return [_case(rulebook, case) for case in value]
    if isinstance(value, Mapping):
        if "zh" in value and "en" in value:
            return [Text(str(value["zh"]), str(value["en"]))]
        return [_pair(rulebook, name, item) for name, item in value.items()]
    if isinstance(value, list):
        return [text for item in value for text in _item(rulebook, item)]
    return [_scalar(rulebook, key, str(value))]


def _pair(rulebook: Rulebook, name: str, item: Any) -> Text:
    shown = join(_lines(rulebook, name, item), "；", "; ")
    named = field_label(name) or label(rulebook, name)
    return Text(f"{named.zh}：{shown.zh}", f"{named.en}: {shown.en}")


def _item(rulebook: Rulebook, item: Any) -> list[Text]:
    return _lines(rulebook, "", item) if isinstance(item, Mapping | list) else [label(rulebook, str(item))]


def _case(rulebook: Rulebook, case: Mapping[str, Any]) -> Text:
    """A case of an adjustment on one line: when, how many points, within which range, why, and by what right."""
    when = _scalar(rulebook, "when", str(case.get("when", "")))
    span = case.get("range")
    bounds = f" [{span[0]}, {span[1]}]" if isinstance(span, list) and len(span) == 2 else ""
    because = case.get("because") or {}
    basis = BASIS_LABELS.get(str(case.get("basis")), EMPTY)
    source = _source(rulebook, case)
    cite = source.cite if source else EMPTY
    return Text(
        f"{when.zh} → {case.get('points')}{bounds}：{because.get('zh', '')}（{cite.zh}，{basis.zh}）",
        f"{when.en} → {case.get('points')}{bounds}: {because.get('en', '')} ({cite.en}, {basis.en})",
    )


def _scalar(rulebook: Rulebook, key: str, value: str) -> Text:
    if key in EXPRESSIONS or key == "x":
        return rendered(rulebook, parse_expression(value).node)
    if key in ("basis", "name_basis"):
        return BASIS_LABELS.get(value, Text(value, value))
    if key in ("source", "instrument"):
        source = _source(rulebook, {"source": value})
        return source.cite if source else Text(value, value)
    found = value_label(key, value)
    if found is not None:
        return found
    if key in ("to", "lever", "section", "parent", "part", "carries_from", "notch_of", "target", "fact", "tool"):
        if key == "tool" and value in rulebook.tools:
            return rulebook.tools[value].name
        return label(rulebook, value)
    return Text(value, value)


def _leaves(old: Rulebook, new: Rulebook, a: Any, b: Any, *, only_unworded: bool) -> Iterator[FieldChange]:
    """Single values of a rule that differ; with `only_unworded` those alone that the rule's words do not say."""
    left, right = dict(_walk(a)), dict(_walk(b))
    for path in dict.fromkeys((*left, *right)):
        x, y = left.get(path), right.get(path)
        if x == y or (only_unworded and not any(unworded(part) for part in path)):
            continue
        key = next((p for p in reversed(path) if field_label(p)), "rule")
        yield _value_change(old, new, ".".join(path), _path_label(path), key, x, y)


def _walk(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str | None]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _walk(item, (*path, str(key)))
    elif isinstance(value, list):
        for number, item in enumerate(value, start=1):
            yield from _walk(item, (*path, str(number)))
    else:
        yield path, value


def _path_label(path: tuple[str, ...]) -> Text:
    return join([_label(part) for part in ("rule", *path)], " › ", " › ")
