"""Plain JSON data of frozen results: every field under its own name, in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, ClassVar

from scorecard.engine.values.numbers import exact
from scorecard.engine.values.text import Text

Json = dict[str, Any]


class Plain:
    """A frozen dataclass whose fields turn into JSON.

    RENAMED      fields that have another name in JSON
    APART        fields that are left out: what the reader of the JSON knows (an id that is the key)
    OPTIONAL     fields that are left out when they are empty
    EXPLANATION  fields that `outcome`, which is kept with a score run, leaves out
    """

    __slots__ = ()
    RENAMED: ClassVar[Mapping[str, str]] = {}
    APART: ClassVar[tuple[str, ...]] = ()
    OPTIONAL: ClassVar[tuple[str, ...]] = ()
    EXPLANATION: ClassVar[tuple[str, ...]] = ()

    def to_json(self, explained: bool = True) -> Json:
        data: Json = {}
        for field in fields(self):  # type: ignore[arg-type]
            name, value = field.name, getattr(self, field.name)
            left_out = name in self.APART or (name in self.EXPLANATION and not explained)
            if not left_out and (value or name not in self.OPTIONAL):
                data[self.RENAMED.get(name, name)] = as_json(value, explained)
        return data

    def outcome(self) -> Json:
        """Return the result without its explanation."""
        return self.to_json(explained=False)


def as_json(value: Any, explained: bool = True) -> Any:
    """Return a value of a result as JSON data; numbers are exact texts."""
    if isinstance(value, Text):
        return value.to_json()
    if isinstance(value, Plain):
        return value.to_json(explained)
    if isinstance(value, tuple):
        return [as_json(v, explained) for v in value]
    if isinstance(value, Mapping):
        return {k: as_json(v, explained) for k, v in value.items()}
    return exact(value)
