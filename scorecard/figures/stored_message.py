"""A message that is kept with its parameters and put into the reader's language only when it is shown.

A fixture is checked by a worker, and read later by people in either language; so an outcome stores the message with its
parameters, not the sentence of one language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext


@dataclass(frozen=True)
class StoredMessage:
    """A translatable sentence (English msgid, ``%(name)s`` parameters). ``str()`` gives it in the active language."""

    msgid: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        text = gettext(self.msgid)
        return text % self.params if self.params else text

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"msgid": self.msgid, "params": dict(self.params)}


def stored(msgid: str, params: Mapping[str, Any] | None = None) -> StoredMessage:
    """A message to store, with plain parameters: numbers stay numbers, everything else becomes text."""
    plain = {key: value if isinstance(value, int) else str(value) for key, value in (params or {}).items()}
    return StoredMessage(msgid, plain)


def in_words(data: Mapping[str, Any]) -> str:
    """The sentence of a stored message in the active language."""
    return str(StoredMessage(data["msgid"], data["params"]))
