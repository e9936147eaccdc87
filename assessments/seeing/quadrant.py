"""Growth against bad loans of a round: the banks themselves where they can be told apart, else how many lie where."""

from collections.abc import Sequence
from dataclasses import dataclass

from assessments.access import visible_assessments
from assessments.models import Assessment, Round
from assessments.models.assessments import CATEGORY, NAME_SORT, TakingPart
from assessments.rounds.selectors import SAID_COLUMNS
from assessments.scoring.quadrant import Axes, Place, place_of
from banks.models import User
from scorecard.engine.rulebook.rulebook import Rulebook

# So many dots can be told apart, and pointed at; more are counted in cells.
DOTS = 60


@dataclass(frozen=True)
class Standing:
    """A bank with its figures, and the number of the signed version that they are of."""

    case: Assessment
    version: int
    place: Place


def signed_count(actor: User, round_: Round, category: str) -> int:
    """How many banks of a category (blank: of all) have signed figures."""
    return _signed(actor, round_, category).count()


def _signed(actor: User, round_: Round, category: str) -> TakingPart:
    rows = visible_assessments(actor).counted_once().filter(round=round_, version__isnull=False)
    return rows.alias(said=CATEGORY).filter(said=category) if category else rows


def standings(actor: User, round_: Round, rulebook: Rulebook, axes: Axes, category: str) -> Sequence[Standing]:
    """The banks with their figures, by name; for not more than ``DOTS`` banks. One query."""
    names = ("bank__code", "bank__name_zh", "bank__name_en", "bank__category", "bank__entity_kind", "version__number")
    rows = (
        _signed(actor, round_, category)
        .select_related("bank", "version")
        .only("round_id", *SAID_COLUMNS, *names, "version__facts")
        .annotate(by_name=NAME_SORT)
        .order_by(*("by_name", "pk"))[:DOTS]
    )
    return [
        Standing(case, case.version.number, place_of(rulebook, axes, case.version.facts))
        for case in rows
        if case.version is not None
    ]
