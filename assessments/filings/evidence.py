"""Evidence: files by what they hold and not by what they are called, kept even when withdrawn."""

import hashlib
import io
import unicodedata
import uuid
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import IO

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import workflow
from assessments.access import get_assessment
from assessments.filings.drafts import against_editing
from assessments.models import Evidence
from assessments.rulebooks.cache import engine_rulebook
from assessments.workflow.machine import EDIT_DRAFT
from banks.models import User
from scorecard.access.decisions import Hidden, Refused, TooLarge
from scorecard.audit.services import record

MEGABYTE = 1024 * 1024
MAX_FILES = 20  # per indicator
MAX_KEPT = 60  # per indicator, withdrawn files among them: they stay on the disk
# Limits of an Office file, which is a zip archive: members, unpacked size, and how far it may unfold.
MAX_MEMBERS = 3_000
MAX_UNPACKED = 300 * MEGABYTE
MAX_RATIO = 200
OFFICE = {
    "xl/workbook.xml": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"),
    "word/document.xml": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
}
SIGNATURES = (
    (b"%PDF-", "application/pdf", ".pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
    (b"\xff\xd8\xff", "image/jpeg", ".jpg"),
)
ALTERNATIVE_SUFFIXES = {".jpg": {".jpg", ".jpeg"}}


def add_evidence(*, actor: User, assessment_id: int, indicator: str, upload: File) -> Evidence:  # type: ignore[type-arg]
    """Keep one uploaded file for one indicator of the draft.

    The type is what the content says: PDF, PNG, JPEG, or an Excel or Word file without macros; the name is kept for
    people and never used as a path. Raises ``TooLarge`` above ``MAX_UPLOAD_MB``, ``Refused`` with every reason for
    anything else that cannot be kept.
    """
    if (upload.size or 0) > settings.MAX_UPLOAD_MB * MEGABYTE:
        raise TooLarge(settings.MAX_UPLOAD_MB)
    content_type, suffix = detect(upload)
    name = clean_name(upload.name or "", suffix)
    digest = hashlib.sha256()
    upload.seek(0)
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    stored = ""
    try:
        with transaction.atomic():
            assessment = get_assessment(actor, assessment_id, lock=True)
            if EDIT_DRAFT not in workflow.capabilities(actor=actor, assessment=assessment):
                raise Refused(against_editing(actor, assessment))
            if indicator not in engine_rulebook(assessment.round.rulebook).indicators:
                raise Refused([_("The rulebook of this round has no indicator “%(name)s”.") % {"name": indicator}])
            here = Evidence.objects.filter(assessment=assessment, indicator=indicator, withdrawn_at=None)
            if twin := here.filter(sha256=digest.hexdigest()).first():
                raise Refused([_("This very file is already there, as “%(name)s”.") % {"name": twin.name}])
            if here.count() >= MAX_FILES:
                words = {"indicator": indicator, "count": MAX_FILES}
                raise Refused([_("%(indicator)s already has %(count)d files; withdraw one first.") % words])
            if Evidence.objects.filter(assessment=assessment, indicator=indicator).count() >= MAX_KEPT:
                full = _("%(indicator)s has taken %(count)d files, withdrawn ones among them; it takes no more.")
                raise Refused([full % {"indicator": indicator, "count": MAX_KEPT}])
            row = Evidence(
                assessment=assessment,
                indicator=indicator,
                name=name,
                size=upload.size or 0,
                sha256=digest.hexdigest(),
                content_type=content_type,
                uploaded_by=actor,
            )
            stored = row.file.field.generate_filename(row, f"{uuid.uuid4().hex}{suffix}")
            row.file.save(PurePosixPath(stored).name, upload, save=False)
            stored = row.file.name or stored
            row.save()
            data = {"indicator": indicator, "name": name, "size": row.size, "sha256": row.sha256}
            record("assessments.evidence.added", actor=actor, target=row, bank_id=assessment.bank_id, data=data)
    except BaseException:
        if stored:  # the row is gone with its transaction; no file must stay behind, nor the part that a full disk took
            row.file.storage.delete(stored)
        raise
    return row


@transaction.atomic
def withdraw_evidence(*, actor: User, assessment_id: int, evidence_id: int) -> Evidence:
    """Take a file out of the draft. It stays where an earlier version depends on it, and in the trail."""
    assessment = get_assessment(actor, assessment_id, lock=True)
    row = Evidence.objects.filter(pk=evidence_id, assessment=assessment).first()
    if row is None:
        raise Hidden
    if EDIT_DRAFT not in workflow.capabilities(actor=actor, assessment=assessment):
        raise Refused(against_editing(actor, assessment))
    if row.withdrawn_at is not None:
        return row
    row.withdrawn_by, row.withdrawn_at = actor, timezone.now()
    row.save(update_fields=["withdrawn_by", "withdrawn_at"])
    data = {"indicator": row.indicator, "name": row.name, "sha256": row.sha256}
    record("assessments.evidence.withdrawn", actor=actor, target=row, bank_id=assessment.bank_id, data=data)
    return row


@transaction.atomic
def open_evidence(*, actor: User, evidence_id: int) -> tuple[Evidence, IO[bytes]]:
    """One file for reading, with its event: who opened which evidence is part of the trail. 404 for another bank's."""
    row = Evidence.objects.select_related("assessment").filter(pk=evidence_id).first()
    if row is None:
        raise Hidden
    assessment = get_assessment(actor, row.assessment_id)
    data = {"indicator": row.indicator, "name": row.name, "sha256": row.sha256}
    record("assessments.evidence.read", actor=actor, target=row, bank_id=assessment.bank_id, data=data)
    return row, row.file.open("rb")


def clean_name(name: str, suffix: str) -> str:
    """The name as people see it: no path, no control characters, at most 120 characters, ending as the content says."""
    last = PurePosixPath(name.replace("\\", "/")).name
    kept = "".join(ch for ch in unicodedata.normalize("NFC", last) if unicodedata.category(ch)[0] != "C").strip(" .")
    stem, dot, end = kept.rpartition(".")
    fitting = ALTERNATIVE_SUFFIXES.get(suffix, {suffix})
    if not dot or f".{end.lower()}" not in fitting:
        stem, end = kept, suffix[1:]
    return f"{stem[:120] or _('file')}.{end}"


def detect(upload: File) -> tuple[str, str]:  # type: ignore[type-arg]
    """Content type and suffix by what the file holds; ``Refused`` for everything that is not accepted."""
    if not upload.size:
        raise Refused([_("The file is empty; choose another one.")])
    upload.seek(0)
    head = upload.read(1024)
    for signature, content_type, suffix in SIGNATURES:
        if head.startswith(signature):
            return content_type, suffix
    if head.startswith(b"PK\x03\x04"):
        return _office(upload)
    raise Refused([_("This is not a PDF, PNG, JPEG, Excel (.xlsx) or Word (.docx) file; save it as one of these.")])


def _office(upload: File) -> tuple[str, str]:  # type: ignore[type-arg]
    upload.seek(0)
    try:
        with zipfile.ZipFile(io.BytesIO(upload.read())) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            _check_members(members)
            _check_parts(archive, members)
            bad = archive.testzip()
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise Refused([_("The file is damaged and cannot be opened; save it again and upload it again.")]) from error
    if bad is not None:
        raise Refused([_("The file is damaged and cannot be opened; save it again and upload it again.")])
    for member, found in OFFICE.items():
        if member in names and "[Content_Types].xml" in names:
            return found
    raise Refused(
        [_("Archives are not accepted; upload the documents one by one as PDF, Excel (.xlsx) or Word (.docx).")]
    )


def _check_parts(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> None:
    """Macros, controls and embedded objects by what the file says of its parts, whatever the parts are called."""
    names = [member.filename.lower() for member in members]
    if any("/embeddings/" in f"/{name}" or "/activex/" in f"/{name}" for name in names):
        raise Refused([_("The file holds other files or controls; upload those apart, and the document without them.")])
    for member in members:
        name = member.filename.lower()
        if name != "[content_types].xml" and not name.endswith(".rels"):
            continue
        said = archive.read(member).replace(b"\x00", b"").lower()  # UTF-16 reads like UTF-8 so
        if b"macroenabled" in said or b"vbaproject" in said or b"vbadata" in said:
            raise Refused([_("The file holds macros; save it without them (.xlsx or .docx).")])
        if b"oleobject" in said or b"activex" in said or b"relationships/package" in said:
            raise Refused(
                [_("The file holds other files or controls; upload those apart, and the document without them.")]
            )


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members) or 1
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED or unpacked / packed > MAX_RATIO:
        raise Refused([_("The file unfolds to far more than its size and is not opened; upload a simpler file.")])
    if any(member.flag_bits & 0x1 for member in members):
        raise Refused([_("The file is protected by a password; upload it without one.")])
    names = [member.filename for member in members]
    if any(PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts or "\\" in name for name in names):
        raise Refused([_("The file is damaged and cannot be opened; save it again and upload it again.")])
    if any(PurePosixPath(name.lower()).name.startswith("vbaproject") for name in names):
        raise Refused([_("The file holds macros; save it without them (.xlsx or .docx).")])
