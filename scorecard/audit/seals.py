"""Seals: digests, kept in events, of the rows that an event tells of (``docs/trail.md``, Data).

``Event.seals`` is canonical JSON ``{model: {key: digest}}``. A key is a row's id, or several ids as ranges
(``"7-90,95"``) whose rows share one digest; the digest is null where the row is gone. A row's digest is the SHA-256 of
the canonical JSON of its id and its sealed fields as the database gives them back.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from operator import itemgetter
from typing import Any

from django.db.models import Model

from .protection import Protected, all_protected

PAGE = 2_000
Sealed = dict[str, dict[str, str | None]]


@dataclass(frozen=True)
class Rows:
    """Many rows of an append-only table that one event makes: they share a digest."""

    model: type[Model]
    ids: Sequence[int]


@dataclass(frozen=True)
class Gone:
    """A row that the event removes."""

    label: str
    pk: int

    @classmethod
    def of(cls, row: Model) -> "Gone":
        """The row itself, before it is removed."""
        return cls(row._meta.label_lower, row.pk)


Sealing = Model | Rows | Gone


def seal(things: Iterable[Sealing]) -> Sealed:
    """The seals of rows as they stand in the database at this moment; one query for each model."""
    found: Sealed = {}
    single: dict[str, list[int]] = {}
    for thing in things:
        if isinstance(thing, Gone):
            found.setdefault(thing.label, {})[str(thing.pk)] = None
        elif isinstance(thing, Rows):
            if thing.ids:
                one = all_protected()[thing.model._meta.label_lower]
                parts = [digest for _pk, digest in digests(one, thing.ids)]
                found.setdefault(one.label, {})[as_ranges(thing.ids)] = parts[0] if len(parts) == 1 else _shared(parts)
        else:
            single.setdefault(thing._meta.label_lower, []).append(thing.pk)
    for label, ids in single.items():
        one = all_protected()[label]
        found.setdefault(label, {}).update({str(pk): digest for pk, digest in digests(one, ids)})
    return found


def _shared(parts: Iterable[str]) -> str:
    return sha256("".join(parts).encode()).hexdigest()


def digests(one: Protected, ids: Sequence[int]) -> Iterator[tuple[int, str]]:
    """The digests of these rows, by rising id."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), PAGE):
        part = ordered[start : start + PAGE]
        rows = one.model._base_manager.filter(pk__range=(part[0], part[-1]))
        if part[-1] - part[0] >= len(part):
            rows = rows.filter(pk__in=part)
        # Sorted here: for the database's sorting Django would compare each column of the query with the others.
        for row in sorted(rows.order_by().values_list("pk", *one.sealed), key=itemgetter(0)):
            yield row[0], row_digest(one, row)


def all_digests(one: Protected) -> Iterator[tuple[int, str]]:
    """The digests of every row of a model, by rising id, page by page."""
    last = -(2**63)
    while True:
        rows = list(one.model._base_manager.filter(pk__gt=last).order_by("pk").values_list("pk", *one.sealed)[:PAGE])
        for row in rows:
            yield row[0], row_digest(one, row)
        if len(rows) < PAGE:
            return
        last = rows[-1][0]


def row_digest(one: Protected, row: Sequence[Any]) -> str:
    """SHA-256 of the canonical JSON of an id and its sealed fields."""
    return sha256(row_text(one, row).encode()).hexdigest()


def row_text(one: Protected, row: Sequence[Any]) -> str:
    """That canonical JSON: ``{"id": …, field: value, …}``."""
    content = dict(zip(("id", *one.sealed), row, strict=True))
    return _text(content)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return sha256(value).hexdigest()
    raise TypeError(f"No seal covers a value of {type(value).__name__}.")


# One encoder for all rows: json.dumps makes a new one for each.
_text = json.JSONEncoder(default=_plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def as_ranges(ids: Iterable[int]) -> str:
    """Ids as ranges: ``1-3,7``."""
    parts: list[list[int]] = []
    for pk in sorted(ids):
        if parts and pk == parts[-1][1] + 1:
            parts[-1][1] = pk
        else:
            parts.append([pk, pk])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)


def sealed_ids(seals: str | None, model: type[Model]) -> list[int]:
    """The ids of the rows of a model that an event seals each by itself."""
    of_model = json.loads(seals or "{}").get(model._meta.label_lower, {})
    return [int(key) for key, digest in of_model.items() if digest is not None and key.isdigit()]


def from_ranges(text: str) -> list[tuple[int, int]]:
    """The ranges of such a text, both ends counting."""
    found = []
    for part in text.split(","):
        first, _dash, last = part.partition("-")
        found.append((int(first), int(last or first)))
    return found
