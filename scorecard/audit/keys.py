"""The log's keys, outside the database: the private one in a file of its own, the public ones in a list."""

import os
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from .appending import append_whole
from .notes import BadKey, Signer, Verifier


def key_file() -> Path | None:
    """Where the private key is; None where this process is to have none."""
    return Path(settings.AUDIT_KEY_FILE) if settings.AUDIT_KEY_FILE else None


def signer() -> Signer | None:
    """The key of this process, or None where it has none. Development draws one; production is given one."""
    path = key_file()
    if path is None:
        return None
    if not path.exists():
        if not settings.AUDIT_DRAW_KEY:
            return None
        draw_key(replace=False)
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int) -> Signer:
    return Signer.parse(path.read_text(encoding="utf-8"))


def draw_key(*, replace: bool) -> Verifier:
    """Draw a key, write it for its owner alone, and add its public part to the list.

    Raises ``FileExistsError`` where there is one already, unless it is to be replaced.
    """
    path = key_file()
    if path is None:
        raise BadKey("AUDIT_KEY_FILE is empty: this process is to have no key.")
    made = Signer.draw(settings.AUDIT_ORIGIN)
    target = path.with_name(path.name + ".new") if replace else path
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if replace or settings.AUDIT_DRAW_KEY:
            return _other(path)
        raise
    try:
        with os.fdopen(handle, "wb") as file:
            append_whole(file, f"{made.secret()}\n".encode())
        with Path(settings.AUDIT_KEYS_FILE).open("ab") as listed:
            append_whole(listed, f"{made.verifier}\n".encode())
    except OSError:
        target.unlink()  # a key that is not listed would sign what nobody can verify
        raise
    if replace:
        target.replace(path)
    return made.verifier


def _other(path: Path) -> Verifier:
    """The key that another process has drawn in the same moment."""
    return Signer.parse(path.read_text(encoding="utf-8")).verifier


def verifiers() -> list[Verifier]:
    """The public keys of the list: those that sign, those that signed once, those of second hosts."""
    return read_verifiers(Path(settings.AUDIT_KEYS_FILE))


def read_verifiers(path: Path) -> list[Verifier]:
    """The public keys of a file, one a line; blank lines and lines that begin with # say nothing."""
    if not path.exists():
        return []
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [Verifier.parse(line) for line in lines if line and not line.startswith("#")]
