"""Filters of the bank list of a round and of the list of rounds."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.models import Assessment, Review, Round
from assessments.rounds.selectors import STAGES
from assessments.rounds.tables import stage_words
from banks.models import Category
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.filters import BaseFilterSet
from scorecard.words.language import in_language

NOBODY = "none"
WITH_BANK = "with_bank"


class RoundFilters(BaseFilterSet):
    """Rounds by state and year."""

    search_fields = ("title_zh", "title_en", "code")
    search_hint = gettext_lazy("Title or code")

    class Meta:
        model = Round
        fields = ["state", "year"]


class StandingFilters(BaseFilterSet):
    """The banks of a round by stage, category and officer."""

    search_fields = (
        "said_name",
        "kept_name_en",
        "bank__name_zh",
        "bank__name_initials",
        "bank__name_en",
        "bank__short_name",
        "bank__code",
    )
    search_hint = gettext_lazy("Name or code of a bank")

    stage = django_filters.ChoiceFilter(label=gettext_lazy("Stage"), method="by_stage", choices=())
    category = django_filters.ChoiceFilter(
        label=gettext_lazy("Category"), field_name="said_category", choices=Category.choices
    )
    officer = django_filters.ChoiceFilter(label=gettext_lazy("Case officer"), method="by_officer", choices=())

    class Meta:
        model = Assessment
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.form.fields["stage"].choices = [
            (WITH_BANK, _("With the bank, in whichever hands")),
            *((code, stage_words(code)) for code in STAGES),
        ]
        self.form.fields["officer"].choices = self._officers()

    def _officers(self) -> list[tuple[str, str]]:
        """The officers of the cases that the reader sees, and nobody."""
        rows = self.queryset.order_by("officer__name_sort", "officer").exclude(officer=None)
        people = dict(rows.values_list("officer", "said_officer").distinct())
        return [*((str(pk), name) for pk, name in people.items()), (NOBODY, _("No officer yet"))]

    def by_stage(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """The cases of one stage, or all that are with the bank."""
        return queryset.filter(review_state=Review.NONE) if value == WITH_BANK else queryset.filter(stage=value)

    def by_officer(self, queryset: QuerySet[Assessment], name: str, value: str) -> QuerySet[Assessment]:
        """The cases of one officer, or those that nobody has."""
        return queryset.filter(officer__isnull=True) if value == NOBODY else queryset.filter(officer_id=int(value))


class ResultFilters(StandingFilters):
    """The filters of `StandingFilters`, and by grade and missed target, for those who see scores."""

    grade = django_filters.ChoiceFilter(label=gettext_lazy("Grade"), field_name="grade_now", choices=())
    declined = django_filters.ChoiceFilter(
        label=gettext_lazy("Required measures"), method="by_declined", choices=[("yes", gettext_lazy("one declined"))]
    )
    missed = django_filters.ChoiceFilter(label=gettext_lazy("Target missed"), method="by_missed", choices=())

    def __init__(self, *args: Any, rulebook: Rulebook, **kwargs: Any) -> None:
        self.rulebook = rulebook
        super().__init__(*args, **kwargs)
        self.form.fields["grade"].choices = [(grade.id, in_language(grade.name)) for grade in rulebook.grades]
        self.form.fields["missed"].choices = [
            ("any", _("Any target")),
            *((name, in_language(target.short)) for name, target in rulebook.targets.items()),
            ("none", _("No target: all met")),
        ]

    def by_declined(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """The cases in which a measure that the clause requires was declined."""
        return queryset.filter(declined__gt=0)

    def by_missed(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """The cases that miss this target, any, or none of the rulebook's; ``targets_now`` is an annotation."""
        if value == "any":
            return queryset.filter(targets_now__contains="x")
        if value == "none":
            return queryset.filter(targets_now__regex="^[mn]*m[mn]*$")
        before = "." * list(self.rulebook.targets).index(value)
        return queryset.filter(targets_now__regex=f"^{before}x")
