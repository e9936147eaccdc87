"""The checks of an uploaded workbook, one file each; registered in the order of this list."""

from . import (  # noqa: I001  (the order is that of the checks)
    stamped,
    unbroken,
    current_template,
    same_round,
    same_bank,
    same_rulebook,
    known_rows,
    rows_once,
    inserted_rows,
    merged_cells,
    error_cells,
    lost_formulas,
    dates,
    whole_checklists,
    refused_values,
)

__all__ = [
    "current_template",
    "dates",
    "error_cells",
    "inserted_rows",
    "known_rows",
    "lost_formulas",
    "merged_cells",
    "refused_values",
    "rows_once",
    "same_bank",
    "same_round",
    "same_rulebook",
    "stamped",
    "unbroken",
    "whole_checklists",
]
