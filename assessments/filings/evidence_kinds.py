"""What an uploaded file is, by what it holds: the kinds that are taken as evidence, and why others are not."""

import io
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.core.files.base import File
from django.utils.translation import gettext as _

from assessments.filings.evidence_ole import SIGNATURE as OLE
from assessments.filings.evidence_ole import check_ole
from assessments.filings.evidence_pdf import check_pdf
from scorecard.access.decisions import Refused

MEGABYTE = 1024 * 1024
# Limits of an archive, which an Office file and an OFD are too: members, unpacked size, and how far it may unfold.
MAX_MEMBERS = 3_000
MAX_UNPACKED = 300 * MEGABYTE
MAX_RATIO = 200
MAX_LISTED = 200  # documents in one ZIP
OFFICE = {
    "xl/workbook.xml": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"),
    "word/document.xml": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
}
SIGNATURES = (
    (b"%PDF-", "application/pdf", ".pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
    (b"\xff\xd8\xff", "image/jpeg", ".jpg"),
)
OFD = ("application/ofd", ".ofd")
ZIP = ("application/zip", ".zip")
# Names that go with what a file holds; documents of WPS are old Office or Office files under names of their own.
ALTERNATIVE_SUFFIXES = {
    ".jpg": {".jpg", ".jpeg"},
    ".doc": {".doc", ".wps"},
    ".xls": {".xls", ".et"},
    ".docx": {".docx", ".wps"},
    ".xlsx": {".xlsx", ".et"},
}
ACCEPTED = ".pdf,.png,.jpg,.jpeg,.xlsx,.docx,.xls,.doc,.wps,.et,.ofd,.zip"


def clean_name(name: str, suffix: str) -> str:
    """The name as people see it: no path, no control characters, at most 120 characters, ending as the content says."""
    last = PurePosixPath(name.replace("\\", "/")).name
    kept = "".join(ch for ch in unicodedata.normalize("NFC", last) if unicodedata.category(ch)[0] != "C").strip(" .")
    stem, dot, end = kept.rpartition(".")
    fitting = ALTERNATIVE_SUFFIXES.get(suffix, {suffix})
    if not dot or f".{end.lower()}" not in fitting:
        stem, end = kept, suffix[1:]
    return f"{stem[:120] or _('file')}.{end}"


@dataclass(frozen=True)
class Kind:
    """What a file is: its content type, the suffix that goes with it, and the names in a ZIP."""

    content_type: str
    suffix: str
    members: tuple[str, ...] = ()


def detect(upload: File) -> Kind:  # type: ignore[type-arg]
    """What an uploaded file is; ``Refused`` for everything that is not taken."""
    if not upload.size:
        raise Refused([_("The file is empty; choose another one.")])
    upload.seek(0)
    return _kind(upload.read())


def _kind(content: bytes, inside: bool = False) -> Kind:
    for signature, content_type, suffix in SIGNATURES:
        if content.startswith(signature):
            if suffix == ".pdf":
                check_pdf(content)
            return Kind(content_type, suffix)
    if content.startswith(OLE):
        return Kind(*check_ole(content))
    if content.startswith(b"PK\x03\x04"):
        return _archive(content, inside)
    raise Refused(
        [_("This is not a PDF, PNG, JPEG, Excel, Word, WPS, OFD or ZIP file; save it as one of these.")],
    )


def _archive(content: bytes, inside: bool) -> Kind:
    """An Office file, an OFD, or a ZIP of documents, each of which would be taken by itself."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            check_members(members)
            check_parts(archive, members)
            bad = archive.testzip()
            if bad is None:
                for member, found in OFFICE.items():
                    if member in names and "[Content_Types].xml" in names:
                        return Kind(*found)
                if "OFD.xml" in names:
                    return Kind(*OFD)
                if not inside:
                    return Kind(*ZIP, members=_listed(archive, members))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise Refused([_("The file is damaged and cannot be opened; save it again and upload it again.")]) from error
    if bad is not None:
        raise Refused([_("The file is damaged and cannot be opened; save it again and upload it again.")])
    raise Refused([_("An archive inside an archive is not taken; pack the documents themselves.")])


def _listed(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> tuple[str, ...]:
    """The names of the documents in a ZIP; refused with the name of the first that would not be taken by itself."""
    documents = [member for member in members if not member.is_dir() and not member.filename.startswith("__MACOSX/")]
    if not documents or len(documents) > MAX_LISTED:
        raise Refused([_("A ZIP holds from 1 to %(count)d documents; this one does not.") % {"count": MAX_LISTED}])
    listed = []
    for member in documents:
        name = _member_name(member)
        try:
            found = _kind(archive.read(member), inside=True)
        except Refused as refused:
            words = {"name": name, "reason": refused.reasons[0]}
            raise Refused([_("“%(name)s” in the ZIP: %(reason)s") % words]) from refused
        listed.append(clean_name(name, found.suffix))
    return tuple(listed)


def _member_name(member: zipfile.ZipInfo) -> str:
    """The name of a member; Chinese programs write it in GB 18030 without saying so."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return member.filename


def check_parts(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> None:
    """Macros, controls and embedded objects by what the file says of its parts, whatever the parts are called."""
    names = [member.filename.lower() for member in members]
    if any("/embeddings/" in f"/{name}" or "/activex/" in f"/{name}" for name in names):
        raise Refused([_("The file holds other files or controls; upload those apart, and the document without them.")])
    for member in members:
        name = member.filename.lower()
        if name != "[content_types].xml" and not name.endswith(".rels"):
            continue
        said = archive.read(member).replace(b"\x00", b"").lower()  # UTF-16 reads like UTF-8 so
        if any(word in said for word in (b"macroenabled", b"vbaproject", b"vbadata", b"macrosheet")):
            raise Refused([_("The file holds macros; save it without them (.xlsx or .docx).")])
        if b"oleobject" in said or b"activex" in said or b"relationships/package" in said:
            raise Refused(
                [_("The file holds other files or controls; upload those apart, and the document without them.")]
            )


def check_members(members: list[zipfile.ZipInfo]) -> None:
    """Refuse an archive that unfolds without end, is protected, or has names that lead out of it or are macros."""
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members) or 1
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED or unpacked / packed > MAX_RATIO:
        raise Refused([_("The file unfolds to far more than its size and is not opened; upload a simpler file.")])
    if any(member.flag_bits & 0x1 for member in members):
        raise Refused([_("The file is protected by a password; upload it without one.")])
    names = [member.filename for member in members]
    if any(name.startswith("/") or "\\" in name or (".." in name and ".." in name.split("/")) for name in names):
        raise Refused([_("The file is damaged and cannot be opened; save it again and upload it again.")])
    if any(name.lower().rpartition("/")[2].startswith("vbaproject") for name in names):
        raise Refused([_("The file holds macros; save it without them (.xlsx or .docx).")])
