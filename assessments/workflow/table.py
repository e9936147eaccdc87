"""Every transition of an assessment, one row each. Pages and services ask this table; nothing else compares states.

The table stands above everything that it moves. ``AssessmentsConfig.ready`` gives it to ``workflow.machine``, which
stands below; whoever asks for a row asks the machine.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

from assessments.models import Correction, Filing, Review
from assessments.workflow.machine import DECIDE_MEASURES, EDIT_DRAFT, GIVE_FIGURES, REVIEW_POINTS, SECOND_VIEW
from assessments.workflow.payloads import DecisionPayload, ReturnPayload
from assessments.workflow.step import BankReads, Capability, Transition
from scorecard.access.roles import Role

from . import contents, duties, effects, guards

_P, _C, _S, _D = Filing.PREPARING, Filing.CHECKING, Filing.SIGNING, Filing.SUBMITTED
_N = Filing.NOT_FILED
_OPEN = (duties.round_is_open,)
_FILING = (duties.round_is_open, duties.filing_window)
# What one person asks for, a decision maker or a second reviewer confirms who is another person.
CONFIRMING = frozenset({Role.DECISION_MAKER, Role.SECOND_REVIEWER})
_OFFICER = (duties.round_is_open, duties.the_assigned_officer)


def _bank(name: str, title: Any, consequence: Any, role: Role, start: Filing, end: Filing, **more: Any) -> Transition:
    more.setdefault("review", (Review.NONE, Review.NONE))
    more.setdefault("guards", _FILING)
    more |= {"step_read": BankReads.AT_ONCE, "reason_read": BankReads.AT_ONCE}  # the bank's own words
    return Transition(
        name, title, consequence, frozenset({role}), (start, end), event=f"assessments.filing.{name}", **more
    )


def _supervisor(
    name: str, title: Any, consequence: Any, role: Role | frozenset[Role], start: Review, end: Review, **more: Any
) -> Transition:
    more.setdefault("filing", (_D, _D))
    more.setdefault("guards", _OPEN)
    roles = frozenset({role}) if isinstance(role, Role) else role
    return Transition(name, title, consequence, roles, review=(start, end), event=f"assessments.review.{name}", **more)


ROWS = (
    _bank(
        "pass_to_reviewer",
        _("Pass to the reviewer"),
        _("The reviewer of your bank checks the filing. Until it is sent back you cannot change it."),
        Role.BANK_PREPARER,
        _P,
        _C,
        guards=(*_FILING, duties.answered, guards.filing_complete),
        effects=(effects.stamp_preparer,),
        done=_("The filing is with the reviewer now."),
    ),
    _bank(
        "send_back_to_preparer",
        _("Send back to the preparer"),
        _("The preparer can change the filing again and sees your reason."),
        Role.BANK_REVIEWER,
        _C,
        _P,
        effects=(effects.clear_check,),
        reason=True,
        back=True,
        done=_("The filing is back with the preparer, with your reason."),
    ),
    _bank(
        "pass_to_signatory",
        _("Pass to the signatory"),
        _("You confirm that you have checked the filing. The signatory of your bank can then sign and submit it."),
        Role.BANK_REVIEWER,
        _C,
        _S,
        guards=(*_FILING, guards.not_the_preparer, guards.filing_complete),
        effects=(effects.stamp_checker,),
        done=_("The filing is with the signatory now."),
    ),
    _bank(
        "refuse_signature",
        _("Do not sign, send back"),
        _("The preparer can change the filing again and sees your reason. It must then be checked again."),
        Role.BANK_SIGNATORY,
        _S,
        _P,
        effects=(effects.clear_check,),
        reason=True,
        back=True,
        done=_("The filing is back with the preparer, with your reason."),
    ),
    _bank(
        "submit",
        _("Sign and submit"),
        _("You sign for your bank. This version is frozen, goes to the supervisor and is scored at once."),
        Role.BANK_SIGNATORY,
        _S,
        _D,
        review=(Review.NONE, Review.WAITING),
        guards=(*_FILING, guards.not_the_preparer, duties.not_the_checker, guards.filing_complete),
        effects=(effects.freeze_and_score,),
        content=contents.filing_content,
        signature=True,
        done=_("Your bank has submitted its filing. It is being scored."),
    ),
    _supervisor(
        "accept",
        _("Accept for review"),
        _("You take the case. The bank sees that its filing has been accepted."),
        Role.CASE_OFFICER,
        Review.WAITING,
        Review.FIRST,
        guards=_OFFICER,
        effects=(effects.take_case,),
        step_read=BankReads.AT_ONCE,
        todo=_("Look at the filing and accept or return it"),
    ),
    _supervisor(
        "refuse",
        _("Return unaccepted"),
        _("The bank must correct its filing and submit a new version; this version is kept. It sees your reason."),
        Role.CASE_OFFICER,
        Review.WAITING,
        Review.NONE,
        filing=(_D, _P),
        guards=_OFFICER,
        effects=(effects.return_to_bank,),
        payload=ReturnPayload,
        reason=True,
        step_read=BankReads.AT_ONCE,
        reason_read=BankReads.AT_ONCE,
        back=True,
    ),
    _supervisor(
        "return_for_correction",
        _("Return for correction"),
        _("The bank must correct its filing and submit a new version; this version is kept. It sees your reason."),
        Role.CASE_OFFICER,
        Review.FIRST,
        Review.NONE,
        filing=(_D, _P),
        guards=_OFFICER,
        effects=(effects.return_to_bank,),
        payload=ReturnPayload,
        reason=True,
        step_read=BankReads.AT_ONCE,
        reason_read=BankReads.AT_ONCE,
        back=True,
    ),
    _supervisor(
        "pass_to_second",
        _("Pass to the second review"),
        _("Your points and reasons go to a second reviewer. You cannot change them until they are sent back."),
        Role.CASE_OFFICER,
        Review.FIRST,
        Review.SECOND,
        guards=(*_OFFICER, duties.answered, guards.score_ready, guards.review_complete),
        effects=(effects.stamp_first_review,),
        todo=_("Verify indicator by indicator"),
    ),
    _supervisor(
        "send_back_to_officer",
        _("Send back to the case officer"),
        _("The case officer does the first review again and sees your reason."),
        Role.SECOND_REVIEWER,
        Review.SECOND,
        Review.FIRST,
        guards=(*_OPEN, duties.not_the_first_reviewer),
        effects=(effects.reopen_first_review,),
        reason=True,
        back=True,
    ),
    _supervisor(
        "confirm",
        _("Confirm the review"),
        _("You confirm the points. The rating and the measures are proposed by rule and go to the decision maker."),
        Role.SECOND_REVIEWER,
        Review.SECOND,
        Review.DECISION,
        guards=(*_OPEN, duties.not_the_first_reviewer, guards.review_complete),
        effects=(effects.propose_rating,),
        content=contents.review_content,
        todo=_("Second review: confirm or send back"),
    ),
    _supervisor(
        "rate_unfiled",
        _("Rate as not submitted"),
        _("Nothing came in time. Grade and measures follow from the rulebook's rule for that; the bank files no more."),
        Role.CASE_OFFICER,
        Review.NONE,
        Review.DECISION,
        filing=(_P, _N),
        also_filing=(_C, _S),
        guards=(*_OFFICER, duties.filing_is_over, guards.rule_for_unfiled),
        effects=(effects.propose_unfiled,),
        content=contents.unfiled_content,
        step_read=BankReads.AT_ONCE,
        todo=_("Rate as not submitted"),
    ),
    _supervisor(
        "let_file",
        _("Send back: the bank may still file"),
        _("The proposed rating falls away. The case officer gives the bank a later day, and it can file again."),
        Role.DECISION_MAKER,
        Review.DECISION,
        Review.NONE,
        filing=(_N, _P),
        guards=(*_OPEN, duties.not_a_reviewer),
        effects=(effects.withdraw_rating,),
        reason=True,
        back=True,
        step_read=BankReads.AT_ONCE,
    ),
    _supervisor(
        "send_back_undecided",
        _("Send back undecided"),
        _("The first review is to be done again. The proposed rating and measures fall away."),
        Role.DECISION_MAKER,
        Review.DECISION,
        Review.FIRST,
        guards=(*_OPEN, duties.not_a_reviewer),
        effects=(effects.withdraw_rating, effects.reopen_first_review),
        reason=True,
        back=True,
    ),
    _supervisor(
        "decide",
        _("Decide the rating"),
        _("You decide grade, adjustment and measures for this bank. The decision is final and goes into the notice."),
        Role.DECISION_MAKER,
        Review.DECISION,
        Review.DECIDED,
        also_filing=(_N,),
        guards=(*_OPEN, duties.not_a_reviewer, guards.measures_decided),
        effects=(effects.decide_rating,),
        payload=DecisionPayload,
        content=contents.rating_content,
        reason=True,
        signature=True,
        step_read=BankReads.WITH_NOTICE,
        reason_read=BankReads.WITH_NOTICE,
        todo=_("Decide grade, adjustment and measures"),
    ),
    _supervisor(
        "ask_taking_back",
        _("Take the decision back"),
        _(
            "You ask for the decision to be taken back before its notice; another person must confirm it. Until then "
            "no notice can be sent."
        ),
        Role.DECISION_MAKER,
        Review.DECIDED,
        Review.DECIDED,
        also_filing=(_N,),
        correction=(Correction.NONE, Correction.ASKED),
        guards=(*_OPEN, duties.not_a_reviewer),
        content=contents.taking_back_content,
        own_motion=True,
        reason=True,
        signature=True,
        done=_("Another decision maker or a second reviewer has to confirm that the decision is taken back."),
    ),
    _supervisor(
        "take_back",
        _("Confirm that the decision is taken back"),
        _(
            "The decision stays on record as it was signed. What the rules give is proposed again, and grade, "
            "adjustment and measures are to be decided anew."
        ),
        CONFIRMING,
        Review.DECIDED,
        Review.DECISION,
        also_filing=(_N,),
        correction=(Correction.ASKED, Correction.NONE),
        guards=(*_OPEN, duties.not_who_asked),
        effects=(effects.take_back_rating,),
        tells=False,
        content=contents.taking_back_content,
        reason=True,
        signature=True,
        todo=_("Confirm that a decision is taken back, or let it stand"),
    ),
    _supervisor(
        "keep_decision",
        _("Let the decision stand"),
        _("The decision is not taken back; its notice can be sent."),
        CONFIRMING,
        Review.DECIDED,
        Review.DECIDED,
        also_filing=(_N,),
        correction=(Correction.ASKED, Correction.NONE),
        reason=True,
    ),
    _supervisor(
        "issue_notice",
        _("Send the notice"),
        _("The notice goes to the bank. From then on the bank can acknowledge it and, until the deadline, appeal."),
        Role.DECISION_MAKER,
        Review.DECIDED,
        Review.NOTIFIED,
        also_filing=(_N,),
        effects=(effects.issue_notice,),
        content=contents.letter_content,
        tells=True,
        step_read=BankReads.AT_ONCE,
        todo=_("Send the notice to the bank"),
    ),
    _supervisor(
        "acknowledge",
        _("Acknowledge the notice"),
        _("You confirm for your bank that it has received the notice. This does not give up the right to appeal."),
        Role.BANK_SIGNATORY,
        Review.NOTIFIED,
        Review.ACKNOWLEDGED,
        also_filing=(_N,),
        effects=(effects.acknowledge_notice,),
        content=contents.notice_content,
        correction=None,
        step_read=BankReads.AT_ONCE,
        reason_read=BankReads.AT_ONCE,
    ),
)

# The supervisor's figures come from records of its own: they are given before the bank has filed as well, until the
# case leaves the first review.
_FIGURES_FROM = ("pass_to_reviewer", "pass_to_signatory", "submit", "accept", "pass_to_second")

# What a role may do in a state beside moving it on.
CAPABILITIES = (
    *(Capability(GIVE_FIGURES, Role.CASE_OFFICER, name, (duties.the_assigned_officer,)) for name in _FIGURES_FROM),
    Capability(EDIT_DRAFT, Role.BANK_PREPARER, "pass_to_reviewer", (duties.filing_window,)),
    Capability(REVIEW_POINTS, Role.CASE_OFFICER, "pass_to_second", (duties.the_assigned_officer,)),
    Capability(SECOND_VIEW, Role.SECOND_REVIEWER, "confirm", (duties.not_the_first_reviewer,)),
    Capability(DECIDE_MEASURES, Role.DECISION_MAKER, "decide", (duties.not_a_reviewer,)),
)
