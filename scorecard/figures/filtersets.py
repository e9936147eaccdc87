"""Filters of the figures, relations and loads, shared by page and export."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from scorecard.filters import BaseFilterSet

from . import codes
from .models import Figure, Load, LoadState, Relation
from .presenting import RELATION_KINDS, STRENGTHS


def _institutions() -> list[tuple[str, str]]:
    """The institutions that figures name, for the select box; one query."""
    names = Figure.objects.exclude(institution="").order_by("institution").values_list("institution", flat=True)
    return [(name, name) for name in names.distinct()]


class FigureFilters(BaseFilterSet):
    """By chapter, topic, institution, unit, kind and dimension; the search also finds ids and printed values."""

    search_fields = ("indicator_zh", "indicator_en", "institution", "value", "ident")
    search_hint = _("Indicator, institution or value")

    chapter = django_filters.ChoiceFilter(
        label=_("Chapter"), choices=list(codes.CHAPTERS.items()), empty_label=_("All")
    )
    topic = django_filters.ChoiceFilter(label=_("Topic"), choices=list(codes.TOPICS.items()), empty_label=_("All"))
    institution = django_filters.ChoiceFilter(label=_("Institution"), choices=[], empty_label=_("All"))
    normalised_unit = django_filters.ChoiceFilter(
        label=_("Unit"), choices=list(codes.UNITS.items()), empty_label=_("All")
    )
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=list(codes.KINDS.items()), empty_label=_("All"))
    dimension = django_filters.ChoiceFilter(
        label=_("Dimension"), choices=list(codes.DIMENSIONS.items()), empty_label=_("All")
    )

    class Meta:
        model = Figure
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["institution"].extra["choices"] = _institutions()


class RelationFilters(BaseFilterSet):
    """By outcome, kind and strength."""

    search_fields = ("ident", "note_zh", "note_en", "main__indicator_zh", "main__indicator_en")
    search_hint = _("Indicator or note")

    holds = django_filters.ChoiceFilter(
        label=_("Outcome"),
        choices=[("yes", _("Holds")), ("no", _("Does not hold"))],
        empty_label=_("All"),
        method="by_outcome",
    )
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=list(RELATION_KINDS.items()), empty_label=_("All"))
    strength = django_filters.ChoiceFilter(label=_("Strength"), choices=list(STRENGTHS.items()), empty_label=_("All"))

    class Meta:
        model = Relation
        fields: list[str] = []

    def by_outcome(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Yes or no in words, so that the filter can be read in the address."""
        return queryset.filter(holds=value == "yes")


class LoadFilters(BaseFilterSet):
    """By outcome."""

    search_fields = ("source",)
    search_hint = _("File or folder")

    state = django_filters.ChoiceFilter(
        label=_("State"), choices=LoadState.choices, empty_label=_("All"), widget=forms.Select
    )

    class Meta:
        model = Load
        fields: list[str] = []
