"""Uploading a return, what taking it over would do, and taking over what a person chose (``docs/returns.md``)."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.filings.drafts import DraftChange, save_draft
from assessments.filings.evidence_kinds import clean_name
from assessments.filings.keys import Key, Kind
from assessments.filings.returns.intake import CheckedReturn, Found, check_return
from assessments.filings.sections.assignments import assigned, others_word, page_of
from assessments.filings.selectors import Draft, get_draft
from assessments.filings.workbook.services import MINE, NOTE_LENGTH, THEIRS, editable, forget_earlier
from assessments.filings.workbook.stamp import base_text
from assessments.models import Assessment, UploadKind, WorkbookUpload
from banks.models import FactSource, User
from scorecard.access.decisions import Hidden, Refused, Stale
from scorecard.audit.services import canonical, record
from scorecard.engine import FactValue, Nothing
from scorecard.scanner import refuse_malware

#: How a figure of the file stands to the draft.
SAME, NEW, CONFLICT, OTHERS = "same", "new", "conflict", "others"


@dataclass(frozen=True)
class Offered:
    """A figure of the file beside what stands in the draft."""

    found: Found
    draft: FactValue
    standing: str
    why: str = ""  # it is not offered


@dataclass(frozen=True)
class ReturnPlan:
    """What taking over an upload would do now; ``digest`` says of what that was worked out."""

    upload: WorkbookUpload
    draft: Draft
    checked: CheckedReturn
    offered: tuple[Offered, ...]
    digest: str


def upload_return(*, actor: User, assessment_id: int, name: str, content: bytes) -> WorkbookUpload:
    """Keep an uploaded return; nothing of it goes into the draft yet.

    Raises ``Refused`` for a file that is refused as a whole: nothing is then kept.
    """
    refuse_malware(content)
    with transaction.atomic():
        assessment = editable(actor, assessment_id)
        name = clean_name(name, ".xlsx")
        checked = _checked(get_draft(assessment), name, content)
        upload = WorkbookUpload.objects.create(
            kind=UploadKind.RETURN,
            assessment=assessment,
            name=name,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            content=content,
            uploaded_by=actor,
        )
        forget_earlier(upload)
        data = {
            "name": upload.name,
            "size": upload.size,
            "sha256": upload.sha256,
            "parts": [mapping.name for mapping, _sheet in checked.parts],
            "figures": len(checked.figures),
            "problems": len(checked.problems),
        }
        record("assessments.return.uploaded", actor=actor, target=assessment, bank_id=assessment.bank_id, data=data)
        return upload


def plan_return(*, actor: User, assessment: Assessment, upload_id: int) -> ReturnPlan:
    """What taking over an upload would do now. 404 for one of another filing; ``Refused`` where the file is gone."""
    upload = WorkbookUpload.objects.filter(pk=upload_id, assessment=assessment, kind=UploadKind.RETURN).first()
    if upload is None:
        raise Hidden(bank_id=assessment.bank_id)
    if upload.content is None:
        raise Refused([_("A later return has been uploaded, so this file is not kept any more; upload it again.")])
    draft = get_draft(assessment)
    checked = _checked(draft, upload.name, bytes(upload.content))
    taken = assigned(assessment)
    offered = tuple(_offered(actor, taken, draft, found) for found in checked.figures.values())
    said = {
        "file": upload.sha256,
        "period": list(checked.period or ()),
        "file_values": {each.found.fact: _text(each.found.fact, each.found.value) for each in offered},
        "draft": {each.found.fact: _text(each.found.fact, each.draft) for each in offered},
    }
    digest = hashlib.sha256(canonical(said).encode()).hexdigest()
    return ReturnPlan(upload, draft, checked, offered, digest)


@transaction.atomic
def take_return(
    *,
    actor: User,
    assessment_id: int,
    upload_id: int,
    digest: str,
    choices: Mapping[str, str],
    confirmed: Collection[str],
) -> WorkbookUpload:
    """Take over what a person chose: by fact ``MINE`` (the return's value) or ``THEIRS`` (what stands in the draft).

    A figure of which the draft holds nothing yet is left alone without a choice; one that stands there with another
    value must be decided. ``confirmed`` names the questions that were confirmed. Raises ``Stale`` where file or draft
    say something else than the page with this digest, ``Refused`` with every reason.
    """
    assessment = editable(actor, assessment_id)
    plan = plan_return(actor=actor, assessment=assessment, upload_id=upload_id)
    if plan.digest != digest:
        raise Stale([_("The draft has changed since this page was opened. Look at it again; nothing has been taken.")])
    reasons: list[Any] = []
    if any(question not in confirmed for question in plan.checked.questions):
        reasons.append(_("Confirm what the file does not say, or upload the right file; nothing has been taken."))
    undecided = [each for each in plan.offered if each.standing == CONFLICT and _choice(each, choices) is None]
    if undecided:
        reasons.append(_("Decide each figure that stands in the draft with another value; nothing has been taken."))
    taken = [each.found for each in plan.offered if each.standing in (NEW, CONFLICT) and _choice(each, choices) == MINE]
    if not taken and not reasons:
        reasons.append(_("No figure of the return was chosen; nothing has been taken."))
    if reasons:
        raise Refused(reasons)
    saved = save_draft(
        actor=actor,
        assessment_id=assessment.pk,
        revision=assessment.revision,
        change=DraftChange(facts={found.fact: found.value for found in taken}),
        source=FactSource.RETURN,
        notes={found.fact: found.note[:NOTE_LENGTH] for found in taken},
    )
    written = {key.id for key in saved.written}
    upload = plan.upload
    upload.taken = [
        *upload.taken,
        *(
            [Key(Kind.FACT, found.fact).text, found.cells[0].sheet, " + ".join(cell.address for cell in found.cells)]
            for found in taken
            if found.fact in written
        ),
    ]
    upload.taken_at = timezone.now()
    upload.save(update_fields=["taken", "taken_at"])
    return upload


def _choice(offered: Offered, choices: Mapping[str, str]) -> str | None:
    found = choices.get(offered.found.fact)
    return found if found in (MINE, THEIRS) else None


def _checked(draft: Draft, name: str, content: bytes) -> CheckedReturn:
    here = draft.assessment
    return check_return(content, name, draft.rulebook, year=here.round.year, bank=here.bank.name_zh)


def _offered(actor: User, taken: Mapping[str, User], draft: Draft, found: Found) -> Offered:
    now = draft.value(draft.rulebook.facts[found.fact])
    if now == found.value:
        return Offered(found, now, SAME)
    page = page_of(draft.rulebook, Key(Kind.FACT, found.fact))
    if why := others_word(draft.rulebook, taken, actor, page):
        return Offered(found, now, OTHERS, why)
    return Offered(found, now, NEW if now is Nothing.UNANSWERED else CONFLICT)


def _text(fact: str, value: FactValue) -> str:
    return base_text(Key(Kind.FACT, fact), value)
