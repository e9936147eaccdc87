"""The supervisor's remarks to the bank: which are still to be answered, and where each stands."""

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
    """A remark without an answer of the bank, and the place where it is answered."""

    remark: Comment
    title: str
    link: Link


def may_reply(actor: User, assessment: Assessment) -> bool:
    """Whether the person may answer remarks now, whatever the stage of the filing (``reviews.services.comments``)."""
    return actor.holds(Role.BANK_PREPARER) and assessment.round.state == RoundState.OPEN


def unanswered(remarks: Iterable[Comment]) -> list[Comment]:
    """The remarks of the supervisor that the bank has not answered, the oldest first."""
    rows = list(remarks)
    answered = {row.reply_to_id for row in rows if row.author.bank_id is not None}
    return [row for row in rows if row.reply_to_id is None and row.author.bank_id is None and row.pk not in answered]


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
