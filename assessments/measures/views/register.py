"""The register of measures: a bank's people read their own bank's, without who acts at the supervisor."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django_tables2.utils import A

from assessments.access import visible_rounds
from assessments.measures.selectors import round_counts, tool_names, visible_measures, waiting_for_the_owner
from assessments.models import LiveMeasure, LiveState, Round
from assessments.reviews.selectors import all_officers
from assessments.reviews.views.assessment import acting
from banks.forms.choices import PersonFilter, matching
from banks.models import User
from scorecard.audit.reading import record_reading
from scorecard.audit.services import record
from scorecard.columns import Column
from scorecard.filters import BaseFilterSet
from scorecard.tables import BaseTable, FilteredListView
from scorecard.ui.templatetags.ui import DASH, chip
from scorecard.words.language import in_language

STATE_KINDS = {
    "unset": "attention",
    "running": "info",
    "fulfilled": "good",
    "lifted": "neutral",
    "replaced": "neutral",
    "ended": "neutral",
}


class RegisterTable(BaseTable):
    """One row per decided measure of a notice, the newest first."""

    measure = Column(
        verbose_name=_("Measure"), accessor="measure__proposal", linkify=("measure-detail", [A("pk")]), orderable=False
    )
    bank = Column(
        verbose_name=_("Bank"),
        css="wrap",
        accessor="assessment__bank_name",
        order_by=("assessment__bank__name_sort", "pk"),
    )
    kind = Column(verbose_name=_("Kind"), accessor="measure__tool", css="nowrap")
    round = Column(
        verbose_name=_("Round"), accessor="assessment__round", order_by=("assessment__round__year", "pk"), css="wrap"
    )
    state = Column(verbose_name=_("State"), accessor="shown_state", order_by=("shown_state", "pk"), css="nowrap")
    late = Column(verbose_name=_("Overdue"), accessor="is_overdue", order_by=("is_overdue", "pk"), css="nowrap")
    next = Column(verbose_name=_("Next due"), accessor="next_day", order_by=("next_day", "pk"), css="nowrap tnum")
    since = Column(verbose_name=_("In force from"), accessor="from_day", css="nowrap tnum")
    due = Column(verbose_name=_("Due day"), accessor="due_on", css="nowrap tnum")
    ends = Column(verbose_name=_("Binds until"), accessor="ends_on", css="nowrap tnum")
    owner = Column(verbose_name=_("Owner"), order_by=("owner__name_sort", "pk"), css="nowrap")

    default_columns: ClassVar[tuple[str, ...]] = ("measure", "bank", "kind", "state", "late", "next", "ends", "owner")
    empty_title = _("No measure is in the register")
    empty_hint = _("A decided measure enters the register when its notice is sent.")
    caption = _("Register of measures")

    class Meta(BaseTable.Meta):
        model = LiveMeasure
        fields = ()
        sequence = (
            "measure", "bank", "kind", "round", "state", "late", "next", "since", "due", "ends", "owner",
        )  # fmt: skip

    def __init__(self, *args: Any, names: dict[str, dict[str, str]], **kwargs: Any) -> None:
        self.names = names
        super().__init__(*args, **kwargs)

    def render_measure(self, value: Any, record: LiveMeasure) -> str:
        return in_language(value.get("label")) or record.measure.code

    def value_measure(self, value: Any, record: LiveMeasure) -> str:
        return self.render_measure(value, record)

    def render_kind(self, value: str) -> str:
        return in_language(self.names.get(value)) or value

    def value_kind(self, value: str) -> str:
        return self.render_kind(value)

    def value_round(self, value: Any) -> str:
        return str(value)

    def render_state(self, value: str) -> Any:
        return chip(LiveState(value).label, STATE_KINDS[value])

    def value_state(self, value: str) -> str:
        return str(LiveState(value).label)

    def render_late(self, value: bool) -> Any:
        return chip(_("Overdue"), "bad") if value else DASH

    def value_late(self, value: bool) -> str:
        return str(_("yes")) if value else str(_("no"))

    def render_next(self, value: Any) -> str:
        return value.isoformat() if value else ""

    def render_since(self, value: Any) -> str:
        return str(value.isoformat())

    def render_due(self, value: Any) -> str:
        return value.isoformat() if value else ""

    def render_ends(self, value: Any) -> str:
        return value.isoformat() if value else ""

    def value_owner(self, value: Any) -> str:
        return str(value or "")


class BankRegisterTable(RegisterTable):
    """The same for a bank: its own measures, without their owner at the supervisor."""

    default_columns: ClassVar[tuple[str, ...]] = ("measure", "kind", "round", "state", "late", "next", "ends")
    empty_hint = _("A measure stands here once its notice has been sent to your bank.")

    class Meta(RegisterTable.Meta):
        exclude = ("owner", "bank")


class BankRegisterFilters(BaseFilterSet):
    """Entries by state, kind, round and whether something is overdue."""

    state = django_filters.ChoiceFilter(label=_("State"), choices=LiveState.choices, method="by_state")
    kind = django_filters.ChoiceFilter(label=_("Kind"), field_name="measure__tool", choices=[])
    overdue = django_filters.ChoiceFilter(label=_("Overdue"), choices=[("1", _("Overdue"))], method="by_overdue")
    round = django_filters.ModelChoiceFilter(
        label=_("Round"), field_name="assessment__round", queryset=Round.objects.none(), empty_label=_("Every round")
    )

    class Meta:
        model = LiveMeasure
        fields: list[str] = []

    def __init__(self, *args: Any, names: dict[str, dict[str, str]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["round"].queryset = visible_rounds(self.request.user).order_by("-year")
        self.filters["kind"].extra["choices"] = [(key, in_language(name)) for key, name in (names or {}).items()]

    def by_state(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """As it stands today, the last day counting."""
        return queryset.filter(shown_state=value)

    def by_overdue(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Those under which something is overdue today."""
        return queryset.filter(is_overdue=True)


class RegisterFilters(BankRegisterFilters):
    """The same with bank, owner, and what waits for the reader."""

    bank = django_filters.CharFilter(label=_("Bank"), method="by_bank")
    owner = PersonFilter(label=_("Owner"), queryset=User.objects.none(), empty_label=_("Every officer"))
    mine = django_filters.ChoiceFilter(
        label=_("Whose turn"), choices=[("act", _("Mine to act on")), ("late", _("Mine, overdue"))], method="by_mine"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["owner"].queryset = all_officers()

    def by_bank(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Part of a name or its initials, or the code."""
        return queryset.filter(matching(value, "assessment__bank__"))

    def by_mine(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """The reader's own entries: on which they have something to do, or under which something is overdue."""
        own = queryset.filter(owner=self.request.user)
        return waiting_for_the_owner(own) if value == "act" else own.filter(is_overdue=True)


class Register(FilteredListView):
    """Every measure in the register that the reader may see."""

    title, export_name = _("Register of measures"), _("Register of measures")
    template_name = "measures/list.html"

    @property
    def table_class(self) -> type[BaseTable]:  # type: ignore[override]
        return BankRegisterTable if acting(self.request).is_bank_person else RegisterTable

    @property
    def filterset_class(self) -> type[BaseFilterSet]:  # type: ignore[override]
        return BankRegisterFilters if acting(self.request).is_bank_person else RegisterFilters

    @cached_property
    def names(self) -> dict[str, dict[str, str]]:
        """The kinds of measures in the register, by id."""
        return tool_names(self.get_queryset())

    @cached_property
    def filterset(self) -> BaseFilterSet:
        return self.filterset_class(
            self.request.GET, queryset=self.get_queryset(), request=self.request, names=self.names
        )

    def get_queryset(self) -> QuerySet[LiveMeasure]:
        return visible_measures(acting(self.request))

    def get_table_kwargs(self) -> dict[str, Any]:
        return {"names": self.names}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        here = reverse("measure-list")
        lines = [
            {
                "round": counts.round,
                "cells": [
                    (f"{here}?round={counts.round.pk}&state={state}", count) for state, count in counts.states.items()
                ],
                "overdue": (f"{here}?round={counts.round.pk}&overdue=1", counts.overdue),
                "total": (f"{here}?round={counts.round.pk}", counts.total),
            }
            for counts in round_counts(self.get_queryset())
        ]
        heads = [state.label for state in LiveState]
        return super().get_context_data(**kwargs) | {"rounds": lines, "heads": heads}

    def on_read(self) -> None:
        record_reading("assessments.list.read", actor=self.request.user, name="measures")

    def on_export(self, kind: str, count: int, filters: dict[str, Any]) -> None:
        record(
            "assessments.list.exported",
            actor=self.request.user,
            data={"list": "measures", "format": kind, "rows": count, "filters": filters},
        )
