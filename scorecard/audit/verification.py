"""Verifying the trail: every event against chain, kept subtrees and every known checkpoint (``docs/trail.md``)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model

from .checkpoints import checkpoint_file
from .keys import verifiers
from .leaves import FIRST, GENESIS, leaf_bytes, rows_after
from .models import Subtree
from .notes import Checkpoint, Verifier, read_notes
from .tree import STEP, Frontier, leaf_hash

EVERY = 10_000  # events between two words on the progress


@dataclass(frozen=True)
class Break:
    """A place where the trail does not hold. ``kind`` is what screens have words for; ``until`` ends a range."""

    seq: int
    reason: str
    kind: str = ""
    until: int = 0


@dataclass(frozen=True)
class Known:
    """The checkpoints that the trail is held against, and what is wrong with them themselves."""

    checkpoints: Sequence[Checkpoint]
    breaks: Sequence[Break] = ()

    @property
    def newest(self) -> Checkpoint | None:
        """The checkpoint of the most events."""
        return max(self.checkpoints, key=lambda one: one.size, default=None)


def known_checkpoints(files: Iterable[Path] = (), keys: Sequence[Verifier] | None = None) -> Known:
    """The checkpoints of these files, else of the log's own; those that no listed key has signed count for nothing and
    are breaks."""
    trusted = verifiers() if keys is None else keys
    found: list[Checkpoint] = []
    breaks: list[Break] = []
    for path in files or [checkpoint_file()]:
        text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        size = 0
        for note in read_notes(text):
            if isinstance(note, int):
                breaks.append(Break(0, f"{path.name}, line {note}: there is no checkpoint.", "unreadable"))
            elif note.origin != settings.AUDIT_ORIGIN or not note.signers(trusted):
                words = f"{path.name}: no known key has signed the checkpoint of {note.size} events."
                breaks.append(Break(note.size, words, "signature"))
            else:
                if note.size < size:
                    words = f"{path.name}: after a checkpoint of {size} events comes one of {note.size}."
                    breaks.append(Break(note.size, words, "order"))
                size = note.size
                found.append(note)
    return Known(found, breaks)


def verify(known: Known | None = None, progress: Callable[[int], None] | None = None) -> Iterator[Break]:
    """Walk the whole trail in order and yield each break: a gap, a changed event, a foreign predecessor, a part or a
    checkpoint that the events no longer give, an end that is missing, an empty trail after anything.

    ``known`` is what ``known_checkpoints`` gives, the log's own file by default.
    """
    known = known_checkpoints() if known is None else known
    yield from known.breaks
    tree = _Tree(known.checkpoints)
    expected, prev, last = 1, GENESIS, 0
    for row in rows_after(FIRST):
        seq, prev_hash, own = row[0], row[12], row[-1]
        data = leaf_bytes(row)
        if seq != expected:
            words = f"Event {expected} is missing: the trail goes on with {seq}."
            yield Break(seq, words, "gap", until=seq - 1)
        if prev_hash != prev:
            words = "The event does not follow the event before it: its predecessor was changed or removed."
            yield Break(seq, words, "predecessor")
        if sha256(data).hexdigest() != own:
            words = "The event was changed after it was recorded: its content does not give its hash."
            yield Break(seq, words, "changed")
        expected, prev, last = seq + 1, own, seq
        yield from tree.add(data)
        if progress is not None and tree.size % EVERY == 0:
            progress(tree.size)
    if tree.size == 0 and not known.checkpoints and get_user_model().objects.exists():
        yield Break(1, "The trail is empty, and there are people, each of whom left an event.", "empty")
    yield from tree.end(last)


class _Tree:
    """The tree as verification builds it, held against what is kept and signed on the way."""

    def __init__(self, checkpoints: Iterable[Checkpoint]) -> None:
        self._wrong_part: tuple[int, int] | None = None
        self._filled: list[tuple[int, int, bytes]] = []
        self._frontier = Frontier(on_kept=lambda *kept: self._filled.append(kept))
        kept = Subtree.objects.filter(level=STEP).values_list("place", "root")
        self._kept = {place: bytes.fromhex(root) for place, root in kept.iterator(chunk_size=EVERY)}
        self._upper = {(level, place): root for level, place, root in _upper_parts()}
        self._known: dict[int, dict[bytes, datetime | None]] = {}
        for one in checkpoints:
            self._known.setdefault(one.size, {}).setdefault(one.root, one.at)
        self._fits, self._wrong = 0, False

    @property
    def size(self) -> int:
        """The number of events so far."""
        return self._frontier.size

    def add(self, data: bytes) -> Iterator[Break]:
        """Append an event; a part or a checkpoint that it completes and that is another one is a break, the first of
        its kind: all that follow differ as well."""
        self._frontier.append(leaf_hash(data))
        for level, place, root in self._filled:
            stored = self._kept.pop(place, root) if level == STEP else self._upper.pop((level, place), root)
            if stored != root and self._wrong_part is None:
                first, last = (place << level) + 1, (place + 1) << level
                self._wrong_part = (first, last)
                words = f"One of the events {first} to {last} is not the one that the tree was built from."
                yield Break(first, words, "part", until=last)
        self._filled.clear()
        if self.size in self._known and not self._wrong:
            if self._known[self.size].keys() == {self._frontier.root()}:
                self._fits = self.size
            else:
                self._wrong = True
                yield self._not_signed()

    def _not_signed(self) -> Break:
        first, last = self._fits + 1, self.size
        which = f"Event {first} is not the one" if first == last else f"Of the events {first} to {last} one is not that"
        at = next(iter(self._known[last].values()))
        return Break(first, f"{which} of the checkpoint of {last} events signed at {at}.", "checkpoint", until=last)

    def end(self, last: int) -> Iterator[Break]:
        """What checkpoints and parts say there is after the last event."""
        newest = max(self._known, default=0)
        if newest > self.size:
            kind = "cut" if self.size else "empty"
            at = next(iter(self._known[newest].values()))
            words = f"{_events(last + 1, newest)} missing: a checkpoint of {newest} events was signed at {at}."
            yield Break(last + 1, words, kind, until=newest)
        elif self._kept and (end := max(self._kept) + 1 << STEP) > self.size:
            yield Break(last + 1, f"{_events(last + 1, end)} missing: the tree had them.", "cut", until=end)


def _events(first: int, last: int) -> str:
    return f"Event {first} is" if first == last else f"The events {first} to {last} are"


def _upper_parts() -> Iterator[tuple[int, int, bytes]]:
    for level, place, root in Subtree.objects.filter(level__gt=STEP).values_list("level", "place", "root"):
        yield level, place, bytes.fromhex(root)
