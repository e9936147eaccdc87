"""Tables and filters of readings: the periods, and the banks of one period."""

from typing import Any, ClassVar

import django_filters
from django.db.models import F, Q, QuerySet
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_tables2.utils import A

from assessments.models import PeriodKind, ReadingPeriod
from assessments.readings.present import percent_words
from assessments.readings.selectors import CORRECTING, DRAFT, FILED, NONE, state_of
from assessments.rulebooks.cache import engine_rulebook
from banks.forms.choices import matching
from banks.models import Bank, Category
from scorecard.columns import Column, MomentColumn
from scorecard.filters import BaseFilterSet
from scorecard.tables import BaseTable
from scorecard.ui.templatetags.ui import chip
from scorecard.words.language import in_language

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

    default_columns: ClassVar[tuple[str, ...]] = ("title", "due", "filed", "opened")
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

    default_columns: ClassVar[tuple[str, ...]] = ("title", "due", "state", "opened")

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


def bank_page(record: Any, table: BaseTable) -> str | None:
    """The page of one bank's reading; None for whoever reads no figures."""
    if not getattr(table, "figures", False):
        return None
    return reverse("reading-bank", args=[getattr(table, "period").pk, record.pk])  # noqa: B009


class BankTable(BaseTable):
    """The banks of one period: how far each is and, for those who read figures, where it stands."""

    bank = Column(verbose_name=_("Bank"), accessor="name", order_by=("name_sort", "pk"), css="wrap", linkify=bank_page)
    code = Column(verbose_name=_("Bank code"), css="nowrap")
    category = Column(verbose_name=_("Category"), css="nowrap")
    state = Column(verbose_name=_("State"), empty_values=(), orderable=False, css="nowrap")
    targets = Column(verbose_name=_("Targets on the day"), accessor="standing", orderable=False, css="wrap")
    forecast = Column(
        verbose_name=_("Met at year-end, of earlier courses"), accessor="standing", orderable=False, css="wrap tnum"
    )
    plan = Column(verbose_name=_("Credit plan"), accessor="standing", orderable=False, css="num tnum")
    warned = Column(verbose_name=_("Warnings"), order_by=("serious", "warned", "pk"), css="nowrap")
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
        sequence = (
            "bank", "code", "category", "state", "targets", "forecast", "plan", "warned", "filed", "revision",
            "officer",
        )  # fmt: skip

    default_columns = ("bank", "category", "state", "targets", "forecast", "plan", "warned", "filed")

    def __init__(self, *args: Any, period: ReadingPeriod, figures: bool, **kwargs: Any) -> None:
        self.period, self.figures = period, figures
        self.rulebook = engine_rulebook(period.rulebook)
        hidden = () if figures else ("targets", "forecast", "plan", "warned")
        super().__init__(*args, exclude=hidden, **kwargs)

    def _short(self, id: str) -> str:
        target = self.rulebook.targets.get(id)
        return in_language(target.short) if target is not None else id

    def render_targets(self, value: dict[str, Any]) -> Any:
        missed = [id for id, one in value["targets"].items() if one["day"]["counts_as_missed"]]
        if missed:
            words = _("missed: %(names)s") % {"names": "、".join(map(self._short, missed))}
            return chip(words, "bad")
        unknown = [id for id, one in value["targets"].items() if one["day"]["state"] == "unknown"]
        if unknown:
            return chip(_("not known: %(names)s") % {"names": "、".join(map(self._short, unknown))}, "neutral")
        return chip(_("all met"), "good")

    value_targets = render_targets

    def render_forecast(self, value: dict[str, Any]) -> str:
        said = []
        for id, one in value["targets"].items():
            spread = one["forecast"]
            if spread is None:
                continue
            share = f"{spread['met']}/{spread['cases']}" if spread["low"] is not None else _("too few to say")
            said.append(f"{self._short(id)} {share}")
        return str(_("; ")).join(said)

    value_forecast = render_forecast

    def render_plan(self, value: dict[str, Any]) -> str:
        return percent_words(value["plan"]["share"])

    value_plan = render_plan

    def render_warned(self, record: Any) -> Any:
        if not record.warned:
            return ""
        return chip(str(record.warned), "bad" if record.serious else "attention")

    def value_warned(self, record: Any) -> int:
        return int(record.warned or 0)

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
    stands = django_filters.ChoiceFilter(
        label=_("Targets and warnings"),
        choices=[
            ("missed", _("a target missed")),
            ("warned", _("with a warning")),
            ("serious", _("with a serious warning")),
        ],
        method="by_standing",
    )
    mine = django_filters.ChoiceFilter(label=_("Whose"), choices=[("yes", _("my banks"))], method="by_mine")

    class Meta:
        model = Bank
        fields = ["category"]

    def __init__(self, *args: Any, period: ReadingPeriod, figures: bool, **kwargs: Any) -> None:
        self.period = period
        super().__init__(*args, **kwargs)
        if not figures:
            del self.filters["stands"], self.filters["mine"]

    def by_bank(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Part of a name or its initials, or the code."""
        return queryset.filter(matching(value))

    def by_standing(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Those that miss a target on the day, or have a warning."""
        field = {"missed": "missed", "warned": "warned", "serious": "serious"}[value]
        return queryset.filter(**{f"{field}__gt": 0})

    def by_mine(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """The banks of which the reader is the case officer."""
        return queryset.filter(case_officer=self.request.user)

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
