"""Declarations of keys: what an entry of a rulebook may hold is written once, as the fields of its dataclass.

A field made by :func:`key` says in which *form* its value is written. From the form follow how it is read (with every
finding), its JSON Schema, the expressions, rules, facts and targets in it, the numbers of it that can be tried
otherwise, and its words in a difference. :func:`read_entry` and :func:`entry_schema` do it for a whole entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from decimal import Decimal
from functools import cache
from typing import Any, Protocol

from scorecard.engine.declarations.fields import NUMBER, Fields
from scorecard.engine.declarations.source import Mark
from scorecard.engine.language.syntax import Expression
from scorecard.engine.values.numbers import plain
from scorecard.engine.values.rational import ZERO, Fraction
from scorecard.engine.values.text import EMPTY, Text

Schema = dict[str, Any]


class Tuner(Protocol):
    """Makes the tunables of one entry, each with the words that lead to it."""

    def points(self, path: str, words: Text, stored: str) -> Any: ...

    def value(self, path: str, words: Text, stored: str, unit: str) -> Any: ...

    def grade(self, path: str, words: Text, stored: str) -> Any: ...

    def literals(self, path: str) -> Iterator[Any]:
        """The numbers inside the expression at a path."""
        ...

    def rendered(self, text: str) -> Text: ...

    def options(self, fact: str) -> Mapping[str, Text]: ...

    def under(self, lead: Text) -> Tuner: ...


@dataclass(slots=True)
class Reading:
    """An entry that is being read: its place, the values read so far, and the range of its indicator."""

    fields: Fields
    at: Mark
    values: dict[str, Any]
    low: Fraction = ZERO
    high: Fraction = ZERO

    def within(self, at: Mark) -> Reading:
        """Return the reading of a rule in this entry; an indicator gives its own range."""
        low, high = (self.values.get(end) for end in ("min", "max"))
        if low is None or high is None:
            return Reading(self.fields, at, {}, self.low, self.high)
        return Reading(self.fields, at, {}, Fraction(low), Fraction(high))


class Form:
    """One way to write a value, with its schema and, where nothing else is asked of it, the function that reads it.

    blank  what stands for a value that is not there
    words  those of the values of a closed list
    names  what a value names outside expressions: "fact" or "target"
    """

    def __init__(
        self,
        schema: Schema,
        read: Callable[[Reading, str, Key], Any] | None = None,
        blank: Any = None,
        words: Mapping[str, Text] | None = None,
        names: str = "",
    ) -> None:
        self.schema, self._read, self.blank, self.words, self.names = schema, read, blank, words or {}, names

    def read(self, r: Reading, name: str, key: Key) -> Any:
        """Return the value at `name`, reporting what is wrong with it; something harmless where it cannot be read."""
        return self._read(r, name, key) if self._read is not None else None

    def expressions(self, path: str, value: Any, entry: Any) -> Iterator[tuple[str, Expression, str]]:
        """Yield (path, expression, expected type): ``bool``, a unit, or ``*`` for any number."""
        yield from ()

    def rules(self, path: str, value: Any) -> Iterator[tuple[str, Any]]:
        """Yield the rules in a value with their path."""
        yield from ()

    def tunables(self, t: Tuner, path: str, raw: Any, key: Key, entry: Mapping[str, Any]) -> Iterator[Any]:
        """Yield what of the raw value can be tried otherwise: a number for which its key has words."""
        if key.tune != EMPTY and is_number(raw):
            words = key.tune(t, entry) if callable(key.tune) else key.tune
            yield t.value(path, words, plain(Decimal(raw)), key.unit(entry) if callable(key.unit) else key.unit)


@dataclass(frozen=True, slots=True)
class Key:
    """One key of an entry.

    required   the reader reports it when it is missing; `stated` says the same for the schema where that differs
    default    its value when it is missing, or how that follows from what was read before it
    label      its words in a difference; `worded` is False where the words of a rule leave it out
    tune       the words of a number that can be tried otherwise, or how they follow from its entry; such numbers stand
               by the `order` of their keys
    unit       the unit of that number, or how it follows from its entry
    last       whether it comes after the keys of the classes that inherit it
    """

    form: Form
    required: bool
    stated: bool
    default: Any
    label: Text
    tune: Text | Callable[[Tuner, Mapping[str, Any]], Text]
    worded: bool
    order: int
    last: bool
    unit: str | Callable[[Mapping[str, Any]], str]

    def default_of(self, r: Reading) -> Any:
        return self.default(r) if callable(self.default) else self.default


def key(
    form: Form,
    *,
    required: bool = False,
    stated: bool | None = None,
    default: Any = None,
    label: Text = EMPTY,
    tune: Text | Callable[[Tuner, Mapping[str, Any]], Text] = EMPTY,
    worded: bool = True,
    order: int = 0,
    last: bool = False,
    unit: str | Callable[[Mapping[str, Any]], str] = "分",
    value: Any = MISSING,
) -> Any:
    """Declare a field of a dataclass as a key. `value` is its value where the dataclass is made without it."""
    made = Key(form, required, required if stated is None else stated, default, label, tune, worded, order, last, unit)
    if value is MISSING and not required:
        value = form.blank if default is None or callable(default) else default
    if isinstance(value, dict):
        return field(default_factory=dict, kw_only=True, metadata={"key": made})
    return field(default=value, kw_only=True, metadata={"key": made})


@cache
def keys_of(entry: Any) -> dict[str, Key]:
    """Return the keys that a dataclass declares, in their order."""
    found: dict[str, Key] = {f.name: f.metadata["key"] for f in fields(entry) if "key" in f.metadata}
    return dict(sorted(found.items(), key=lambda item: item[1].last))


def read_keys(r: Reading, entry: Any, more: Iterable[str] = ()) -> dict[str, Any]:
    """Read every key of an entry and report the keys that it does not know."""
    keys = keys_of(entry)
    r.fields.known(r.at, (*more, *keys))
    for name, each in keys.items():
        r.values[name] = each.form.read(r, name, each)
    return r.values


def read_entry(f: Fields, at: Mark, entry: Any, **given: Any) -> Any:
    """Read an entry; `given` are the fields that are no keys, such as its id."""
    return entry(**given, **read_keys(Reading(f, at, {}), entry))


def read_entries(f: Fields, at: Mark, entry: Any) -> dict[str, Any]:
    """Read a mapping of id -> entry."""
    return {id: read_entry(f, child, entry, id=id) for id, child in at.items()}


def read_listed(f: Fields, items: Iterable[Mark], entry: Any) -> tuple[Any, ...]:
    """Read the entries of a list."""
    return tuple(read_entry(f, child, entry) for child in items)


# ---- schemas


def ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _described(schema: Schema, about: str) -> Schema:
    return {**schema, "description": about} if about else schema


def object_schema(properties: Mapping[str, Any], required: Iterable[str] = (), about: str = "") -> Schema:
    found: Schema = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    return _described(found | ({"required": list(required)} if required else {}), about)


def map_schema(of: Schema, about: str = "") -> Schema:
    return _described({"type": "object", "additionalProperties": of}, about)


def list_schema(of: Schema, about: str = "", **more: Any) -> Schema:
    return _described({"type": "array", "items": of, **more}, about)


def entry_schema(entry: Any, first: Mapping[str, Schema] | None = None, about: str = "") -> Schema:
    """Return the schema of an entry; `first` are properties before its keys, all required."""
    keys, before = keys_of(entry), first or {}
    needed = [*before, *(name for name, each in keys.items() if each.stated)]
    return object_schema({**before, **{name: each.form.schema for name, each in keys.items()}}, needed, about)


def expressions_of(entry: Any, prefix: str = "") -> Iterator[tuple[str, Expression, str]]:
    """Yield (path, expression, expected type) of every expression of an entry, without those of rules in it."""
    for name, each in keys_of(entry.__class__).items():
        yield from each.form.expressions(f"{prefix}{name}", getattr(entry, name), entry)


def tunables_of(t: Tuner, entry: Any, path: str, raw: Mapping[str, Any]) -> Iterator[Any]:
    """Yield what of an entry's raw data can be tried otherwise; `path` leads to it, "" at the entry itself."""
    for name, each in sorted(keys_of(entry).items(), key=lambda item: item[1].order):
        yield from each.form.tunables(t, f"{path}.{name}" if path else name, raw.get(name), each, raw)


def is_number(value: Any) -> bool:
    return isinstance(value, str) and NUMBER.fullmatch(value) is not None
