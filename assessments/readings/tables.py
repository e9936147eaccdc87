"""Tables and filters of readings: the periods, and the banks of one period."""

from typing import Any

import django_filters
from django.db.models import F, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_tables2.utils import A

from assessments.models import PeriodKind, ReadingPeriod
from assessments.readings.selectors import CORRECTING, DRAFT, FILED, NONE, state_of
from banks.forms.choices import matching
from banks.models import Bank, Category
from scorecard.columns import Column, MomentColumn
from scorecard.filters import BaseFilterSet
from scorecard.tables import BaseTable
from scorecard.ui.templatetags.ui import chip

STATES = {
    NONE: pgettext_lazy("reading", "To be filed"),
    DRAFT: pgettext_lazy("reading", "Being filled in"),
    FILED: pgettext_lazy("reading", "Filed"),
    CORRECTING: pgettext_lazy("reading", "Being corrected"),
}
KINDS = {NONE: "neutral", DRAFT: "info", FILED: "good", CORRECTING: "info"}
LATE, OVERDUE = pgettext_lazy("reading", "late"), pgettext_lazy("reading", "overdue")


class PeriodTable(BaseTable):
    """One row per period, the newest first."""

    title = Column(
        verbose_name=_("Period"), linkify=("reading-period", [A("pk")]), order_by=("year", "month"), css="nowrap"
    )
    due = Column(verbose_name=_("Last day for the banks"), accessor="due_on", css="nowrap tnum")
    filed = Column(verbose_name=_("Banks that have filed"), css="num tnum")
    rulebook = Column(verbose_name=_("Rulebook"), order_by=("rulebook__code", "pk"), css="wrap")
    opened = MomentColumn(verbose_name=_("Opened"), accessor="opened_at")

    empty_title = _("No period is open")
    empty_hint = _("A supervisor opens a month or a quarter; banks then file its figures.")
    caption = _("Readings through the year")

    class Meta(BaseTable.Meta):
        model = ReadingPeriod
        fields = ()
        sequence = ("title", "due", "filed", "rulebook", "opened")

    def render_due(self, value: Any) -> str:
        return f"{value:%Y-%m-%d}"


class OwnPeriodTable(PeriodTable):
    """The same for a bank: where its own reading stands."""

    state = Column(verbose_name=_("State"), empty_values=(), orderable=False, css="nowrap")

    class Meta(PeriodTable.Meta):
        exclude = ("filed",)
        sequence = ("title", "due", "state", "rulebook", "opened")

    def render_state(self, record: Any) -> Any:
        state = state_of(record.has_draft, record.confirmed)
        late = state in (NONE, DRAFT) and record.due_on < timezone.localdate()
        return chip(OVERDUE, "bad") if late else chip(STATES[state], KINDS[state])

    value_state = render_state


class PeriodFilters(BaseFilterSet):
    """By year and kind."""

    year = django_filters.NumberFilter(label=_("Year"))
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=PeriodKind.choices)

    class Meta:
        model = ReadingPeriod
        fields = ["year", "kind"]


class BankTable(BaseTable):
    """The banks of one period, and how far each is. Figures stand nowhere here."""

    bank = Column(verbose_name=_("Bank"), accessor="name", order_by=("name_sort", "pk"), css="wrap")
    code = Column(verbose_name=_("Bank code"), css="nowrap")
    category = Column(verbose_name=_("Category"), css="nowrap")
    state = Column(verbose_name=_("State"), empty_values=(), orderable=False, css="nowrap")
    filed = MomentColumn(verbose_name=_("Filed at"), accessor="first_at")
    revision = Column(verbose_name=_("Revision"), accessor="confirmed", css="num tnum")
    officer = Column(
        verbose_name=_("Case officer"),
        accessor="case_officer",
        order_by=("case_officer__name_sort", "pk"),
        css="nowrap",
    )

    empty_title = _("No bank matches these filters")
    empty_hint = _("Take a filter off to see more banks.")
    caption = _("Banks of the period")

    class Meta(BaseTable.Meta):
        model = Bank
        fields = ()
        sequence = ("bank", "code", "category", "state", "filed", "revision", "officer")

    def __init__(self, *args: Any, period: ReadingPeriod, **kwargs: Any) -> None:
        self.period = period
        super().__init__(*args, **kwargs)

    def render_revision(self, value: int) -> str:
        return str(value) if value else ""

    def render_state(self, record: Any) -> Any:
        state = state_of(record.has_draft, record.confirmed)
        if state in (NONE, DRAFT) and self.period.due_on < timezone.localdate():
            return chip(OVERDUE, "bad")
        late = record.first_at is not None and timezone.localdate(record.first_at) > self.period.due_on
        words = f"{STATES[state]} · {LATE}" if late else STATES[state]
        return chip(words, "attention" if late else KINDS[state])

    value_state = render_state


class BankFilters(BaseFilterSet):
    """By bank, category and whether something has come."""

    bank = django_filters.CharFilter(label=_("Bank"), method="by_bank")
    category = django_filters.ChoiceFilter(label=_("Category"), choices=Category.choices)
    filed = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[("yes", STATES[FILED]), ("no", STATES[NONE]), ("late", LATE)],
        method="by_filed",
    )

    class Meta:
        model = Bank
        fields = ["category"]

    def __init__(self, *args: Any, period: ReadingPeriod, **kwargs: Any) -> None:
        self.period = period
        super().__init__(*args, **kwargs)

    def by_bank(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Part of a name or its initials, or the code."""
        return queryset.filter(matching(value))

    def by_filed(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Those that have filed, those that have not, those that filed after the last day or are over it."""
        if value == "late":
            after = Q(first_day__gt=self.period.due_on)
            if self.period.due_on < timezone.localdate():
                after |= Q(confirmed=0)
            queryset = queryset.annotate(first_day=TruncDate(F("first_at")))
            return queryset.filter(after)
        wanted = Q(confirmed__gt=0) if value == "yes" else Q(confirmed=0)
        return queryset.filter(wanted)
