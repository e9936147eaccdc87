"""Making checkpoints: the root of the trail as it stands, signed and appended to a file (``docs/trail.md``)."""

import fcntl
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from scorecard.access.row_security import unbound

from .appending import append_whole
from .keys import signer
from .leaves import leaf_bytes, leaf_hashes, rows_after
from .models import Event, Subtree
from .notes import Checkpoint, last_note
from .tree import STEP, Frontier, Nodes, leaf_hash

logger = logging.getLogger(__name__)

TAIL = 4096  # bytes at the end of the file that hold its last checkpoint


class NotSigned(Exception):
    """The trail does not go on from the newest checkpoint; signing it would vouch for what was changed."""


@dataclass
class _Seen:
    """What this process has read of the trail: its parts, and the hash of the last event among them."""

    frontier: Frontier = field(default_factory=Frontier)
    head: str = ""


_lock = threading.Lock()
_seen: dict[tuple[str, str], _Seen] = {}
_last_made = 0.0  # on the monotonic clock


def checkpoint_file() -> Path:
    """The file that checkpoints are appended to."""
    return Path(settings.AUDIT_CHECKPOINT_FILE)


def last_checkpoint() -> Checkpoint | None:
    """The newest checkpoint of the file."""
    path = checkpoint_file()
    if not path.exists():
        return None
    with path.open("rb") as file:
        return _last(file)


def _last(file: BinaryIO) -> Checkpoint | None:
    file.seek(0, os.SEEK_END)
    file.seek(max(0, file.tell() - TAIL))
    return last_note(file.read().decode("utf-8", errors="replace"))


@contextmanager
def _locked() -> Iterator[BinaryIO]:
    """The file, open for reading and appending, for this process and thread alone."""
    path = checkpoint_file()
    with _lock, path.open("a+b") as file:
        path.chmod(0o640)
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def nodes(size: int) -> Nodes:
    """The tree over the first so many events, out of the events and the kept subtrees."""

    def leaves(block: int) -> list[bytes]:
        first = (block << STEP) + 1
        return leaf_hashes(first, min(first + (1 << STEP) - 1, size))

    def kept(level: int, block: int) -> dict[int, bytes]:
        first = block << STEP
        rows = Subtree.objects.filter(level=level, place__gte=first, place__lt=first + (1 << STEP))
        return {place: bytes.fromhex(root) for place, root in rows.values_list("place", "root")}

    return Nodes(size, leaves, kept)


@unbound()
def make_checkpoint() -> Checkpoint | None:
    """Sign the trail as it stands and append the checkpoint; the newest one, if nothing was recorded since; None
    where this process has no key or the trail has not begun.

    Costs the events since this process last looked, at its first time the kept subtrees and at most 255 events more.
    Raises ``NotSigned`` where the trail does not go on from the newest checkpoint of the file.
    """
    key = signer()
    if key is None:
        return None
    with _locked() as file:
        known = _last(file)
        place = (str(checkpoint_file()), str(connection.settings_dict["NAME"]))
        seen = _seen.pop(place, None)
        if seen is None or not _goes_on(seen) or (known and known.size < seen.frontier.size):
            seen = _start(known)
        if known is not None:
            if known.size > seen.frontier.size:
                _read_to(seen, known.size)
            if seen.frontier.size < known.size:
                raise NotSigned(f"The trail has {seen.frontier.size} events; a checkpoint of {known.size} is known.")
            if seen.frontier.root() != known.root:
                raise NotSigned(f"The first {known.size} events are not those of the checkpoint.")
        _read_to(seen, None)
        _seen[place] = seen
        if known is not None and known.size == seen.frontier.size:
            return known
        if not seen.frontier.size:
            return None
        made = Checkpoint.make(settings.AUDIT_ORIGIN, seen.frontier.size, seen.frontier.root(), timezone.now())
        made = made.signed(key)
        _append(file, made)
    return made


def _append(file: BinaryIO, made: Checkpoint) -> None:
    """Write a note whole or not at all; what a process has left that died while it wrote is set apart."""
    apart = b""
    if file.seek(0, os.SEEK_END):
        file.seek(-2, os.SEEK_END)
        apart = b"" if file.read(2) == b"\n\n" else b"\n\n"
    append_whole(file, apart + made.note().encode() + b"\n")


def _goes_on(seen: _Seen) -> bool:
    """Whether the last event that this process saw is still the one it saw; not so after a restore, or in tests."""
    size = seen.frontier.size
    return not size or Event.objects.filter(seq=size, hash=seen.head).exists()


def _start(known: Checkpoint | None) -> _Seen:
    """Begin at the newest checkpoint, by the kept subtrees; from the first event where there is none."""
    if known is None:
        return _Seen()
    head = Event.objects.filter(seq=known.size).values_list("hash", flat=True).first()
    if head is None:
        raise NotSigned(f"Event {known.size} is missing; a checkpoint of so many events is known.")
    try:
        return _Seen(nodes(known.size).frontier(known.size), head)
    except LookupError as error:
        raise NotSigned(str(error)) from error


def _read_to(seen: _Seen, until: int | None) -> None:
    """Append the events up to a number (None: all), and keep the subtrees that fill."""
    filled: list[tuple[int, int, bytes]] = []
    frontier = seen.frontier
    frontier.on_kept = lambda *kept: filled.append(kept)
    for row in rows_after(frontier.size, until):
        if row[0] != frontier.size + 1:
            raise NotSigned(f"Event {frontier.size + 1} is missing.")
        frontier.append(leaf_hash(leaf_bytes(row)))
        seen.head = row[-1]
    for level, place, root in filled:
        try:
            with transaction.atomic():
                Subtree.objects.create(level=level, place=place, root=root.hex())
        except IntegrityError:
            pass  # another process has kept it, or another one stands there: verification says which


# --- After each transaction ------------------------------------------------------------------------------------------
def checkpoint_when_committed(*, at_once: bool = False) -> None:
    """Make a checkpoint once the running transaction has committed, if this process has a key.

    ``at_once``: for a step of the workflow, however long ago the last one was made.
    """
    if not settings.AUDIT_KEY_FILE:
        return
    waiting = connection.run_on_commit
    if not at_once and waiting and waiting[-1][1] is _after_commit:
        return  # one for all events of the transaction
    transaction.on_commit(partial(_after_commit, at_once=True) if at_once else _after_commit, robust=True)


def _after_commit(*, at_once: bool = False) -> None:
    """The work of the caller is committed: whatever goes wrong here is a line in the log."""
    global _last_made
    if not at_once and time.monotonic() - _last_made < settings.AUDIT_CHECKPOINT_SECONDS:
        return
    _last_made = time.monotonic()
    try:
        make_checkpoint()
    except NotSigned as error:
        logger.critical("No checkpoint of the audit trail was signed: %s Run verify_audit.", error)
    except (OSError, DatabaseError, ValueError) as error:
        logger.error("No checkpoint of the audit trail could be written (%s); the next one covers it.", error)
