"""Filters of the sheet of a round."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from assessments.rounds.filtersets import StandingFilters


class FigureFilters(StandingFilters):
    """By bank, stage, category and officer, and the banks with a figure missing."""

    missing = django_filters.ChoiceFilter(
        label=_("Figures"),
        method="by_missing",
        choices=[("yes", _("some not yet given")), ("no", _("all given"))],
    )

    def __init__(self, *args: Any, wanted: int, **kwargs: Any) -> None:
        self.wanted = wanted
        super().__init__(*args, **kwargs)

    def by_missing(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """The cases that lack one of the figures, or none; ``supplied`` is an annotation."""
        here = {"supplied__lt": self.wanted}
        return queryset.filter(**here) if value == "yes" else queryset.exclude(**here)
