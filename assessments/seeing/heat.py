"""The heat map of a round: of each bank and indicator the share of the points, or why there is none.

Read out of the stored run of each bank of one page (``scoring.outcome_codec``); nothing is scored when it is opened.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Case, IntegerField, QuerySet, Value, When

from assessments.access import visible_assessments
from assessments.models import Assessment, Round, ScoreRun
from assessments.rounds.selectors import SAID, SAID_COLUMNS, stage
from assessments.scoring.outcome_codec import read_array
from banks.models import Category, User
from scorecard.engine.arrays import STATES
from scorecard.engine.rulebook.model import Indicator
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.numbers import scaled

AWAITED = ("pending", "undefined")
STEPS = 5
ORDER = ("place", "said_sort", "pk")
#: What a page reads of each bank; the version says which result page a cell leads to.
COLUMNS = (
    "round_id",
    *SAID_COLUMNS,
    "bank__code",
    "bank__name_zh",
    "bank__name_en",
    "bank__category",
    "bank__entity_kind",
    *(
        f"{run}__{name}"
        for run in ("reviewed_run", "system_run")
        for name in ("kind", "total", "pending", "array", "version__number")
    ),
)


def heat_cases(actor: User, round_: Round) -> QuerySet[Assessment]:
    """The banks of a round that the actor may see, category by category, without those taken out; one query a page."""
    order = [When(said_category=code, then=Value(place)) for place, code in enumerate(Category.values)]
    return (
        visible_assessments(actor)
        .taking_part()
        .filter(round=round_)
        .annotate(
            stage=stage(),
            **SAID,
            place=Case(*order, default=Value(len(order)), output_field=IntegerField()),
        )
        .select_related("bank", "reviewed_run__version", "system_run__version")
        .only(*COLUMNS)
        .order_by(*ORDER)
    )


@dataclass(frozen=True)
class Cell:
    """One indicator of one bank. ``points`` is None where the state gives none; ``share`` is of the indicator's most
    points, below 0 where points are taken away; None without points, and where the most is 0.
    """

    indicator: Indicator
    state: str
    points: Decimal | None
    share: Decimal | None

    @property
    def awaited(self) -> bool:
        """Whether somebody still has to give the points: shown as awaited, never as 0."""
        return self.state in AWAITED

    @property
    def step(self) -> int | None:
        """The shade from 0 to 4. A fifth of the points is one step, all of them the last. Of an indicator that only
        takes points away, nothing taken is the last step and anything taken the first.
        """
        if self.points is None:
            return None
        if self.share is None:
            return STEPS - 1 if self.points >= self.indicator.max else 0
        return min(STEPS - 1, max(0, int(self.share * STEPS)))

    @property
    def percent(self) -> int | None:
        """The share in percent, half up; 100 for all of the points alone, and 0 for none alone."""
        if self.share is None:
            return None
        rounded = int((self.share * 100).quantize(Decimal(1), ROUND_HALF_UP))
        if 0 < self.share < 1:
            return min(99, max(1, rounded))
        return rounded


def cells_of(rulebook: Rulebook, run: ScoreRun | None) -> Sequence[Cell]:
    """The cells of one bank in the order of the rulebook; none without a run or its array."""
    if run is None or not run.array:
        return ()
    row, digits = read_array(rulebook, bytes(run.array)), rulebook.rounding.indicator
    return [
        _cell(spec, STATES[state], scaled(units, digits))
        for spec, state, units in zip(
            rulebook.indicators.values(), row["states"].tolist(), row["points"].tolist(), strict=True
        )
    ]


def _cell(spec: Indicator, state: str, points: Decimal) -> Cell:
    without = state in AWAITED or (state == "not_applicable" and spec.not_applicable == "share_out")
    if without:
        return Cell(spec, state, None, None)
    return Cell(spec, state, points, points / spec.max if spec.max > 0 else None)


def row_of(rulebook: Rulebook, case: Any) -> Sequence[Cell]:
    """The cells of a case, read once for picture and table."""
    if not hasattr(case, "heat_cells"):
        case.heat_cells = cells_of(rulebook, case.counted_run)
    found: Sequence[Cell] = case.heat_cells
    return found


def least_reached(rulebook: Rulebook, cases: Iterable[Any]) -> tuple[Indicator, Decimal] | None:
    """The indicator with the lowest mean share of finished points over these banks; None where none has points."""
    shares: dict[str, list[Decimal]] = {}
    for case in cases:
        for cell in row_of(rulebook, case):
            if cell.share is not None:
                shares.setdefault(cell.indicator.id, []).append(cell.share)
    means = {name: sum(found, Decimal(0)) / len(found) for name, found in shares.items()}
    lowest = min(means, key=lambda name: means[name], default=None)
    return None if lowest is None else (rulebook.indicators[lowest], means[lowest])
