"""Some rows of the columns, and the exact scoring of each of them for what doubles do not decide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from scorecard.engine.arrays.columns import Array, Column, Columns, some
from scorecard.engine.arrays.values import U, V, decimal_grid, digit_grid
from scorecard.engine.exact.context import Scoring
from scorecard.engine.rulebook.rulebook import Rulebook


@dataclass(slots=True)
class Block:
    """Rows of the columns: a stretch, or a few picked ones (`few`), whose error bounds then are those of few rows."""

    rulebook: Rulebook
    columns: Columns
    rows: slice | Array
    size: int
    exact: set[int]  # rows of the columns for which something was evaluated exactly
    again: Callable[[Block, tuple[int, ...]], Sequence[V]] | None = None  # values of some places, computed anew
    guard: bool = True  # without it plain doubles decide comparisons and ties: only to measure what exactness costs
    _scorings: dict[int, Scoring] = field(default_factory=dict)

    @property
    def few(self) -> bool:
        return not isinstance(self.rows, slice)

    def place(self, row: int) -> int:
        """The row of the columns that a row of the block is."""
        return int(self.rows.start + row) if isinstance(self.rows, slice) else int(self.rows[row])

    def scoring(self, row: int) -> Scoring:
        """Return the exact scoring of one row of the block, and count it."""
        found = self._scorings.get(row)
        if found is None:
            found = self._scorings[row] = Scoring(self.rulebook, self.columns.case(self.place(row)))
            self.exact.add(self.place(row))
        return found

    def picked(self, rows: Array) -> Block:
        """A block of a few rows of this one."""
        places = np.array([self.place(int(row)) for row in rows], np.intp)
        return Block(self.rulebook, self.columns, places, len(rows), self.exact, self.again, self.guard)

    def codes(self, column: Column) -> Array | None:
        if column.codes is None:
            return None
        codes: Array = column.codes[self.rows]
        return some(codes)

    def column(self, column: Column) -> V:
        """Return the block's rows of one column."""
        codes, values = self.codes(column), column.values[self.rows]
        if column.kind != "number":
            return V(values, codes=codes, options=column.options, leaf=True)
        top = None if self.few else column.largest
        if column.exact is not None:
            exact = column.exact[self.rows]
            return V(values, rel=U, codes=codes, grid=lambda rows: decimal_grid(exact[rows]), top=top)
        return V(
            values,
            codes=codes,
            grid=lambda rows: digit_grid(values[rows], column.digits),
            leaf=True,
            top=top,
            positive=column.positive,
            least=None if self.few else column.least,
        )
