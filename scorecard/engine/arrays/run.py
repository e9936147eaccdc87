"""Scoring many banks on arrays, equal to `evaluate` to the last digit."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from scorecard.engine.arrays.columns import Columns, read_frame
from scorecard.engine.arrays.machine import machine_of
from scorecard.engine.arrays.result import ManyResult
from scorecard.engine.arrays.undecided import conclude_undecided
from scorecard.engine.exact.peergroup import Snapshot
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.facts import FactValue

#: Rows per block: enough that Python's own work per operation does not count, few enough to stay near the processor.
BLOCK = 32768


def evaluate_many(
    rulebook: Rulebook,
    frame: pd.DataFrame | Columns,
    *,
    parameters: Mapping[str, FactValue] | None = None,
    snapshot: Snapshot | None = None,
    block: int = BLOCK,
) -> ManyResult:
    """Score every row of `frame` (one bank each; columns as `read_frame` describes) under one rulebook.

    The result equals `evaluate` of every row to the last digit: what the error bound of the arithmetic in doubles does
    not decide is proven to be a tie or evaluated exactly; `ManyResult.exact` are the rows for which it was.
    Blocks of rows are scored side by side, on as many processors as this process may use and up to four.
    Raises FactError for a cell that is no value of its fact.
    """
    columns = frame if isinstance(frame, Columns) else read_frame(rulebook, frame, parameters, snapshot)
    result = ManyResult.empty(rulebook, columns)
    machine_of(rulebook).score(columns, result, block)
    conclude_undecided(rulebook, columns, result)
    return result
