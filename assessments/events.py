"""Events of rounds, filings, scores, reviews, ratings and notices."""

from django.utils.translation import gettext_lazy as _

from assessments.workflow import TRANSITIONS
from scorecard.audit.registry import register

register({row.event: row.title for row in TRANSITIONS.values()})
register(
    {
        "assessments.rulebook.published": _("Rulebook version published"),
        "assessments.round.created": _("Round created"),
        "assessments.filing.urged": _("Banks reminded of their filing"),
        "assessments.filing.extended": _("Bank given a later day"),
        "assessments.round.changed": _("Round changed"),
        "assessments.round.opened": _("Round opened"),
        "assessments.round.bank_added": _("Bank added to an open round"),
        "assessments.round.bank_taken_out": _("Bank taken out of an open round"),
        "assessments.round.carried": _("Last year's figures carried once more"),
        "assessments.round.closed": _("Round closed"),
        "assessments.round.parameter": _("Value of the year set"),
        "assessments.draft.saved": _("Draft saved"),
        "assessments.workbook.downloaded": _("Workbook downloaded"),
        "assessments.workbook.uploaded": _("Workbook uploaded"),
        "assessments.evidence.added": _("Evidence uploaded"),
        "assessments.evidence.withdrawn": _("Evidence withdrawn"),
        "assessments.evidence.read": _("Evidence opened"),
        "assessments.assessment.viewed": _("Assessment opened"),
        "assessments.score.computed": _("Score computed"),
        "assessments.round.scoring": _("Scoring of the whole round started"),
        "assessments.round.ranked": _("Ranks of the round computed"),
        "assessments.review.points": _("Points reviewed"),
        "assessments.review.facts": _("Supervisor's figures given"),
        "assessments.review.target": _("Targets decided that the figures cannot decide"),
        "assessments.review.comment": _("Comment written"),
        "assessments.review.reassigned": _("Case handed to another officer"),
        "assessments.work.handed_over": _("Work of a person handed over"),
        "assessments.measure.decided": _("Measure decided"),
        "assessments.objection.saved": _("Objection drafted"),
        "assessments.objection.letter": _("Letter on an objection opened"),
        "assessments.calendar.day": _("Day of the calendar set"),
        "assessments.notice.read": _("Notice opened"),
        "assessments.trial.started": _("Trial of a changed rulebook started"),
        "assessments.trial.computed": _("Trial computed"),
        "assessments.trial.exported": _("Trial exported"),
        "assessments.trial.drafted": _("Draft of the next rulebook version downloaded"),
        "assessments.audit.verified": _("Audit trail verified"),
        "assessments.data.verified": _("Data compared with the audit trail"),
        "assessments.audit.exported": _("Audit trail exported"),
        "assessments.filing.document": _("Document of a filing downloaded"),
        "assessments.letter.batch": _("All letters of a round asked for"),
        "assessments.letter.document": _("Letter downloaded"),
        "assessments.archive.requested": _("Complete file asked for"),
        "assessments.archive.made": _("Complete file made"),
        "assessments.hold.set": _("Legal hold set"),
        "assessments.hold.lifted": _("Legal hold lifted"),
        "assessments.retention.applied": _("Data removed that is kept no longer"),
        "assessments.evidence.destroyed": _("Content of evidence removed"),
        "assessments.receipt.downloaded": _("Receipt downloaded"),
        "assessments.list.read": _("List with the points of banks opened"),
        "assessments.list.exported": _("List of assessments exported"),
        "assessments.result.exported": _("Result exported"),
    }
)
