"""Values as they are stored and as the engine takes them. The four kinds of nothing stay four (docs/filing.md, Saving).

A stored value is a pair of texts, ``state`` and ``value`` (``banks.FactEntry``); in a frozen version it is the JSON
object ``{"state": …, "value": …}``; the states but ``value`` are the names of the engine's kinds of nothing. The engine
sees a decimal, a truth value, an option, a set of options, or one of its kinds of nothing. Nothing here computes.
"""

from collections.abc import Mapping
from decimal import Decimal

from banks.models import FactState
from scorecard.engine import FactValue, Nothing
from scorecard.engine.rulebook.model import FactSpec

Stored = dict[str, str]  # {"state": …, "value": …}
StoredFacts = Mapping[str, Stored]

# A checklist of which nothing applies is an answer and not a blank; this is how it is stored.
NO_ITEM = "none"


def to_engine(spec: FactSpec | None, state: str, value: str) -> FactValue:
    """One stored fact as the engine takes it. Without a spec (the recorded outcome of a target) it is a truth value."""
    if state != FactState.VALUE:
        return Nothing(state)
    if spec is None or spec.kind == "bool":
        return value == "true"
    if spec.kind == "checklist":
        return frozenset(item for item in value.split(";") if item and item != NO_ITEM)
    return Decimal(value) if spec.is_number else value


def to_stored(value: FactValue) -> tuple[str, str]:
    """The engine's value as ``(state, value)``: exact text in plain notation, never an exponent."""
    if isinstance(value, Nothing):
        return value.value, ""
    if isinstance(value, bool):
        return FactState.VALUE, "true" if value else "false"
    if isinstance(value, frozenset):
        return FactState.VALUE, ";".join(sorted(value)) or NO_ITEM
    return FactState.VALUE, f"{value:f}" if isinstance(value, Decimal) else value
