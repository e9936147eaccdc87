"""Whether this process may be given requests: the database answers, its schema is ours, and no restore is under way."""

import logging
import time

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from .backup.restoring import unfinished

logger = logging.getLogger(__name__)

ASK_AGAIN = 5.0  # seconds
_migrated = False
_asked = 0.0  # on the monotonic clock


def readiness() -> dict[str, bool]:
    """Each condition with whether it holds. A database with newer migrations than ours is ready too: during an upgrade
    the old code serves on it (docs/operations.md)."""
    if unfinished().exists():
        return {"database": False, "restored": False}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return {"database": True, "migrated": _is_migrated()}
    except Exception:  # any fault of the driver means "not ready"
        return {"database": False}


def _is_migrated() -> bool:
    """Whether every migration of this code is applied; once it is so, it stays so."""
    global _migrated, _asked
    if not _migrated and time.monotonic() - _asked >= ASK_AGAIN:
        try:
            executor = MigrationExecutor(connection)
            _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        except DatabaseError as error:
            logger.warning("The migrations could not be compared (%s).", error)
        if not _migrated:  # asked again after a while; the request that is waited for is not held up by it
            _asked = time.monotonic()
    return _migrated
