"""The rows of the table that put a decided rating right, before its notice and after it (``docs/corrections.md``)."""

from django.utils.translation import gettext_lazy as _

from assessments.models import Correction, Filing, Review
from assessments.workflow.payloads import DecisionPayload, ObjectionPayload
from assessments.workflow.rows import CONFIRMING, DECIDER, OFFICER, OPEN, bank_told, supervisor, told
from assessments.workflow.step import BankReads
from scorecard.access.roles import Role

from . import contents, duties, effects, guards
from .guards import MEASURES_AND_MEETING

TAKING_BACK = (
    supervisor(
        "ask_taking_back",
        _("Take the decision back"),
        _(
            "You ask for the decision to be taken back before its notice; another person must confirm it. Until then "
            "no notice can be sent."
        ),
        Role.DECISION_MAKER,
        Review.DECIDED,
        Review.DECIDED,
        also_filing=(Filing.NOT_FILED,),
        correction=(Correction.NONE, Correction.ASKED),
        guards=(*OPEN, duties.not_a_reviewer),
        content=contents.taking_back_content,
        own_motion=True,
        reason=True,
        signature=True,
        done=_("Another decision maker or a second reviewer has to confirm that the decision is taken back."),
    ),
    supervisor(
        "take_back",
        _("Confirm that the decision is taken back"),
        _(
            "The decision stays on record as it was signed. What the rules give is proposed again, and grade, "
            "adjustment and measures are to be decided anew."
        ),
        CONFIRMING,
        Review.DECIDED,
        Review.DECISION,
        also_filing=(Filing.NOT_FILED,),
        correction=(Correction.ASKED, Correction.NONE),
        guards=(*OPEN, duties.not_who_asked),
        effects=(effects.take_back_rating, effects.assign_decider),
        tells=False,
        content=contents.taking_back_content,
        reason=True,
        signature=True,
        todo=_("Confirm that a decision is taken back, or let it stand"),
    ),
    supervisor(
        "keep_decision",
        _("Let the decision stand"),
        _("The decision is not taken back; its notice can be sent."),
        CONFIRMING,
        Review.DECIDED,
        Review.DECIDED,
        also_filing=(Filing.NOT_FILED,),
        correction=(Correction.ASKED, Correction.NONE),
        reason=True,
    ),
)

AFTER_THE_NOTICE = (
    bank_told(
        "lodge_objection",
        _("Sign and lodge the objection"),
        _(
            "You object for your bank to the result. The objection, its grounds and its files go to the supervisor and "
            "can no longer be changed; your bank gets a receipt."
        ),
        (Correction.NONE, Correction.LODGED),
        guards=(*OPEN, guards.objection_window, guards.objection_written, duties.not_the_author),
        effects=(effects.lodge_objection, effects.assign_decider),
        content=contents.objection_content,
        signature=True,
        own_motion=True,
        done=_("Your bank's objection has been received."),
    ),
    told(
        "uphold_objection",
        _("Uphold the objection"),
        _("The letter with your decision goes to the bank at once. The case officer examines the case again."),
        Role.DECISION_MAKER,
        (Correction.LODGED, Correction.REOPENED),
        guards=(*DECIDER, duties.took_no_part, guards.grounds_answered),
        effects=(effects.decide_objection,),
        payload=ObjectionPayload,
        content=contents.objection_content,
        reason=True,
        signature=True,
        step_read=BankReads.AT_ONCE,
        reason_read=BankReads.AT_ONCE,
        todo=_("Decide the bank's objection"),
    ),
    told(
        "refuse_objection",
        _("Refuse the objection"),
        _("The letter with your decision goes to the bank at once. The result stays as it was told."),
        Role.DECISION_MAKER,
        (Correction.LODGED, Correction.NONE),
        guards=(*DECIDER, duties.took_no_part, guards.grounds_answered),
        effects=(effects.decide_objection,),
        payload=ObjectionPayload,
        content=contents.objection_content,
        reason=True,
        signature=True,
        step_read=BankReads.AT_ONCE,
        reason_read=BankReads.AT_ONCE,
    ),
    told(
        "ask_correction",
        _("Correct the decision"),
        _(
            "You ask for the decision to be corrected, for an error of the authority; another person must confirm it. "
            "The notice that was sent holds until a corrected one replaces it."
        ),
        Role.DECISION_MAKER,
        (Correction.NONE, Correction.ASKED),
        guards=(*OPEN, duties.not_a_reviewer),
        content=contents.taking_back_content,
        own_motion=True,
        reason=True,
        signature=True,
        done=_("Another decision maker or a second reviewer has to confirm that the decision is corrected."),
    ),
    told(
        "confirm_correction",
        _("Confirm that the decision is corrected"),
        _(
            "The case officer examines the case again. The notice that was sent holds until a corrected one "
            "replaces it."
        ),
        CONFIRMING,
        (Correction.ASKED, Correction.REOPENED),
        guards=(*OPEN, duties.not_who_asked),
        content=contents.taking_back_content,
        reason=True,
        signature=True,
        todo=_("Confirm that a decision is corrected, or let it stand"),
    ),
    told(
        "keep_notice",
        _("Let the decision and its notice stand"),
        _("The decision is not corrected; the notice that was sent holds."),
        CONFIRMING,
        (Correction.ASKED, Correction.NONE),
        reason=True,
    ),
    told(
        "propose_correction",
        _("Pass on for the corrected decision"),
        _(
            "What the rules give for your points and figures goes to a decision maker beside the decision that "
            "was told."
        ),
        Role.CASE_OFFICER,
        (Correction.REOPENED, Correction.DECISION),
        guards=(*OFFICER, duties.answered, guards.review_complete),
        effects=(effects.propose_correction, effects.assign_decider),
        todo=_("Examine the case again"),
    ),
    told(
        "send_correction_back",
        _("Send back to the case officer"),
        _("The case officer examines the case once more and sees your reason."),
        Role.DECISION_MAKER,
        (Correction.DECISION, Correction.REOPENED),
        guards=(*DECIDER, duties.not_a_reviewer),
        effects=(effects.withdraw_correction,),
        reason=True,
        back=True,
    ),
    told(
        "decide_correction",
        _("Decide the corrected rating"),
        _(
            "You decide grade, adjustment and measures anew. The decision goes into a notice that replaces the one "
            "that was sent."
        ),
        Role.DECISION_MAKER,
        (Correction.DECISION, Correction.DECIDED),
        guards=(*DECIDER, duties.not_a_reviewer, duties.no_part_in_the_objection, *MEASURES_AND_MEETING),
        effects=(effects.decide_rating,),
        payload=DecisionPayload,
        content=contents.rating_content,
        reason=True,
        signature=True,
        step_read=BankReads.WITH_NOTICE,
        reason_read=BankReads.WITH_NOTICE,
        todo=_("Decide the corrected rating"),
    ),
    told(
        "close_unchanged",
        _("Close: the result stays"),
        _(
            "The new examination gives the same result, and the notice that was sent holds. A bank that objected gets "
            "a letter with your reason."
        ),
        Role.DECISION_MAKER,
        (Correction.DECISION, Correction.NONE),
        guards=(*DECIDER, duties.not_a_reviewer, duties.no_part_in_the_objection, guards.result_unchanged),
        effects=(effects.close_unchanged,),
        content=contents.rating_content,
        reason=True,
        signature=True,
        own_motion=True,
    ),
    told(
        "issue_correction",
        _("Send the corrected notice"),
        _(
            "The corrected notice goes to the bank and replaces the one that was sent, by its number. The bank "
            "acknowledges it, and may object to it."
        ),
        Role.DECISION_MAKER,
        (Correction.DECIDED, Correction.NONE),
        end=Review.NOTIFIED,
        guards=DECIDER,
        effects=(effects.issue_notice,),
        content=contents.letter_content,
        tells=True,
        step_read=BankReads.AT_ONCE,
        todo=_("Send the corrected notice to the bank"),
    ),
)
