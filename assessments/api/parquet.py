"""Rows as a Parquet file: numbers exact, text as text."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

# 18 decimals and 20 digits before them hold every figure that a form takes, percentages too.
NUMBER = pa.decimal128(38, 18)
LARGEST = Decimal(10) ** 20
_TYPES = {"points": NUMBER, "max": NUMBER, "number": NUMBER, "version": pa.int32()}


def write_parquet(target: IO[bytes], columns: Sequence[str], parts: Iterable[Sequence[dict[str, Any]]]) -> int:
    """Write the rows part by part, each a group of the file; returns how many there are."""
    schema = pa.schema([(name, _TYPES.get(name, pa.string())) for name in columns])
    count = 0
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        for rows in parts:
            arrays = [_column([row[name] for row in rows], schema.field(name).type) for name in columns]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            count += len(rows)
    return count


def _column(values: list[Any], kind: Any) -> Any:
    if kind == NUMBER:
        values = [None if value is None or abs(value) >= LARGEST else value for value in values]
    return pa.array(values, type=kind)
