"""Making a set: checkpoints first, then the database at one moment, then the files that its rows name."""

import base64
import io
import shutil
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import FileField

from scorecard.audit.checkpoints import NotSigned, checkpoint_file, make_checkpoint
from scorecard.audit.notes import last_note
from scorecard.audit.protection import all_protected
from scorecard.audit.services import record

from . import sealing
from .databases import Ask, copied
from .manifest import (
    CHECKPOINTS,
    DATABASE,
    FILES,
    PARTIAL,
    PUBLIC_KEYS,
    SECRETS,
    Manifest,
    sync,
    write,
)  # fmt: skip


@dataclass(frozen=True)
class Made:
    """A whole set, with the SHA-256 of its manifest."""

    folder: Path
    manifest: Manifest
    digest: str
    recorded: bool


class NoKey(Exception):
    """There is no key to seal the secrets for."""


def backup_key() -> str | None:
    """The public key that secrets are sealed for; None where there is none."""
    path = Path(settings.BACKUP_KEY_FILE)
    return path.read_text(encoding="utf-8") if path.is_file() else None


def make_backup(
    target: Path, *, keys: bool = True, say: Callable[[str], None] = lambda words: None, now: datetime | None = None
) -> Made:
    """Make a set in a new folder below ``target`` while the service runs.

    Until it is whole, its folder is called ``….partial`` and has no manifest. ``keys=False`` leaves the secrets out.
    Raises ``NoKey`` where there is no key to seal them for. Leaves an event that names the set and the digest of its
    manifest, unless the role may not write (``recorded``).
    """
    public = backup_key()
    if keys and public is None:
        raise NoKey(
            f"There is no {settings.BACKUP_KEY_FILE} to seal the secrets for. Draw a key with manage.py backup_key, "
            "or leave the secrets out with --without-keys."
        )
    at = now or datetime.now(UTC)
    name = f"scorecard-{at:%Y%m%dT%H%M%SZ}"
    whole, folder = target / name, target / (name + PARTIAL)
    if whole.exists():
        raise FileExistsError(f"There is a set {whole} already.")
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.mkdir(mode=0o700)
    try:
        manifest = _fill(folder, at, public if keys else None, say)
        digest = write(folder, manifest)
        folder.rename(whole)
        sync(target)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return Made(whole, manifest, digest, _record(whole, manifest, digest))


def _fill(folder: Path, at: datetime, public: str | None, say: Callable[[str], None]) -> Manifest:
    # Before the database: a checkpoint that is newer than the database would make the restored trail look cut off.
    say("checkpoints")
    checkpoint = _checkpoints(folder)
    say("database")
    with copied(folder / DATABASE) as ask:
        newest = ask("SELECT seq, hash FROM audit_event ORDER BY seq DESC LIMIT 1")
        events, head = newest[0] if newest else (0, "")
        migrations = [f"{app}.{name}" for app, name in ask("SELECT app, name FROM django_migrations ORDER BY id")]
        rows = list(_file_rows(ask))
    say("files")
    differing = _files(folder / FILES, rows)
    manifest = Manifest(at.isoformat(), connection.vendor, events, head, checkpoint, migrations, len(rows), differing)
    if public is not None:
        say("secrets")
        (folder / SECRETS).write_text(sealing.seal(_secrets(), public), encoding="utf-8")
        manifest.recipient = sealing.recipient(public)
    for path in folder.iterdir():
        path.chmod(0o600)
    return manifest


def _checkpoints(folder: Path) -> int | None:
    """Copy the file of checkpoints with a newest one, and the public keys; returns the size of the newest."""
    try:
        make_checkpoint()
    except NotSigned as error:
        raise DatabaseError(f"The trail does not fit its checkpoints: {error} Run verify_audit first.") from error
    except OSError:
        pass  # a disk that takes no checkpoint is told by the health page; the set is made with those that are there
    source = checkpoint_file()
    size = None
    if source.exists():
        text = source.read_bytes()
        (folder / CHECKPOINTS).write_bytes(text)
        known = last_note(text[-4096:].decode("utf-8", errors="replace"))
        size = known.size if known is not None else None
    listed = Path(settings.AUDIT_KEYS_FILE)
    if listed.exists():
        shutil.copyfile(listed, folder / PUBLIC_KEYS)
    return size


def _file_rows(ask: Ask) -> Iterator[tuple[str, str | None, Any]]:
    """Every file that a row names, with the digest that the row keeps of it and the storage that holds it."""
    known = {one.model: one.file for one in all_protected().values() if one.file}
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if not isinstance(field, FileField):
                continue
            sealed = known.get(model)
            digest = model._meta.get_field(sealed[1]).column if sealed and sealed[0] == field.name else None  # type: ignore[union-attr]
            table, column = model._meta.db_table, field.column
            said = f'"{digest}"' if digest else "NULL"
            statement = f'SELECT "{column}", {said} FROM "{table}" WHERE "{column}" <> \'\' ORDER BY 1'  # noqa: S608  # nosec B608
            for name, expected in ask(statement):
                yield name, expected, field.storage


def _files(target: Path, rows: list[tuple[str, str | None, Any]]) -> list[str]:
    """Write the files into an archive; returns the names of those that are not what their rows say, or not there."""
    differing = []
    with tarfile.open(target, "w", dereference=True) as archive:  # contents, never links
        for name, expected, storage in rows:
            try:
                with storage.open(name) as file:
                    content = file.read()  # no file is larger than MAX_UPLOAD_MB
            except OSError:
                differing.append(name)
                continue
            if expected and sha256(content).hexdigest() != expected:
                differing.append(name)
            entry = tarfile.TarInfo(f"{OF_ROWS}/{name}")
            entry.size, entry.mode = len(content), 0o600
            archive.addfile(entry, io.BytesIO(content))
        for kind, tree in settings.BACKUP_TREES.items():
            for path in sorted(Path(tree).rglob("*")):
                if path.is_file():
                    archive.add(path, f"{kind}/{path.relative_to(tree)}", recursive=False)
    return differing


OF_ROWS = "evidence"  # the part of the archive that rows name; the others are the names of ``BACKUP_TREES``
#: Settings that name a file with a private key.
KEY_FILES = ("AUDIT_KEY_FILE", "LETTER_KEY_FILE")


def _secrets() -> dict[str, str]:
    """What a new machine cannot do without and nobody else may read; files in Base64."""
    found = {"SECRET_KEY": settings.SECRET_KEY}
    if settings.SECRET_KEY_FALLBACKS:
        found["SECRET_KEY_FALLBACKS"] = ",".join(settings.SECRET_KEY_FALLBACKS)
    for name in KEY_FILES:
        path = Path(getattr(settings, name) or "/nowhere")
        if path.is_file():
            found[name] = base64.b64encode(path.read_bytes()).decode()
    return found


def _record(folder: Path, manifest: Manifest, digest: str) -> bool:
    """Say in the trail which set was made: its manifest, and so every part of it, can then be told from another one."""
    data = {
        "name": folder.name,
        "digest": digest,
        "events": manifest.events,
        "files": manifest.files,
        "differing": len(manifest.differing),
        "bytes": sum(part["bytes"] for part in manifest.parts.values()),
    }
    try:
        record("operations.backup.made", actor=None, data=data)
    except DatabaseError:
        return False
    return True


def remove_older(target: Path, keep: int) -> list[str]:
    """Remove all but the newest whole sets of a folder; returns the names of those that went."""
    whole = sorted(path for path in target.glob("scorecard-*Z") if (path / "manifest.json").is_file())
    gone = whole[:-keep] if keep else []
    for path in gone:
        shutil.rmtree(path)
    return [path.name for path in gone]
