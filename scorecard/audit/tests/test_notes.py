"""Signed notes: the published example of the format, keys, and what is no note."""

from datetime import UTC, datetime

import pytest

from scorecard.audit.notes import BadKey, BadNote, Checkpoint, Signer, Verifier, last_note, read_notes

# The example in the documentation of Go's sumdb/note, which the specification of signed notes describes.
SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
LINE = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"


def _made(size: int = 7) -> Checkpoint:
    return Checkpoint.make("log", size, bytes(32), datetime(2026, 11, 30, 1, 20, tzinfo=UTC))


def test_the_published_example_is_signed_to_the_byte() -> None:
    signer = Signer.parse(SECRET)
    assert str(signer.verifier) == PUBLIC
    assert signer.line(TEXT) == LINE
    assert signer.secret() == SECRET


def test_a_checkpoint_has_the_lines_of_the_specification() -> None:
    assert _made().text == "log\n7\n" + "A" * 43 + "=\ntime 2026-11-30T01:20:00Z\n"


def test_a_note_is_read_back_and_its_signers_are_named() -> None:
    one, other = Signer.draw("log"), Signer.draw("second-host")
    note = _made().signed(one).signed(other)
    (back,) = read_notes(note.note())
    assert back == note
    assert isinstance(back, Checkpoint)
    assert back.signers([one.verifier, other.verifier]) == ["log", "second-host"]
    assert back.signers([Signer.draw("log").verifier]) == []
    assert back.signers([Verifier("renamed", one.verifier.public)]) == []


def test_another_text_has_no_signer() -> None:
    key = Signer.draw("log")
    other = Checkpoint.parse(_made(8).text, _made(7).signed(key).signatures)
    assert other.signers([key.verifier]) == []


def test_what_stands_between_notes_is_told_by_its_line() -> None:
    key = Signer.draw("log")
    notes = [_made(size).signed(key) for size in (1, 2, 3)]
    torn = notes[1].note()[:60]
    text = f"{notes[0].note()}\n{torn}\n\n{notes[2].note()}\n"
    assert list(read_notes(text)) == [notes[0], 7, notes[2]]
    assert last_note(text + torn) == notes[2]


@pytest.mark.parametrize("text", ["", "log+00000000+AAAA", PUBLIC.replace("c74f", "c74e"), SECRET, PUBLIC + "A"])
def test_what_is_no_public_key(text: str) -> None:
    with pytest.raises(BadKey):
        Verifier.parse(text)


@pytest.mark.parametrize("text", ["log\nseven\nAAAA\n", "log\n7\nAAAA\n", "log\n-1\n" + "A" * 43 + "=\n", "log\n"])
def test_what_is_no_checkpoint(text: str) -> None:
    with pytest.raises(BadNote):
        Checkpoint.parse(text, "")
