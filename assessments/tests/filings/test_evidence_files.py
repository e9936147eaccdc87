"""A full disk and a database that is away: 503 in words, nothing left over, and what a crash left is found."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import OperationalError, ProgrammingError, connection
from django.test import Client
from django.urls import reverse

from assessments.models import Evidence
from assessments.tests.filings.test_drafts import PDF, add, media, world
from assessments.tests.filings.world import World
from scorecard.jobs.unavailable import is_unavailable

__all__ = ["media", "world"]
pytestmark = pytest.mark.django_db(transaction=True)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file is kept up to its half; then the disk is full."""
    keep = FileSystemStorage._save

    def half(self: FileSystemStorage, name: str, content: Any) -> str:
        whole = content.read()
        keep(self, name, SimpleUploadedFile("half", whole[: len(whole) // 2]))
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", half)


def test_a_full_disk_leaves_neither_file_nor_row(world: World, media: Path, full_disk: None) -> None:
    with pytest.raises(OSError, match="No space"):
        add(world, "a.pdf", PDF)
    assert files(media) == [] and not Evidence.objects.exists()


def test_a_full_disk_is_said_in_words(world: World, media: Path, full_disk: None, client: Client) -> None:
    client.force_login(world.preparer)
    client.raise_request_exception = False
    address = reverse("filing-evidence-add", args=[world.assessment.pk, "A1"])
    answer = client.post(address, {"file": SimpleUploadedFile("a.pdf", PDF)}, headers={"HX-Request": "true"})
    assert answer.status_code == 503 and answer["HX-Retarget"] == "#messages"
    assert "磁盘已满" in answer.content.decode()
    assert files(media) == []


def test_a_commit_whose_answer_is_lost_keeps_the_file_of_its_row(
    world: World, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database has the row, and its answer to the COMMIT never came: the file must be there too."""
    commit = connection._commit

    def unanswered() -> None:
        commit()
        if Evidence.objects.exists():
            raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(connection, "_commit", unanswered)
    with pytest.raises(OperationalError):
        add(world, "a.pdf", PDF)
    monkeypatch.undo()
    kept = Evidence.objects.get()
    assert kept.file.storage.exists(kept.file.name), "a row without its file"


def test_a_database_that_is_away_is_said_in_words(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(world.preparer)
    client.raise_request_exception = False

    def away(*args: Any, **kwargs: Any) -> Any:
        raise OperationalError("connection failed: Connection refused")

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", away)
    answer = client.get("/")
    assert answer.status_code == 503 and int(answer["Retry-After"]) > 0
    assert "数据库没有响应" in answer.content.decode()


def test_a_missing_table_is_no_database_that_is_away() -> None:
    name = {"sqlite": OperationalError, "postgresql": ProgrammingError}[connection.vendor]
    with pytest.raises(name) as found, connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM no_such_table")
    assert not is_unavailable(found.value)


def test_a_fault_of_the_program_stays_a_fault(world: World, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.raise_request_exception = False
    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", lambda self: 1 / 0)
    client.cookies["sessionid"] = "a" * 32
    assert client.get("/").status_code == 500


def test_files_without_a_row_are_found_and_removed(
    world: World, media: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = add(world, "a.pdf", PDF)
    folder = media / Path(row.file.name or "").parent
    old, young = folder / "left.pdf", folder / "under-way.pdf"
    for path in (old, young):
        path.write_bytes(PDF)
    os.utime(old, (0, 0))
    call_command("evidence_files")
    assert "left.pdf" in capsys.readouterr().out and old.exists()
    call_command("evidence_files", remove=True)
    assert not old.exists() and young.exists() and (media / (row.file.name or "")).exists()
    (media / (row.file.name or "")).unlink()
    with pytest.raises(SystemExit):
        call_command("evidence_files")
    assert f"no file: {row.file.name}" in capsys.readouterr().out
