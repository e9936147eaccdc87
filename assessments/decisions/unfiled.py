"""A bank that files nothing in time: how the rulebook rates it.

The rule is the limit that reads ``filed()``. What else a rating holds follows as from a filing in which everything is
blank; points and place it has none.
"""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from assessments.filings.scoring_input import bank_properties
from assessments.models import Assessment, Rating
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.runs import outcome_of
from scorecard.engine import Rulebook, ScoringInput, evaluate
from scorecard.engine.language.syntax import Call
from scorecard.engine.rulebook.conclusions import Cap


def unfiled_rule(rulebook: Rulebook) -> Cap | None:
    """The limit of the rulebook that says how such a bank is rated, None where none does."""
    for cap in rulebook.caps:
        if any(isinstance(node, Call) and node.name == "filed" for node in cap.when.walk()):
            return cap
    return None


def unfiled_reasons(assessment: Assessment) -> Iterator[str]:
    """Why a bank is not rated as one that files nothing, its day aside."""
    if assessment.version is not None:
        yield _("The bank has submitted version %(number)d; it is no bank that never filed.") % {
            "number": assessment.version.number
        }
    if unfiled_rule(engine_rulebook(assessment.round.rulebook)) is None:
        yield _("The rulebook has no rule for a bank that files nothing.")


def unfiled_outcome(assessment: Assessment) -> dict[str, Any]:
    """What the rulebook concludes of a bank that filed nothing."""
    rulebook = engine_rulebook(assessment.round.rulebook)
    given = ScoringInput(bank=bank_properties(assessment.bank), filed=False)
    return evaluate(rulebook, given, explain=False).outcome()


def rated_outcome(rating: Rating) -> dict[str, Any]:
    """What a rating rests on: the outcome of its run, or the one of a bank that filed nothing."""
    return outcome_of(rating.run) if rating.run is not None else unfiled_outcome(rating.assessment)
