"""What the system counts of a filing: how often it was returned, and by how many days it is late.

A signature records the counts (``filings.submission``); before it, every page of the filing scores with what a
signature at this moment would count, so that the total does not change between signature and result.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from assessments.models import Assessment, Filing, FilingVersion, StepRecord
from assessments.workflow.step import Transition, names_of
from banks.models import FactEntry, FactSource, FactState
from scorecard.engine import Rulebook


def _returns(assessment: Assessment, now: datetime) -> int:
    """How often the supervisor sent this filing back: one for each return, accepted or not."""
    if assessment.version_id is None:
        return 0
    return StepRecord.objects.filter(assessment=assessment, transition__in=names_of(Transition.returns_filing)).count()


def late_days(assessment: Assessment, now: datetime) -> int:
    """Days, each begun day whole, by which the first submission comes after the round's own deadline.

    A return gives a bank a later day for its correction; that correction is not late within it. An extension opens the
    door again and makes nobody punctual: the first submission still counts from the round's deadline.
    """
    first = None
    if assessment.version_id is not None:
        versions = FilingVersion.objects.filter(assessment=assessment).order_by("number")
        first = versions.values_list("submitted_at", flat=True).first()
    return max(0, -(-((first or now) - assessment.round.filing_deadline) // timedelta(days=1)))


COUNTS = {"returns": _returns, "late_days": late_days}


def counts(
    assessment: Assessment, rulebook: Rulebook, current: Mapping[str, FactEntry], now: datetime
) -> dict[str, tuple[str, str]]:
    """State and value of each fact that the rulebook expects from the system and that the filing's own history gives,
    as a signature at ``now`` would record it.

    A figure that a supervisor has set stands: a person who looked goes before a count.
    """
    wanted = [fact for fact in COUNTS if fact in rulebook.facts and rulebook.facts[fact].supplied_by == "system"]
    return {
        fact: (FactState.VALUE, str(COUNTS[fact](assessment, now)))
        for fact in sorted(wanted)
        if fact not in current or current[fact].source != FactSource.SUPERVISOR
    }


def still_to_sign(assessment: Assessment) -> bool:
    """Whether the filing is in the bank's hands, so that the counts are still to be made."""
    return assessment.filing_state not in (Filing.SUBMITTED, Filing.NOT_FILED)
