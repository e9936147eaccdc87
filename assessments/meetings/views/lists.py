"""All meetings that the reader may read."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_tables2.utils import A

from assessments.meetings.selectors import visible_meetings
from assessments.models import Meeting, MeetingKind, MeetingState
from assessments.reviews.views.assessment import acting
from scorecard.access.roles import Role
from scorecard.audit.reading import record_reading
from scorecard.audit.services import record
from scorecard.columns import ChipColumn, Column, MomentColumn
from scorecard.filters import BaseFilterSet
from scorecard.tables import BaseTable, FilteredListView

STATE_KINDS = {
    "planned": "attention",
    "called": "info",
    "held": "attention",
    "signed": "good",
    "cancelled": "neutral",
}


class MeetingTable(BaseTable):
    """One row per meeting, the newest first."""

    title = Column(verbose_name=_("Meeting"), linkify=("meeting-detail", [A("pk")]), css="wrap")
    kind = Column(verbose_name=_("Kind"), accessor="get_kind_display", order_by=("kind", "pk"), css="nowrap")
    starts_at = MomentColumn(verbose_name=_("Begins"))
    state = ChipColumn(verbose_name=_("State"), kinds=STATE_KINDS)
    number = Column(verbose_name=_("Minutes"), accessor="minutes__number", orderable=False, css="nowrap")
    chair = Column(verbose_name=_("Chair"), order_by=("chair__name_sort", "pk"), css="nowrap")
    secretary = Column(verbose_name=_("Secretary"), order_by=("secretary__name_sort", "pk"), css="nowrap")

    default_columns: ClassVar[tuple[str, ...]] = ("title", "kind", "starts_at", "state", "number", "chair")
    empty_title = _("There is no meeting")
    empty_hint = _("A meeting stands here once it is planned; a bank reads those to which it was invited.")
    caption = _("Meetings")

    class Meta(BaseTable.Meta):
        model = Meeting
        fields = ()
        sequence = ("title", "kind", "starts_at", "state", "number", "chair", "secretary")

    def value_chair(self, value: Any) -> str:
        return str(value)

    def value_secretary(self, value: Any) -> str:
        return str(value)


class MeetingFilters(BaseFilterSet):
    """Meetings by kind and state."""

    search_fields = ("title", "place", "minutes__number")
    search_hint = _("Title, place or number of the minutes")

    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=MeetingKind.choices)
    state = django_filters.ChoiceFilter(label=_("State"), choices=MeetingState.choices)

    class Meta:
        model = Meeting
        fields: list[str] = []


class MeetingList(FilteredListView):
    """The list, with the way to plan one."""

    table_class, filterset_class = MeetingTable, MeetingFilters
    title, export_name = _("Meetings"), _("Meetings")
    template_name = "meetings/list.html"

    def get_queryset(self) -> QuerySet[Meeting]:
        return visible_meetings(acting(self.request))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        actor = acting(self.request)
        more = {
            "may_plan": actor.holds(Role.CASE_OFFICER, Role.DECISION_MAKER),
            "supervisor_side": not actor.is_bank_person,
        }
        return super().get_context_data(**kwargs) | more

    def on_read(self) -> None:
        record_reading("assessments.list.read", actor=self.request.user, name="meetings")

    def on_export(self, kind: str, count: int, filters: dict[str, Any]) -> None:
        record(
            "assessments.list.exported",
            actor=self.request.user,
            data={"list": "meetings", "format": kind, "rows": count, "filters": filters},
        )
