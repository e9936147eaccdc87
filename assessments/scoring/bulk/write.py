"""Writing many score runs at once, and pointing the assessments to them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import repeat
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone
from numpy.typing import NDArray

from assessments.models import ScoreRun
from assessments.scoring.bulk import sql
from assessments.scoring.outcome_codec import target_letters
from scorecard.engine import ENGINE_VERSION, Rulebook
from scorecard.engine.values.numbers import scaled

TABLE = "assessments_scorerun"
# The columns of a run that are written, with PostgreSQL's names of their types.
TYPES = {
    "id": "int8",
    "assessment_id": "int8",
    "version_id": "int8",
    "job_id": "int8",
    "created_at": "timestamptz",
    "key": "text",
    "rulebook_hash": "text",
    "array": "bytea",
    "kind": "text",
    "engine_version": "text",
    "total": "text",
    "total_sort": "numeric",
    "pending": "text",
    "grade_before": "text",
    "grade": "text",
    "targets": "text",
    "inputs": "text",  # ``sql.JSON_HEAD`` and the JSON
}


@dataclass(frozen=True)
class NewRuns:
    """Runs that are computed and not yet written, one item of each list per run; ``rows`` holds their arrays."""

    rulebook: Rulebook
    job: int
    assessments: Sequence[int]
    versions: Sequence[int]
    kinds: Sequence[str]
    keys: Sequence[str]
    inputs: Sequence[str]
    rows: NDArray[Any]


def write_runs(runs: NewRuns) -> list[int]:
    """Write the runs in one statement and return their ids. The caller holds the locks of their assessments, so that
    nobody else writes a run of the same key."""
    if not runs.keys:
        return []
    ids = sql.new_ids(TABLE, len(runs.keys))
    sql.insert_rows(TABLE, tuple(TYPES), _rows(runs, ids), tuple(TYPES.values()))
    return ids


def _texts(units: NDArray[Any], digits: int) -> tuple[list[Decimal], list[int]]:
    """The distinct values of a column of units, and which of them each row has."""
    distinct, places = np.unique(units, return_inverse=True)
    return [scaled(int(value), digits) for value in distinct.tolist()], places.tolist()


def _rows(runs: NewRuns, ids: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    """The rows in the order of ``TYPES``. What many rows share is made once; SQLite gets what Django would store."""
    book, rows, count = runs.rulebook, runs.rows, len(ids)
    binary = sql.on_postgresql()
    totals, of_total = _texts(rows["total"], book.rounding.total)
    pendings, of_pending = _texts(rows["pending"], book.rounding.indicator)
    field = ScoreRun._meta.get_field("total_sort")
    texts = [f"{value:f}" for value in totals]
    sorts = totals if binary else [field.get_db_prep_save(value, connection) for value in totals]
    pending = [f"{value:f}" for value in pendings]
    grades = [grade.id for grade in book.grades]
    now = timezone.now() if binary else connection.ops.adapt_datetimefield_value(timezone.now())
    width, data = rows.dtype.itemsize, rows.tobytes()
    return zip(
        ids,
        runs.assessments,
        runs.versions,
        repeat(runs.job, count),
        repeat(now, count),
        runs.keys,
        repeat(book.hash, count),
        [data[start : start + width] for start in range(0, len(data), width)],
        runs.kinds,
        repeat(ENGINE_VERSION, count),
        [texts[place] for place in of_total],
        [sorts[place] for place in of_total],
        [pending[place] for place in of_pending],
        [grades[rank] for rank in rows["before"].tolist()],
        [grades[rank] for rank in rows["after"].tolist()],
        target_letters(rows),
        [sql.JSON_HEAD + text for text in runs.inputs] if binary else runs.inputs,
        strict=True,
    )


def point_assessments(pointers: Sequence[tuple[int, int | None, int | None]]) -> None:
    """Give each assessment (its id) its system run and its reviewed run; None leaves what it has."""
    if not pointers:
        return
    with connection.cursor() as cursor:
        if sql.on_postgresql():
            ids, system, reviewed = (sql.numbers(column) for column in zip(*pointers, strict=True))
            cursor.execute(
                "UPDATE assessments_assessment AS a SET system_run_id = COALESCE(r.system, a.system_run_id),"
                " reviewed_run_id = COALESCE(r.reviewed, a.reviewed_run_id)"
                " FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS r (id, system, reviewed)"
                " WHERE a.id = r.id AND a.id BETWEEN %s AND %s",
                [ids, system, reviewed, pointers[0][0], pointers[-1][0]],
            )
            return
        cursor.executemany(
            "UPDATE assessments_assessment SET system_run_id = COALESCE(%s, system_run_id),"
            " reviewed_run_id = COALESCE(%s, reviewed_run_id) WHERE id = %s",
            [(system, reviewed, pk) for pk, system, reviewed in pointers],
        )
