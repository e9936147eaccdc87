"""The task list of a filing: the state of each part, what is missing, who holds it now, and the one next step."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments import workflow
from assessments.filings.fact_fields import anchor
from assessments.filings.sections.assignments import assigned
from assessments.filings.sections.marks import marks_of
from assessments.filings.selectors import CHECK_PAGE, REPORT_PAGE, Draft, Gap, page_title
from assessments.models import HANDOVERS, Assessment, Filing, Notice, StepRecord
from assessments.rounds.working_days import objection_words
from assessments.scoring.results import plain
from assessments.workflow import TRANSITIONS, Transition
from assessments.workflow.machine import EDIT_DRAFT
from assessments.workflow.shown import Kept
from banks.models import User
from banks.selectors.people import acting_in
from scorecard.access.roles import BANK_ROLES, Role
from scorecard.links import Link


@dataclass(frozen=True)
class Task:
    """One line of the list."""

    title: str
    link: Link
    state: str
    kind: str
    note: str = ""
    people: str = ""  # who fills it in, who has checked it


@dataclass(frozen=True)
class Next:
    """The one next step: what to do, why, and where."""

    title: str
    text: str
    link: Link | None = None
    button: str = ""
    notice: int = 0  # the notice that it is about, so that it is not announced twice


def steps_from_here(assessment: Assessment) -> list[Transition]:
    """Every step for which somebody has the case in the present state."""
    return [row for row in TRANSITIONS.values() if row.starts_from(assessment) and not row.own_motion]


def holding_roles(assessment: Assessment) -> frozenset[str]:
    """The roles that hold the case now."""
    return frozenset(role for row in steps_from_here(assessment) for role in row.roles)


def holders(assessment: Assessment) -> list[User]:
    """The people of the bank who hold the filing now; none while the supervisor holds it."""
    roles = holding_roles(assessment) & BANK_ROLES
    if not roles:
        return []
    people = User.objects.filter(acting_in(roles), bank=assessment.bank_id, is_active=True)
    return list(people.distinct().order_by("name_sort", "username"))


def last_return(assessment: Assessment) -> StepRecord | None:
    """The newest step, where it sent the filing back; its reason is the first thing to read."""
    last = (
        StepRecord.objects.filter(assessment=assessment)
        .exclude(transition__in=HANDOVERS)
        .select_related("actor")
        .order_by("-id")
        .first()
    )
    row = TRANSITIONS.get(last.transition) if last is not None else None
    return last if row is not None and row.back and row.filing[1] == Filing.PREPARING else None


def tasks(draft: Draft) -> list[Task]:
    """The list in the order in which a filing is made."""
    pk = draft.assessment.pk
    missing = Counter(gap.page for gap in draft.gaps)
    found = [_page_task(draft, page.id, missing) for page in draft.form_pages.pages]
    found += [evidence_task(draft), _self_task(draft)]
    written = bool(draft.narrative("_report").strip())
    report = (_("Written"), "good") if written else (_("Still empty"), "attention")
    found.append(Task(page_title(draft.rulebook, REPORT_PAGE), Link("filing-report", (pk,)), *report))
    found.append(_check_task(draft))
    return [*_with_people(draft, found), *_people_tasks(draft.assessment)]


def _with_people(draft: Draft, found: list[Task]) -> list[Task]:
    """The tasks of sections with who fills them in and who has checked them."""
    taken, marks = assigned(draft.assessment), marks_of(draft)
    pages = [*(page.id for page in draft.form_pages.pages), REPORT_PAGE, CHECK_PAGE]
    words = {}
    for page in pages:
        said = [_("filled in by %(name)s") % {"name": taken[page]}] if page in taken else []
        said += [_("checked by %(name)s") % {"name": marks[page].by}] if page in marks else []
        words[page_title(draft.rulebook, page)] = " · ".join(said)
    return [replace(task, people=words.get(task.title, "")) for task in found]


def _page_task(draft: Draft, page: str, missing: Counter[str]) -> Task:
    link = Link("filing-section", (draft.assessment.pk, page))
    title, here = page_title(draft.rulebook, page), draft.form_pages.page(page)
    if here is None or not here.asked:
        return Task(title, link, _("Nothing to fill in"), "neutral", _("The supervisor scores this section."))
    if count := missing[page]:
        state = ngettext("%(count)d item missing", "%(count)d items missing", count) % {"count": count}
        return Task(title, link, state, "attention", _named(gap for gap in draft.gaps if gap.page == page))
    return Task(title, link, _("Complete"), "good")


def _named(gaps: Any, limit: int = 3) -> str:
    labels = list(dict.fromkeys(gap.label for gap in gaps))
    text = _(", ").join(labels[:limit])
    return (
        _("%(names)s and %(more)d more") % {"names": text, "more": len(labels) - limit} if len(labels) > limit else text
    )


def evidence_task(draft: Draft) -> Task:
    """The files of the filing; its note names the indicators that have none."""
    asked = [
        i
        for i in draft.form_pages.items.values()
        if i.asked and i.indicator.evidence and not draft.claimed(i.indicator.id)
    ]
    held = {name for name, rows in draft.evidence.items() if any(file.counts for file in rows)}
    bare = [item.indicator.id for item in asked if item.indicator.id not in held]
    files = sum(len(rows) for rows in draft.evidence.values())
    link = Link("filing-evidence", (draft.assessment.pk,))
    state = ngettext("%(count)d file", "%(count)d files", files) % {"count": files}
    if not bare:
        return Task(_("Evidence"), link, state, "good")
    note = _("Without a file so far: %(names)s. A reviewer may give no points for what is not shown.")
    return Task(_("Evidence"), link, state, "attention", note % {"names": _listed(bare)})


def _listed(names: list[str], limit: int = 8) -> str:
    text = _(", ").join(names[:limit])
    return (
        _("%(names)s and %(more)d more") % {"names": text, "more": len(names) - limit} if len(names) > limit else text
    )


def _self_task(draft: Draft) -> Task:
    gaps = [gap for gap in draft.gaps if gap.kind == "self_score"]
    if gaps:
        link = gap_link(draft.assessment, gaps[0])
        state = ngettext("%(count)d score missing", "%(count)d scores missing", len(gaps)) % {"count": len(gaps)}
        return Task(_("Self-score"), link, state, "attention")
    asked = [page.id for page in draft.form_pages.pages if any(item.asked for item in page.items)]
    link = Link("filing-section", (draft.assessment.pk, (asked or [draft.form_pages.pages[-1].id])[0]))
    total = plain(draft.self_total) if draft.self_total is not None else "0"
    return Task(_("Self-score"), link, _("%(total)s points") % {"total": total}, "good")


def _check_task(draft: Draft) -> Task:
    link = Link("filing-check", (draft.assessment.pk,))
    errors = sum(gap.kind == "error" for gap in draft.gaps)
    warnings = sum(gap.kind == "warning" for gap in draft.gaps)
    title = page_title(draft.rulebook, CHECK_PAGE)
    if errors:
        state = ngettext("%(count)d error", "%(count)d errors", errors) % {"count": errors}
        return Task(title, link, state, "bad", _("An error stops the submission until the figures agree."))
    if warnings:
        state = ngettext("%(count)d warning to explain", "%(count)d warnings to explain", warnings)
        return Task(title, link, state % {"count": warnings}, "attention")
    if missing := len(draft.gaps):
        state = ngettext("%(count)d item missing", "%(count)d items missing", missing) % {"count": missing}
        return Task(title, link, state, "attention")
    return Task(title, link, _("No objection"), "good")


def _people_tasks(assessment: Assessment) -> list[Task]:
    roles = holding_roles(assessment)
    link = Link("assessment-history", (assessment.pk,))
    rows = (
        (_("Check by the reviewer"), assessment.checked_by, Role.BANK_REVIEWER),
        (_("Signature and submission"), assessment.signed_by, Role.BANK_SIGNATORY),
    )
    found = []
    for title, person, role in rows:
        if person is not None:
            found.append(Task(title, link, _("Done by %(name)s") % {"name": person}, "good"))
        elif role in roles:
            names = _(", ").join(str(person) for person in holders(assessment))
            found.append(Task(title, link, _("Waiting now"), "info", names))
        else:
            found.append(Task(title, link, _("Not yet"), "neutral"))
    return found


def next_step(actor: User, draft: Draft, notice: Notice | None = None) -> Next:
    """What this person does next; where it is somebody else's turn, whose."""
    here = draft.assessment
    rows = [row for row in workflow.available(actor=actor, assessment=here) if row.of_filing()]
    if EDIT_DRAFT in workflow.capabilities(actor=actor, assessment=here) and draft.gaps:
        return _fill_in(draft)
    for row in rows:
        if not row.leads_on():  # steps that send or take back are never the next step that is offered
            continue
        kept: Kept = {"draft": draft}
        decision = workflow.check(row.name, actor=actor, assessment=here, kept=kept)
        words = str(row.consequence) if decision.allowed else " ".join(str(reason) for reason in decision.reasons)
        # What only a written answer lacks is written on the page of the step, so that page is offered.
        if decision.allowed or workflow.check(row.name, actor=actor, assessment=here, reason="-", kept=kept).allowed:
            link = Link("filing-sign", (here.pk,)) if row.signature else Link("filing-step", (here.pk, row.name))
            return Next(str(row.title), words, link, str(row.title))
        return Next(str(row.title), words)
    if any(row.name == "acknowledge" for row in workflow.available(actor=actor, assessment=here)):
        return _acknowledge(here)
    if notice is not None and notice.acknowledged_at is not None:
        return _told(here, notice)
    return _somebody_else(here)


def _acknowledge(assessment: Assessment) -> Next:
    notice = Notice.objects.get(rating=assessment.rating_id)
    text = f"{_('Read it and acknowledge it.')} {objection_words(notice.appeal_until, timezone.now())}"
    title = _("Notice %(number)s has come") % {"number": notice.number}
    return Next(title, text, Link("notice-detail", (assessment.pk,)), _("Read the notice"), notice.pk)


def _told(assessment: Assessment, notice: Notice) -> Next:
    nothing = _("Nothing is left to do but to carry out its measures.")
    words = f"{nothing} {objection_words(notice.appeal_until, timezone.now())}"
    link = Link("notice-detail", (assessment.pk,))
    return Next(_("The result is decided"), words, link, _("Read the notice"), notice.pk)


def send_back_steps(actor: User, assessment: Assessment) -> list[Transition]:
    """The steps with which this person may send the filing back now."""
    rows = workflow.available(actor=actor, assessment=assessment)
    return [row for row in rows if row.of_filing() and row.back]


def recalls(actor: User, assessment: Assessment) -> list[Transition]:
    """The steps with which this person may take back now what was passed on; none once somebody has touched it."""
    rows = workflow.available(actor=actor, assessment=assessment)
    mine = [row for row in rows if row.of_filing() and row.own_motion]
    return [row for row in mine if workflow.check(row.name, actor=actor, assessment=assessment).allowed]


def _fill_in(draft: Draft) -> Next:
    here, gap = draft.assessment, draft.gaps[0]
    count = len(draft.gaps)
    text = ngettext(
        "%(count)d item is still missing or wrong before you can pass the filing to the reviewer.",
        "%(count)d items are still missing or wrong before you can pass the filing to the reviewer.",
        count,
    ) % {"count": count}
    title = _("Go on with: %(page)s") % {"page": page_title(draft.rulebook, gap.page)}
    return Next(title, text, gap_link(here, gap), _("Go on filling in"))


def _somebody_else(assessment: Assessment) -> Next:
    people = holders(assessment)
    if people:
        names = _(", ").join(str(person) for person in people)
        roles = holding_roles(assessment) & BANK_ROLES
        words = _(", ").join(str(Role(role).label) for role in sorted(roles))
        return Next(
            _("It is the turn of: %(role)s") % {"role": words},
            _("%(names)s can go on with the filing now; you need not do anything.") % {"names": names},
        )
    if holding_roles(assessment) & BANK_ROLES:
        return Next(
            _("Nobody in your bank can take the next step"),
            _("Ask the administrator to give somebody of your bank the role that is missing."),
        )
    if assessment.version_id is None:
        return Next(_("Nothing to do"), _("This filing does not move at present."))
    return Next(
        _("The filing is with the supervisor"),
        _("You will see here when it is returned or decided; you need not do anything."),
        Link("assessment-result", (assessment.pk,)),
        _("Show the score"),
    )


def gap_link(assessment: Assessment, gap: Gap) -> Link:
    """The place where a gap is mended."""
    if gap.page == REPORT_PAGE:
        return Link("filing-report", (assessment.pk,))
    if gap.page == CHECK_PAGE:
        return Link("filing-check", (assessment.pk,), place=anchor(gap.key))
    return Link("filing-section", (assessment.pk, gap.page), place=anchor(gap.key))
