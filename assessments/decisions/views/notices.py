"""The list of notices: which letter went to whom and when, and whether it was acknowledged."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tables2.utils import A

from assessments.access import visible_rounds
from assessments.decisions.selectors import visible_notices
from assessments.models import Notice, Round, RoundState
from assessments.reviews.views.assessment import acting
from assessments.rulebooks.cache import engine_rulebook
from banks.models import Category
from scorecard.access.roles import REVIEW_ROLES
from scorecard.audit.reading import record_reading
from scorecard.audit.services import record
from scorecard.columns import Column, FigureColumn, MomentColumn
from scorecard.filters import BaseFilterSet
from scorecard.tables import BaseTable, FilteredListView
from scorecard.words.language import screen_language


class NoticeTable(BaseTable):
    """One row per letter, the newest first."""

    number = Column(
        verbose_name=_("Number of the notice"),
        linkify=("notice-letter", [A("rating__assessment_id"), A("pk")]),
        css="nowrap",
    )
    bank = Column(
        verbose_name=_("Bank"),
        accessor="rating__assessment__bank_name",
        order_by=("rating__assessment__bank__code", "pk"),
        css="wrap",
    )
    round = Column(
        verbose_name=_("Round"),
        accessor="rating__assessment__round",
        order_by=("rating__assessment__round__year", "pk"),
        css="wrap",
    )
    points = FigureColumn(
        verbose_name=_("Points"), accessor="rating__points", order_by=("points_sort", "pk"), unit="point", digits=2
    )
    grade = Column(verbose_name=_("Grade"), accessor="rating__grade", orderable=False, css="nowrap")
    issued = MomentColumn(verbose_name=_("Sent at"), accessor="issued_at")
    acknowledged = MomentColumn(verbose_name=_("Acknowledged at"), accessor="acknowledged_at")
    waiting = Column(verbose_name=_("Days without acknowledgement"), accessor="pk", orderable=False, css="num")
    appeal = MomentColumn(verbose_name=_("Objection until"), accessor="appeal_until")
    replaced = Column(verbose_name=_("Replaced by"), accessor="pk", orderable=False, css="nowrap")

    empty_title = _("No notice has been sent yet")
    empty_hint = _("A notice is sent once the rating of a bank is decided.")
    caption = _("Notices")

    class Meta(BaseTable.Meta):
        model = Notice
        fields = ()
        sequence = (
            "number",
            "bank",
            "round",
            "points",
            "grade",
            "issued",
            "acknowledged",
            "waiting",
            "appeal",
            "replaced",
        )

    def value_round(self, value: Any) -> str:
        return str(value)

    def render_waiting(self, record: Notice) -> str:
        days = self.value_waiting(record)
        return "—" if days == "" else str(days)

    def value_waiting(self, record: Notice) -> int | str:
        """Whole days since the notice was sent, while it asks for an acknowledgement."""
        if record.acknowledged_at is not None or getattr(record, "replaced_by", None) is not None:
            return ""
        return (timezone.now() - record.issued_at).days

    def render_replaced(self, record: Notice) -> str:
        return self.value_replaced(record) or "—"

    def value_replaced(self, record: Notice) -> str:
        after = getattr(record, "replaced_by", None)
        return after.number if after is not None else ""

    def render_grade(self, value: str, record: Notice) -> str:
        return engine_rulebook(record.rating.assessment.round.rulebook).grade(value).name.get(screen_language())

    value_grade = render_grade


class NoticeFilters(BaseFilterSet):
    """Notices by what became of them, round, state of the round and category."""

    search_fields = (
        "number",
        "rating__assessment__bank__name_zh",
        "rating__assessment__bank__name_en",
        "rating__assessment__bank__code",
    )
    search_hint = _("Number, bank or code")

    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[
            ("waiting", _("not acknowledged")),
            ("acknowledged", _("acknowledged")),
            ("appeal", _("may object")),
            ("replaced", _("replaced")),
        ],
        method="by_state",
    )
    round = django_filters.ModelChoiceFilter(
        label=_("Round"),
        field_name="rating__assessment__round",
        queryset=Round.objects.none(),
        empty_label=_("Every round"),
    )
    rounds = django_filters.ChoiceFilter(
        label=_("State of the round"),
        field_name="rating__assessment__round__state",
        choices=[(RoundState.OPEN, _("open")), (RoundState.CLOSED, _("closed"))],
    )
    category = django_filters.ChoiceFilter(
        label=_("Category"), field_name="rating__assessment__bank__category", choices=Category.choices
    )

    class Meta:
        model = Notice
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["round"].queryset = visible_rounds(self.request.user).order_by("-year")

    def by_state(self, queryset: QuerySet[Notice], name: str, value: str) -> QuerySet[Notice]:
        """Whether the bank has acknowledged it, or may still object; a notice that was replaced asks for neither."""
        if value == "replaced":
            return queryset.filter(replaced_by__isnull=False)
        queryset = queryset.filter(replaced_by=None)
        if value == "appeal":
            return queryset.filter(appeal_until__gte=timezone.now(), objection__lodged_at=None)
        return queryset.filter(acknowledged_at__isnull=value == "waiting")


class NoticeList(FilteredListView):
    """Every notice that the reader may see."""

    table_class, filterset_class = NoticeTable, NoticeFilters
    title, export_name = _("Notices"), _("Notices")
    template_name = "notices/list.html"

    def get_queryset(self) -> QuerySet[Notice]:
        return visible_notices(acting(self.request))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        offered = acting(self.request).holds(*REVIEW_ROLES)
        return super().get_context_data(offers_letters=offered, letters_round=self._chosen_round(), **kwargs)

    def _chosen_round(self) -> Round | None:
        """The round that the filter names: the letters of one round go into one file."""
        form = self.filterset.form
        return form.cleaned_data.get("round") if form.is_valid() else None

    def on_read(self) -> None:
        record_reading("assessments.list.read", actor=self.request.user, name="notices")

    def on_export(self, kind: str, count: int, filters: dict[str, Any]) -> None:
        record(
            "assessments.list.exported",
            actor=self.request.user,
            data={"list": "notices", "format": kind, "rows": count, "filters": filters},
        )
