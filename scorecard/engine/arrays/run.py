"""Scoring many banks, equal to `evaluate` to the last digit: compiled where there is a compiler, else on arrays."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from scorecard.engine.arrays.blocks import BlockRun
from scorecard.engine.arrays.columns import Columns, read_frame
from scorecard.engine.arrays.result import ManyResult
from scorecard.engine.arrays.undecided import conclude_undecided
from scorecard.engine.arrays.vector import Block
from scorecard.engine.exact.peergroup import Snapshot
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.facts import FactValue

#: Rows per block of arrays: large enough that Python's own work per block does not count, small enough to stay near
#: the cache. Two threads gave nothing: steps are too short between two takings of the interpreter lock.
BLOCK = 65536


def evaluate_many(
    rulebook: Rulebook,
    frame: pd.DataFrame | Columns,
    *,
    parameters: Mapping[str, FactValue] | None = None,
    snapshot: Snapshot | None = None,
    block: int = BLOCK,
    compiled: bool = True,
) -> ManyResult:
    """Score every row of `frame` (one bank each; columns as `read_frame` describes) under one rulebook.

    The result equals `evaluate` of every row to the last digit: what the error bound of the arithmetic in doubles does
    not decide is proven to be a tie or evaluated exactly; `ManyResult.exact_rows` counts the rows for which it was.
    With `compiled` the rulebook's machine code is used where there is one (docs/compiled.md); the answer is the same.
    Raises FactError for a cell that is no value of its fact.
    """
    columns = frame if isinstance(frame, Columns) else read_frame(rulebook, frame, parameters, snapshot)
    if compiled:
        found = _compiled(rulebook, columns)
        if found is not None:
            conclude_undecided(rulebook, columns, found)
            return found
    result = ManyResult.empty(rulebook, columns)
    with np.errstate(all="ignore"):
        for start in range(0, columns.size, block):
            stop = min(start + block, columns.size)
            BlockRun(rulebook, Block(rulebook, columns, start, stop), result.tally).run(result)
    conclude_undecided(rulebook, columns, result)
    return result


def _compiled(rulebook: Rulebook, columns: Columns) -> ManyResult | None:
    from scorecard.engine.native import run

    machine = run.compiled(rulebook, columns.size)
    if machine is None:
        return None
    result = ManyResult.empty(rulebook, columns)
    try:
        with np.errstate(all="ignore"):
            run.score(machine, columns, result)
    except run.Unbound:
        return None
    return result
