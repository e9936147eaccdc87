"""One sheet of a workbook with a row for each bank, read by the titles of its columns, with all that is wrong."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from assessments.reviews.round_figures import layout
from scorecard.access.decisions import Refused
from scorecard.uploads import CellProblem, cell_text, lost_problems, sheet_rows
from scorecard.words.language import in_both
from scorecard.workbooks import column_letter

MAX_ROWS, MAX_COLUMNS = 20_000, 200


def places_of(titles: Sequence[str], words: Callable[[], str]) -> list[tuple[int, str]]:
    """The sheets that have this title in one of the languages, with their places."""
    wanted = {layout.fold(str(title))[:31] for title in in_both(words).values()}
    return [(place, title) for place, title in enumerate(titles) if layout.fold(title) in wanted]


def order_of(cell: str) -> tuple[int, int, str]:
    """By what cells are sorted: row, then column."""
    letters = cell.rstrip("0123456789")
    return int(cell[len(letters) :] or 0), len(letters), letters


class SheetTable:
    """One sheet: its head as it stands, its rows, and the problems of its cells."""

    def __init__(self, content: bytes, place: int, title: str, problems: list[CellProblem]) -> None:
        self.title, self.problems, self.columns = title, problems, dict[str, int]()
        self.lost = {problem.cell: problem for problem in lost_problems(content, title)}
        problems += self.lost.values()
        self.rows = sheet_rows(content, place=place, columns=MAX_COLUMNS, rows=MAX_ROWS + 2)
        self.head = [cell_text(raw) for raw in next(self.rows, [])]
        if not any(self.head):
            self.add(1, 0, _("The sheet is empty; begin with the workbook of this page."))
            return
        self.columns = {text: place for place, text in enumerate(self.head) if text}

    def match(self, understood: Mapping[str, str], wanted: Sequence[str]) -> bool:
        """Name the columns; an unknown or doubled title and a missing column are problems. False without ``wanted``."""
        self.columns = {}
        for place, text in enumerate(self.head):
            name = understood.get(layout.fold(text))
            if not text:
                continue
            if name is None:
                self.add(
                    1,
                    place,
                    _("The title “%(title)s” is not known. Use the titles of the workbook, or take the column out.")
                    % {"title": text[:60]},
                )
            elif name in self.columns:
                self.add(1, place, _("The title stands twice; take one of the two columns out."))
            else:
                self.columns[name] = place
        missing = [name for name in wanted if name not in self.columns]
        if missing:
            self.add(
                1, 0, _("A column that says what each row is about is missing; begin with the workbook of this page.")
            )
        return not missing

    def cell(self, row: int, place: int) -> str:
        """The address of a cell."""
        return f"{column_letter(place + 1)}{row}"

    def add(self, row: int, place: int, text: Any) -> None:
        """Note a problem of one cell."""
        title = self.head[place] if row > 1 and place < len(self.head) else ""
        self.problems.append(CellProblem(self.cell(row, place), title[:60], text, self.title))

    def raw(self, row: int, cells: Sequence[Any], name: str) -> str | Decimal | None:
        """What stands in a column of a row: typed text, a spreadsheet's number, None for blank or what is lost."""
        place = self.columns.get(name, len(cells))
        if place >= len(cells) or self.cell(row, place) in self.lost or not cell_text(cells[place]):
            return None
        raw = cells[place]
        if isinstance(raw, int | float) and not isinstance(raw, bool):
            return Decimal(repr(raw))
        return cell_text(raw)

    def text(self, row: int, cells: Sequence[Any], name: str) -> str:
        """The same as text; a whole number without its point."""
        raw = self.raw(row, cells, name)
        return f"{raw:f}".removesuffix(".0") if isinstance(raw, Decimal) else raw or ""

    def filled(self) -> Any:
        """The rows with something in them, each with its number; cells under no title are problems."""
        titled = set(self.columns.values())
        for number, cells in enumerate(self.rows, start=2):
            if number > MAX_ROWS + 1:
                raise Refused([_("The file has more than %(limit)d rows; split it.") % {"limit": MAX_ROWS}])
            if not any(cell_text(cell) for cell in cells):
                continue
            for place, raw in enumerate(cells):
                if place not in titled and not (place < len(self.head) and self.head[place]) and cell_text(raw):
                    self.add(
                        number,
                        place,
                        _(
                            "Its column has no title, so the cell cannot be read; give the column one, or empty the "
                            "cell."
                        ),
                    )
            yield number, cells


def made_from_revisions(text: str) -> dict[str, int]:
    """The revisions from which a row was made; nothing where the column is not there or was changed."""
    found = {}
    for part in text.split(";"):
        name, _colon, revision = part.partition(":")
        if revision.isascii() and revision.isdigit() and len(revision) < 10:
            found[name] = int(revision)
    return found
