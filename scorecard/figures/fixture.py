"""Reading and checking a fixture of report figures: a folder, a zip of it, or one file. Pure Python, no database.

Files: ``chapter-*.csv`` (one figure per line) and ``relations.yaml`` (relations among them, ``relations.py``). All rows
are read and all errors collected: each names file, line, field, what is wrong and what mends it. Nothing is dropped
silently, and nothing is corrected. ``docs/figures.md`` describes every column.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext_noop as _

from scorecard.engine.values.rational import Fraction

from . import codes
from .intervals import Interval, interval
from .relations import Outcome, Relation, RelationError, check, relation_from_mapping
from .saying import Saying, say

MAX_FILE_BYTES = 2 * 1024 * 1024
MAX_TOTAL_BYTES = 8 * 1024 * 1024
MAX_FILES = 40
MAX_ROWS = 20_000
RELATIONS_FILE = "relations.yaml"
# Files of the folder that describe the scan of the text and are not loaded.
SIDE_FILES = frozenset({"coverage.csv", "not_figures.csv"})
EARLIER_RELATION = _("The relation %(id)s, loaded before, cannot be worked out any more: %(reason)s")
_ID = re.compile(r"r\d{4}(?:-(?:\d{1,2}|z)){2,4}-\d{3}")
_SECTION = re.compile(r"[1-9](?:-(?:0|[1-9]|[12]\d|3[0-8]|z)){1,3}")
_PERIOD = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")


@dataclass(frozen=True)
class Row:
    """One figure as the fixture states it. ``value`` and ``unit`` exactly as printed; the rest is ours."""

    id: str
    chapter: str
    section: str
    topic: str
    institution: str
    indicator_zh: str
    indicator_en: str
    value: str
    unit: str
    normalised_value: str
    normalised_unit: str
    qualifier: str
    as_of: str
    compared_with: str
    kind: str
    dimension: str

    def interval(self) -> Interval:
        """What the printed value stands for, in base units (percentage points as hundredths)."""
        return interval(
            self.value,
            self.unit,
            self.qualifier,
            Fraction(Decimal(self.normalised_value)),
            self.normalised_unit,
            average=self.kind == "average",
        )


COLUMNS = tuple(column.name for column in fields(Row))
_MAX_LENGTH = {"institution": 60, "indicator_zh": 100, "indicator_en": 160, "value": 30, "unit": 10}


@dataclass(frozen=True)
class Problem:
    """Something wrong at one place of a file. ``message`` is a full sentence that says what mends it."""

    file: str
    line: int
    field: str
    message: Saying

    def as_dict(self) -> dict[str, Any]:
        """For JSON; the message is put into a language when it is shown (``saying.said``)."""
        return {"file": self.file, "line": self.line, "field": self.field, "message": self.message.as_dict()}


@dataclass
class Fixture:
    """Everything a fixture holds, and everything that is wrong with it. ``digest`` is over the loaded files' bytes."""

    rows: list[Row] = field(default_factory=list)
    places: dict[str, tuple[str, int]] = field(default_factory=dict)
    relations: list[Relation] = field(default_factory=list)
    has_relations: bool = False
    problems: list[Problem] = field(default_factory=list)
    digest: str = ""
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Nothing is wrong, so it may be loaded."""
        return not self.problems


def read_directory(directory: Path) -> dict[str, bytes]:
    """The loadable files of a folder by name. Raises ``FileNotFoundError`` or ``NotADirectoryError``."""
    found = {}
    for path in sorted(directory.iterdir()):
        if path.is_file() and path.name not in SIDE_FILES and path.suffix in (".csv", ".yaml", ".yml"):
            found[path.name] = path.read_bytes()
    return found


class UploadError(ValueError):
    """An uploaded file cannot be used at all; the message says why and what to upload instead."""


def read_upload(name: str, data: bytes) -> dict[str, bytes]:
    """The loadable files of an upload: a zip of the folder, one CSV, or one YAML file.

    The content decides, not the name: a zip must open as one, the others must be UTF-8 text. Sizes are capped before
    anything is unpacked, so that a small zip cannot grow without bound. Raises ``UploadError``.
    """
    if len(data) > MAX_TOTAL_BYTES:
        raise UploadError(
            say(_("The file is larger than %(mb)d MB; upload the fixture folder only."), {"mb": MAX_TOTAL_BYTES >> 20})
        )
    if not data:
        raise UploadError(say(_("The file is empty; choose the fixture file or a zip of its folder.")))
    base = name.replace("\\", "/").rpartition("/")[2]
    if zipfile.is_zipfile(io.BytesIO(data)) and data[:2] == b"PK":
        return _read_zip(data)
    suffix = Path(base).suffix.lower()
    if suffix == ".zip":
        raise UploadError(say(_("The file is named .zip but is not a zip archive; pack the folder again.")))
    if suffix not in (".csv", ".yaml", ".yml"):
        raise UploadError(say(_("Only a .zip, .csv, .yaml or .yml file can be loaded; choose one of these.")))
    if b"\x00" in data[:4096]:
        raise UploadError(say(_("The file is not text; save it as UTF-8 text and upload it again.")))
    return {base: data}


def _read_zip(data: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [
                info for info in archive.infolist() if not info.is_dir() and not info.filename.startswith("__MACOSX/")
            ]
            if len(members) > MAX_FILES or sum(info.file_size for info in members) > MAX_TOTAL_BYTES:
                raise UploadError(
                    say(
                        _("The archive holds more than %(files)d files or %(mb)d MB; pack the fixture folder only."),
                        {"files": MAX_FILES, "mb": MAX_TOTAL_BYTES >> 20},
                    )
                )
            for info in members:
                base = info.filename.replace("\\", "/").rpartition("/")[2]
                if (
                    base in SIDE_FILES
                    or base.startswith(".")
                    or Path(base).suffix.lower() not in (".csv", ".yaml", ".yml")
                ):
                    continue
                if base in found:
                    raise UploadError(say(_("The archive holds %(name)s twice; keep one of them."), {"name": base}))
                with archive.open(info) as member:
                    content = member.read(MAX_FILE_BYTES + 1)
                if len(content) > MAX_FILE_BYTES:
                    raise UploadError(
                        say(
                            _("%(name)s is larger than %(mb)d MB; split it."),
                            {"name": base, "mb": MAX_FILE_BYTES >> 20},
                        )
                    )
                found[base] = content
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise UploadError(say(_("The archive cannot be read; pack the folder again without a password."))) from error
    if not found:
        raise UploadError(say(_("The archive holds no .csv or .yaml file; pack the fixture folder.")))
    return found


def parse(files: Mapping[str, bytes], *, known: Mapping[str, Interval] | None = None) -> Fixture:
    """Parse and check every file. ``known`` are figures loaded before, which relations may name as well."""
    fixture = Fixture()
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(name.encode() + b"\0" + hashlib.sha256(files[name]).digest())
        if len(files[name]) > MAX_FILE_BYTES:
            fixture.problems.append(
                Problem(
                    name, 0, "", say(_("The file is larger than %(mb)d MB; split it."), {"mb": MAX_FILE_BYTES >> 20})
                )
            )
            continue
        try:
            text = files[name].decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = files[name][: error.start].count(b"\n") + 1
            fixture.problems.append(
                Problem(name, line, "", say(_("The file is not UTF-8 text; save it as UTF-8 and upload it again.")))
            )
            continue
        if name.lower().endswith((".yaml", ".yml")):
            _parse_relations(fixture, name, text)
        else:
            _parse_figures(fixture, name, text)
    fixture.digest = total.hexdigest()
    if not files or not (fixture.rows or fixture.relations or fixture.problems):
        fixture.problems.append(
            Problem("", 0, "", say(_("There is no figure and no relation in it; nothing can be loaded.")))
        )
    _check_relations(fixture, known or {})
    return fixture


def _parse_figures(fixture: Fixture, name: str, text: str) -> None:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, None)
        if header is None:
            fixture.problems.append(
                Problem(name, 1, "", say(_("The file is empty; its first line must be the header.")))
            )
            return
        missing, unknown = set(COLUMNS) - set(header), sorted(set(header) - set(COLUMNS))
        for column in COLUMNS:
            if column in missing:
                fixture.problems.append(
                    Problem(name, 1, column, say(_("The column is missing; add it to the header.")))
                )
        for column in unknown:
            fixture.problems.append(
                Problem(name, 1, column, say(_("The column is unknown; take it out or correct its name.")))
            )
        if len(set(header)) != len(header):
            fixture.problems.append(
                Problem(name, 1, "", say(_("A column stands twice in the header; keep one of them.")))
            )
        if missing or unknown or len(set(header)) != len(header):
            return
        start = reader.line_num + 1
        for cells in reader:
            line, start = start, reader.line_num + 1
            if not cells:
                continue
            if len(fixture.rows) >= MAX_ROWS:
                fixture.problems.append(
                    Problem(
                        name,
                        line,
                        "",
                        say(_("There are more than %(rows)d figures; split the fixture."), {"rows": MAX_ROWS}),
                    )
                )
                return
            if len(cells) != len(header):
                fixture.problems.append(
                    Problem(
                        name,
                        line,
                        "",
                        say(
                            _("The line has %(found)d cells, the header %(expected)d; quote cells that hold a comma."),
                            {"found": len(cells), "expected": len(header)},
                        ),
                    )
                )
                continue
            row = Row(**{column: cell.strip() for column, cell in zip(header, cells, strict=True)})
            fixture.problems.extend(Problem(name, line, column, text) for column, text in row_problems(row))
            if row.id in fixture.places:
                file, earlier = fixture.places[row.id]
                fixture.problems.append(
                    Problem(
                        name,
                        line,
                        "id",
                        say(
                            _("The id %(id)s stands already in %(file)s, line %(line)d; an id is given once."),
                            {"id": row.id, "file": file, "line": earlier},
                        ),
                    )
                )
                continue
            fixture.places[row.id] = (name, line)
            fixture.rows.append(row)
    except csv.Error as error:
        fixture.problems.append(
            Problem(
                name,
                reader.line_num,
                "",
                say(_("The line cannot be read as CSV (%(error)s); check its quotation marks."), {"error": error}),
            )
        )


def row_problems(row: Row) -> Iterable[tuple[str, Saying]]:
    """Everything wrong with one figure, as (field, message)."""
    if not _ID.fullmatch(row.id):
        yield "id", say(_("The id must look like r2017-1-2-1-1-003: report, section and a three-digit number."))
    if not _SECTION.fullmatch(row.section):
        yield "section", say(_("The section must look like 1-2-1-1, with z for a special topic, such as 2-1-z."))
    elif not row.id.startswith(f"{row.id[:5]}-{row.section}-") or row.id.count("-") != row.section.count("-") + 2:
        yield "id", say(_("The id must contain the section %(section)s."), {"section": row.section})
    if not (row.chapter.isdecimal() and int(row.chapter) in codes.CHAPTERS):
        yield "chapter", say(_("The chapter must be a number from 1 to %(last)d."), {"last": max(codes.CHAPTERS)})
    elif row.section.partition("-")[0] != row.chapter:
        yield "chapter", say(_("The chapter must be the first number of the section."))
    for name, allowed in (("topic", codes.TOPICS), ("kind", codes.KINDS), ("dimension", codes.DIMENSIONS)):
        if getattr(row, name) not in allowed:
            yield (
                name,
                say(
                    _("“%(value)s” is not a known code; use one of: %(codes)s."),
                    {"value": getattr(row, name), "codes": ", ".join(allowed)},
                ),
            )
    for name in ("indicator_zh", "indicator_en"):
        if not getattr(row, name):
            yield name, say(_("The name of the indicator is missing; give it in Chinese and in English."))
    for name, length in _MAX_LENGTH.items():
        if len(getattr(row, name)) > length:
            yield name, say(_("The text is longer than %(length)d characters; shorten it."), {"length": length})
    if row.qualifier and row.qualifier not in codes.QUALIFIERS:
        yield (
            "qualifier",
            say(
                _("“%(value)s” is not a known word of precision; leave it blank or use one of the list."),
                {"value": row.qualifier},
            ),
        )
    if not _is_period(row.as_of):
        yield "as_of", say(_("The date must be a day, month, year or a span of them, such as 2017-12-31 or 2016/2017."))
    if row.compared_with and row.compared_with not in codes.COMPARISONS and not _is_period(row.compared_with):
        yield (
            "compared_with",
            say(
                _("It must be blank, a date as in as_of, or one of: %(codes)s."),
                {"codes": ", ".join(codes.COMPARISONS)},
            ),
        )
    yield from _value_problems(row)


def _value_problems(row: Row) -> Iterable[tuple[str, Saying]]:
    """The normalised value must be the printed value times its unit, exactly; the sign marks a fall."""
    printed = scale = None
    try:
        printed = codes.number(row.value)
    except ValueError:
        yield "value", say(_("“%(value)s” is not a number as the report prints it."), {"value": row.value})
    try:
        scale, allowed = codes.unit_of(row.unit)
    except KeyError:
        yield (
            "unit",
            say(
                _("The unit “%(unit)s” is unknown; write it as printed, without the word of precision."),
                {"unit": row.unit},
            ),
        )
    else:
        if row.normalised_unit not in allowed:
            yield (
                "normalised_unit",
                say(
                    _("The unit “%(unit)s” is normalised to %(allowed)s."),
                    {
                        "unit": row.unit,
                        "allowed": ", ".join(allowed),
                    },
                ),
            )
    if not re.fullmatch(r"-?\d+(\.\d+)?", row.normalised_value):
        yield "normalised_value", say(_("“%(value)s” is not a plain decimal number."), {"value": row.normalised_value})
        return
    try:
        stated = Fraction(Decimal(row.normalised_value))
    except InvalidOperation:  # pragma: no cover - the pattern above admits decimals only
        return
    if len(row.normalised_value.lstrip("-").replace(".", "")) > 24:
        yield "normalised_value", say(_("The number has more than 24 digits."))
    if stated < 0 and row.kind not in ("change", "growth", "difference"):
        yield "normalised_value", say(_("Only a change, a growth rate or a difference can be negative."))
    if printed is not None and scale is not None and abs(stated) != printed * scale:
        yield (
            "normalised_value",
            say(
                _("%(value)s %(unit)s is %(expected)s in the normalised unit, not %(stated)s."),
                {
                    "value": row.value,
                    "unit": row.unit,
                    "expected": _plain(printed * scale),
                    "stated": row.normalised_value,
                },
            ),
        )


def _plain(value: Fraction) -> str:
    text = format(Decimal(value.numerator) / Decimal(value.denominator), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _is_period(text: str) -> bool:
    parts = text.split("/")
    return len(parts) <= 2 and all(_is_date(part) for part in parts) and (len(parts) == 1 or parts[0] <= parts[1][:10])


def _is_date(text: str) -> bool:
    if not _PERIOD.fullmatch(text):
        return False
    year, month, day = ([int(part) for part in text.split("-")] + [1, 1])[:3]
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


class _LineLoader(yaml.SafeLoader):
    """Safe YAML that also keeps the line of each mapping, and refuses a key that stands twice."""


def _mapping(loader: _LineLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    result: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in result:
            raise yaml.constructor.ConstructorError(None, None, f"the key {key} stands twice", key_node.start_mark)
        result[key] = loader.construct_object(value_node, deep=True)
    return result


_LineLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def _parse_relations(fixture: Fixture, name: str, text: str) -> None:
    fixture.has_relations = True
    try:
        loader = _LineLoader(text)
        try:
            if loader.check_event(yaml.AliasEvent):
                raise yaml.YAMLError("an alias")
            node = loader.get_single_node()
            data = loader.construct_document(node) if node is not None else None
        finally:
            loader.dispose()
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        fixture.problems.append(
            Problem(
                name,
                mark.line + 1 if mark else 1,
                "",
                say(
                    _("The file cannot be read as YAML (%(error)s)."),
                    {"error": getattr(error, "problem", None) or error},
                ),
            )
        )
        return
    entries = data.get("relations") if isinstance(data, dict) else None
    if node is None or not isinstance(entries, list):
        fixture.problems.append(Problem(name, 1, "relations", say(_("The file must hold a list named relations."))))
        return
    lines = _entry_lines(node)
    seen: dict[str, int] = {relation.id: relation.line for relation in fixture.relations}
    for index, entry in enumerate(entries):
        line = lines[index]
        if not isinstance(entry, dict):
            fixture.problems.append(Problem(name, line, "relations", say(_("Each relation must be a mapping."))))
            continue
        try:
            relation = relation_from_mapping(entry, line)
        except RelationError as error:
            fixture.problems.append(Problem(name, line, error.field, error.message))
            continue
        if relation.id in seen:
            fixture.problems.append(
                Problem(
                    name,
                    line,
                    "id",
                    say(
                        _("The id %(id)s stands already in line %(line)d; an id is given once."),
                        {"id": relation.id, "line": seen[relation.id]},
                    ),
                )
            )
            continue
        seen[relation.id] = line
        fixture.places[f"relation:{relation.id}"] = (name, line)
        fixture.relations.append(relation)


def _entry_lines(node: yaml.Node) -> list[int]:
    for key, value in node.value:
        if key.value == "relations":
            return [item.start_mark.line + 1 for item in value.value]
    return []


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
