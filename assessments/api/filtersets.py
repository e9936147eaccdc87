"""Filters of the list of tokens."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models import ApiToken
from scorecard.filters import BaseFilterSet


class TokenFilters(BaseFilterSet):
    """By state, person and system."""

    search_fields = ("name", "person__name", "person__username", "key", "bank__name_zh", "bank__name_en")
    search_hint = _("System, person or bank")
    state = django_filters.ChoiceFilter(
        label=_("State"),
        method="by_state",
        choices=[("open", _("valid or to be drawn")), ("over", _("revoked or over"))],
    )

    class Meta:
        model = ApiToken
        fields: list[str] = []

    def by_state(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Those that open something, or may yet; or the others."""
        here = {"revoked_at": None, "until__gte": timezone.localdate()}
        return queryset.filter(**here) if value == "open" else queryset.exclude(**here)
