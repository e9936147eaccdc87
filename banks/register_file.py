"""The register as a file: reading it cell by cell, and the template that it is filled into.

Reading finds every problem, each with its cell (C7), what is wrong and what mends it. It decides nothing about banks:
that is ``banks.services.register_imports.plan_import``'s, whose problems are then put to their cells too.
"""

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from banks.fields import DAYS, FIELDS, column
from banks.models import Bank, Category, EntityKind
from banks.services.identifiers import identifier_warnings
from banks.services.register_imports import ImportRow, Planned
from scorecard.access.decisions import Refused
from scorecard.exports import write_xlsx
from scorecard.scanner import refuse_malware
from scorecard.uploads import CLEAR, ZIP, CellProblem, cell_text, lost_problems, sheet_rows
from scorecard.workbooks import StrayQuote, column_letter, csv_rows

MEGABYTE = 1024 * 1024
MAX_BYTES = 10 * MEGABYTE
MAX_ROWS = 20_000  # a nation has some 4,600 banks; 20,000 rows take about half a minute (docs/rounds.md)
MAX_COLUMNS = 60
CHOICES: dict[str, Any] = {"category": Category, "entity_kind": EntityKind}
TRUE = {"是", "yes", "y", "true", "1", "√"}
FALSE = {"否", "no", "n", "false", "0"}
PATTERNS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d")


@dataclass
class RegisterFile:
    """A file as it was read: its columns by letter, its rows, and what is wrong with it."""

    name: str
    columns: dict[str, int] = field(default_factory=dict)
    rows: list[ImportRow] = field(default_factory=list)
    problems: list[CellProblem] = field(default_factory=list)
    lost: dict[str, CellProblem] = field(default_factory=dict)

    def cell(self, row: int, name: str) -> str:
        """Where a field of a row stands; the row itself where the file has no such column.

        A head office is given in either of two columns; where the file has the other one alone, it is mended there.
        """
        place = self.columns.get(name)
        if place is None and name == "head_office":
            place = self.columns.get("head_office_name")
        return f"{column_letter(place + 1)}{row}" if place is not None else str(row)

    def add(self, row: int, name: str, text: Any) -> None:
        """Note a problem of one field."""
        self.problems.append(CellProblem(self.cell(row, name), title(name), text))


def title(name: str) -> str:
    """A column's title in the language of the screen."""
    if name == "head_office":
        return _("Head office (bank code)")
    if name == "successor":
        return _("Successor (bank code)")
    if name == "case_officer":
        return _("Case officer (user name)")
    words = str(column(name).verbose_name)
    return words[:1].upper() + words[1:]


def titles() -> dict[str, str]:
    """Every title that is understood, in both languages and as the field's own name, folded for comparing."""
    found: dict[str, str] = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            for name in FIELDS:
                found[_fold(title(name))] = name
                found[_fold(str(column(name).verbose_name))] = name
    return found | {name: name for name in FIELDS}


def _fold(text: str) -> str:
    return "".join(text.replace("（", "(").replace("）", ")").replace("*", "").split()).casefold()


# --- Reading ---------------------------------------------------------------------------------------------------------


def read_register(name: str, content: bytes) -> RegisterFile:
    """Read an XLSX or CSV file by what it holds. Raises ``Refused`` for one that cannot be read at all."""
    refuse_malware(content)
    found = RegisterFile(name[-200:])
    rows = _sheet(content)
    try:
        head = next(rows)
        found.lost = {problem.cell: problem for problem in lost_problems(content)}
    except StopIteration:
        raise Refused([_("The file has no rows; fill in the template and upload it.")]) from None
    _read_head(found, head)
    found.problems += found.lost.values()
    if any(problem.cell.rstrip("1").isalpha() for problem in found.problems):
        return found  # without its head no row can be read
    known = {bank.code: bank.revision for bank in Bank.objects.only("code", "revision")}
    for number, cells in enumerate(rows, start=2):
        if number > MAX_ROWS + 1:
            raise Refused([_("The file has more than %(limit)d rows; split it.") % {"limit": MAX_ROWS}])
        if not any(cell_text(cell) for cell in cells):
            continue
        _stray_cells(found, number, cells)
        values = {name: _value(found, number, name, cells) for name in found.columns if _given(found, name, cells)}
        code = str(values.setdefault("code", ""))
        found.rows.append(ImportRow(number, values, known.get(code)))
    if not found.rows:
        raise Refused([_("The file has a head and no banks under it; fill them in and upload it again.")])
    return found


def _read_head(found: RegisterFile, head: Sequence[Any]) -> None:
    """Which field stands in which column. An unknown, doubled or missing title is a problem of its cell."""
    understood = titles()
    for place, raw in enumerate(head[:MAX_COLUMNS]):
        text = "" if raw is None else str(raw).strip()
        cell = f"{column_letter(place + 1)}1"
        name = understood.get(_fold(text))
        if not text:
            continue
        if name is None:
            words = _("The title “%(title)s” is not known. Use the titles of the template, or take the column out.")
            found.problems.append(CellProblem(cell, text[:60], words % {"title": text[:60]}))
        elif name in found.columns:
            words = _("The title stands twice; take one of the two columns out.")
            found.problems.append(CellProblem(cell, text, words))
        else:
            found.columns[name] = place
    if "code" not in found.columns:
        words = _("The column “%(title)s” is missing; each row is found by it. Begin with the template.")
        found.problems.append(CellProblem("A1", title("code"), words % {"title": title("code")}))


def _given(found: RegisterFile, name: str, cells: Sequence[Any]) -> bool:
    """Whether a row says anything about a field: a blank cell leaves it as it is."""
    return found.columns[name] < len(cells) and bool(cell_text(cells[found.columns[name]]))


def _stray_cells(found: RegisterFile, row: int, cells: Sequence[Any]) -> None:
    """Cells under no title: whatever stands in them would be lost."""
    titled = set(found.columns.values())
    for place, raw in enumerate(cells):
        if place not in titled and cell_text(raw):
            words = _("Its column has no title, so the cell cannot be read; give the column one, or empty the cell.")
            found.problems.append(CellProblem(f"{column_letter(place + 1)}{row}", "", words))


def _value(found: RegisterFile, row: int, name: str, cells: Sequence[Any]) -> Any:
    """One cell as the service takes it; what cannot be read is a problem and counts as blank."""
    raw = cells[found.columns[name]]
    text = cell_text(raw)
    if text in CLEAR or found.cell(row, name) in found.lost:
        return None if name in DAYS else False if name == "differentiated" else ""
    if text.startswith("#") and text.endswith(("!", "?", "A")):
        words = _("The cell holds the spreadsheet error %(error)s; write the value itself.")
        found.add(row, name, words % {"error": text})
        return None if name in DAYS else ""
    if name in CHOICES:
        return _choice(found, row, name, text)
    if name in DAYS:
        return _day(found, row, name, raw, text)
    if name == "differentiated":
        if text.casefold() in TRUE | FALSE:
            return text.casefold() in TRUE
        found.add(row, name, _("“%(value)s” is neither yes nor no; write 是 or 否.") % {"value": text[:40]})
        return False
    if name in ("uscc", "licence_code", "pboc_code") and isinstance(raw, float | int) and len(text) > 15:
        words = _("The spreadsheet has stored this code as a number and lost digits; format the cell as text.")
        found.add(row, name, words)
    return text


def _choice(found: RegisterFile, row: int, name: str, text: str) -> str:
    """A code or its words in either language."""
    choices = CHOICES[name]
    if not text or text in choices.values:
        return text
    for language, _name in settings.LANGUAGES:
        with override(language):
            for code, words in choices.choices:
                if _fold(str(words)) == _fold(text):
                    return str(code)
    words = _(", ").join(str(label) for label in choices.labels)
    found.add(row, name, _("“%(value)s” is not one of: %(words)s.") % {"value": text[:40], "words": words})
    return ""


def _day(found: RegisterFile, row: int, name: str, raw: Any, text: str) -> date | None:
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    if not text:
        return None
    for pattern in PATTERNS:
        try:
            return datetime.strptime(text, pattern).date()
        except ValueError:
            continue
    found.add(row, name, _("“%(value)s” is not a day; write it like 2017-12-31.") % {"value": text[:40]})
    return None


def _sheet(content: bytes) -> Iterator[Sequence[Any]]:
    """The rows of the file, by what it holds and not by what it is called."""
    if content.startswith(ZIP):
        return sheet_rows(content, columns=MAX_COLUMNS, rows=MAX_ROWS + 2)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused([_("This is an old Excel file (.xls); save it as .xlsx and upload that.")])
    if b"\x00" in content[:4096] or content.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8")):
        raise Refused([_("This is neither an Excel file (.xlsx) nor CSV; save it as one of these.")])
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return _csv(text)
    raise Refused([_("The text of the file cannot be read; save it as CSV in UTF-8.")])


def _csv(text: str) -> Iterator[Sequence[Any]]:
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    try:
        for _line, row in csv_rows(text, delimiter):
            yield row
    except StrayQuote as error:
        words = _("Line %(line)d is not proper CSV; check its quotation marks and save the file again.")
        raise Refused([words % {"line": error.line}]) from error


def row_problems(found: RegisterFile, problems: Mapping[int, Mapping[str, Iterable[Any]]]) -> list[CellProblem]:
    """The service's problems by row and field, put to their cells after those of reading; one per cell and sentence."""
    all_problems = list(found.problems)
    taken = {problem.cell for problem in all_problems}
    for number, fields in problems.items():
        for name, reasons in fields.items():
            if found.cell(number, name) in taken:
                continue  # the cell could not be read, so that it is blank says nothing
            all_problems += [CellProblem(found.cell(number, name), title(name), reason) for reason in reasons]
    return sorted(all_problems, key=lambda problem: _place(problem.cell))


def row_warnings(found: RegisterFile, rows: Iterable[Planned]) -> list[CellProblem]:
    """What is odd about identifiers that the file gives; none of it stands against writing."""
    return [
        CellProblem(found.cell(row.number, name), title(name), warning)
        for row in rows
        if not row.unchanged
        for name, warnings in identifier_warnings(
            {name: getattr(row.bank, name) for name in ("uscc", "licence_code", "pboc_code") if name in found.columns}
        ).items()
        for warning in warnings
    ]


def _place(cell: str) -> tuple[int, int, str]:
    letters = cell.rstrip("0123456789")
    return int(cell[len(letters) :] or 0), len(letters), letters


# --- The template ----------------------------------------------------------------------------------------------------


def template_rows(banks: Iterable[Bank]) -> Iterator[list[Any]]:
    """Banks as rows under the template's titles; what is written back unchanged changes nothing."""
    for bank in banks:
        row: list[Any] = []
        for name in FIELDS:
            if name in ("head_office", "successor"):
                other = getattr(bank, name)
                row.append(other.code if other is not None else "")
            elif name == "case_officer":
                row.append(bank.case_officer.username if bank.case_officer is not None else "")
            elif name in CHOICES:
                row.append(str(getattr(bank, f"get_{name}_display")()))
            elif name == "differentiated":
                row.append(_("yes") if bank.differentiated else _("no"))
            else:
                row.append(getattr(bank, name))
        yield row


def template_xlsx(banks: Iterable[Bank]) -> IO[bytes]:
    """The template as a workbook, with these banks in it."""
    target = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 - the response closes it
    write_xlsx(target, [title(name) for name in FIELDS], template_rows(banks), _("Register of banks"))
    target.seek(0)
    return target
