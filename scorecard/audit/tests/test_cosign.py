"""The second host: it co-signs what it has read itself, and nothing that goes back on it."""

import resource
import signal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from scorecard.audit.checkpoints import make_checkpoint
from scorecard.audit.notes import Checkpoint, Signer, read_notes
from scorecard.audit.services import record

from .attacks import hash_anew, sql, without_triggers

pytestmark = pytest.mark.django_db


def _events(count: int) -> None:
    for number in range(count):
        record("signout", actor=None, data={"n": number})
    make_checkpoint()


def _cosign(log: Path) -> None:
    call_command(
        "cosign_audit", str(log / "checkpoints.txt"), "--key", str(log / "own"), "--output", str(log / "cosigned.txt"),
        "--state", str(log / "state.json"), verbosity=0,
    )  # fmt: skip


def test_it_signs_what_it_has_read(log: Path) -> None:
    for count in (5, 300):
        _events(count)
        _cosign(log)
    own = Signer.parse((log / "own").read_text(encoding="utf-8")).verifier
    notes = list(read_notes((log / "cosigned.txt").read_text(encoding="utf-8")))
    assert [note.size for note in notes if isinstance(note, Checkpoint)] == [5, 305]
    for note in notes:
        assert isinstance(note, Checkpoint) and note.signers([own]) == ["second-host"]
    assert (log / "own").stat().st_mode & 0o077 == 0
    call_command("verify_audit", "--checkpoints", str(log / "cosigned.txt"))


def test_a_full_disk_leaves_no_half_of_a_cosigned_note(log: Path) -> None:
    """A limit on the size of files stands for the disk: it takes forty bytes of the second note."""
    record("access.denied", actor=None)
    make_checkpoint()
    _cosign(log)
    path = log / "cosigned.txt"
    before = path.read_bytes()
    record("access.denied", actor=None)
    make_checkpoint()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 40, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            _cosign(log)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_bytes() == before


def test_a_trail_that_was_hashed_anew_and_signed_by_the_logs_own_key_is_not_cosigned(log: Path) -> None:
    _events(20)
    _cosign(log)
    without_triggers("UPDATE audit_event SET data = '{}' WHERE seq = 7")
    hash_anew(7)
    (log / "checkpoints.txt").unlink()
    sql("DELETE FROM audit_subtree")
    _events(1)
    with pytest.raises(CommandError, match="do not give"):
        _cosign(log)


def test_a_shorter_trail_and_a_foreign_key_are_not_cosigned(log: Path) -> None:
    _events(20)
    _cosign(log)
    without_triggers("DELETE FROM audit_event WHERE seq > 10")
    (log / "checkpoints.txt").unlink()
    make_checkpoint()
    with pytest.raises(CommandError, match="20 are co-signed"):
        _cosign(log)
    (log / "keys.txt").write_text("", encoding="utf-8")
    with pytest.raises(CommandError, match="no checkpoint"):
        _cosign(log)
