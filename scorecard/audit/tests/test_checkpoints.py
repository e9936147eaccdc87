"""Making checkpoints: after each transaction, at the cost of what is new, and never of a trail that was changed."""

import errno
import logging
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from scorecard.audit import checkpoints
from scorecard.audit.checkpoints import NotSigned, last_checkpoint, make_checkpoint
from scorecard.audit.keys import verifiers
from scorecard.audit.leaves import canonical, leaf_bytes, row_of
from scorecard.audit.models import Event, Subtree
from scorecard.audit.services import record
from scorecard.audit.verification import known_checkpoints, verify

from .attacks import without_triggers

pytestmark = pytest.mark.django_db


def _events(count: int) -> None:
    for number in range(count):
        record("access.denied", actor=None, data={"number": number})


def test_the_bytes_are_the_canonical_json_and_the_same_read_from_the_database() -> None:
    event = record("access.denied", actor=None, data={"why": "“理由”\n\t\x01 \\"})
    (row,) = checkpoints.rows_after(0)
    assert row == row_of(event)
    body = {
        "actor": None, "actor_name": "", "at": row[1], "bank": None, "data": event.data, "event": event.event, "ip": "",
        "object": ["", ""], "prev": event.prev_hash, "request_id": "", "roles": "", "seq": 1,
    }  # fmt: skip
    assert leaf_bytes(row) == canonical(body).encode()


@given(st.text(st.characters(exclude_categories=["Cs"])), st.none() | st.integers(0, 2**62))
def test_any_text_has_its_canonical_form(text: str, number: int | None) -> None:
    row = (3, "T", text, number, text, text, text, text, number, text, text, text, text, text, "")
    body = {
        "actor": number, "actor_name": text, "at": "T", "bank": number, "data": text, "event": text, "ip": text,
        "object": [text, text], "prev": text, "request_id": text, "roles": text, "seals": text, "seq": 3,
    }  # fmt: skip
    assert leaf_bytes(row) == canonical(body).encode()


def test_a_committed_transaction_has_a_checkpoint(log: Path, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True) as called:
        _events(3)
    assert len(called) == 1, "one for all events of the transaction"
    made = last_checkpoint()
    assert made is not None and made.size == 3
    assert made.signers(verifiers()) == ["scorecard"]
    assert (log / "key").stat().st_mode & 0o077 == 0
    assert list(verify()) == []


def test_nothing_new_gives_no_new_checkpoint_and_more_events_cost_only_themselves(log: Path) -> None:
    _events(700)
    first = make_checkpoint()
    assert make_checkpoint() == first
    assert Subtree.objects.filter(level=8).count() == 2
    _events(3)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        made = make_checkpoint()
    assert made is not None and made.size == 703
    assert len(seen) == 2, "the last event that was seen, and those since"
    assert [note.size for note in known_checkpoints().checkpoints] == [700, 703]


def test_a_process_that_starts_goes_on_by_kept_subtrees(log: Path) -> None:
    _events(600)
    make_checkpoint()
    _events(5)
    checkpoints._seen.clear()
    with CaptureQueriesContext(connection) as seen:
        made = make_checkpoint()
    assert made is not None and made.size == 605
    assert sum("audit_subtree" in query["sql"] for query in seen) == 1
    assert list(verify()) == []


def test_a_smaller_trail_is_not_signed(log: Path) -> None:
    _events(5)
    make_checkpoint()
    without_triggers("DELETE FROM audit_event WHERE seq > 3")
    with pytest.raises(NotSigned, match="5"):
        make_checkpoint()
    _events(4)
    with pytest.raises(NotSigned, match="not those"):
        make_checkpoint()
    assert [note.size for note in known_checkpoints().checkpoints] == [5]


def test_a_file_that_cannot_be_written_costs_a_line_in_the_log(
    log: Path, settings: Any, caplog: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.AUDIT_CHECKPOINT_FILE = str(log / "no-such-folder" / "file")
    with caplog.at_level(logging.ERROR), django_capture_on_commit_callbacks(execute=True):
        _events(1)
    assert Event.objects.count() == 1
    assert "could be written" in caplog.text


def test_at_most_one_in_so_many_seconds_but_each_step_of_the_workflow(
    log: Path, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.AUDIT_CHECKPOINT_SECONDS = 3600
    make_checkpoint()
    checkpoints._last_made = 0.0
    sizes = []
    for at_once in (False, False, True):
        with django_capture_on_commit_callbacks(execute=True):
            _events(1)
            if at_once:
                checkpoints.checkpoint_when_committed(at_once=True)
        sizes.append(getattr(last_checkpoint(), "size", 0))
    assert sizes[1] == sizes[0] and sizes[2] == 3


def test_a_full_disk_leaves_no_half_of_a_note(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk takes forty bytes of it; once there is room the next one covers what is missing, and nothing is told."""
    _events(1)
    make_checkpoint()
    path = log / "checkpoints.txt"
    before = path.read_bytes()
    _events(1)
    write, taken = os.write, list[int]()

    def until_full(handle: int, data: Any) -> int:
        if taken:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken.append(write(handle, bytes(data)[:40]))
        return taken[0]

    with monkeypatch.context() as full:
        full.setattr(os, "write", until_full)
        with pytest.raises(OSError, match="No space"):
            make_checkpoint()
    assert path.read_bytes() == before
    make_checkpoint()
    known = known_checkpoints()
    assert [note.size for note in known.checkpoints] == [1, 2]
    assert list(verify(known)) == []


def test_a_torn_note_is_set_apart_and_told(log: Path) -> None:
    _events(2)
    make_checkpoint()
    path = log / "checkpoints.txt"
    with path.open("ab") as file:
        file.write(b"scorecard\n3\nAAAA")
    _events(1)
    make_checkpoint()
    known = known_checkpoints()
    assert [note.size for note in known.checkpoints] == [2, 3]
    assert [found.kind for found in known.breaks] == ["unreadable"]


def test_without_a_key_nothing_is_signed(log: Path, settings: Any) -> None:
    settings.AUDIT_DRAW_KEY = False
    _events(1)
    assert make_checkpoint() is None
    assert not (log / "checkpoints.txt").exists()


def test_a_rotated_key_leaves_older_checkpoints_valid(log: Path, settings: Any) -> None:
    settings.AUDIT_DRAW_KEY = False
    call_command("audit_key", verbosity=0)
    with pytest.raises(CommandError, match="rotate"):
        call_command("audit_key")
    _events(2)
    call_command("audit_checkpoint")
    call_command("audit_key", "--rotate")
    _events(1)
    call_command("audit_checkpoint")
    assert len(verifiers()) == 2
    assert len({path.name for path in log.iterdir()}) == 3, "no file is left over"
    known = known_checkpoints()
    assert not known.breaks and len(known.checkpoints) == 2
    call_command("verify_audit")


def test_a_rolled_back_transaction_makes_no_checkpoint(log: Path) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        _events(1)
        raise RuntimeError
    assert last_checkpoint() is None
