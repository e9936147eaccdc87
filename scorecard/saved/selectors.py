"""What a person has kept; nobody reads anybody else's."""

from typing import Any, TypeVar

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404

from scorecard.access.decisions import Hidden
from scorecard.access.row_security import unbound

from .models import SavedFilter

P = TypeVar("P", bound=QuerySet[Any])


def with_saved(people: P) -> P:
    """People with ``saved_filters``, how many they have, in the same query: a list asks for none where there are
    none."""
    own = SavedFilter.objects.filter(user=OuterRef("pk")).order_by().values("user")
    counted = own.annotate(count=Count("pk")).values("count")
    found: P = people.annotate(saved_filters=Coalesce(Subquery(counted), 0))
    return found


def own_filters(actor: Any) -> QuerySet[SavedFilter]:
    """A person's filters, by list and name."""
    return SavedFilter.objects.filter(user=actor).order_by("path", "name", "pk")


def opens_with(actor: Any, path: str) -> SavedFilter | None:
    """The filter with which a list opens for this person; no query for who has kept none."""
    if not getattr(actor, "saved_filters", 0):
        return None
    return own_filters(actor).filter(path=path, opens=True).first()


def get_filter(actor: Any, pk: int) -> SavedFilter:
    """One of the person's own, or 404."""
    found = own_filters(actor).filter(pk=pk).first()
    if found is None:
        with unbound():
            other = SavedFilter.objects.select_related("user").filter(pk=pk).first()
        if other is not None:
            raise Hidden(bank_id=other.user.bank_id, target=other)
        raise Http404
    return found
