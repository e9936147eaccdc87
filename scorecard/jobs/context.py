"""Which job this thread is doing, for the lines of its log."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

running_job: ContextVar[int | None] = ContextVar("running_job", default=None)


@contextmanager
def doing(job_id: int) -> Iterator[None]:
    """While this lasts, the job is the one that is being done."""
    token = running_job.set(job_id)
    try:
        yield
    finally:
        running_job.reset(token)
