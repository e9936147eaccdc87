"""Documents that were set are kept by what they were made of, so that nobody waits twice for the same one.

The name of a file is the SHA-256 of content, layout and form: a document whose content has changed since has another
name, and a file never has to be thrown away for being wrong. Old ones go all the same, and are made again when wanted.
An issued letter is signed and stays: the file that the bank has is the one that is here.
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
from .signing import sign
from .typesetting import layout, to_pdf

KEPT = timedelta(days=30)
ISSUED = "issued"  # the folder of what is signed; named by content alone, so that a new layout signs no letter anew
CONTENT_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def _docx(document: Document) -> bytes:
    from .office import to_docx  # python-docx is loaded by the process that writes one

    return to_docx(document)


FORMS = {"pdf": to_pdf, "docx": _docx}


def kept(document: Document, form: str, *, issued: bool = False) -> Path | None:
    """The file of this document, None where it has to be made (``keep``)."""
    path = _path(document, form, issued)
    return path if path.is_file() else None


def keep(document: Document, form: str, *, issued: bool = False) -> Path:
    """Make the file of this document, unless it is there. ``issued``: the PDF is signed with the office's key, where it
    has one, and stays. Of two who do so at once one wins, and both have its file.
    """
    path = _path(document, form, issued)
    if not path.is_file():
        content = FORMS[form](document)
        if issued and form == "pdf":
            content = sign(content)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=path.parent)
        try:  # a full disk leaves no half of it: among issued documents nothing is ever swept away
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.link(name, path)
        except FileExistsError:
            pass
        finally:
            Path(name).unlink()
    return path


def _path(document: Document, form: str, issued: bool) -> Path:
    content = json.dumps(document.to_json(), ensure_ascii=False, sort_keys=True)
    of_form = ISSUED if issued and form == "pdf" else f"{layout()}\0{settings.DOCUMENT_FONT_DIR}"
    name = hashlib.sha256(f"{of_form}\0{content}".encode()).hexdigest()
    folder = Path(settings.DOCUMENT_DIR)
    return (folder / ISSUED if of_form == ISSUED else folder) / f"{name}.{form}"


@finds_lost_work
def remove_old_documents() -> int:
    """Remove files that nobody has made again for long; each sweep asks for it. It asks for no work."""
    folder, limit = Path(settings.DOCUMENT_DIR), time.time() - KEPT.total_seconds()
    for file in folder.iterdir() if folder.is_dir() else ():
        if file.is_file() and file.stat().st_mtime < limit:
            file.unlink(missing_ok=True)
    return 0
