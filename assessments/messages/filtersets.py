"""Filters of the drafts of a round."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy

from assessments.messages.selectors import untouched
from assessments.rounds.filtersets import StandingFilters

BEGUN = [
    ("no", gettext_lazy("Not begun")),
    ("yes", gettext_lazy("Begun")),
    ("late", gettext_lazy("The last day is over")),
    ("never", gettext_lazy("Nobody has ever signed in")),
]


class DraftFilters(StandingFilters):
    """The drafts by how far they are, category and officer."""

    begun = django_filters.ChoiceFilter(label=gettext_lazy("How far"), choices=BEGUN, method="by_begun")

    def by_begun(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Not begun, begun, late, or of a bank whose people have never signed in."""
        if value == "late":
            return queryset.filter(until__lt=timezone.now())
        if value == "never":
            return queryset.filter(signed_in=None)
        return queryset.filter(untouched()) if value == "no" else queryset.exclude(untouched())
