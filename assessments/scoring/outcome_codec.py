"""The result of a score run as bytes of fixed layout: what is compared and added up, without the words.

The layout follows from the rulebook (its hash is in the run's row) and begins with the format's number and the width of
points in bytes. Little endian, no padding. These are the widths of nearly all rulebooks; one that needs more gets wider
ones (`scorecard.engine.lowering.limits`)::

    format u1, width u1, total i4, pending i4    the total's and the indicator's units (10**-digits of the rulebook)
    before u1, after u1                          rank of the grade, 0 the best
    adjustment i4                                points on the supervisory rating in ten-thousandths, -2**31 for none
    caps u4, holding u4, measures u4             bit masks in the rulebook's order
    targets u1 each                              0 met, 1 missed, 2 unknown, 3 unknown for a blank (counts as missed),
                                                 4 not applicable, as an officer decided
    states u1 each                               index into ``scorecard.engine.arrays.STATES``
    points i2 or i4 each                         of the indicators, in units; 0 where the state gives none
    sections i2 or i4 each
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scorecard.engine import Result, Rulebook
from scorecard.engine.arrays import STATES, ManyResult
from scorecard.engine.arrays.result import TARGET_STATES
from scorecard.engine.lowering.limits import widths_of
from scorecard.engine.values.facts import Absence
from scorecard.engine.values.numbers import scaled

Array = NDArray[Any]
FORMAT = 1
MET, MISSED, UNKNOWN, BLANK, NOT_APPLICABLE = range(5)
_TARGETS = {"met": MET, "missed": MISSED, "unknown": UNKNOWN, "not_applicable": NOT_APPLICABLE}
_LETTERS = np.array([b"m", b"x", b"u", b"x", b"n"])
#: The letters of ``ScoreRun.targets`` by what they stand for.
LETTERS = {"m": "met", "x": "missed", "u": "unknown", "n": "not_applicable"}
NO_ADJUSTMENT = -(2**31)
# A target's state in ``ManyResult``: met, missed, then why it is unknown, then decided not applicable.
_OF_MANY = np.array([_TARGETS[state] for state in TARGET_STATES], np.uint8)
_OF_MANY[1 + Absence.UNANSWERED] = BLANK


class UnknownFormat(ValueError):
    """Bytes of another format or of another rulebook."""


@lru_cache(maxsize=64)
def run_dtype(rulebook: Rulebook) -> np.dtype[Any]:
    """The layout of one run under this rulebook."""
    wide = widths_of(rulebook)
    points = f"<i{wide.points}"
    return np.dtype(
        [
            ("format", "u1"),
            ("width", "u1"),
            ("total", f"<i{wide.total}"),
            ("pending", f"<i{wide.pending}"),
            ("before", f"<u{wide.grades}"),
            ("after", f"<u{wide.grades}"),
            ("adjustment", "<i4"),
            ("caps", f"<u{wide.limits}"),
            ("holding", f"<u{wide.limits}"),
            ("measures", f"<u{wide.measures}"),
            ("targets", "u1", (len(rulebook.targets),)),
            ("states", "u1", (len(rulebook.indicators),)),
            ("points", points, (len(rulebook.indicators),)),
            ("sections", points, (len(rulebook.sections),)),
        ]
    )


def arrays_of(many: ManyResult) -> Array:
    """The runs of many banks, one record each."""
    rows = _empty(many.rulebook, len(many))
    rows["total"], rows["pending"] = many.total, many.pending_units()
    rows["before"], rows["after"] = many.before, many.after
    cases = [_fine(case.points) for rule in many.rulebook.adjustments for case in rule.cases]
    rows["adjustment"] = np.array([*cases, NO_ADJUSTMENT])[many.adjustments]
    rows["caps"], rows["holding"], rows["measures"] = many.caps, many.holding, many.measures
    rows["targets"] = _OF_MANY[many.targets.T]
    rows["states"], rows["points"], rows["sections"] = many.states.T, many.units.T, many.sections.T
    # Where there are no points, what a computation left in their place says nothing.
    rows["points"][~many.has_points().T] = 0
    return rows


def array_of(rulebook: Rulebook, result: Result) -> Array:
    """The run of one bank out of the exact result: an array of one record."""
    rows = _empty(rulebook, 1)
    row = rows[0]
    points, total = rulebook.rounding.indicator, rulebook.rounding.total
    row["total"], row["pending"] = _units(result.total, total), _units(result.pending, points)
    row["before"] = rulebook.grade_order[result.grade.before]
    row["after"] = rulebook.grade_order[result.grade.after]
    row["adjustment"] = NO_ADJUSTMENT if result.adjustment is None else _fine(result.adjustment.points)
    caps = [cap.id for cap in rulebook.caps]
    row["caps"] = _mask(caps, {cap.id for cap in result.grade.applied})
    row["holding"] = _mask(caps, set(result.grade.holding))
    row["measures"] = _mask(list(rulebook.measures), {measure.id for measure in result.measures})
    row["targets"] = [
        BLANK if t.state == "unknown" and t.counts_as_missed else _TARGETS[t.state] for t in result.targets.values()
    ]
    row["states"] = [STATES.index(each.state) for each in result.indicators.values()]
    row["points"] = [0 if each.points is None else _units(each.points, points) for each in result.indicators.values()]
    row["sections"] = [_units(section.points, points) for section in result.sections.values()]
    return rows


def read_array(rulebook: Rulebook, body: bytes) -> Any:
    """One stored run as a record; raises ``UnknownFormat``."""
    dtype = run_dtype(rulebook)
    if len(body) != dtype.itemsize or body[0] != FORMAT or body[1] != dtype["points"].base.itemsize:
        raise UnknownFormat(f"{len(body)} bytes of format {body[:2].hex()} are no run of {rulebook.code}.")
    return np.frombuffer(body, dtype)[0]


def section_points(rulebook: Rulebook, body: bytes) -> Mapping[str, Decimal]:
    """The points of the sections of one stored run; nothing for a run of before there were arrays."""
    if not body:
        return {}
    row = read_array(rulebook, body)
    digits = rulebook.rounding.indicator
    return {name: scaled(int(units), digits) for name, units in zip(rulebook.sections, row["sections"], strict=True)}


def indicator_points(rulebook: Rulebook, bodies: Iterable[bytes | memoryview]) -> dict[str, list[Decimal]]:
    """The points of each indicator in many stored runs, of those runs in which it has some."""
    rows = [read_array(rulebook, bytes(body)) for body in bodies if body]
    digits = rulebook.rounding.indicator
    found: dict[str, list[Decimal]] = {}
    for place, (name, spec) in enumerate(rulebook.indicators.items()):
        without = {STATES.index("pending"), STATES.index("undefined")}
        if spec.not_applicable == "share_out":
            without.add(STATES.index("not_applicable"))
        found[name] = [scaled(int(row["points"][place]), digits) for row in rows if row["states"][place] not in without]
    return found


def points_of(rulebook: Rulebook, body: bytes, indicators: Iterable[str]) -> Decimal:
    """The points that these indicators have together in one stored run."""
    row, places = read_array(rulebook, body), {name: place for place, name in enumerate(rulebook.indicators)}
    return scaled(sum(int(row["points"][places[name]]) for name in indicators), rulebook.rounding.indicator)


def target_letters(rows: Array) -> list[str]:
    """The targets of each record as ``ScoreRun.targets`` holds them; a blank counts as missed, as for the grade."""
    return [b"".join(word).decode() for word in _LETTERS[rows["targets"]].tolist()]


def _empty(rulebook: Rulebook, count: int) -> Array:
    dtype = run_dtype(rulebook)
    rows = np.zeros(count, dtype)
    rows["format"], rows["width"] = FORMAT, dtype["points"].base.itemsize
    return rows


def _units(value: Decimal, digits: int) -> int:
    units = value.scaleb(digits)
    if units != int(units):
        raise ValueError(f"{value} has more than {digits} decimals.")
    return int(units)


def _mask(names: list[str], held: set[str]) -> int:
    return sum(1 << place for place, name in enumerate(names) if name in held)


def _fine(points: Decimal) -> int:
    return _units(points, 4)
