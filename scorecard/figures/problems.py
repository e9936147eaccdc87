"""What a fixture holds and what is wrong with it: each problem names file, line and field. No database."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .relations import Outcome, Relation
from .rows import Row
from .stored_message import StoredMessage


@dataclass(frozen=True)
class Problem:
    """Something wrong at one place of a file. ``message`` is a full sentence that says what mends it."""

    file: str
    line: int
    field: str
    message: StoredMessage

    def as_dict(self) -> dict[str, Any]:
        """For JSON; the message is put into a language when it is shown (``stored_message.in_words``)."""
        return {"file": self.file, "line": self.line, "field": self.field, "message": self.message.as_dict()}


@dataclass
class Fixture:
    """Everything a fixture holds, and everything that is wrong with it. ``digest`` is over the loaded files' bytes."""

    rows: list[Row] = field(default_factory=list)
    places: dict[str, tuple[str, int]] = field(default_factory=dict)
    relations: list[Relation] = field(default_factory=list)
    has_relations: bool = False
    problems: list[Problem] = field(default_factory=list)
    digest: str = ""
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Nothing is wrong, so it may be loaded."""
        return not self.problems
