"""Whether an error says that the system cannot read or keep anything now: the database is away, the disk is full."""

import errno

from django.db import InterfaceError, OperationalError


class ServiceAway(Exception):
    """Another service that the work needs does not answer; it passes by itself and is no fault of the work."""


#: How Django says that the database is busy or away, or that the connection is closed.
DATABASE_AWAY = (OperationalError, InterfaceError)
#: Errors of the operating system that say that nothing can be written.
DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}
#: SQLite's own names of the same; its other operational errors are faults of the program, such as a missing table.
SQLITE = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_READONLY")


def is_unavailable(error: BaseException | None) -> bool:
    """Whether the error, or one that it was raised from, passes by itself once the database or the disk is back."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in DISK:
            return True
        if isinstance(error, InterfaceError | ServiceAway):
            return True
        if isinstance(error, OperationalError):
            name = getattr(error.__cause__, "sqlite_errorname", None)
            return name is None or name.startswith(SQLITE)
        error = error.__cause__ or error.__context__
    return False
