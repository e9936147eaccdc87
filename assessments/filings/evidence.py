"""Evidence: files by what they hold and not by what they are called, kept even when withdrawn."""

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath
from typing import IO, Any

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import workflow
from assessments.access import get_assessment
from assessments.filings.drafts import against_editing
from assessments.filings.evidence_kinds import MEGABYTE, clean_name, detect
from assessments.filings.keys import Key, Kind
from assessments.filings.scanning import asked, require_open
from assessments.filings.sections.assignments import assigned, others_word, page_of
from assessments.models import Assessment, Evidence, FilingVersion
from assessments.rulebooks.cache import engine_rulebook
from assessments.workflow.machine import EDIT_DRAFT
from banks.models import User
from scorecard.access.decisions import Hidden, NotShown, Refused, TooLarge
from scorecard.access.row_security import unbound
from scorecard.audit.services import record
from scorecard.documents.marking import MARKED, PDF, marked_copy
from scorecard.words.formats import moment

MAX_FILES = 20  # per indicator, objection and filing under a measure
MAX_KEPT = 60  # the same, withdrawn files among them: they stay on the disk
QUOTA_MB = 500  # of one bank in one round: everything that it has uploaded, each file once


def add_evidence(*, actor: User, assessment_id: int, indicator: str, upload: File) -> Evidence:  # type: ignore[type-arg]
    """Keep one uploaded file for one indicator of the draft.

    The type is what the content says (``evidence_kinds``); the name is kept for people and never used as a path.
    Raises ``TooLarge`` above ``MAX_UPLOAD_MB``, ``Refused`` with every reason for
    anything else that cannot be kept.
    """

    def begin(sha256: str) -> Evidence:
        assessment = _editable(actor, assessment_id)
        _require_section(assessment, actor, indicator)
        _require_room(assessment, indicator, sha256)
        return Evidence(assessment=assessment, indicator=indicator, uploaded_by=actor)

    return keep_file(upload, begin)


def keep_file(upload: File, begin: Callable[[str], Evidence]) -> Evidence:  # type: ignore[type-arg]
    """Keep one uploaded file by what it holds, with its event. ``begin`` is told the SHA-256 and gives the row to be
    filled, in the transaction that writes it, or refuses.

    Where the commit itself meets an error nobody knows whether the row is there: the file then stays. At worst it has
    no row, which ``manage.py evidence_files`` finds; a row without its file would be evidence that is lost.
    """
    if (upload.size or 0) > settings.MAX_UPLOAD_MB * MEGABYTE:
        raise TooLarge(settings.MAX_UPLOAD_MB)
    kind = detect(upload)
    digest = hashlib.sha256()
    upload.seek(0)
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    stored, written = "", False
    try:
        with transaction.atomic():
            row = begin(digest.hexdigest())
            _require_quota(row.assessment, upload.size or 0)
            row.scan = asked(digest.hexdigest())
            row.name, row.size = clean_name(upload.name or "", kind.suffix), upload.size or 0
            row.sha256, row.content_type, row.members = digest.hexdigest(), kind.content_type, list(kind.members)
            stored = row.file.field.generate_filename(row, f"{uuid.uuid4().hex}{kind.suffix}")
            row.file.save(PurePosixPath(stored).name, upload, save=False)
            stored = row.file.name or stored
            row.save()
            _record_added(row)
            written = True
    except BaseException:
        # The row is gone with its transaction; no file must stay behind, nor the part that a full disk took.
        if stored and not written:
            row.file.storage.delete(stored)
        raise
    return row


@transaction.atomic
def reuse_evidence(*, actor: User, assessment_id: int, evidence_id: int, indicator: str) -> Evidence:
    """Let a file that is in the draft support another indicator too; it stays once on the disk."""
    assessment = _editable(actor, assessment_id)
    files = Evidence.objects.select_related("scan")
    known = files.filter(pk=evidence_id, assessment=assessment, withdrawn_at=None).first()
    if known is None:
        raise Hidden
    _require_section(assessment, actor, indicator)
    _require_room(assessment, indicator, known.sha256)
    row = Evidence(
        assessment=assessment,
        indicator=indicator,
        file=known.file.name,
        name=known.name,
        size=known.size,
        sha256=known.sha256,
        content_type=known.content_type,
        members=known.members,
        scan=asked(known.sha256) or known.scan,
        uploaded_by=actor,
    )
    row.save()
    _record_added(row)
    return row


def _editable(actor: User, assessment_id: int) -> Assessment:
    """The assessment, locked; refused unless this person may change its draft now."""
    assessment = get_assessment(actor, assessment_id, lock=True)
    if EDIT_DRAFT not in workflow.capabilities(actor=actor, assessment=assessment):
        raise Refused(against_editing(actor, assessment))
    return assessment


def _require_section(assessment: Assessment, actor: User, indicator: str) -> None:
    """Files of a section that is assigned are put in and taken out by whoever has it."""
    rulebook = engine_rulebook(assessment.round.rulebook)
    page = page_of(rulebook, Key(Kind.NARRATIVE, indicator))
    if message := others_word(rulebook, assigned(assessment), actor, page):
        raise Refused([message])


def _require_quota(assessment: Assessment, size: int) -> None:
    """Refuse what would take more room than one bank has in one round. A file for several indicators counts once."""
    kept = Evidence.objects.filter(assessment=assessment).order_by().values_list("file", "size").distinct()
    used = sum(each for _file, each in kept)
    if used + size > QUOTA_MB * MEGABYTE:
        left = max(0, QUOTA_MB * MEGABYTE - used) // MEGABYTE
        words = _("Your bank has %(most)d MB for its files of one round; %(left)d MB are left. Make the file smaller.")
        raise Refused([words % {"most": QUOTA_MB, "left": left}])


def _require_room(assessment: Assessment, indicator: str, sha256: str) -> None:
    """An indicator of the rulebook that has room for one more file, and not this very one."""
    if indicator not in engine_rulebook(assessment.round.rulebook).indicators:
        raise Refused([_("The rulebook of this round has no indicator “%(name)s”.") % {"name": indicator}])
    require_room(Evidence.objects.filter(assessment=assessment, indicator=indicator), sha256, indicator)


def require_room(files: QuerySet[Evidence], sha256: str, what: str) -> None:
    """Refuse one more file beside ``files``, withdrawn ones among them, where there is no room or it is there already.

    ``what`` names in the message what the files belong to.
    """
    here = files.filter(withdrawn_at=None)
    if twin := here.filter(sha256=sha256).first():
        raise Refused([_("This very file is already there, as “%(name)s”.") % {"name": twin.name}])
    if here.count() >= MAX_FILES:
        raise Refused(
            [_("%(what)s already has %(count)d files; withdraw one first.") % {"what": what, "count": MAX_FILES}]
        )
    if files.count() >= MAX_KEPT:
        full = _("%(what)s has taken %(count)d files, withdrawn ones among them; it takes no more.")
        raise Refused([full % {"what": what, "count": MAX_KEPT}])


def _record_added(row: Evidence) -> None:
    data = {"indicator": row.indicator, "name": row.name, "size": row.size, "sha256": row.sha256}
    if row.members:
        data["members"] = row.members
    bank_id = row.assessment.bank_id
    record("assessments.evidence.added", actor=row.uploaded_by, target=row, bank_id=bank_id, data=data, seals=[row])


@transaction.atomic
def withdraw_evidence(*, actor: User, assessment_id: int, evidence_id: int) -> Evidence:
    """Take a file out of the draft. It stays where an earlier version depends on it, and in the trail."""
    assessment = get_assessment(actor, assessment_id, lock=True)
    row = Evidence.objects.filter(pk=evidence_id, assessment=assessment).first()
    if row is None:
        raise Hidden
    if EDIT_DRAFT not in workflow.capabilities(actor=actor, assessment=assessment):
        raise Refused(against_editing(actor, assessment))
    _require_section(assessment, actor, row.indicator)
    return row if row.withdrawn_at is not None else withdraw(row, actor)


def withdraw(row: Evidence, actor: User) -> Evidence:
    """Mark a file as withdrawn, with its event. Whoever calls has locked the case and asked whether this person may."""
    row.withdrawn_by, row.withdrawn_at = actor, timezone.now()
    row.save(update_fields=["withdrawn_by", "withdrawn_at"])
    data, bank_id = {"indicator": row.indicator, "name": row.name, "sha256": row.sha256}, row.assessment.bank_id
    record("assessments.evidence.withdrawn", actor=actor, target=row, bank_id=bank_id, data=data, seals=[row])
    return row


def get_evidence(actor: User, evidence_id: int) -> Evidence:
    """What is said of one file, without its content. 404 for another bank's, and for what a supervisor may not read."""
    with unbound():
        rows = Evidence.objects.select_related(
            "assessment__round", "assessment__bank", "objection", "obligation_filing", "uploaded_by", "scan"
        )
        row = rows.filter(pk=evidence_id).first()
    if row is None:
        raise Hidden
    assessment = get_assessment(actor, row.assessment_id)
    if not actor.is_bank_person and not _went_out(row):
        raise Hidden(bank_id=assessment.bank_id, target=row)
    return row


@dataclass(frozen=True)
class Handed:
    """A file as it is handed out: the very file, or (``marked``) a copy that says on each page to whom."""

    row: Evidence
    stream: IO[bytes]
    name: str
    content_type: str
    marked: bool = False


@transaction.atomic
def open_evidence(*, actor: User, evidence_id: int) -> Handed:
    """One file for reading, with its event: who opened which evidence is part of the trail. 404 for another bank's.

    The bank gets its file, a supervisor a marked copy where the file can carry a mark (docs/filing.md, Marked copies);
    the event then names the SHA-256 of the copy.
    """
    row = get_evidence(actor, evidence_id)
    require_open(row)
    try:
        handed = Handed(row, row.file.open("rb"), row.name, row.content_type)
    except FileNotFoundError:
        handed = None
    data: dict[str, Any] = {"indicator": row.indicator, "name": row.name, "sha256": row.sha256}
    if handed is not None and not actor.is_bank_person:
        handed, said = _marked(handed, actor)
        data |= said
    record("assessments.evidence.read", actor=actor, target=row, bank_id=row.assessment.bank_id, data=data)
    if handed is None:
        words = _("The content of this file is not kept any more; its name and SHA-256 (%(sha256)s) are.")
        raise NotShown([words % {"sha256": row.sha256}])
    return handed


def _marked(handed: Handed, actor: User) -> tuple[Handed, dict[str, Any]]:
    """The copy for a supervisor, and what the event says of it; the file itself where it can carry no mark."""
    row, case = handed.row, handed.row.assessment
    lines = (f"{actor.name} ({actor.username})", moment(timezone.now()), case.bank_name, case.round.title)
    copy = None
    if row.content_type in MARKED:
        copy = marked_copy(handed.stream.read(), row.content_type, (*lines, f"{row.indicator} #{row.pk}"))
        handed.stream.seek(0)
    if copy is None:
        return handed, {"marked": False}
    handed.stream.close()
    name = _("%(name)s (marked copy)") % {"name": PurePosixPath(row.name).stem} + ".pdf"
    said = {"marked": True, "copy_sha256": hashlib.sha256(copy).hexdigest()}
    return Handed(row, BytesIO(copy), name, PDF, marked=True), said


def _went_out(row: Evidence) -> bool:
    """Whether the bank has given a file to the supervisor: a signed version names it, or it was part of an objection
    that is lodged or of what was filed under a measure. What stands in a draft, or was taken out of one, is the bank's
    own.
    """
    if row.objection is not None:
        return row.objection.lodged_at is not None and row.withdrawn_at is None
    if row.obligation_filing is not None:
        return row.obligation_filing.filed_at is not None and row.withdrawn_at is None
    named = FilingVersion.objects.filter(assessment=row.assessment_id).values_list("evidence", flat=True)
    return any(row.pk in files for files in named)
