"""A document as PDF/A-2b and PDF/UA-1, by typst with the fonts of a package: the same bytes for the same content.

No font of the machine is used, so that a document looks alike everywhere; a folder of the office's own fonts
(``DOCUMENT_FONT_DIR``) goes before those of the package. A character that no font has is printed as its number,
``[U+1F600]``: PDF/A takes no character without a glyph, and one emoji must not keep a filing or a letter off paper.
"""

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from datetime import UTC
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import segno
import typst
from django.conf import settings
from django.utils import timezone

from .fonts import shown
from .model import Document

TEMPLATE = Path(__file__).with_name("document.typ")


def to_pdf(document: Document) -> bytes:
    """Set the document."""
    said = document.to_json()
    try:
        return _set(document, said)
    except typst.TypstError:
        numbered = _numbered(said, shown(tuple(font_folders())))
        if numbered == said:
            raise
        return _set(document, numbered)


def font_folders() -> list[Any]:
    """Where fonts come from: the office's own folder first, then the package's."""
    own = [str(settings.DOCUMENT_FONT_DIR)] if settings.DOCUMENT_FONT_DIR else []
    return [*own, str(Path(pylopdf_fonts_zh_cn.__file__).parent)]


def _set(document: Document, said: Mapping[str, Any]) -> bytes:
    made: bytes = typst.compile(
        TEMPLATE.read_bytes(),
        font_paths=font_folders(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": _data(document, said)},
        pdf_standards=["a-2b", "ua-1"],
        timestamp=document.at.astimezone(UTC).replace(microsecond=0),
    )
    return made


def _numbered(said: Any, known: frozenset[int]) -> Any:
    """The same with the number of each character that no font shows; control characters, which say nothing, go."""
    if isinstance(said, str):
        return "".join(_sign(one, known) for one in said)
    if isinstance(said, Mapping):
        return {name: _numbered(value, known) for name, value in said.items()}
    return [_numbered(one, known) for one in said] if isinstance(said, list | tuple) else said


def _sign(one: str, known: frozenset[int]) -> str:
    if ord(one) in known or one in "\n\t" or unicodedata.category(one) == "Cf":  # those of format have no glyph
        return one
    return "" if unicodedata.category(one) == "Cc" else f"[U+{ord(one):04X}]"


def _data(document: Document, said: Mapping[str, Any]) -> str:
    """The document as the template reads it. Numbers of a date are those of Shanghai."""
    data = dict(said)
    local = timezone.localtime(document.at)
    data["date"] = [local.year, local.month, local.day, local.hour, local.minute, local.second]
    if document.check is not None:
        data["qr"] = qr_code(document.check.address)
        data["digest_groups"] = in_groups(document.check.digest)
    return json.dumps(data, ensure_ascii=False)


def qr_code(text: str) -> str:
    """The QR code of a text as SVG, with a quiet border of four modules."""
    return segno.make(text, error="m", micro=False).svg_inline(border=4, omitsize=True)


def in_groups(digest: str) -> str:
    """A digest as it is read and typed: groups of four."""
    return " ".join(digest[place : place + 4] for place in range(0, len(digest), 4))


@cache
def layout() -> str:
    """What, beside its content, decides the bytes of a document: template, program and fonts."""
    parts = [TEMPLATE.read_bytes()]
    parts += [f"{name} {version(name)}".encode() for name in ("typst", "pylopdf-fonts-zh-cn", "segno", "python-docx")]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()
