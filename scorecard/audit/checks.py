"""Checks at start: the role of the database, and the key of the log."""

import logging
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register
from django.db import DatabaseError, connections

from .database_roles import problems

logger = logging.getLogger(__name__)


@register(Tags.database)
def role_is_bound(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[Warning]:
    """Whether the role of the application may do more than it needs (``check --database default``)."""
    found = []
    for alias in databases or ():
        found += [
            Warning(words, hint="Run manage.py database_roles as the owner (docs/trail.md).", id="scorecard.W001")
            for words in problems(connections[alias])
        ]
    return found


@register(Tags.security, deploy=True)
def trail_is_signed(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Production signs its trail: it has a key, and the public part of it."""
    if settings.AUDIT_KEY_FILE and Path(settings.AUDIT_KEY_FILE).exists() and Path(settings.AUDIT_KEYS_FILE).exists():
        return []
    return [
        Error(
            "There is no key that signs the checkpoints of the audit trail.",
            hint="Draw one with manage.py audit_key, and ship AUDIT_CHECKPOINT_FILE (docs/trail.md).",
            id="scorecard.E002",
        )
    ]


_told: set[str] = set()


def tell_once(connection: Any, **kwargs: Any) -> None:
    """With the first connection of a process, say in the log what the role may do too much."""
    if connection.vendor != "postgresql" or connection.alias in _told or not settings.DATABASE_ROLE_CHECK:
        return
    _told.add(connection.alias)
    try:
        for words in problems(connection):
            logger.warning("%s Run manage.py database_roles as the owner.", words)
    except DatabaseError as error:  # an older schema, before its migration
        logger.info("The role of the database could not be looked at (%s).", error)
