"""Plain JSON data of frozen results: every field under its own name, in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import lru_cache
from typing import Any, ClassVar

from scorecard.engine.values.numbers import exact
from scorecard.engine.values.text import Text

Json = dict[str, Any]


class Plain:
    """A frozen dataclass whose fields turn into JSON.

    RENAMED  fields that have another name in JSON.
    APART    fields that are left out: what the reader of the JSON knows (an id that is the key), or what `explained`
    adds.
    """

    __slots__ = ()
    RENAMED: ClassVar[Mapping[str, str]] = {}
    APART: ClassVar[tuple[str, ...]] = ()

    def to_json(self) -> Json:
        return {key: as_json(getattr(self, name)) for name, key in _keys(type(self))}  # type: ignore[arg-type]


class Explained(Plain):
    """A result with an explanation: `outcome` is kept with a score run, `to_json` is the whole."""

    __slots__ = ()
    EXPLANATION: ClassVar[tuple[str, ...]] = ("trace",)

    def outcome(self) -> Json:
        """Return the result without its explanation."""
        return super().to_json()

    def to_json(self) -> Json:
        return {**self.outcome(), **{name: as_json(getattr(self, name)) for name in self.EXPLANATION}}


@lru_cache(maxsize=64)
def _keys(cls: Any) -> tuple[tuple[str, str], ...]:
    """Return (field, key) of everything that a class puts into JSON."""
    names = [f.name for f in fields(cls) if f.name not in cls.APART]
    return tuple((name, cls.RENAMED.get(name, name)) for name in names)


def as_json(value: Any) -> Any:
    """Return a value of a result as JSON data; numbers are exact texts."""
    if isinstance(value, Text | Plain):
        return value.to_json()
    if isinstance(value, tuple):
        return [as_json(v) for v in value]
    if isinstance(value, Mapping):
        return {k: as_json(v) for k, v in value.items()}
    return exact(value)
