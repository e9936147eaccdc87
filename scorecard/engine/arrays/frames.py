"""Cases as a frame, for whoever holds cases and not columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.scoring_input import ScoringInput


def frame_of(rulebook: Rulebook, cases: Sequence[ScoringInput]) -> pd.DataFrame:
    """Cases as a frame that `read_frame` takes, one row a case in their order; free text is left out, since no rule
    reads it.

    What a frame has for all its rows at once, the values of the year and of the peers, is not in it.
    """
    cells: dict[str, dict[int, Any]] = {}

    def put(row: int, values: Mapping[str, Any], name: str = "{}") -> None:
        for key, value in values.items():
            cells.setdefault(name.format(key), {})[row] = value

    for row, case in enumerate(cases):
        put(row, case.facts)
        for years, facts in case.history.items():
            put(row, facts, f"{{}}@{years}")
        put(row, case.bank)
        put(row, {i: float(p) for i, p in case.self_points.items()}, "self:{}")
        put(row, {i: float(p) for i, p in case.judged.items()}, "judged:{}")
        put(row, dict.fromkeys(case.not_applicable, True), "na:{}")
        put(row, {t: decision.outcome for t, decision in case.decisions.items()}, "decided:{}")
    columns = {}
    for name, found in cells.items():
        spec = rulebook.facts.get(name.partition("@")[0])
        if spec is not None and spec.kind == "text":
            continue
        prefix = name.partition(":")[0]
        kind: Any = float if prefix in ("self", "judged") else bool if prefix == "na" else object
        default = np.nan if kind is float else False if kind is bool else None
        columns[name] = pd.Series([found.get(row, default) for row in range(len(cases))], dtype=kind)
    return pd.DataFrame(columns, index=range(len(cases)))
