"""Points and figures of a whole round for supervisors: JSON by cursor, CSV as a stream, Parquet as a file."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import Any

from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Field, Query, Router, Schema

from assessments.access import get_round
from assessments.api.bulk import FACTS, POINTS, Part, Row, as_text, cases_of, facts_of, points_of
from assessments.api.views.common import acting, named
from assessments.models import Round
from banks.models import User
from scorecard.audit.services import record
from scorecard.exports import CONTENT_TYPES, csv_lines, disposition

router = Router(tags=["bulk"])
PARQUET = "application/vnd.apache.parquet"
Read = Callable[[User, Round, str, int | None], Iterator[Part]]


class Format(StrEnum):
    """How the rows come."""

    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"


class Bulk(Schema):
    """Which rows, and how. ``limit`` counts banks; it and ``cursor`` are for JSON."""

    format: Format = Format.JSON
    limit: int = Field(100, ge=1, le=500)
    cursor: str = Field("", max_length=20, description="As next of the part before says.")


class PointRow(Schema):
    """The points of one bank for one indicator; null where they are awaited or do not apply."""

    bank: str
    bank_name: str
    category: str
    version: int | None
    score: str
    indicator: str
    state: str
    points: str | None
    max: str


class FactRow(Schema):
    """One figure or answer of one bank; a ratio in percent."""

    bank: str
    bank_name: str
    category: str
    version: int | None
    fact: str
    unit: str
    supplied_by: str
    state: str
    value: str | None
    number: str | None


class PointRows(Schema):
    """The points of some banks."""

    items: list[PointRow]
    next: str | None = Field(description="The address of the next part; null at the end.")


class FactRows(Schema):
    """The figures of some banks."""

    items: list[FactRow]
    next: str | None = Field(description="The address of the next part; null at the end.")


FILES = {
    "responses": {
        200: {
            "content": {
                "text/csv": {"schema": {"type": "string"}},
                PARQUET: {"schema": {"type": "string", "format": "binary"}},
            }
        }
    }
}


@router.get(
    "/rounds/{int:pk}/points",
    response=PointRows,
    **named("round-points.get", _("The points of every bank of a round")),
    openapi_extra=FILES,
)
def points(request: HttpRequest, pk: int, how: Query[Bulk]) -> Any:
    return _answer(request, get_round(acting(request), pk), how, "points", POINTS, points_of)


@router.get(
    "/rounds/{int:pk}/facts",
    response=FactRows,
    **named("round-facts.get", _("The figures and answers of every bank of a round")),
    openapi_extra=FILES,
)
def facts(request: HttpRequest, pk: int, how: Query[Bulk]) -> Any:
    return _answer(request, get_round(acting(request), pk), how, "facts", FACTS, facts_of)


def _answer(request: HttpRequest, round_: Round, how: Bulk, name: str, columns: Sequence[str], read: Read) -> Any:
    """The rows; the trail has the event before the first of them goes out."""
    actor, kind = acting(request), how.format
    data: dict[str, Any] = {"list": name, "kind": str(kind), "round": round_.code, "after": how.cursor}
    if kind != Format.JSON:
        data |= {"rows": cases_of(actor, round_).count(), "after": ""}
    record("assessments.list.exported", actor=actor, target=round_, data=data)
    if kind == Format.JSON:
        return _part(request, how, list(read(actor, round_, how.cursor, how.limit)), actor, round_)
    file_name = f"{round_.code}-{name}.{kind}"
    parts = (part.rows for part in read(actor, round_, "", None))
    if kind == Format.CSV:
        lines = (_line(row, columns) for rows in parts for row in rows)
        response = StreamingHttpResponse(csv_lines(columns, lines), content_type=CONTENT_TYPES["csv"])
        response["Content-Disposition"] = disposition(file_name)
        return response
    from assessments.api.parquet import write_parquet  # Arrow is loaded where somebody asks for such a file

    target = tempfile.TemporaryFile()  # noqa: SIM115  # the answer closes it
    write_parquet(target, columns, parts)
    target.seek(0)
    return FileResponse(target, as_attachment=True, filename=file_name, content_type=PARQUET)


def _line(row: Row, columns: Sequence[str]) -> list[Any]:
    """A row of a CSV file, where a number has to be one: a text that begins with a sign gets an apostrophe."""
    said = row | {"value": row["number"]} if row.get("number") is not None else row
    return [said[column] for column in columns]


def _part(request: HttpRequest, how: Bulk, parts: list[Part], actor: User, round_: Round) -> dict[str, Any]:
    last = parts[-1].last if parts else ""
    more = bool(last) and cases_of(actor, round_, last).exists()
    query = request.GET.copy()
    query["cursor"] = last
    rows: list[Row] = [row for part in parts for row in part.rows]
    return {
        "items": [{name: as_text(value) for name, value in row.items()} for row in rows],
        "next": f"{request.path}?{query.urlencode()}" if more else None,
    }
