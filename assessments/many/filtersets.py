"""Which of the cases come on the list."""

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from assessments.access import visible_rounds
from assessments.models import Assessment, Round, RoundState
from assessments.reviews.selectors import all_officers
from banks.forms.choices import PersonFilter
from banks.models import Category, User
from scorecard.filters import BaseFilterSet


class ManyFilters(BaseFilterSet):
    """Bank, round, category and officer."""

    search_fields = ("bank__name_zh", "bank__name_initials", "bank__name_en", "bank__short_name", "bank__code")
    search_hint = _("Bank or code")

    round = django_filters.ModelChoiceFilter(
        label=_("Round"), queryset=Round.objects.none(), empty_label=_("Every round")
    )
    category = django_filters.ChoiceFilter(
        label=_("Category"), field_name="said_category", choices=Category.choices, empty_label=_("Every category")
    )
    officer = PersonFilter(label=_("Case officer"), queryset=User.objects.none(), empty_label=_("Every officer"))

    class Meta:
        model = Assessment
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["round"].queryset = (
            visible_rounds(self.request.user).filter(state=RoundState.OPEN).order_by("-year")
        )
        self.filters["officer"].queryset = all_officers()
