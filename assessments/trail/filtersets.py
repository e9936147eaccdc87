"""Filters of the audit trail and of background work."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.trail.selectors import midnight
from assessments.trail.tables import kind_words
from banks.access import visible_banks
from scorecard.audit.models import Event
from scorecard.audit.registry import all_events
from scorecard.filters import BaseFilterSet
from scorecard.jobs.models import Job, JobState

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
SEARCHED = 50_000  # events whose text is read for one page; docs/decisions/0015 says why
FEW = 1_000  # hits up to which the page is cut from their numbers, so that no text is read twice
TEXTS = ("q", "actor")
REQUEST = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True)
class Searched:
    """Which events a search for text has read: from ``newest`` back to ``oldest``, numbers and times; ``further`` is
    the address of the search before these, blank where there is nothing older."""

    newest: tuple[int, datetime]
    oldest: tuple[int, datetime]
    further: str


class EventFilters(BaseFilterSet):
    """Events by kind, actor, bank and day; the search reads details, object and request too.

    A search for text reads the newest ``SEARCHED`` events that the other filters leave, and says which. A whole request
    number is looked up in all of them.
    """

    search_fields = ("actor_name", "data", "object_id", "request_id", "event", "ip")
    search_hint = gettext_lazy("Name, details, request number")

    event = django_filters.ChoiceFilter(label=gettext_lazy("Event"), choices=())
    actor = django_filters.CharFilter(label=gettext_lazy("Actor"), method="by_actor")
    bank = django_filters.CharFilter(label=gettext_lazy("Bank"), method="by_bank")
    before = django_filters.NumberFilter(
        label=gettext_lazy("Older than number"), field_name="seq", lookup_expr="lt", min_value=1, max_value=2**62
    )
    since = django_filters.DateFilter(label=gettext_lazy("From"), method="by_since", widget=DAY)
    until = django_filters.DateFilter(label=gettext_lazy("Until"), method="by_until", widget=DAY)

    class Meta:
        model = Event
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.searched: Searched | None = None
        titles = sorted(((name, str(title)) for name, title in all_events().items()), key=lambda pair: pair[0])
        self.form.fields["event"].choices = titles
        self.form.fields["bank"].widget.attrs["placeholder"] = _("Name or code")

    def filter_queryset(self, queryset: QuerySet[Event]) -> QuerySet[Event]:
        """The filters that indexes answer first, then the text in what they leave, as far back as one page reads."""
        given = self.form.cleaned_data
        for name, value in given.items():
            if name not in TEXTS:
                queryset = self.filters[name].filter(queryset, value)
        words = {name: given[name] for name in TEXTS if given.get(name)}
        if set(words) == {"q"} and REQUEST.fullmatch(words["q"].strip()):
            return queryset.filter(request_id=words["q"].strip().lower())
        if not words or (bounds := self._bounds(queryset)) is None:
            return queryset
        self.searched = bounds
        found = queryset.filter(seq__gte=bounds.oldest[0], seq__lte=bounds.newest[0])
        for name, value in words.items():
            found = self.filters[name].filter(found, value)
        numbers = list(found.order_by("-seq").values_list("seq", flat=True)[: FEW + 1])
        return queryset.filter(seq__in=numbers) if len(numbers) <= FEW else found

    def _bounds(self, queryset: QuerySet[Event]) -> Searched | None:
        rows = queryset.order_by("-seq").values_list("seq", "at")
        newest = rows.first()
        if newest is None:
            return None
        last = rows[SEARCHED - 1 : SEARCHED].first()
        if last is None:
            return Searched(newest, rows.last() or newest, "")
        address = self.data.copy()
        address.pop("page", None)
        address["before"] = str(last[0])
        further = address.urlencode() if rows.filter(seq__lt=last[0]).exists() else ""
        return Searched(newest, last, further)

    def by_actor(self, queryset: QuerySet[Event], name: str, value: str) -> QuerySet[Event]:
        """Events of the people whose name holds these letters."""
        return queryset.filter(actor_name__icontains=value)

    def by_bank(self, queryset: QuerySet[Event], name: str, value: str) -> QuerySet[Event]:
        """Events about the banks with this code, or whose name holds these letters."""
        named = (
            Q(code__iexact=value)
            | Q(name_zh__icontains=value)
            | Q(name_initials__icontains=value)
            | Q(name_en__icontains=value)
        )
        # As numbers, not as a subquery: PostgreSQL would walk back through the whole trail for the newest of them.
        banks = list(visible_banks(self.request.user).filter(named).values_list("pk", flat=True))
        return queryset.filter(bank_id__in=banks)

    def by_since(self, queryset: QuerySet[Event], name: str, value: date) -> QuerySet[Event]:
        """From the first instant of the day in Shanghai."""
        return queryset.filter(at__gte=midnight(value))

    def by_until(self, queryset: QuerySet[Event], name: str, value: date) -> QuerySet[Event]:
        """To the last instant of the day in Shanghai."""
        return queryset.filter(at__lt=midnight(value + timedelta(days=1)))


class JobFilters(BaseFilterSet):
    """Background work by kind and state; parts of a job are left out unless asked for."""

    kind = django_filters.ChoiceFilter(label=gettext_lazy("Work"), choices=())
    state = django_filters.ChoiceFilter(label=gettext_lazy("State"), choices=JobState.choices)
    since = django_filters.DateFilter(label=gettext_lazy("From"), method="by_since", widget=DAY)
    parts = django_filters.ChoiceFilter(label=gettext_lazy("Parts"), method="by_parts", choices=(), empty_label=None)

    class Meta:
        model = Job
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = self.queryset.order_by().values_list("kind", flat=True).distinct()
        self.form.fields["kind"].choices = sorted(
            ((kind, kind_words(kind)) for kind in kinds), key=lambda pair: pair[1]
        )
        self.form.fields["parts"].choices = [("", _("Whole jobs")), ("all", _("Parts too"))]

    def filter_queryset(self, queryset: QuerySet[Job]) -> QuerySet[Job]:
        """Whole jobs, unless their parts are asked for."""
        found: QuerySet[Job] = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("parts") == "all" else found.filter(parent__isnull=True)

    def by_since(self, queryset: QuerySet[Job], name: str, value: date) -> QuerySet[Job]:
        """Asked for from the first instant of the day in Shanghai."""
        return queryset.filter(created_at__gte=midnight(value))

    def by_parts(self, queryset: QuerySet[Job], name: str, value: str) -> QuerySet[Job]:
        """See ``filter_queryset``: leaving parts out is what an empty choice means."""
        return queryset
