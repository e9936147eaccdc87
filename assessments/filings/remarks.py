"""The remarks that a bank reads: which are still to be answered, and where each stands."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from assessments.access import visible_comments
from assessments.filings.form_layout import FormPages
from assessments.models import Assessment, Comment, RoundState
from banks.models import User
from scorecard.access.roles import Role
from scorecard.links import Link
from scorecard.words.language import in_language


@dataclass(frozen=True)
class OpenRemark:
    """A remark without an answer, of the supervisor or inside the bank, and the place where it is answered."""

    remark: Comment
    title: str
    link: Link


def may_reply(actor: User, assessment: Assessment) -> bool:
    """Whether the person may answer the supervisor, or ask something, now, whatever the stage of the filing
    (``reviews.services.comments``)."""
    return actor.holds(Role.BANK_PREPARER) and may_discuss(actor, assessment)


def may_discuss(actor: User, assessment: Assessment) -> bool:
    """Whether the person may write remarks inside the bank now: everybody of the bank, while the round is open."""
    return actor.is_bank_person and assessment.round.state == RoundState.OPEN and assessment.taken_out_at is None


@dataclass(frozen=True)
class Thread:
    """A remark with its answers, the oldest first."""

    remark: Comment
    answers: tuple[Comment, ...]
    waits: bool  # for an answer: of the bank to the supervisor, or of anybody else inside the bank


def threads(remarks: Iterable[Comment]) -> list[Thread]:
    """The remarks of a bank's page in threads."""
    rows = list(remarks)
    waiting = {row.pk for row in unanswered(rows)}
    answers: dict[int, list[Comment]] = {}
    for row in rows:
        if row.reply_to_id is not None:
            answers.setdefault(row.reply_to_id, []).append(row)
    return [Thread(row, tuple(answers.get(row.pk, ())), row.pk in waiting) for row in rows if row.reply_to_id is None]


def unanswered(remarks: Iterable[Comment]) -> list[Comment]:
    """The remarks of the supervisor that the bank has not answered, and those inside the bank that nobody but their
    writer has answered, the oldest first.
    """
    rows = list(remarks)
    answered = {row.reply_to_id: set[int]() for row in rows}
    for row in rows:
        if row.author.bank_id is not None:
            answered[row.reply_to_id].add(row.author_id)
    return [
        row
        for row in rows
        if row.reply_to_id is None
        and (row.inside or row.author.bank_id is None)
        and not answered.get(row.pk, set[int]()) - {row.author_id}
    ]


def open_remarks(actor: User, assessment: Assessment, pages: FormPages) -> list[OpenRemark]:
    """The same as a bank's pages announce them. One query."""
    found = []
    for remark in unanswered(visible_comments(actor, assessment)):
        item = pages.items.get(remark.indicator)
        if item is None or not item.asked:
            found.append(
                OpenRemark(
                    remark, _("The filing as a whole"), Link("assessment-history", (assessment.pk,), place="remarks")
                )
            )
            continue
        name = f"{remark.indicator} {in_language(item.indicator.name)}"
        link = Link(
            "filing-section", (assessment.pk, pages.page_of_indicator[remark.indicator]), place=f"remark-{remark.pk}"
        )
        found.append(OpenRemark(remark, name, link))
    return found
