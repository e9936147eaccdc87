"""What may be compared: a bank's own score beside the points of the same items, so that like stands beside like.

A bank scores itself on a part of the items (at most 85 of 100 points under ``shanghai-2017``); its sum is comparable
with what the same items have in the score, and with nothing else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assessments.models import ScoreRun

AWAITED = ("pending", "undefined")


@dataclass(frozen=True)
class SameItems:
    """What the items that a bank scored itself have in the score: points, the most they can have, points awaited."""

    points: Decimal
    top: Decimal
    pending: Decimal


def same_items(outcome: Mapping[str, Any]) -> SameItems | None:
    """Of an outcome as JSON (``runs.outcome_of``); None where the bank scored nothing itself."""
    own = [found for found in outcome["indicators"].values() if found["self"] is not None]
    return _added((found["points"], found["max"], found["state"]) for found in own) if own else None


def _added(items: Iterable[tuple[Any, Any, str]]) -> SameItems:
    points = top = pending = Decimal(0)
    for given, highest, state in items:
        top += Decimal(highest)
        if given is not None:
            points += Decimal(given)
        elif state in AWAITED:
            pending += Decimal(highest)
    return SameItems(points, top, pending)


def points_range(run: ScoreRun | None) -> tuple[Decimal | None, Decimal | None]:
    """The lowest and the highest that a total can come to; equal where no points are awaited, None without a score."""
    if run is None:
        return None, None
    return Decimal(run.total), Decimal(run.total) + Decimal(run.pending)
