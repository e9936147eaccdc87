"""Offering what a branch has signed to another bank of the same legal entity, and ending it."""

import hashlib
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.access import get_assessment
from assessments.filings.form_layout import Item
from assessments.filings.versions.contents import Content, content_of
from assessments.models import Assessment, BranchOffer
from assessments.workflow.duties import against_change
from banks.access import on_register
from banks.models import Bank, User
from scorecard.access.decisions import Hidden, Refused
from scorecard.access.roles import Role
from scorecard.audit.services import canonical, record

LONGEST_DAYS = 366
Offered = dict[str, dict[str, Any]]


def siblings(bank: Bank) -> QuerySet[Bank]:
    """The other banks on the register of the same legal entity: its head office and the branches of that."""
    entity = bank.head_office_id or bank.pk
    return on_register(Bank.objects.filter(Q(pk=entity) | Q(head_office=entity)).exclude(pk=bank.pk)).order_by("code")


def offerable(content: Content) -> Offered:
    """What of a signed filing may be offered, by indicator: narrative, answers and files. Figures stand on a page of
    their own and are never among it; own points and claims are each bank's own judgement."""
    found: Offered = {}
    for item in content.pages.items.values():
        here = _of_item(content, item)
        if any(here.values()):
            found[item.indicator.id] = here
    return found


def _of_item(content: Content, item: Item) -> dict[str, Any]:
    answers = {spec.id: content.facts[spec.id] for spec in item.own if not spec.is_number and spec.id in content.facts}
    files = [
        {"name": file.name, "path": file.file.name, "sha256": file.sha256, "size": file.size}
        for file in content.files_of(item.indicator.id)
    ]
    said = content.answers.get(item.indicator.id, {})
    return {
        "narrative": said.get("narrative", "").strip(),
        "answers": {name: kept for name, kept in answers.items() if kept["state"] == "value"},
        "files": files,
    }


@transaction.atomic
def offer(*, actor: User, assessment_id: int, to: int | None, since: date, until: date) -> BranchOffer:
    """Let another bank of the same legal entity take over texts, answers and files of the newest signed version.

    Raises ``Refused`` with every reason.
    """
    assessment = get_assessment(actor, assessment_id, lock=True)
    receiver = siblings(assessment.bank).filter(pk=to or 0).first()
    reasons = list(_against(actor, assessment, receiver, since, until))
    if reasons or receiver is None or assessment.version is None:
        raise Refused(reasons)
    content = offerable(content_of(assessment.version))
    row = BranchOffer.objects.create(
        bank=receiver,
        giver=assessment.bank,
        round=assessment.round,
        version=assessment.version.number,
        content=content,
        since=since,
        until=until,
        granted_by=actor,
    )
    data = {"to": receiver.pk, "since": since, "until": until, "version": row.version, "offer": row.pk}
    data["digest"] = hashlib.sha256(canonical(content).encode()).hexdigest()
    record("assessments.offer.made", actor=actor, target=assessment, bank_id=assessment.bank_id, data=data)
    return row


def _against(actor: User, assessment: Assessment, receiver: Bank | None, since: date, until: date) -> Iterator[Any]:
    yield from against_change(assessment)
    if not actor.holds(Role.BANK_SIGNATORY):
        yield _("A signatory of your bank allows it.")
    if receiver is None:
        yield _("Choose another branch of your own legal entity.")
    if assessment.version is None:
        yield _("Only what your bank has signed can be offered; it has signed nothing in this round yet.")
    if until < since:
        yield _("The last day lies before the first; correct one of the two dates.")
    elif until < timezone.localdate():
        yield _("The last day lies in the past.")
    elif (until - since).days > LONGEST_DAYS:
        yield _("An offer is for a year at most.")
    same = BranchOffer.objects.filter(giver=assessment.bank, round=assessment.round, bank=receiver, ended_at=None)
    if receiver is not None and same.filter(since__lte=until, until__gte=since).exists():
        yield _("It is offered to %(bank)s in that time already; end that first.") % {"bank": receiver.name}


@transaction.atomic
def end_offer(*, actor: User, offer_id: int) -> BranchOffer:
    """End an offer early. What was taken over by then stays with who took it. 404 for another bank's."""
    row = BranchOffer.objects.select_for_update(of=("self",)).filter(pk=offer_id).first()
    if row is None:
        raise Http404
    if row.giver_id != actor.bank_id:
        raise Hidden(bank_id=row.giver_id)
    if not actor.holds(Role.BANK_SIGNATORY):
        raise Refused([_("A signatory of your bank allows it.")])
    if row.ended_at is not None:
        raise Refused([_("This offer has ended already; reload the page.")])
    row.ended_by, row.ended_at = actor, timezone.now()
    row.save(update_fields=["ended_by", "ended_at"])
    data = {"to": row.bank_id, "offer": row.pk}
    record("assessments.offer.ended", actor=actor, bank_id=row.giver_id, data=data)
    return row


def made_by(assessment: Assessment) -> list[BranchOffer]:
    """What the bank of this assessment has offered in its round, the newest first."""
    rows = BranchOffer.objects.filter(giver=assessment.bank_id, round=assessment.round_id)
    return list(rows.select_related("bank", "granted_by", "ended_by"))


def made_to(assessment: Assessment) -> list[BranchOffer]:
    """What holds today for the bank of this assessment in its round, as long as both are of one legal entity."""
    rows = BranchOffer.objects.today().filter(bank=assessment.bank_id, round=assessment.round_id)
    near = siblings(assessment.bank)
    return list(rows.filter(giver__in=near).select_related("giver"))


def get_offer(actor: User, assessment: Assessment, pk: int) -> BranchOffer:
    """One offer that holds today for the bank of this assessment, or 404."""
    found = next((row for row in made_to(assessment) if row.pk == pk), None)
    if found is None or actor.bank_id != assessment.bank_id:
        other = BranchOffer.objects.filter(pk=pk).first()
        raise Hidden(bank_id=other.giver_id) if other is not None else Http404
    return found
