"""Which preparer fills in which section of a filing."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import workflow
from assessments.access import get_assessment
from assessments.filings.form_layout import form_pages
from assessments.filings.keys import Key, Kind
from assessments.filings.selectors import CHECK_PAGE, REPORT_PAGE, page_title
from assessments.models import REPORT, Assessment, SectionAssignment
from assessments.rulebooks.cache import engine_rulebook
from assessments.workflow import duties
from assessments.workflow.machine import ASSIGN_SECTIONS
from assessments.workflow.step import AnyStep, Step
from assessments.workflow.telling import tell_of
from banks.models import User
from scorecard.access.decisions import Refused, Stale
from scorecard.access.roles import Role
from scorecard.audit.seals import Rows
from scorecard.audit.services import canonical, record
from scorecard.engine import Rulebook


def assigned(assessment: Assessment) -> dict[str, User]:
    """Who fills in which section, by section; what nobody has is left out, and so is what somebody had who is no active
    preparer of the bank any more. No query where no section was ever assigned or marked, else two."""
    if not assessment.sections_used:
        return {}
    rows = SectionAssignment.objects.filter(assessment=assessment).select_related("assignee")
    newest = {row.page: row.assignee for row in rows}
    people = {person.pk for person in newest.values() if person is not None}
    if not people:
        return {}
    active = set(preparers(assessment).filter(pk__in=people).values_list("pk", flat=True))
    return {page: person for page, person in newest.items() if person is not None and person.pk in active}


def preparers(assessment: Assessment) -> Any:
    """The people of the bank who fill in, by name."""
    people = User.objects.filter(bank=assessment.bank_id, is_active=True, grants__role=Role.BANK_PREPARER)
    return people.distinct().order_by("name_sort", "username")


def sections_of(rulebook: Rulebook) -> list[str]:
    """The sections that somebody fills in: what the form asks, the report, the explanations."""
    return [*(page.id for page in form_pages(rulebook).pages if page.asked), REPORT_PAGE, CHECK_PAGE]


def page_of(rulebook: Rulebook, key: Key) -> str:
    """The section in which something of a draft is typed."""
    pages = form_pages(rulebook)
    if key.kind == Kind.FACT:
        return pages.page_of_fact.get(key.id, "")
    return REPORT_PAGE if key.id == REPORT else pages.page_of_indicator.get(key.id, CHECK_PAGE)


def others_word(rulebook: Rulebook, taken: Mapping[str, User], actor: User, page: str) -> str:
    """Why the actor does not type in a section: it is somebody else's. "" where it is nobody's, the actor's own or
    that of the person for whom the actor stands in."""
    holder = taken.get(page)
    if holder is None or holder.pk == actor.pk or holder.pk == actor.absent_id:
        return ""
    words = {"section": page_title(rulebook, page), "name": holder}
    return _("“%(section)s” is filled in by %(name)s; ask the reviewer or the signatory to assign it to you.") % words


def assignment_digest(assessment: Assessment) -> str:
    """The SHA-256 of who has what, as a page shows it."""
    said = {page: person.pk for page, person in assigned(assessment).items()}
    return hashlib.sha256(canonical(said).encode()).hexdigest()


@transaction.atomic
def assign_sections(
    *, actor: User, assessment_id: int, seen: str, wanted: Mapping[str, int | None]
) -> list[SectionAssignment]:
    """Say who fills in which of these sections, None for nobody in particular; only what differs makes a row, and one
    event.

    ``seen`` is the digest of what was on the screen: other assignments by then are ``Stale``. Raises ``Refused`` with
    every reason: an unknown section, somebody who is no active preparer of the bank.
    """
    assessment = get_assessment(actor, assessment_id, lock=True)
    if ASSIGN_SECTIONS not in workflow.capabilities(actor=actor, assessment=assessment):
        step: AnyStep = Step(actor, assessment, timezone.now())
        reasons: list[Any] = [*duties.round_is_open(step), *duties.filing_window(step)]
        raise Refused(reasons or [_("Sections are assigned by reviewer and signatory, while the bank has the filing.")])
    if seen != assignment_digest(assessment):
        raise Stale([_("Somebody else has assigned sections since you opened the page. Look at them again.")])
    known, people = (
        sections_of(engine_rulebook(assessment.round.rulebook)),
        set(preparers(assessment).values_list("pk", flat=True)),
    )
    if any(page not in known for page in wanted):
        raise Refused([_("The rulebook of this round has no such section.")])
    if any(person is not None and person not in people for person in wanted.values()):
        raise Refused([_("A section is filled in by an active preparer of your bank.")])
    now = {page: person.pk for page, person in assigned(assessment).items()}
    rows = [
        SectionAssignment(assessment=assessment, page=page, assignee_id=person, assigned_by=actor)
        for page, person in wanted.items()
        if now.get(page) != person
    ]
    if not rows:
        return []
    SectionAssignment.objects.bulk_create(rows)
    use_sections(assessment)
    data = {"sections": {row.page: row.assignee_id for row in rows}}
    seals = [Rows(SectionAssignment, [row.pk for row in rows])]
    name, bank = "assessments.section.assigned", assessment.bank_id
    record(name, actor=actor, target=assessment, bank_id=bank, data=data, seals=seals)
    _tell(assessment, rows)
    return rows


def _tell(assessment: Assessment, rows: list[SectionAssignment]) -> None:
    """Each preparer is told of the sections that they were given in this step, once."""
    given: dict[int, list[SectionAssignment]] = {}
    for row in rows:
        if row.assignee_id is not None:
            given.setdefault(row.assignee_id, []).append(row)
    for person, mine in given.items():
        pages = [row.page for row in mine]
        key, by = f"sections:{mine[0].pk}", mine[0].assigned_by_id
        tell_of("assessments.section_given", assessment, key, to=person, by=by, pages=pages)


def use_sections(assessment: Assessment) -> None:
    """From now on the pages of this filing ask who has which section, and what is checked."""
    if not assessment.sections_used:
        assessment.sections_used = True
        assessment.save(update_fields=["sections_used"])
