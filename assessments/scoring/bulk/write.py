"""Writing many score runs at once, and pointing the assessments to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone
from numpy.typing import NDArray

from assessments.models import ScoreRun
from assessments.scoring.bulk import sql as wire
from assessments.scoring.outcome_codec import target_letters
from scorecard.engine import ENGINE_VERSION, Rulebook
from scorecard.engine.values.numbers import scaled

TABLE = "assessments_scorerun"
# The fixed fields first, so that they are one array; then those whose length varies.
FIXED = ("id", "assessment_id", "version_id", "job_id", "created_at", "key", "rulebook_hash", "array")
VARYING = (
    "kind",
    "engine_version",
    "total",
    "total_sort",
    "pending",
    "grade_before",
    "grade",
    "targets",
    "inputs",
)


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
    ids = wire.new_ids(TABLE, len(runs.keys))
    if wire.on_postgresql():
        wire.copy_in(TABLE, (*FIXED, *VARYING), _binary(runs, ids))
    else:
        _insert(runs, ids)
    return ids


def _texts(units: NDArray[Any], digits: int) -> tuple[list[Decimal], list[int]]:
    """The distinct values of a column of units, and which of them each row has."""
    distinct, places = np.unique(units, return_inverse=True)
    return [scaled(int(value), digits) for value in distinct.tolist()], places.tolist()


def _binary(runs: NewRuns, ids: Sequence[int]) -> list[bytes]:
    """The rows in PostgreSQL's binary format."""
    book, rows, count = runs.rulebook, runs.rows, len(ids)
    width = rows.dtype.itemsize
    shape = np.dtype(
        [
            ("fields", ">i2"),
            *((f"{name}{part}", kind) for name in FIXED[:5] for part, kind in (("", ">i4"), ("_", ">i8"))),
            *((f"{name}{part}", kind) for name in FIXED[5:7] for part, kind in (("", ">i4"), ("_", "S64"))),
            ("array", ">i4"),
            ("array_", f"V{width}"),
        ]
    )
    head = np.zeros(count, shape)
    head["fields"] = len(FIXED) + len(VARYING)
    numbers = (ids, runs.assessments, runs.versions, runs.job, wire.timestamp(timezone.now()))
    for name, values in zip(FIXED[:5], numbers, strict=True):
        head[name], head[f"{name}_"] = 8, values
    head["key"], head["key_"] = 64, np.array(runs.keys, "S64")
    head["rulebook_hash"], head["rulebook_hash_"] = 64, book.hash.encode()
    head["array"], head["array_"] = width, rows.view(f"V{width}")
    data, size = head.tobytes(), shape.itemsize

    kinds = {kind: wire.text_field(kind) + wire.text_field(ENGINE_VERSION) for kind in set(runs.kinds)}
    totals, of_total = _texts(rows["total"], book.rounding.total)
    total_fields = [wire.text_field(f"{v:f}") + wire.numeric_field(v) for v in totals]
    pendings, of_pending = _texts(rows["pending"], book.rounding.indicator)
    pending_fields = [wire.text_field(f"{v:f}") for v in pendings]
    grades = [wire.text_field(grade.id) for grade in book.grades]
    letters = target_letters(rows)
    words = {word: wire.text_field(word) for word in set(letters)}
    return [
        b"".join(
            (
                data[place * size : place * size + size],
                kinds[kind],
                total_fields[total],
                pending_fields[pending],
                grades[before],
                grades[after],
                words[word],
                wire.json_field(inputs),
            )
        )
        for place, (kind, total, pending, before, after, word, inputs) in enumerate(
            zip(
                runs.kinds,
                of_total,
                of_pending,
                rows["before"].tolist(),
                rows["after"].tolist(),
                letters,
                runs.inputs,
                strict=True,
            )
        )
    ]


def _insert(runs: NewRuns, ids: Sequence[int]) -> None:
    """The rows by ``executemany``, with the texts that Django itself would store."""
    book, rows, count = runs.rulebook, runs.rows, len(ids)
    totals, of_total = _texts(rows["total"], book.rounding.total)
    pendings, of_pending = _texts(rows["pending"], book.rounding.indicator)
    field = ScoreRun._meta.get_field("total_sort")
    total_fields = [(f"{v:f}", field.get_db_prep_save(v, connection)) for v in totals]
    pending_fields = [f"{v:f}" for v in pendings]
    grades = [grade.id for grade in book.grades]
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    width = rows.dtype.itemsize
    data = rows.tobytes()
    values = zip(
        ids,
        runs.assessments,
        runs.versions,
        [runs.job] * count,
        [now] * count,
        runs.keys,
        [book.hash] * count,
        [data[start : start + width] for start in range(0, len(data), width)],
        runs.kinds,
        [ENGINE_VERSION] * count,
        [total_fields[place][0] for place in of_total],
        [total_fields[place][1] for place in of_total],
        [pending_fields[place] for place in of_pending],
        [grades[rank] for rank in rows["before"].tolist()],
        [grades[rank] for rank in rows["after"].tolist()],
        target_letters(rows),
        runs.inputs,
        strict=True,
    )
    marks = ", ".join(["%s"] * (len(FIXED) + len(VARYING)))
    names = ", ".join(f'"{name}"' for name in (*FIXED, *VARYING))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {TABLE} ({names}) VALUES ({marks})", list(values))  # noqa: S608  # nosec B608


def point_assessments(pointers: Sequence[tuple[int, int | None, int | None]]) -> None:
    """Give each assessment (its id) its system run and its reviewed run; None leaves what it has."""
    if not pointers:
        return
    with connection.cursor() as cursor:
        if wire.on_postgresql():
            ids, system, reviewed = (wire.numbers(column) for column in zip(*pointers, strict=True))
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
