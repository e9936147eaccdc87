"""Where the results of this app's background work stand."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from scorecard.links import Link
from scorecard.ui.job_pages import JobPage, register
from scorecard.words.language import in_language


def _not_scored(failure: Mapping[str, Any]) -> tuple[str, Link | None]:
    """A filing that a round's scoring could not read: its bank, and where one looks after it."""
    words = _("%(bank)s: the filing could not be scored; its data cannot be read.") % {"bank": in_language(failure)}
    return words, Link("assessment-result", (failure["assessment"],))


register(
    {
        "assessments.score_version": JobPage("assessment-result", "assessment"),
        "assessments.score_round": JobPage("round-detail", "round", _not_scored),
        "assessments.score_shard": JobPage("", "", _not_scored),
        "assessments.round_snapshot": JobPage("round-aggregate", "round"),
        "assessments.verify_audit": JobPage("audit-list"),
        "assessments.verify_data": JobPage("audit-list"),
        "assessments.filing_document": JobPage("filing-document", ("assessment", "number", "what", "form")),
        "assessments.letter_document": JobPage("letter-file", ("kind", "pk", "form")),
        "assessments.meeting_document": JobPage("meeting-paper", ("meeting", "what", "form")),
        "assessments.report_draft": JobPage("report-draft-file", ("round", "chosen", "form")),
        "assessments.apply_retention": JobPage("retention"),
        "assessments.scan_content": JobPage(""),  # what it found stands beside each file
        "assessments.make_archive": JobPage("job-file", "job"),
        "assessments.letters_of_round": JobPage("job-file", "job"),
        "assessments.run_trial": JobPage("trial-detail", "trial"),
    }
)
