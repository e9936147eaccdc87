"""Filters of the list of trials."""

from django.utils.translation import gettext_lazy

from assessments.models.trials import Trial
from scorecard.filters import BaseFilterSet


class TrialFilters(BaseFilterSet):
    """Trials by round and rulebook."""

    search_fields = ("name", "note")
    search_hint = gettext_lazy("Name or note")

    class Meta:
        model = Trial
        fields = ["round", "rulebook"]
