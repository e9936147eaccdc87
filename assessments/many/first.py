"""What a case officer does in many cases: accept, agree, pass on, hand over."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from assessments.many.declared import (
    Cells,
    ManyStep,
    acting_for,
    as_shown,
    missed,
    names,
    officer_item,
    own_officer,
    perform,
    points,
    version_item,
    version_words,
)
from assessments.many.loading import SHEET, Entry
from assessments.many.shared import Attempt
from assessments.reviews.selectors import Row
from assessments.reviews.services.officers import may_reassign, reassign_officer
from assessments.reviews.services.points import View, give_views
from assessments.workflow import contents, duties
from assessments.workflow.shown import ShownItem
from assessments.workflow.step import TRANSITIONS
from banks.models import User
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role

OFFICER = frozenset({Role.CASE_OFFICER.value})
DECIDER = frozenset({Role.DECISION_MAKER.value})


def _accept_cells(entry: Entry) -> Cells:
    case = entry.case
    own = case.version.self_total if case.version else ""
    total = case.system_run.total if case.system_run else ""
    return version_words(entry), points(own), points(total), missed(entry)


def _accept_content(entry: Entry) -> Iterable[ShownItem]:
    run = entry.case.system_run
    yield version_item(entry.case)
    yield officer_item(entry.case)
    yield ShownItem("total", _("System points"), run.total if run is not None else "")


def agreed_rows(entry: Entry) -> list[Row]:
    """The indicators that a list may agree to: they ask for judgement, nobody has looked at them, the bank scored
    itself as the system did, and the evidence that is asked for is there."""
    return [row for row in entry.sheet.rows if row.open and _plain(row)]


def _plain(row: Row) -> bool:
    evident = not row.missing_evidence and not row.claimed
    return row.system is not None and row.self_points == row.system and evident


def _agree_cells(entry: Entry) -> Cells:
    rows = agreed_rows(entry)
    left = [row.id for row in entry.sheet.rows if row.open and not _plain(row)]
    return str(len(rows)), names(f"{row.id} {row.name}" for row in rows), str(len(left)), names(left)


def _agree_content(entry: Entry) -> Iterable[ShownItem]:
    yield version_item(entry.case)
    for row in agreed_rows(entry):
        files = ",".join(str(file.pk) for file in row.evidence)
        said = f"{row.system} · {row.self_points} · {row.revision} · {files}"
        yield ShownItem(f"agree {row.id}", f"{row.id} {row.name}", said)


def _agree_alone(entry: Entry) -> Iterator[Any]:
    if not agreed_rows(entry):
        yield _("No indicator is left of which own and system points are the same and the evidence is there.")


def _agree(attempt: Attempt) -> None:
    case = attempt.entry.case
    views = [View(row.id, row.revision) for row in agreed_rows(attempt.entry)]
    if case.version is None or not views:
        raise Refused(_agree_alone(attempt.entry))
    give_views(
        actor=attempt.actor,
        assessment_id=case.pk,
        version=case.version.number,
        views=views,
        listed=attempt.listed,
    )


def _reviewed_cells(entry: Entry) -> Cells:
    sheet = entry.sheet
    total = sheet.run.total if sheet.run else ""
    done, asked = sheet.progress
    return points(total), f"{done}/{asked}", names(f"{row.id} {row.name}" for row in sheet.differing), missed(entry)


def _sent_back(entry: Entry) -> Iterator[Any]:
    if entry.kept.get("back") is not None:
        yield _("It was sent back: read the reason on its page and go on from there.")


def _hand_cells(entry: Entry) -> Cells:
    return entry.case.officer_name, entry.case.review_words, version_words(entry)


def _hand_content(entry: Entry) -> Iterable[ShownItem]:
    yield officer_item(entry.case)
    yield ShownItem("state", _("State"), entry.case.review_state, entry.case.review_words)


def _hand_alone(entry: Entry) -> Iterator[Any]:
    if not may_reassign(entry.case):
        yield _("The case has left the first review; its officer stays on record.")


def _hand(attempt: Attempt) -> None:
    case = attempt.entry.case
    reassign_officer(
        actor=attempt.actor,
        assessment_id=case.pk,
        officer_id=attempt.shared.officer,
        seen_officer=case.officer_id,
        reason=attempt.shared.reason,
        listed=attempt.listed,
    )


def _before_second(actor: User) -> Q:
    """Where a case officer's step leads on from; an officer's own cases, all of them for a decision maker."""
    states = Q(pk__in=[])
    for row in TRANSITIONS.values():
        if Role.CASE_OFFICER in row.roles:
            states |= row.where()
    return states if actor.holds(Role.DECISION_MAKER) else states & Q(officer=actor)


# In the order in which a case goes through them.
STEPS: tuple[ManyStep, ...] = (
    ManyStep(
        name="accept",
        title=_lazy("Accept for review"),
        consequence=_lazy("You take these cases. Each bank sees that its filing has been accepted."),
        roles=OFFICER,
        row="accept",
        columns=(_lazy("Filing"), _lazy("Self-score"), _lazy("System points"), _lazy("Targets missed")),
        cells=_accept_cells,
        content=_accept_content,
        carry=perform("accept"),
        where=own_officer,
    ),
    ManyStep(
        name="agree",
        title=_lazy("Agree with the system"),
        consequence=_lazy(
            "You agree with the system's points of the indicators named, and only of those: the bank scored itself "
            "alike and the evidence is there. What is left you verify in each case."
        ),
        roles=OFFICER,
        columns=(
            _lazy("Indicators agreed"),
            _lazy("Which"),
            _lazy("Left to verify"),
            _lazy("Which are left"),
        ),
        cells=_agree_cells,
        content=_agree_content,
        carry=_agree,
        parts=(SHEET,),
        alone=_agree_alone,
        where=lambda actor: TRANSITIONS["pass_to_second"].where() & Q(officer__in=acting_for(actor)),
    ),
    ManyStep(
        name="pass_to_second",
        title=_lazy("Pass to the second review"),
        consequence=_lazy("Your points and reasons go to a second reviewer. The banks learn nothing of it."),
        roles=OFFICER,
        row="pass_to_second",
        columns=(
            _lazy("Points"),
            _lazy("Indicators looked at"),
            _lazy("Points other than the system's"),
            _lazy("Targets missed"),
        ),
        cells=_reviewed_cells,
        content=as_shown(contents.review_content),
        carry=perform("pass_to_second"),
        parts=(SHEET,),
        alone=_sent_back,
        where=own_officer,
        met_first=(duties.answered,),
    ),
    ManyStep(
        name="hand_over",
        title=_lazy("Hand to another officer"),
        consequence=_lazy("The officer that you choose has these cases from now on, and reads your reason."),
        roles=OFFICER | DECIDER,
        columns=(_lazy("Case officer"), _lazy("State"), _lazy("Filing")),
        cells=_hand_cells,
        content=_hand_content,
        carry=_hand,
        asks=frozenset({"officer", "reason"}),
        alone=_hand_alone,
        where=_before_second,
    ),
)
