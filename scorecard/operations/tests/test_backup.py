"""A set is whole or no set; what it restores is what it was made from. The whole drill is in ``test_drill.py``."""

import base64
import io
import json
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from scorecard.audit.models import Event
from scorecard.audit.services import record
from scorecard.operations.backup import making, manifest, sealing
from scorecard.operations.backup.manifest import BadSet
from scorecard.operations.backup.restoring import _unpack

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def place(tmp_path: Path, settings: Any) -> Path:
    """A log, a backup key and a folder of evidence of the test's own."""
    settings.AUDIT_KEY_FILE = str(tmp_path / "audit-key")
    settings.AUDIT_KEYS_FILE = str(tmp_path / "audit-keys.txt")
    settings.AUDIT_CHECKPOINT_FILE = str(tmp_path / "audit-checkpoints.txt")
    settings.AUDIT_DRAW_KEY = True
    settings.BACKUP_KEY_FILE = str(tmp_path / "backup-key.txt")
    settings.DATA_DIR = tmp_path
    settings.BACKUP_TREES = {"issued": tmp_path / "issued"}
    (tmp_path / "issued" / "a").mkdir(parents=True)
    (tmp_path / "issued" / "a" / "b.pdf").write_bytes(b"letter")
    settings.LETTER_KEY_FILE = str(tmp_path / "letter-key.p12")
    (tmp_path / "letter-key.p12").write_bytes(b"letters")
    sealing.draw(tmp_path / "private", tmp_path / "backup-key.txt")
    for number in range(3):
        record("signout", actor=None, data={"n": number})
    return tmp_path


def test_a_set_holds_the_moment_and_says_so(place: Path) -> None:
    made = making.make_backup(place / "sets")
    assert (made.manifest.events, made.manifest.checkpoint) == (3, 3)
    assert manifest.read(made.folder).head == Event.objects.get(seq=3).hash
    told = json.loads(Event.objects.get(event="operations.backup.made").data)
    assert told["digest"] == manifest.digest_of(made.folder / "manifest.json")
    assert {path.stat().st_mode & 0o077 for path in made.folder.iterdir()} == {0}
    secrets = (made.folder / "secrets.sealed").read_text(encoding="utf-8")
    key = (place / "audit-key").read_text(encoding="utf-8")
    assert len(drawn := key.strip().split("+", 4)[4]) > 40 and drawn not in secrets
    opened = sealing.unseal(secrets, (place / "private").read_text(encoding="utf-8"))
    assert base64.b64decode(opened["AUDIT_KEY_FILE"]).decode() == key and opened["SECRET_KEY"]
    assert base64.b64decode(opened["LETTER_KEY_FILE"]) == b"letters"


def _lose(folder: Path) -> None:
    (folder / "files.tar").unlink()


def _cut(folder: Path) -> None:
    with (folder / "database").open("r+b") as file:
        file.truncate(1000)


def _flip(folder: Path) -> None:
    with (folder / "database").open("r+b") as file:
        file.seek(700)
        byte = file.read(1)
        file.seek(700)
        file.write(bytes([byte[0] ^ 1]))


def _add(folder: Path) -> None:
    (folder / "more").touch()


def _no_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def _half_manifest(folder: Path) -> None:
    text = (folder / "manifest.json").read_text(encoding="utf-8")
    (folder / "manifest.json").write_text(text[: len(text) // 2], encoding="utf-8")


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (_lose, "files.tar is missing"), (_cut, "1000 bytes"), (_flip, "SHA-256"), (_add, "more stands in no manifest"),
        (_no_manifest, "no whole set"), (_half_manifest, "no manifest of a set"),
    ],
)  # fmt: skip
def test_a_half_set_is_never_taken_for_a_whole_one(place: Path, harm: Any, words: str) -> None:
    made = making.make_backup(place / "sets")
    manifest.read(made.folder)
    harm(made.folder)
    with pytest.raises(BadSet, match=words):
        manifest.read(made.folder)
    with pytest.raises(CommandError, match="Nothing was restored"):
        call_command("restore", made.folder, "--trial")


def test_a_backup_that_is_broken_off_leaves_no_set(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(making, "_files", broken)
    with pytest.raises(CommandError, match="No space left"):
        call_command("backup", place / "sets")
    assert list((place / "sets").iterdir()) == []
    assert not Event.objects.filter(event="operations.backup.made").exists()


def test_the_secrets_need_a_key_and_open_with_no_other(place: Path, settings: Any) -> None:
    sealing.draw(place / "other", place / "other.txt")
    made = making.make_backup(place / "sets")
    with pytest.raises(CommandError, match="does not open"):
        call_command("restore", made.folder, "--key", place / "other")
    settings.BACKUP_KEY_FILE = str(place / "nowhere")
    with pytest.raises(CommandError, match=r"backup_key.*--without-keys"):
        call_command("backup", place / "more")
    without = making.make_backup(place / "more", keys=False)
    assert without.manifest.recipient is None and not (without.folder / "secrets.sealed").exists()


def test_a_machine_that_holds_something_is_refused(place: Path) -> None:
    made = making.make_backup(place / "sets")
    before = Event.objects.count()
    with pytest.raises(
        CommandError, match=r"database is not empty.*issued is not empty.*audit-checkpoints.txt is there"
    ):
        call_command("restore", made.folder, "--trial")
    assert Event.objects.count() == before and not (place / "restore-unfinished").exists()


def test_files_are_held_against_their_rows(place: Path, settings: Any) -> None:
    from assessments.tests.reviews.world import build

    settings.MEDIA_ROOT = place / "evidence"
    world = build()
    case = world.submitted("AAA")
    from django.core.files.base import ContentFile

    from assessments.models import Evidence

    for name, digest in (("a.pdf", "0" * 64), ("b.pdf", "1" * 64)):
        Evidence.objects.create(
            assessment=case, indicator="A1", name=name, size=3, sha256=digest, content_type="application/pdf",
            uploaded_by=world.people[case.bank_id]["preparer"], file=ContentFile(b"abc", name),
        )  # fmt: skip
    gone = Evidence.objects.get(name="b.pdf")
    Path(gone.file.path).unlink()
    with pytest.raises(CommandError, match=r"whole, but 2 file\(s\)"):
        call_command("backup", place / "sets")
    folder = next((place / "sets").iterdir())
    told = manifest.read(folder)
    assert told.files == 2 and gone.file.name in told.differing
    with tarfile.open(folder / "files.tar") as archive:
        assert archive.getnames() == [f"evidence/{Evidence.objects.get(name='a.pdf').file.name}", "issued/a/b.pdf"]


def test_old_sets_go_and_half_ones_are_not_counted(place: Path) -> None:
    from datetime import UTC, datetime, timedelta

    start = datetime(2026, 1, 1, tzinfo=UTC)
    names = [making.make_backup(place / "sets", now=start + timedelta(days=n)).folder.name for n in range(3)]
    (place / "sets" / "scorecard-20270101T000000Z.partial").mkdir()
    assert making.remove_older(place / "sets", 2) == names[:1]
    assert connection.vendor in ("sqlite", "postgresql")
    shutil.rmtree(place / "sets")


@pytest.mark.parametrize("name", ["../out", "/out", "evidence/../../out", "link"])
def test_an_archive_writes_nothing_elsewhere(tmp_path: Path, name: str) -> None:
    with tarfile.open(tmp_path / "files.tar", "w") as archive:
        entry = tarfile.TarInfo(name)
        if name == "link":
            entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(entry, io.BytesIO(b""))
    (tmp_path / "here").mkdir()
    with pytest.raises(BadSet, match="never writes"):
        _unpack(tmp_path / "files.tar", tmp_path / "here")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["files.tar", "here"]
    assert not list((tmp_path / "here").iterdir())
