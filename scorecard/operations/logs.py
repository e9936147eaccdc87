"""Lines of the log: each with the number of its request and of its job, as text or as JSON.

structlog renders what the standard library's loggers are given; the product and its packages go on using those.
django-structlog is not used: its request number would be a second one beside that of the trail.
"""

import logging
from typing import Any

from scorecard.audit.context import origin
from scorecard.jobs.context import running_job


def numbers() -> dict[str, Any]:
    """The numbers of what is being done: of the request, of the job; those that there are."""
    found: dict[str, Any] = {}
    if request := origin.get().request_id:
        found["request"] = request
    if (job := running_job.get()) is not None:
        found["job"] = job
    return found


class NumbersFilter(logging.Filter):
    """Gives a record its numbers, for a line of text."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Every record passes."""
        record.numbers = "".join(f" [{name} {number}]" for name, number in numbers().items())
        return True


def _with_numbers(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    return event | numbers()


def json_formatter() -> logging.Formatter:
    """A formatter that writes each record as one line of JSON, its traceback included."""
    import structlog  # with its colours for a terminal, which a process that writes text never needs

    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            _with_numbers,  # type: ignore[list-item]
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.EventRenamer("message"),
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
    )
