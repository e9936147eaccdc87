"""What checks are, and the list of them. A check does one thing, and stands in a file of its own."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from assessments.filings.keys import Key
from assessments.filings.workbook.flat import Cell, Flat
from assessments.filings.workbook.stamp import Stamp, Value
from scorecard.engine import Rulebook


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with one cell: where, what it is and what mends it."""

    sheet: str
    cell: str
    text: str


@dataclass(frozen=True)
class Expected:
    """What a workbook must have been made for."""

    round: str
    bank: str
    rulebook: str  # its name
    hash: str


@dataclass
class Reading:
    """A file on its way through the checks. ``values`` are there for the checks of values alone."""

    flat: Flat
    expected: Expected
    rulebook: Rulebook
    values: dict[Key, Value] = field(default_factory=dict)
    places: Mapping[Key, Cell] = field(default_factory=dict)

    @property
    def stamp(self) -> Stamp:
        """The stamp; the checks of the book have seen that there is one."""
        assert self.flat.stamp is not None  # noqa: S101  # nosec B101
        return self.flat.stamp


BookCheck = Callable[[Reading], str]
CellCheck = Callable[[Reading], Iterable[Problem]]

#: Checks of the book, in their order: the first that says something refuses the file.
BOOK: list[BookCheck] = []
#: Checks of cells: what a cell is, whatever it means. A cell with a problem has no value.
CELLS: list[CellCheck] = []
#: Checks of values: what may stand there.
VALUES: list[CellCheck] = []


def of_book(check: BookCheck) -> BookCheck:
    """Register a check of the book: a sentence why the file is refused, "" where it is not."""
    BOOK.append(check)
    return check


def of_cells(check: CellCheck) -> CellCheck:
    """Register a check of cells."""
    CELLS.append(check)
    return check


def of_values(check: CellCheck) -> CellCheck:
    """Register a check of values."""
    VALUES.append(check)
    return check
