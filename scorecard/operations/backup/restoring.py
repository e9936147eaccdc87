"""Restoring a set: onto a machine that holds nothing, and only after every part was verified."""

import base64
import os
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.db import connection

from scorecard.audit.checkpoints import checkpoint_file
from scorecard.audit.models import Event
from scorecard.audit.services import record
from scorecard.audit.triggers import put_in_place

from . import sealing
from .databases import is_empty, put_back
from .making import KEY_FILES, OF_ROWS
from .manifest import CHECKPOINTS, DATABASE, FILES, PUBLIC_KEYS, SECRETS, BadSet, Manifest, digest_of, read
from .manifest import NAME as MANIFEST

UNFINISHED = "restore-unfinished"


class NotEmpty(Exception):
    """Something is there already; the sentences say what."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


def unfinished() -> Path:
    """The mark of a restore that has begun and not ended; with it nothing serves."""
    return Path(settings.DATA_DIR) / UNFINISHED


def restore(
    folder: Path, *, private: str | None = None, trial: bool = False, say: Callable[[str], None] = lambda words: None
) -> Manifest:
    """Fill this empty machine from a set.

    ``private`` opens the secrets; without it the machine gets none. ``trial`` is for drills: no private key, no event,
    so that a copy can never sign for the trail. Raises ``BadSet``, ``NotEmpty`` and ``BadSeal`` before anything is
    written.
    """
    say("verifying the set")
    manifest = read(folder)
    if manifest.vendor != connection.vendor:
        raise NotEmpty(f"The set holds a database of {manifest.vendor}; the settings name one of {connection.vendor}.")
    secrets = sealing.unseal((folder / SECRETS).read_text(encoding="utf-8"), private) if private and not trial else {}
    if reasons := _in_the_way(with_key=bool(secrets)):
        raise NotEmpty(*reasons)
    unfinished().touch(mode=0o600)
    say("files")
    _put_files(folder / FILES)
    say("database")
    put_back(folder / DATABASE)
    put_in_place()
    say("checkpoints and keys")
    for name, target in ((CHECKPOINTS, checkpoint_file()), (PUBLIC_KEYS, Path(settings.AUDIT_KEYS_FILE))):
        if (folder / name).exists():
            shutil.copyfile(folder / name, target)
    _put_secrets(secrets)
    last = Event.objects.order_by("-seq").values_list("seq", "hash").first() or (0, "")
    if last != (manifest.events, manifest.head):
        raise NotEmpty(f"The restored trail ends with event {last[0]}, the manifest says {manifest.events}.")
    if not trial:
        data = {"name": folder.name, "digest": digest_of(folder / MANIFEST), "events": manifest.events}
        record("operations.backup.restored", actor=None, data=data)
    unfinished().unlink()
    return manifest


def _in_the_way(*, with_key: bool) -> list[str]:
    """What is on this machine already, in sentences."""
    reasons = []
    if unfinished().exists():
        reasons.append(
            f"An earlier restore was broken off ({unfinished()}). Empty the database and the data folder, then restore."
        )
    if not is_empty():
        reasons.append("The database is not empty: it has tables.")
    for folder in _folders().values():
        if folder.is_dir() and any(folder.iterdir()):
            reasons.append(f"The folder {folder} is not empty.")
    paths = [checkpoint_file()]
    if with_key:
        paths += [Path(getattr(settings, name)) for name in KEY_FILES if getattr(settings, name)]
    reasons += [f"The file {path} is there already." for path in paths if path.exists()]
    return reasons


def _put_files(source: Path) -> None:
    fresh = Path(settings.DATA_DIR) / "files.restoring"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True, mode=0o700)
    _unpack(source, fresh)
    for path in fresh.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    for name, target in _folders().items():
        if target.is_dir():
            target.rmdir()
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        (fresh / name).mkdir(exist_ok=True, mode=0o700)
        shutil.move(fresh / name, target)
    fresh.rmdir()


def _unpack(source: Path, folder: Path) -> None:
    """Write the regular files of an archive below a folder; ``BadSet`` where an entry is anything else, or would lie
    elsewhere. ``extractall(filter="data")`` does the same from Python 3.11.4 on; Debian 12 has 3.11.2.
    """
    with tarfile.open(source, "r:") as archive:
        for entry in archive:
            path = PurePosixPath(entry.name)
            if not entry.isreg() or path.is_absolute() or ".." in path.parts:
                raise BadSet(
                    f"{source} holds {entry.name!r}, which a backup never writes: a link, a folder or a path out."
                )
            content, target = archive.extractfile(entry), folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file:
                shutil.copyfileobj(content, file)  # type: ignore[arg-type]  # a regular file has a content


def _folders() -> dict[str, Path]:
    """Each part of the archive of files with the folder that it goes to."""
    return {OF_ROWS: Path(settings.MEDIA_ROOT)} | {name: Path(tree) for name, tree in settings.BACKUP_TREES.items()}


def _put_secrets(secrets: dict[str, str]) -> None:
    """Private keys where the settings say, and the key of the sessions into a file of the data folder."""
    for name, text in secrets.items():
        if name in ("SECRET_KEY", "SECRET_KEY_FALLBACKS"):
            target, content = Path(settings.DATA_DIR) / name.lower().replace("_", "-"), text.encode()
        elif name in KEY_FILES and getattr(settings, name):
            target, content = Path(getattr(settings, name)), base64.b64decode(text)
        else:
            continue
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        target.chmod(0o600)
