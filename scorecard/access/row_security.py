"""The second wall on PostgreSQL: which bank the database lets this thread see (``docs/trail.md``, Row-level security).

While somebody of a bank is served, the database itself shows and takes rows of that bank alone, whatever the statement
says. Supervisors and background work are bound to no bank.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import connection
from django.db.backends.signals import connection_created
from django.dispatch import receiver
from psycopg import Error as DatabaseFault

VARIABLE = "scorecard.bank"
_bank: ContextVar[int | None] = ContextVar("row_security_bank", default=None)


def _tell(bank_id: int | None) -> None:
    """Say it to the database, past Django's own cursor: it is no query of a page."""
    if connection.vendor != "postgresql" or connection.connection is None:
        return
    connection.connection.execute(f"SELECT set_config('{VARIABLE}', %s, false)", [str(bank_id or "")])


def _tell_or_drop(bank_id: int | None) -> None:
    """The same where an error must not be one more: a connection that does not take it is given up, and the next one
    is bound as this thread is by then."""
    try:
        _tell(bank_id)
    except DatabaseFault:
        connection.close()


def bind(bank_id: int) -> None:
    """From now on this thread sees and writes rows of this bank alone."""
    _bank.set(bank_id)
    connection.ensure_connection()
    _tell(bank_id)


def bind_to(person: Any) -> None:
    """Bind this thread to the bank of somebody who has been let in, where ``ROW_SECURITY`` is on."""
    if settings.ROW_SECURITY and person.bank_id is not None:
        bind(person.bank_id)


def release(**kwargs: Any) -> None:
    """The bond ends with the request, whose answer has been sent in full."""
    if _bank.get() is not None:
        _bank.set(None)
        _tell_or_drop(None)


request_started.connect(release, dispatch_uid="row security")
request_finished.connect(release, dispatch_uid="row security")


@receiver(connection_created, dispatch_uid="row security")
def _bind_again(connection: Any, **kwargs: Any) -> None:
    """A connection that was made in the middle of a request is bound like the one before."""
    if connection.vendor == "postgresql" and (bank_id := _bank.get()) is not None:
        connection.connection.execute(f"SELECT set_config('{VARIABLE}', %s, false)", [str(bank_id)])


@contextmanager
def unbound() -> Iterator[None]:
    """For what the product itself does beside somebody's request: the chain of the trail, its checkpoints, and telling
    another bank's object from none. Never for what a page shows."""
    bank_id = _bank.get()
    if bank_id is None:
        yield
        return
    _bank.set(None)
    _tell(None)
    try:
        yield
    finally:
        _bank.set(bank_id)
        broken = connection.in_atomic_block and connection.needs_rollback
        if not broken and not _failed():
            _tell_or_drop(bank_id)  # else the rollback brings the bond back: it was there before the transaction


def _failed() -> bool:
    """Whether the transaction has failed, so that the database takes nothing but its end."""
    from psycopg.pq import TransactionStatus

    made = connection.connection
    return (
        connection.vendor == "postgresql"
        and made is not None
        and (made.info.transaction_status == TransactionStatus.INERROR)
    )
