"""The hidden sheet of a workbook: what it was made for, and what stood in the draft at that moment."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.core import signing

from assessments.filings.keys import Key, Kind
from assessments.rulebooks.stored_values import to_engine, to_stored
from scorecard.audit.services import canonical
from scorecard.engine import FactValue, Nothing, Rulebook
from scorecard.engine.values.numbers import plain

#: The template that is written now, and those that are still read.
TEMPLATE = "1"
ACCEPTED = frozenset({TEMPLATE})
SHEET = "_scorecard"
SALT = "assessments.filings.workbook"
BASE = "base:"
KINDS = {str(kind): kind for kind in Kind}

#: What stands under a key: a fact's value, a text, own points (None where there are none), a claim.
Value = FactValue | None


class Damaged(ValueError):
    """A hidden sheet that is not as it was written."""


@dataclass(frozen=True)
class Stamp:
    """What a workbook was made for. ``base`` holds each input as it stood, as exact text."""

    language: str
    round: str
    bank: str
    rulebook: str
    hash: str
    revision: str
    made: str
    computed: str  # the names of the sheets that nobody fills in, one in a line
    template: str = TEMPLATE
    base: Mapping[Key, str] = field(default_factory=dict)

    def rows(self) -> Iterator[tuple[str, str]]:
        """The sheet's rows, the signature last."""
        content = self._content()
        yield from content.items()
        plain_lines = {name: unified(text) for name, text in content.items()}
        yield "signature", signing.Signer(salt=SALT).signature(_digest(plain_lines))

    def _content(self) -> dict[str, str]:
        said = {name: text for name, text in asdict(self).items() if name != "base"}
        return said | {f"{BASE}{key.text}": text for key, text in self.base.items()}


def read_stamp(rows: Iterable[Sequence[Any]]) -> Stamp:
    """The stamp in these rows. Raises ``Damaged`` where anything in it is not as it was written."""
    said: dict[str, str] = {}
    for row in rows:
        if len(row) < 2 or not row[0]:
            continue
        if not isinstance(row[0], str) or not isinstance(row[1], str) or row[0] in said:
            raise Damaged
        said[row[0]] = unified(row[1])
    signature = said.pop("signature", "")
    if not signature or signing.Signer(salt=SALT).signature(_digest(said)) != signature:
        raise Damaged
    base = {_key(name[len(BASE) :]): text for name, text in said.items() if name.startswith(BASE)}
    known = {each.name for each in fields(Stamp)} - {"base"}
    return Stamp(base=base, **{name: said.get(name, "") for name in known})


def _digest(content: Mapping[str, str]) -> str:
    """The digest of texts as they are compared."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


@lru_cache(maxsize=4096)
def _key(text: str) -> Key:
    kind, _colon, id = text.partition(":")
    return Key(KINDS[kind], id)


def unified(text: str) -> str:
    """A text as it is compared: spreadsheets change how lines end, and what stands at the ends of a text."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.strip()


# --- The base as text ------------------------------------------------------------------------------------------------


def base_text(key: Key, value: Value) -> str:
    """A value of the draft as exact text."""
    if key.kind == Kind.FACT:
        state, text = to_stored(value if value is not None else Nothing.UNANSWERED)
        return f"{state}:{text}"
    if isinstance(value, Decimal):
        return plain(value)
    if key.kind == Kind.NOT_APPLICABLE:
        return "true" if value else ""
    return unified(str(value or ""))


def base_value(rulebook: Rulebook, key: Key, text: str) -> Value:
    """The value whose text this is."""
    if key.kind == Kind.FACT:
        state, _colon, value = text.partition(":")
        return to_engine(rulebook.facts[key.id], state, value)
    if key.kind == Kind.SELF_POINTS:
        return Decimal(text) if text else None
    if key.kind == Kind.NOT_APPLICABLE:
        return text == "true"
    return text
