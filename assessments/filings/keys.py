"""The names of what a draft holds: a fact, or one part of the answer to an indicator."""

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What of a draft is saved, has a revision and may be in conflict. The parts of an answer are its columns."""

    FACT = "fact"
    NARRATIVE = "narrative"
    SELF_POINTS = "self_points"
    NOT_APPLICABLE = "not_applicable"


class Key(NamedTuple):
    """One thing of a draft: its kind, and the id of the fact or indicator (or ``REPORT``, or ``"_check:<id>"``)."""

    kind: Kind
    id: str

    @property
    def text(self) -> str:
        """As it is stored in ``Assessment.touched`` and in events."""
        return f"{self.kind}:{self.id}"
