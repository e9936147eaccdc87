"""Comparing the data with the trail: every sealed row against the newest event that seals it."""

import json
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import file_digest, sha256
from typing import Any

from .models import Event
from .protection import Protected, all_protected
from .seals import Rows, Sealing, all_digests, from_ranges
from .services import record

PAGE = 5_000
EVERY = 1_000  # rows between two words on the progress


@dataclass(frozen=True)
class Difference:
    """A row, or one of several, that is not what the trail says. ``kind``: changed, missing, unknown. ``seq`` is the
    event that sealed it, 0 where none did."""

    label: str
    rows: str
    kind: str
    seq: int

    @property
    def reason(self) -> str:
        """The same in a sentence."""
        words = {
            "changed": f"is not what event {self.seq} says",
            "missing": f"is missing; event {self.seq} says that it is there",
            "unknown": "stands in no event",
            "file": "has a file that is not the one of its digest",
            "no_file": "has no file",
        }
        return f"{self.label} {self.rows} {words[self.kind]}."


@dataclass
class _Group:
    """Rows that share a digest, as an event sealed them."""

    rows: str
    digest: str
    seq: int
    count: int
    seen: int = 0
    hasher: Any = field(default_factory=sha256)


class _Seals:
    """The seals of one model: the newest of each row, and the groups by their ranges."""

    def __init__(self) -> None:
        self.single: dict[int, tuple[str | None, int]] = {}
        self.groups: list[_Group] = []
        self._starts: list[tuple[int, int, _Group]] = []

    def add(self, key: str, digest: str | None, seq: int) -> None:
        if key.isdigit():
            self.single[int(key)] = (digest, seq)
            return
        ranges = from_ranges(key)
        group = _Group(key, digest or "", seq, sum(last - first + 1 for first, last in ranges))
        self.groups.append(group)
        self._starts.extend((first, last, group) for first, last in ranges)

    def sort(self) -> None:
        self._starts.sort(key=lambda start: start[:2])
        self._keys = [start[0] for start in self._starts]

    def group_of(self, pk: int) -> _Group | None:
        place = bisect_right(self._keys, pk) - 1
        if place < 0:
            return None
        first, last, group = self._starts[place]
        return group if first <= pk <= last else None


def read_seals() -> dict[str, _Seals]:
    """Every seal of the trail by model; the newest of a row counts."""
    found = {label: _Seals() for label in all_protected()}
    seq = 0
    while True:
        rows = list(
            Event.objects.filter(seq__gt=seq, seals__isnull=False).order_by("seq").values_list("seq", "seals")[:PAGE]
        )
        for seq, text in rows:
            for label, keys in json.loads(text or "{}").items():
                for key, digest in keys.items():
                    found.setdefault(label, _Seals()).add(key, digest, seq)
        if len(rows) < PAGE:
            break
    for seals in found.values():
        seals.sort()
    return found


def compare(progress: Callable[[int], None] | None = None) -> Iterator[Difference]:
    """Hold every row of every sealed model against the trail, and yield what differs."""
    done = 0
    trail = read_seals()
    for one in all_protected().values():
        if not one.sealed:
            continue
        for step in _compare_model(one, trail[one.label]):
            if step is None:
                done += 1
                if progress is not None and done % EVERY == 0:
                    progress(done)
            else:
                yield step
        if one.file:
            yield from _compare_files(one)
    if progress is not None:
        progress(done)


def _compare_files(one: Protected) -> Iterator[Difference]:
    """Hold each file against the digest that its row has."""
    name, digest = one.file or ("", "")
    rows = one.model._base_manager.order_by("pk").values_list("pk", name, digest)
    storage = one.model._meta.get_field(name).storage  # type: ignore[union-attr]
    gone: set[int] = set()
    if one.file_gone:
        told = Event.objects.filter(event=one.file_gone).values_list("data", flat=True)
        gone = {pk for text in told for pk in json.loads(text)["rows"]}
    for pk, stored, expected in rows.iterator(chunk_size=PAGE):
        try:
            with storage.open(stored) as file:
                found = file_digest(file, "sha256").hexdigest()
        except OSError:
            if pk not in gone:
                yield Difference(one.label, str(pk), "no_file", 0)
            continue
        if found != expected:
            yield Difference(one.label, str(pk), "file", 0)


def _compare_model(one: Protected, seals: _Seals) -> Iterator[Difference | None]:
    """None for each row that was looked at, and what differs."""
    for pk, digest in all_digests(one):
        yield None
        known = seals.single.pop(pk, None)
        group = seals.group_of(pk)
        if group is not None:
            group.seen += 1
            group.hasher.update(digest.encode())
        if known is None and group is None:
            yield Difference(one.label, str(pk), "unknown", 0)
        elif known is not None and known[0] != digest:
            yield Difference(one.label, str(pk), "changed" if known[0] else "unknown", known[1])
    for pk, (sealed, seq) in seals.single.items():
        if sealed is not None:
            yield Difference(one.label, str(pk), "missing", seq)
    for group in seals.groups:
        if group.seen != group.count:
            yield Difference(one.label, group.rows, "missing", group.seq)
        elif group.hasher.hexdigest() != group.digest:
            yield Difference(one.label, group.rows, "changed", group.seq)


def seal_unknown(actor: Any) -> int:
    """Seal the rows that stand in no event, as they are now: those of before seals were kept. Returns how many.

    Each event tells of some thousand rows. Who would hide a row of their own this way leaves an event that says so.
    """
    unknown: dict[str, list[int]] = {}
    for item in compare():
        if item.kind == "unknown":
            unknown.setdefault(item.label, []).append(int(item.rows))
    for label, ids in unknown.items():
        one = all_protected()[label]
        shared = one.append_only and not one.but and not one.once
        for start in range(0, len(ids), PAGE):
            part = ids[start : start + PAGE]
            seals: list[Sealing] = [Rows(one.model, part)] if shared else [one.model(pk=pk) for pk in part]
            record("audit.data.sealed", actor=actor, data={"kind": label, "rows": len(part)}, seals=seals)
    return sum(map(len, unknown.values()))
