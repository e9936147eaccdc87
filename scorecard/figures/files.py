"""The files of a fixture: from a folder, or out of an upload (a zip of it, or one file), with bounds on their sizes."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from django.utils.translation import gettext_noop as _

from .stored_message import stored

MAX_FILE_BYTES = 2 * 1024 * 1024
MAX_TOTAL_BYTES = 8 * 1024 * 1024
MAX_FILES = 40
# Files of the folder that describe the scan of the text and are not loaded.
SIDE_FILES = frozenset({"coverage.csv", "not_figures.csv"})


def read_directory(directory: Path) -> dict[str, bytes]:
    """The loadable files of a folder by name. Raises ``FileNotFoundError`` or ``NotADirectoryError``."""
    found = {}
    for path in sorted(directory.iterdir()):
        if path.is_file() and path.name not in SIDE_FILES and path.suffix in (".csv", ".yaml", ".yml"):
            found[path.name] = path.read_bytes()
    return found


class UploadError(ValueError):
    """An uploaded file cannot be used at all; the message says why and what to upload instead."""


def read_upload(name: str, data: bytes) -> dict[str, bytes]:
    """The loadable files of an upload: a zip of the folder, one CSV, or one YAML file.

    The content decides, not the name: a zip must open as one, the others must be UTF-8 text. Sizes are capped before
    anything is unpacked, so that a small zip cannot grow without bound. Raises ``UploadError``.
    """
    if len(data) > MAX_TOTAL_BYTES:
        raise UploadError(
            stored(
                _("The file is larger than %(mb)d MB; upload the fixture folder only."), {"mb": MAX_TOTAL_BYTES >> 20}
            )
        )
    if not data:
        raise UploadError(stored(_("The file is empty; choose the fixture file or a zip of its folder.")))
    base = name.replace("\\", "/").rpartition("/")[2]
    if zipfile.is_zipfile(io.BytesIO(data)) and data[:2] == b"PK":
        return _read_zip(data)
    suffix = Path(base).suffix.lower()
    if suffix == ".zip":
        raise UploadError(stored(_("The file is named .zip but is not a zip archive; pack the folder again.")))
    if suffix not in (".csv", ".yaml", ".yml"):
        raise UploadError(stored(_("Only a .zip, .csv, .yaml or .yml file can be loaded; choose one of these.")))
    if b"\x00" in data[:4096]:
        raise UploadError(stored(_("The file is not text; save it as UTF-8 text and upload it again.")))
    return {base: data}


def _read_zip(data: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [
                info for info in archive.infolist() if not info.is_dir() and not info.filename.startswith("__MACOSX/")
            ]
            if len(members) > MAX_FILES or sum(info.file_size for info in members) > MAX_TOTAL_BYTES:
                raise UploadError(
                    stored(
                        _("The archive holds more than %(files)d files or %(mb)d MB; pack the fixture folder only."),
                        {"files": MAX_FILES, "mb": MAX_TOTAL_BYTES >> 20},
                    )
                )
            for info in members:
                base = info.filename.replace("\\", "/").rpartition("/")[2]
                if (
                    base in SIDE_FILES
                    or base.startswith(".")
                    or Path(base).suffix.lower() not in (".csv", ".yaml", ".yml")
                ):
                    continue
                if base in found:
                    raise UploadError(stored(_("The archive holds %(name)s twice; keep one of them."), {"name": base}))
                with archive.open(info) as member:
                    content = member.read(MAX_FILE_BYTES + 1)
                if len(content) > MAX_FILE_BYTES:
                    raise UploadError(
                        stored(
                            _("%(name)s is larger than %(mb)d MB; split it."),
                            {"name": base, "mb": MAX_FILE_BYTES >> 20},
                        )
                    )
                found[base] = content
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise UploadError(stored(_("The archive cannot be read; pack the folder again without a password."))) from error
    if not found:
        raise UploadError(stored(_("The archive holds no .csv or .yaml file; pack the fixture folder.")))
    return found
