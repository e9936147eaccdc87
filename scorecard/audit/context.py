"""Who is asking: the address and the request number of the current request or job, for the events it records."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """Where a change came from. Empty for the command line."""

    ip: str = ""
    request_id: str = ""
    api_token: int | None = None  # the token by which a machine asked


origin: ContextVar[Origin] = ContextVar("audit_origin", default=Origin())  # noqa: B039  (frozen)
