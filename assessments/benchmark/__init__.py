"""Measuring a round from the database and back: the shards of the round's own job against a bare COPY of its bytes.

Everything happens in a database of its own, made and dropped here. On PostgreSQL the bare way is ``COPY … TO STDOUT``
of the columns that the job reads and ``COPY … FROM STDIN`` of the rows that it writes, into the same table with the
same indexes and foreign keys; on SQLite ``fetchall`` and ``executemany``.
"""

from .world import World, described, measure, stages

__all__ = ["World", "described", "measure", "stages"]
