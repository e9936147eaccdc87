"""An uploaded file up to the point where somebody decides: read, checked, and compared with the draft."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from assessments.filings.keys import Key
from assessments.filings.workbook import checks as _registered  # noqa: F401  (registers every check)
from assessments.filings.workbook.checks.registry import BOOK, CELLS, VALUES, Expected, Problem, Reading
from assessments.filings.workbook.flat import Cell, read_flat
from assessments.filings.workbook.merge import Merge, merge
from assessments.filings.workbook.stamp import Value, base_value
from assessments.filings.workbook.values import Values
from scorecard.access.decisions import Refused
from scorecard.engine import Rulebook


@dataclass
class Checked:
    """A file that was let in: its right values, where each stands, every problem, and how many inputs it lacks."""

    values: dict[Key, Value]
    places: Mapping[Key, Cell]
    base: Mapping[Key, Value]
    problems: list[Problem] = field(default_factory=list)
    lacking: int = 0

    def merged(self, web: Callable[[Key], Value]) -> Merge:
        """The file against what the draft holds now."""
        return merge(self.base, self.values, web)


def check_workbook(content: bytes, rulebook: Rulebook, expected: Expected) -> Checked:
    """Read and check a file. Raises ``Refused`` where it is refused as a whole; all else comes at once, by cell."""
    reading = Reading(read_flat(content), expected, rulebook)
    for of_book in BOOK:
        if reason := of_book(reading):
            raise Refused([reason])
    problems = [problem for check in CELLS for problem in check(reading)]
    # A key with a wrong cell has no value: of a checklist the whole list.
    wrong = {(problem.sheet, problem.cell) for problem in problems}
    keys = {cell.key for cell in reading.flat.cells if _at(cell) in wrong} if wrong else set()
    base = {key: base_value(rulebook, key, text) for key, text in reading.stamp.base.items()}
    right = [cell for cell in reading.flat.cells if cell.key in base and cell.key not in keys]
    read = Values(rulebook, reading.stamp.language, base, right)
    reading.values, reading.places = read.values, read.places
    refused = [problem for check in VALUES for problem in check(reading)]
    values = dict(read.values)
    if refused:
        wrong = {(problem.sheet, problem.cell) for problem in refused}
        values = {key: value for key, value in values.items() if _at(read.places[key]) not in wrong}
    said = {cell.key for cell in reading.flat.cells}
    found = _ordered(reading, [*problems, *read.problems, *refused])
    return Checked(values, read.places, base, found, sum(key not in said for key in base))


def _at(cell: Cell) -> tuple[str, str]:
    return cell.sheet, cell.address


def _ordered(reading: Reading, problems: list[Problem]) -> list[Problem]:
    """By sheet and cell as they stand in the file; one sentence about a cell once."""
    if not problems:
        return []
    order = {_at(cell): place for place, cell in enumerate(reading.flat.cells)}
    unique = dict.fromkeys(problems)
    return sorted(unique, key=lambda problem: order.get((problem.sheet, problem.cell), len(order)))
