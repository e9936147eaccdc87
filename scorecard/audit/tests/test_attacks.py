"""The attack table of the trail: each row is found, and its place is named (``docs/trail.md``)."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from banks.tests.factories import make_person
from scorecard.audit import verification
from scorecard.audit.checkpoints import make_checkpoint
from scorecard.audit.models import Event, Subtree
from scorecard.audit.services import record
from scorecard.audit.verification import verify

from .attacks import ATTACKS, COUNT, MIDDLE, hash_anew, sql, without_triggers

pytestmark = pytest.mark.django_db


@pytest.fixture
def trail(log: Path) -> Path:
    """A trail with a checkpoint after each event."""
    for number in range(COUNT):
        record("signout", actor=None, data={"n": number})
        make_checkpoint()
    assert list(verify()) == []
    return log


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_found_at_its_place(trail: Path, name: str) -> None:
    attack, seq, kind = ATTACKS[name]
    without_triggers()
    attack()
    found = list(verify())
    assert (seq, kind) in {(item.seq, item.kind) for item in found}, found
    with pytest.raises(CommandError):
        call_command("verify_audit")


REFUSED = [
    "UPDATE audit_event SET data = '{}' WHERE seq = 3",
    "DELETE FROM audit_event",
    "UPDATE audit_subtree SET root = ''",
    "DELETE FROM audit_subtree",
]
if connection.vendor == "postgresql":
    REFUSED += ["TRUNCATE audit_event", "TRUNCATE audit_subtree"]
else:
    columns = ", ".join(field.column for field in Event._meta.local_concrete_fields)
    changed = columns.replace("data", "'{}'")
    moved = columns.replace("seq", "seq + 1000")
    REFUSED += [
        f"REPLACE INTO audit_event ({columns}) SELECT {changed} FROM audit_event WHERE seq = 3",  # noqa: S608
        f"REPLACE INTO audit_event ({columns}) SELECT {moved} FROM audit_event WHERE seq = 3",  # noqa: S608
        f"INSERT OR REPLACE INTO audit_event ({columns}) SELECT {changed} FROM audit_event WHERE seq = 3",  # noqa: S608
        "REPLACE INTO audit_subtree (level, place, root) VALUES (8, 0, '')",
    ]


@pytest.mark.parametrize("statement", REFUSED)
def test_the_database_refuses_changes(statement: str) -> None:
    for _ in range(3):
        record("signout", actor=None)
    Subtree.objects.create(level=8, place=0, root="0" * 64)
    before = list(Event.objects.order_by("seq").values())
    with pytest.raises(DatabaseError), transaction.atomic():
        sql(statement)
    assert list(Event.objects.order_by("seq").values()) == before
    assert Subtree.objects.get().root


def test_a_part_names_the_block_where_few_checkpoints_are_known(log: Path) -> None:
    for number in range(600):
        record("signout", actor=None, data={"n": number})
    make_checkpoint()
    without_triggers()
    sql("UPDATE audit_event SET data = '{}' WHERE seq = 300")
    hash_anew(300)
    found = {(item.kind, item.seq, item.until) for item in verify()}
    assert found == {("part", 257, 512), ("checkpoint", 1, 600)}


def test_the_end_is_missed_by_kept_subtrees_where_the_file_is_gone(log: Path) -> None:
    for number in range(300):
        record("signout", actor=None, data={"n": number})
    make_checkpoint()
    (log / "checkpoints.txt").unlink()
    without_triggers("DELETE FROM audit_event WHERE seq > 100")
    assert [(item.kind, item.seq, item.until) for item in verify()] == [("cut", 101, 256)]


def test_an_empty_trail_of_a_database_with_people_is_a_break() -> None:
    make_person()
    without_triggers("DELETE FROM audit_event")
    assert [item.kind for item in verify()] == ["empty"]


def test_a_copy_of_the_file_shows_what_was_cut_with_the_trail(trail: Path, capsys: Any) -> None:
    copy = trail / "shipped.txt"
    shutil.copy(trail / "checkpoints.txt", copy)
    (trail / "checkpoints.txt").write_text("", encoding="utf-8")
    without_triggers("DELETE FROM audit_event WHERE seq > 30")
    call_command("verify_audit")
    assert "nothing vouches for the end" in capsys.readouterr().out
    with pytest.raises(CommandError, match="1 place"):
        call_command("verify_audit", "--checkpoints", str(copy))
    assert "events 31 to 40 are missing" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda text: text.replace("\n20\n", "\n21\n"), "signature"),
        (lambda text: text.replace("scorecard\n20\n", "another\n20\n"), "signature"),
        (lambda text: text + text[: text.index("\n\nscorecard") + 2], "order"),
        (lambda text: text.replace("— ", "- ", 1), "unreadable"),
    ],
)
def test_a_changed_file_of_checkpoints_is_a_break(trail: Path, change: Any, kind: str) -> None:
    path = trail / "checkpoints.txt"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    assert kind in {item.kind for item in verify()}


def test_checkpoints_of_an_unknown_key_vouch_for_nothing(trail: Path, monkeypatch: Any) -> None:
    (trail / "keys.txt").write_text("", encoding="utf-8")
    known = verification.known_checkpoints()
    assert not known.checkpoints
    assert {item.kind for item in known.breaks} == {"signature"}
    assert MIDDLE in {item.seq for item in known.breaks}
