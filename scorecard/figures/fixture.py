"""Reading and checking a fixture of report figures: a folder, a zip of it, or one file. Pure Python, no database.

Files: ``chapter-*.csv`` (one figure per line) and ``relations.yaml`` (relations among them, ``relations.py``). All rows
are read and all errors collected: each names file, line, field, what is wrong and what mends it. Nothing is dropped
silently, and nothing is corrected. ``docs/figures.md`` describes every column.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from django.utils.translation import gettext_noop as _

from scorecard.workbooks import StrayQuote, csv_rows

from .files import MAX_FILE_BYTES
from .intervals import Interval
from .problems import Fixture, Problem
from .relations import RelationError, check
from .relations_file import parse_relations
from .rows import COLUMNS, Row, row_problems
from .stored_message import StoredMessage, stored

MAX_ROWS = 20_000


def parse(files: Mapping[str, bytes], *, known: Mapping[str, Interval] | None = None) -> Fixture:
    """Parse and check every file. ``known`` are figures loaded before, which relations may name as well."""
    fixture = Fixture()
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(name.encode() + b"\0" + hashlib.sha256(files[name]).digest())
        if len(files[name]) > MAX_FILE_BYTES:
            fixture.problems.append(
                Problem(
                    name, 0, "", stored(_("The file is larger than %(mb)d MB; split it."), {"mb": MAX_FILE_BYTES >> 20})
                )
            )
            continue
        try:
            text = files[name].decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = files[name][: error.start].count(b"\n") + 1
            fixture.problems.append(
                Problem(name, line, "", stored(_("The file is not UTF-8 text; save it as UTF-8 and upload it again.")))
            )
            continue
        if name.lower().endswith((".yaml", ".yml")):
            parse_relations(fixture, name, text)
        else:
            _parse_figures(fixture, name, text)
    fixture.digest = total.hexdigest()
    if not files or not (fixture.rows or fixture.relations or fixture.problems):
        fixture.problems.append(
            Problem("", 0, "", stored(_("There is no figure and no relation in it; nothing can be loaded.")))
        )
    _check_relations(fixture, known or {})
    return fixture


def _parse_figures(fixture: Fixture, name: str, text: str) -> None:
    reader = csv_rows(text)
    try:
        _line, header = next(reader, (1, None))
        if problems := list(_header_problems(header)):
            fixture.problems.extend(Problem(name, 1, column, message) for column, message in problems)
            return
        for line, cells in reader:
            if not cells:
                continue
            if len(fixture.rows) >= MAX_ROWS:
                message = stored(_("There are more than %(rows)d figures; split the fixture."), {"rows": MAX_ROWS})
                fixture.problems.append(Problem(name, line, "", message))
                return
            _add_figure(fixture, name, line, header or [], cells)
    except StrayQuote as error:
        message = stored(_("The line cannot be read as CSV (%(error)s); check its quotation marks."), {"error": error})
        fixture.problems.append(Problem(name, error.line, "", message))


def _header_problems(header: Sequence[str] | None) -> Iterator[tuple[str, StoredMessage]]:
    """Everything wrong with the first line, as (column, message)."""
    if header is None:
        yield "", stored(_("The file is empty; its first line must be the header."))
        return
    for column in COLUMNS:
        if column not in header:
            yield column, stored(_("The column is missing; add it to the header."))
    for column in sorted(set(header) - set(COLUMNS)):
        yield column, stored(_("The column is unknown; take it out or correct its name."))
    if len(set(header)) != len(header):
        yield "", stored(_("A column stands twice in the header; keep one of them."))


def _add_figure(fixture: Fixture, name: str, line: int, header: Sequence[str], cells: Sequence[str]) -> None:
    """Add one line's figure, with what is wrong with it; a line of another length or a second of an id is not added."""
    if len(cells) != len(header):
        message = stored(
            _("The line has %(found)d cells, the header %(expected)d; quote cells that hold a comma."),
            {"found": len(cells), "expected": len(header)},
        )
        fixture.problems.append(Problem(name, line, "", message))
        return
    row = Row(**{column: cell.strip() for column, cell in zip(header, cells, strict=True)})
    fixture.problems.extend(Problem(name, line, column, text) for column, text in row_problems(row))
    if row.id in fixture.places:
        file, earlier = fixture.places[row.id]
        message = stored(
            _("The id %(id)s stands already in %(file)s, line %(line)d; an id is given once."),
            {"id": row.id, "file": file, "line": earlier},
        )
        fixture.problems.append(Problem(name, line, "id", message))
        return
    fixture.places[row.id] = (name, line)
    fixture.rows.append(row)


def _check_relations(fixture: Fixture, known: Mapping[str, Interval]) -> None:
    """Work out every relation. Rows with a problem have no interval; their relations are then not judged."""
    bad = {(problem.file, problem.line) for problem in fixture.problems}
    intervals = dict(known)
    unusable = set()
    for row in fixture.rows:
        if fixture.places[row.id] in bad:
            unusable.add(row.id)
        else:
            intervals[row.id] = row.interval()
    for relation in fixture.relations:
        if unusable.intersection(relation.figures.values()):
            continue
        try:
            fixture.outcomes.append(check(relation, intervals))
        except RelationError as error:
            file, line = fixture.places[f"relation:{relation.id}"]
            fixture.problems.append(Problem(file, line, error.field, error.message))
