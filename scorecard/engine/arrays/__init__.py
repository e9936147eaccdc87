"""Many banks at once, as fast as arrays and equal to `evaluate` to the last digit. Imports NumPy and pandas, so the
engine loads it only when it is asked for.
"""

from scorecard.engine.arrays.columns import Columns, read_frame
from scorecard.engine.arrays.result import STATES, ManyResult
from scorecard.engine.arrays.run import evaluate_many

__all__ = ["STATES", "Columns", "ManyResult", "evaluate_many", "read_frame"]
