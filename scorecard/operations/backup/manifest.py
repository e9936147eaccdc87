"""The list of a set: what it holds, and the SHA-256 of each part. It is written last; without it there is no set."""

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from hashlib import file_digest
from pathlib import Path
from typing import Any

FORMAT = "scorecard-backup/1"
NAME = "manifest.json"
PARTIAL = ".partial"
DATABASE, FILES, SECRETS = "database", "files.tar", "secrets.sealed"
CHECKPOINTS, PUBLIC_KEYS = "audit-checkpoints.txt", "audit-keys.txt"


class BadSet(Exception):
    """A folder is no whole set; the sentences say why."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


@dataclass
class Manifest:
    """What a set says of itself.

    ``events`` and ``head`` are the number and the hash of the newest event of the database in the set; ``checkpoint``
    is the size of the newest checkpoint in it, which is never larger. ``differing`` names files that were not what
    their rows say, or not there, when the set was made.
    """

    made_at: str
    vendor: str
    events: int
    head: str
    checkpoint: int | None
    migrations: list[str]
    files: int
    differing: list[str] = field(default_factory=list)
    recipient: str | None = None
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    format: str = FORMAT


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Bring a file, or a folder's list of names, onto the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write(folder: Path, manifest: Manifest) -> str:
    """Take the digest of every part of the folder, write the manifest, and return its own SHA-256."""
    for path in sorted(folder.iterdir()):
        manifest.parts[path.name] = {"bytes": path.stat().st_size, "sha256": digest_of(path)}
        sync(path)
    path = folder / NAME
    path.write_text(json.dumps(asdict(manifest), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    path.chmod(0o600)
    sync(path)
    sync(folder)
    return digest_of(path)


def read(folder: Path, progress: Callable[[str], None] = lambda name: None) -> Manifest:
    """The manifest of a whole set, every part of which is what it says. Raises ``BadSet`` with every reason."""
    path = folder / NAME
    if folder.name.endswith(PARTIAL) or not path.is_file():
        raise BadSet(f"{folder} is no whole set: it has no {NAME}. A backup that was broken off leaves such a folder.")
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if told.get("format") != FORMAT:
            raise BadSet(f"{path} is of the format {told.get('format')!r}; this version reads {FORMAT}.")
        manifest = Manifest(**told)
    except (ValueError, TypeError, AttributeError) as error:
        raise BadSet(f"{path} is no manifest of a set ({error}).") from error
    reasons = []
    for name, part in manifest.parts.items():
        progress(name)
        file = folder / Path(name).name
        if not file.is_file():
            reasons.append(f"The part {name} is missing.")
        elif file.stat().st_size != part["bytes"]:
            reasons.append(f"The part {name} has {file.stat().st_size} bytes; the manifest says {part['bytes']}.")
        elif digest_of(file) != part["sha256"]:
            reasons.append(f"The part {name} is not the one of the manifest: its SHA-256 is another one.")
    there = {entry.name for entry in folder.iterdir()} - {NAME}
    reasons += [f"The file {name} stands in no manifest." for name in sorted(there - set(manifest.parts))]
    missing = {DATABASE, FILES} - set(manifest.parts)
    reasons += [f"The manifest names no {name}." for name in sorted(missing)]
    if reasons:
        raise BadSet(*reasons)
    return manifest
