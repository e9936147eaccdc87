"""Clocks and gauges of the database benchmark: wall and processor time, the parts of the job, memory."""

from __future__ import annotations

import os
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

from django.db import connection


@dataclass(frozen=True)
class Time:
    """Seconds by the wall clock, and of processors: this process's and the database backend's own."""

    wall: float
    processor: float


def timed(call: Callable[[], Any]) -> Time:
    wall, processor = time.perf_counter(), _processor()
    call()
    return Time(time.perf_counter() - wall, _processor() - processor)


def middle(times: Sequence[Time]) -> Time:
    return Time(median(t.wall for t in times), median(t.processor for t in times))


def _processor() -> float:
    """Processor seconds of this process and, where it is on this machine, of the backend that serves it."""
    spent = time.process_time()
    if connection.vendor == "postgresql":
        connection.ensure_connection()
        stat = Path(f"/proc/{connection.connection.info.backend_pid}/stat")
        if stat.exists() and "(postgres" in (text := stat.read_text(encoding="utf-8")):
            user, system = text.rpartition(")")[2].split()[11:13]
            spent += (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    return spent


@contextmanager
def timers() -> Iterator[dict[str, float]]:
    """The seconds that the parts of a shard take, by name."""
    from assessments.scoring.bulk import pending, shard

    found: dict[str, float] = defaultdict(float)
    parts = {
        "lock and read filings": (shard, "lock_filings"),
        "read figures": (pending, "supplied_given"),
        "score": (shard, "score_rows"),
        "write": (shard, "write_runs"),
        "point": (shard, "_point_to"),
        "all in the transaction": (shard, "score_versions"),
    }
    with ExitStack() as stack:
        for name, (module, attribute) in parts.items():
            stack.enter_context(patch.object(module, attribute, _clocked(getattr(module, attribute), name, found)))
        yield found


def _clocked(call: Callable[..., Any], name: str, found: dict[str, float]) -> Callable[..., Any]:
    def clocked(*args: Any, **kwargs: Any) -> Any:
        start = time.perf_counter()
        try:
            return call(*args, **kwargs)
        finally:
            found[name] += time.perf_counter() - start

    return clocked


def settle() -> None:
    """Let the database finish what earlier work has left to write."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("CHECKPOINT")


def reset_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")


def peak_mib() -> float:
    """The most memory of this process since ``reset_peak``, in MiB."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(encoding="utf-8"))
    return int(found.group(1)) / 1024 if found else 0.0
