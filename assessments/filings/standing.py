"""What a bank's start page says of its filing: one sentence for each pair of states, and the score that stands.

Filing and review are two states. The bank learns that its filing was accepted and that a notice has come; what happens
between them (second review, decision) it reads as one "under review", until its notice tells the outcome.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from assessments.models import Assessment, Filing, Notice, Review
from assessments.rulebooks.cache import engine_rulebook
from scorecard.words.formats import moment
from scorecard.words.language import in_language


@dataclass(frozen=True)
class Decided:
    """The outcome as the notice tells it. ``points`` is exact text; ``measures`` counts those of the letter."""

    points: str
    grade: str
    number: str
    measures: int
    acknowledged: bool


@dataclass(frozen=True)
class Standing:
    """Where a filing stands for the bank: the sentence, the heading of the score, and the outcome once it is told."""

    sentence: str
    score_title: str
    decided: Decided | None


def standing(assessment: Assessment, notice: Notice | None) -> Standing:
    """Return what holds for the pair of states; ``notice`` is the bank's own, None before it is issued."""
    if notice is not None:
        return Standing(_told(notice), _("Decided result"), _decided(assessment, notice))
    title = _("Provisional score") if assessment.review_state == Review.NONE else _("Score as submitted")
    return Standing(_sentence(assessment), title, None)


def _sentence(assessment: Assessment) -> str:
    by_filing = {
        Filing.PREPARING: _("The filing is being filled in."),
        Filing.CHECKING: _("The filing is complete and is being checked by the reviewer."),
        Filing.SIGNING: _("The filing has been checked and waits for the signature."),
        Filing.SUBMITTED: _("The filing has been submitted."),
    }
    if assessment.filing_state == Filing.NOT_FILED:
        return _("Your bank filed nothing in time; it is rated by the rule of the rulebook for that.")
    if assessment.taken_out_at is not None:
        return _("The supervisor has taken your bank out of this round; nothing is to be filed in it.")
    if assessment.never_came:
        return _("The round closed without your filing.")
    if assessment.review_state == Review.NONE:
        return by_filing[Filing(assessment.filing_state)]
    if assessment.review_state == Review.WAITING:
        return _("The filing has been submitted and waits for the supervisor to accept it.")
    return _("The supervisor has accepted the filing and is reviewing it.")


def _told(notice: Notice) -> str:
    if notice.acknowledged_at is None:
        words = _("The result is decided: notice %(number)s has come and is to be acknowledged.")
        return words % {"number": notice.number}
    words = _("The result is decided; notice %(number)s was acknowledged at %(at)s.")
    return words % {"number": notice.number, "at": moment(notice.acknowledged_at)}


def _decided(assessment: Assessment, notice: Notice) -> Decided:
    rating = notice.rating
    return Decided(
        points=rating.points,
        grade=in_language(engine_rulebook(assessment.round.rulebook).grade(rating.grade).name),
        number=notice.number,
        measures=len(notice.body.get("measures", ())),
        acknowledged=notice.acknowledged_at is not None,
    )
