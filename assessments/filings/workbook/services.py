"""Downloading a workbook, uploading one, and taking what it says into the draft."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import workflow
from assessments.access import get_assessment
from assessments.filings.drafts import DraftChange, Saved, against_editing, save_draft
from assessments.filings.evidence_kinds import clean_name
from assessments.filings.keys import Key, Kind
from assessments.filings.sections.assignments import assigned, others_word, page_of
from assessments.filings.selectors import Draft, get_draft
from assessments.filings.workbook.checks.registry import Expected, Problem
from assessments.filings.workbook.contents import contents_of, held, values_of
from assessments.filings.workbook.intake import Checked, check_workbook
from assessments.filings.workbook.merge import Both, Merge
from assessments.filings.workbook.stamp import TEMPLATE, Value, base_text
from assessments.models import Assessment, UploadKind, WorkbookUpload
from assessments.workflow.machine import EDIT_DRAFT
from banks.models import FactSource, User
from scorecard.access.decisions import Hidden, Refused, Stale
from scorecard.audit.services import canonical, record
from scorecard.engine import CheckFinding, FactValue, run_checks
from scorecard.scanner import refuse_malware
from scorecard.words.language import screen_language

#: What a person decides of an input that was changed on both sides.
MINE, THEIRS = "mine", "theirs"
NOTE_LENGTH = 200


@dataclass(frozen=True)
class Plan:
    """What taking an upload would do now. ``digest`` says of what that was worked out; ``findings`` are what the checks
    would say of the figures that it brings."""

    upload: WorkbookUpload
    draft: Draft
    checked: Checked
    merge: Merge
    digest: str
    findings: tuple[CheckFinding, ...]

    @property
    def clear(self) -> bool:
        """Whether nothing is to be decided."""
        return not self.checked.problems and not self.merge.conflicts


@transaction.atomic
def download_workbook(*, actor: User, assessment_id: int) -> tuple[Assessment, bytes]:
    """The workbook of a filing as it stands, in the language of the screen; one event."""
    assessment = get_assessment(actor, assessment_id)
    from assessments.filings.workbook.sheets import workbook  # what writes workbooks is loaded where one is written

    content = workbook(contents_of(get_draft(assessment)))
    data = {"revision": assessment.revision, "template": TEMPLATE, "language": screen_language()}
    _event("downloaded", actor, assessment, data | {"sha256": hashlib.sha256(content).hexdigest()})
    return assessment, content


def upload_workbook(*, actor: User, assessment_id: int, name: str, content: bytes) -> WorkbookUpload:
    """Keep an uploaded workbook, and take it into the draft where nothing in it is wrong or in conflict.

    Raises ``Refused`` for a file that is refused as a whole (``docs/workbook.md``): nothing is then kept.
    """
    refuse_malware(content)
    with transaction.atomic():
        assessment = editable(actor, assessment_id)
        draft = get_draft(assessment)
        checked = _checked(draft, content)
        upload = WorkbookUpload.objects.create(
            assessment=assessment,
            name=clean_name(name, ".xlsx"),
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            content=content,
            uploaded_by=actor,
        )
        forget_earlier(upload)
        data = {"name": upload.name, "size": upload.size, "sha256": upload.sha256}
        _event("uploaded", actor, assessment, data | {"problems": len(checked.problems)})
        plan = _plan(actor, draft, upload, checked)
        if plan.clear:
            _take(actor, plan, {})
        return upload


@transaction.atomic
def take_workbook(
    *, actor: User, assessment_id: int, upload_id: int, digest: str, choices: Mapping[str, str]
) -> WorkbookUpload:
    """Take what is good of an upload, and of each conflict what ``choices`` says by key (``MINE``, ``THEIRS``).

    Raises ``Stale`` where file or draft say something else than the page with this digest, ``Refused`` with every
    conflict that is not decided.
    """
    assessment = editable(actor, assessment_id)
    plan = plan_upload(actor=actor, assessment=assessment, upload_id=upload_id)
    if plan.digest != digest:
        raise Stale([_("The draft has changed since this page was opened. Look at it again; nothing has been taken.")])
    open_ones = [both.key for both in plan.merge.conflicts if choices.get(both.key.text) not in (MINE, THEIRS)]
    if open_ones:
        raise Refused([_("Decide each figure that was changed on both sides; nothing has been taken.")])
    _take(actor, plan, choices)
    return plan.upload


def plan_upload(*, actor: User, assessment: Assessment, upload_id: int) -> Plan:
    """What taking an upload would do now. 404 for an upload of another filing; ``Refused`` where the file is gone."""
    upload = WorkbookUpload.objects.filter(pk=upload_id, assessment=assessment, kind=UploadKind.WORKBOOK).first()
    if upload is None:
        raise Hidden(bank_id=assessment.bank_id)
    if upload.content is None:
        raise Refused([_("A later workbook has been uploaded, so this one is not kept any more; upload it again.")])
    draft = get_draft(assessment)
    return _plan(actor, draft, upload, _checked(draft, bytes(upload.content)))


@transaction.atomic
def annotate_upload(*, actor: User, assessment_id: int, upload_id: int) -> tuple[WorkbookUpload, bytes]:
    """The annotated copy of an upload: what is wrong and what is in conflict, at its cells; one event."""
    assessment = get_assessment(actor, assessment_id)
    plan = plan_upload(actor=actor, assessment=assessment, upload_id=upload_id)
    conflicts = [_conflict_problem(plan, both) for both in plan.merge.conflicts]
    from assessments.filings.workbook.annotate import annotated

    content = annotated(bytes(cast(bytes, plan.upload.content)), [*plan.checked.problems, *conflicts])
    data = {"annotated": plan.upload.sha256, "revision": assessment.revision}
    _event("downloaded", actor, assessment, data)
    return plan.upload, content


def forget_earlier(upload: WorkbookUpload) -> None:
    """Drop the content of what the same person has uploaded of this kind to this filing before."""
    before = WorkbookUpload.objects.filter(
        assessment=upload.assessment_id, uploaded_by=upload.uploaded_by_id, kind=upload.kind, pk__lt=upload.pk
    )
    before.exclude(content=None).update(content=None)


def expected_of(assessment: Assessment) -> Expected:
    """What a workbook of this filing must have been made for."""
    rulebook = assessment.round.rulebook
    return Expected(assessment.round.code, assessment.bank.code, rulebook.name, rulebook.hash)


def _checked(draft: Draft, content: bytes) -> Checked:
    return check_workbook(content, draft.rulebook, expected_of(draft.assessment))


def _plan(actor: User, draft: Draft, upload: WorkbookUpload, checked: Checked) -> Plan:
    web = values_of(draft)
    merge = checked.merged(lambda key: held(web, key))
    _leave_to_others(actor, draft, checked, merge)
    changed = [key for key, value in checked.values.items() if value != checked.base[key]]
    stands = {key.text: base_text(key, held(web, key)) for key in changed}
    digest = hashlib.sha256(canonical({"file": upload.sha256, "web": stands}).encode()).hexdigest()
    return Plan(upload, draft, checked, merge, digest, _findings(draft, merge.taken))


def _leave_to_others(actor: User, draft: Draft, checked: Checked, merge: Merge) -> None:
    """What the file changes in a section that is somebody else's is a problem of its cell, and is not taken."""
    taken = assigned(draft.assessment)
    changed = [*merge.taken, *(both.key for both in merge.conflicts)] if taken else []
    words = {key: others_word(draft.rulebook, taken, actor, page_of(draft.rulebook, key)) for key in changed}
    for key in changed:
        if words[key]:
            place = checked.places[key]
            checked.problems.append(Problem(place.sheet, place.address, words[key]))
            merge.taken.pop(key, None)
    merge.conflicts[:] = [both for both in merge.conflicts if not words.get(both.key)]


def _findings(draft: Draft, taken: Mapping[Key, Value]) -> tuple[CheckFinding, ...]:
    """What the checks would say of figures that are taken."""
    facts = {key.id: cast(FactValue, value) for key, value in taken.items() if key.kind == Kind.FACT}
    if not facts:
        return ()
    inputs = draft.scoring_input
    found = run_checks(draft.rulebook, replace(inputs, facts={**inputs.facts, **facts}))
    return tuple(finding for finding in found if not facts.keys().isdisjoint(finding.facts))


def _take(actor: User, plan: Plan, choices: Mapping[str, str]) -> Saved | None:
    values = dict(plan.merge.taken)
    values |= {both.key: both.typed for both in plan.merge.conflicts if choices.get(both.key.text) == MINE}
    by_kind: dict[Kind, dict[str, Any]] = {kind: {} for kind in Kind}
    for key, value in values.items():
        by_kind[key.kind][key.id] = value
    change = DraftChange(
        by_kind[Kind.FACT], by_kind[Kind.NARRATIVE], by_kind[Kind.SELF_POINTS], by_kind[Kind.NOT_APPLICABLE]
    )
    here, upload = plan.draft.assessment, plan.upload
    saved = save_draft(
        actor=actor,
        assessment_id=here.pk,
        revision=here.revision,
        change=change,
        source=FactSource.WORKBOOK,
        note=upload.name[:NOTE_LENGTH],
    )
    places = plan.checked.places
    written = set(saved.written)
    upload.taken = [[key.text, at.sheet, at.address] for key, at in places.items() if key in written]
    upload.taken_at = timezone.now()
    upload.save(update_fields=["taken", "taken_at"])
    return saved


def _conflict_problem(plan: Plan, both: Both) -> Problem:
    place = plan.checked.places[both.key]
    words = _("Changed on the web too, to “%(web)s”. Decide on the page of the upload, or type here what counts.")
    return Problem(place.sheet, place.address, words % {"web": web_text(both)})


def web_text(both: Both) -> str:
    """What the web holds of a conflict, as exact text."""
    text = base_text(both.key, both.web)
    return text.partition(":")[2] if both.key.kind == Kind.FACT else text


def editable(actor: User, assessment_id: int) -> Assessment:
    """The filing, locked, where its draft is the actor's to change now; else ``Refused`` with every reason."""
    assessment = get_assessment(actor, assessment_id, lock=True)
    if EDIT_DRAFT not in workflow.capabilities(actor=actor, assessment=assessment):
        raise Refused(against_editing(actor, assessment))
    return assessment


def _event(what: str, actor: User, assessment: Assessment, data: Mapping[str, Any]) -> None:
    name = {"downloaded": "assessments.workbook.downloaded", "uploaded": "assessments.workbook.uploaded"}[what]
    record(name, actor=actor, target=assessment, bank_id=assessment.bank_id, data=dict(data))
