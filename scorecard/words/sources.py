"""What a rule is carried out under and where it was read, in words."""

from collections.abc import Mapping
from typing import Any

from scorecard.engine.values.results import Source
from scorecard.words.language import in_language

Stated = Source | Mapping[str, Any] | None


def provenance(source: Stated) -> str:
    """The instrument with "text not seen" where so, and the place of reading; "" where there is no source."""
    return in_language(_source(source).told) if source else ""


def clause(source: Stated) -> str:
    """What a letter cites: the instrument alone; where the rulebook names none, the place of reading."""
    return in_language(_source(source).clause) if source else ""


def _source(source: Source | Mapping[str, Any]) -> Source:
    return source if isinstance(source, Source) else Source.from_json(source)
