"""Documents that were set are kept by what they were made of, so that nobody waits twice for the same one.

The name of a file is the SHA-256 of content, layout and form: a document whose content has changed since has another
name, and a file never has to be thrown away for being wrong. Old ones go all the same, and are made again when wanted.
"""

import hashlib
import json
import os
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from scorecard.jobs.registry import finds_lost_work

from .model import Document
from .office import to_docx
from .typesetting import layout, to_pdf

KEPT = timedelta(days=30)
FORMS = {"pdf": to_pdf, "docx": to_docx}
CONTENT_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def kept(document: Document, form: str) -> Path | None:
    """The file of this document, None where it has to be made (``keep``)."""
    path = _path(document, form)
    return path if path.is_file() else None


def keep(document: Document, form: str) -> Path:
    """Make the file of this document, unless it is there. Two who do so at once write the same."""
    path = _path(document, form)
    if not path.is_file():
        content = FORMS[form](document)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    return path


def _path(document: Document, form: str) -> Path:
    content = json.dumps(document.to_json(), ensure_ascii=False, sort_keys=True)
    name = hashlib.sha256("\0".join((layout(), settings.DOCUMENT_FONT_DIR, content)).encode()).hexdigest()
    return Path(settings.DOCUMENT_DIR) / f"{name}.{form}"


@finds_lost_work
def remove_old_documents() -> int:
    """Remove files that nobody has made again for long; each sweep asks for it. It asks for no work."""
    folder, limit = Path(settings.DOCUMENT_DIR), time.time() - KEPT.total_seconds()
    for file in folder.iterdir() if folder.is_dir() else ():
        if file.stat().st_mtime < limit:
            file.unlink(missing_ok=True)
    return 0
