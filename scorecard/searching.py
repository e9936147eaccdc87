"""What typing finds in rows: the search box of every list, and the search of banks."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet


def having_every_word(rows: QuerySet[Any], fields: Iterable[str], typed: str) -> QuerySet[Any]:
    """Of these rows, those that hold every word that was typed in at least one of the fields, whatever its case."""
    known = tuple(fields)
    for word in typed.split():
        condition = Q()
        for field in known:
            condition |= Q(**{f"{field}__icontains": word})
        rows = rows.filter(condition)
    return rows
