"""What a case of the corpora is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from assessments.tests.workbook.world import Sheets, edited

Make = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Case:
    """One file. ``make`` turns the workbook of the base draft into it.

    ``taken``   what it changes, as exact text by key (of a file that passes)
    ``refused`` why the whole file is refused
    ``cells``   the message at each input that is wrong, by key
    """

    name: str
    make: Make
    taken: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""
    cells: Mapping[str, str] = field(default_factory=dict)
    english: bool = False
    lacking: int = 0


def typed(**cells: object) -> Make:
    """Somebody types into cells: ``fact__bal`` is the cell of ``fact:bal``, ``fact__flow___online`` that of an item."""

    def change(sheets: Sheets) -> None:
        for name, value in cells.items():
            sheets[name if ":" in name else name.replace("___", "#").replace("__", ":", 1)] = value

    return lambda content: edited(content, change)


def worked(change: Callable[[Sheets], None]) -> Make:
    """Somebody works in the file."""
    return lambda content: edited(content, change)
