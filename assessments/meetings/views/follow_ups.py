"""Follow-ups of all meetings, and the steps on one."""

from typing import Any, ClassVar

import django_filters
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods
from django_tables2.utils import A

from assessments.meetings import machine
from assessments.meetings.forms import LaterForm
from assessments.meetings.selectors import get_follow_up, visible_follow_ups
from assessments.meetings.steps import Later
from assessments.meetings.table import TABLE
from assessments.meetings.views.meeting import FOLLOW_UP_KINDS
from assessments.models import FollowUp, FollowUpState
from assessments.reviews.staff import all_holders
from assessments.reviews.views.assessment import acting
from banks.forms.choices import PersonFilter
from banks.models import User
from scorecard.access.decisions import Refused
from scorecard.audit.reading import record_reading
from scorecard.audit.services import record
from scorecard.columns import ChipColumn, Column
from scorecard.filters import BaseFilterSet
from scorecard.tables import BaseTable, FilteredListView
from scorecard.ui.forms import ConfirmForm
from scorecard.ui.templatetags.ui import DASH, chip

SHOWN = [(state.value, state.label) for state in FollowUpState if state != FollowUpState.NOTED]


class FollowUpTable(BaseTable):
    """One row per follow-up, the nearest day first."""

    text = Column(verbose_name=_("What is to be done"), linkify=("meeting-detail", [A("meeting_id")]), css="wrap")
    owner = Column(verbose_name=_("Owner"), order_by=("owner__name_sort", "pk"), css="nowrap")
    due_on = Column(verbose_name=_("Due day"), css="nowrap tnum")
    state = ChipColumn(verbose_name=_("State"), kinds=FOLLOW_UP_KINDS)
    late = Column(verbose_name=_("Overdue"), accessor="due_on", orderable=False, css="nowrap")
    number = Column(verbose_name=_("Minutes"), accessor="meeting__minutes__number", css="nowrap")

    default_columns: ClassVar[tuple[str, ...]] = ("text", "owner", "due_on", "state", "late", "number")
    empty_title = _("There is no follow-up")
    empty_hint = _("What a meeting asks to be done stands here once its minutes are signed.")
    caption = _("Follow-ups of meetings")

    class Meta(BaseTable.Meta):
        model = FollowUp
        fields = ()
        sequence = ("text", "owner", "due_on", "state", "late", "number")

    def render_due_on(self, value: Any) -> str:
        return str(value.isoformat())

    def value_owner(self, value: Any) -> str:
        return str(value)

    def render_late(self, record: FollowUp) -> Any:
        return chip(_("Overdue"), "bad") if record.is_overdue else DASH

    def value_late(self, record: FollowUp) -> str:
        return str(_("yes")) if record.is_overdue else str(_("no"))


class FollowUpFilters(BaseFilterSet):
    """Follow-ups by state, owner, and whether they are overdue."""

    search_fields = ("text", "meeting__title", "meeting__minutes__number")
    search_hint = _("Words, meeting or number of the minutes")

    state = django_filters.ChoiceFilter(label=_("State"), choices=SHOWN)
    owner = PersonFilter(label=_("Owner"), queryset=User.objects.none(), empty_label=_("Everybody"))
    overdue = django_filters.ChoiceFilter(label=_("Overdue"), choices=[("1", _("Overdue"))], method="by_overdue")

    class Meta:
        model = FollowUp
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["owner"].queryset = all_holders()

    def by_overdue(self, queryset: QuerySet[FollowUp], name: str, value: str) -> QuerySet[FollowUp]:
        """Open ones whose day is over."""
        return queryset.filter(state=FollowUpState.OPEN, due_on__lt=timezone.localdate())


class FollowUpList(FilteredListView):
    """Every follow-up of signed minutes."""

    table_class, filterset_class = FollowUpTable, FollowUpFilters
    title, export_name = _("Follow-ups of meetings"), _("Follow-ups of meetings")

    def get_queryset(self) -> QuerySet[FollowUp]:
        return visible_follow_ups(acting(self.request))

    def on_read(self) -> None:
        record_reading("assessments.list.read", actor=self.request.user, name="follow-ups")

    def on_export(self, kind: str, count: int, filters: dict[str, Any]) -> None:
        record(
            "assessments.list.exported",
            actor=self.request.user,
            data={"list": "follow-ups", "format": kind, "rows": count, "filters": filters},
        )


@require_http_methods(["GET", "POST"])
def follow_up_step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """The last look before a follow-up is done, put later or dropped."""
    actor, row = acting(request), TABLE.get(name)
    found = get_follow_up(actor, pk)
    if row is None or row.follow_up is None:
        raise Http404
    kind = LaterForm if row.told is Later else ConfirmForm
    form = kind(request.POST or None, user=actor, reason="required")
    reasons = [str(one) for one in machine.check(name, actor=actor, meeting=found.meeting, follow_up=found).reasons]
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                machine.take(
                    name,
                    actor=actor,
                    meeting_id=found.meeting_id,
                    follow_up_id=pk,
                    reason=form.cleaned_data["reason"],
                    told=Later(form.cleaned_data["due_on"]) if row.told is Later else None,
                )
            except Refused as error:
                reasons, status = [str(reason) for reason in error.reasons], 409
            else:
                messages.success(request, _now("“%(step)s” is done.") % {"step": row.title})
                return redirect("meeting-detail", found.meeting_id)
    context = {
        "step": row,
        "row": found,
        "form": form,
        "reasons": reasons,
        "crumbs": [
            (_now("Follow-ups of meetings"), reverse("follow-up-list")),
            (found.meeting.title, reverse("meeting-detail", args=[found.meeting_id])),
            (row.title, ""),
        ],
        "cancel_url": reverse("meeting-detail", args=[found.meeting_id]),
    }
    return render(request, "meetings/follow_up.html", context, status=status)
