"""Cases as a frame, for whoever holds cases and not columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.scoring_input import ScoringInput

#: Type of a column, and what stands where a case has nothing, by the prefix of its name.
_KINDS: dict[str, tuple[Any, Any]] = {"self": (float, np.nan), "judged": (float, np.nan), "na": (bool, False)}


def frame_of(rulebook: Rulebook, cases: Sequence[ScoringInput]) -> pd.DataFrame:
    """Cases as a frame that `read_frame` takes, one row a case in their order; free text is left out, since no rule
    reads it.

    What a frame has for all its rows at once, the values of the year and of the peers, is not in it.
    """
    rows: list[dict[str, Any]] = []
    for case in cases:
        row: dict[str, Any] = {**case.facts, **case.bank}
        for years, facts in case.history.items():
            row.update({f"{fact}@{years}": value for fact, value in facts.items()})
        row.update({f"self:{i}": float(points) for i, points in case.self_points.items()})
        row.update({f"judged:{i}": float(points) for i, points in case.judged.items()})
        row.update({f"na:{i}": True for i in case.not_applicable})
        row.update({f"decided:{t}": decision.outcome for t, decision in case.decisions.items()})
        rows.append(row)
    columns = {}
    for name in dict.fromkeys(name for row in rows for name in row):
        spec = rulebook.facts.get(name.partition("@")[0])
        if spec is None or spec.kind != "text":
            kind, default = _KINDS.get(name.partition(":")[0], (object, None))
            columns[name] = pd.Series([row.get(name, default) for row in rows], dtype=kind)
    return pd.DataFrame(columns, index=range(len(cases)))
