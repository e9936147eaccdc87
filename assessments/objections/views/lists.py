"""The list of objections: which bank objected to which notice, and what was decided."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_tables2.utils import A

from assessments.access import visible_rounds
from assessments.models import Objection, ObjectionOutcome, Round
from assessments.objections.selectors import visible_objections
from assessments.reviews.views.assessment import acting
from scorecard.audit.reading import record_reading
from scorecard.audit.services import record
from scorecard.columns import ChipColumn, Column, FigureColumn, MomentColumn
from scorecard.filters import BaseFilterSet
from scorecard.tables import BaseTable, FilteredListView

CASE = "notice__rating__assessment"
KINDS = {"upheld": "good", "partly": "info", "refused": "neutral"}


class ObjectionTable(BaseTable):
    """One row per lodged objection, the newest first."""

    number = Column(verbose_name=_("Receipt number"), linkify=("objection-detail", [A(f"{CASE}_id")]), css="nowrap")
    bank = Column(
        verbose_name=_("Bank"), accessor=f"{CASE}__bank_name", order_by=(f"{CASE}__bank__name_sort", "pk"), css="wrap"
    )
    round = Column(verbose_name=_("Round"), accessor=f"{CASE}__round", order_by=(f"{CASE}__round__year", "pk"))
    notice = Column(verbose_name=_("Number of the notice"), accessor="notice__number", css="nowrap")
    lodged = MomentColumn(verbose_name=_("Lodged at"), accessor="lodged_at")
    grounds = FigureColumn(verbose_name=_("Grounds"), accessor="grounds_count")
    upheld = FigureColumn(verbose_name=_("Grounds upheld"), accessor="upheld_count")
    outcome = ChipColumn(verbose_name=_("Outcome"), kinds=KINDS)
    decided = MomentColumn(verbose_name=_("Decided at"), accessor="decided_at")
    decided_by = Column(verbose_name=_("Decided by"), css="nowrap")

    default_columns = ("number", "bank", "notice", "lodged", "upheld", "outcome", "decided")
    empty_title = _("No bank has objected")
    empty_hint = _("An objection comes here once the signatory of a bank has lodged it.")
    caption = _("Objections")

    class Meta(BaseTable.Meta):
        model = Objection
        fields = ()
        sequence = (
            "number", "bank", "round", "notice", "lodged", "grounds", "upheld", "outcome", "decided", "decided_by",
        )  # fmt: skip

    def value_round(self, value: Any) -> str:
        return str(value)

    def value_decided_by(self, value: Any) -> str:
        return str(value or "")


class ObjectionFilters(BaseFilterSet):
    """Objections by what became of them and by round."""

    search_fields = (
        "number",
        "notice__number",
        f"{CASE}__bank__name_zh",
        f"{CASE}__bank__name_initials",
        f"{CASE}__bank__name_en",
        f"{CASE}__bank__code",
    )
    search_hint = _("Number, bank or code")

    state = django_filters.ChoiceFilter(
        label=_("State"), choices=[("open", _("to be decided")), *ObjectionOutcome.choices], method="by_state"
    )
    round = django_filters.ModelChoiceFilter(
        label=_("Round"), field_name=f"{CASE}__round", queryset=Round.objects.none(), empty_label=_("Every round")
    )

    class Meta:
        model = Objection
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["round"].queryset = visible_rounds(self.request.user).order_by("-year")

    def by_state(self, queryset: QuerySet[Objection], name: str, value: str) -> QuerySet[Objection]:
        """Still to be decided, or by its outcome."""
        return queryset.filter(outcome="" if value == "open" else value)


class ObjectionList(FilteredListView):
    """Every lodged objection that the reader may see."""

    table_class, filterset_class = ObjectionTable, ObjectionFilters
    title, export_name = _("Objections"), _("Objections")

    def get_queryset(self) -> QuerySet[Objection]:
        return visible_objections(acting(self.request))

    def on_read(self) -> None:
        record_reading("assessments.list.read", actor=self.request.user, name="objections")

    def on_export(self, kind: str, count: int, filters: dict[str, Any]) -> None:
        record(
            "assessments.list.exported",
            actor=self.request.user,
            data={"list": "objections", "format": kind, "rows": count, "filters": filters},
        )
