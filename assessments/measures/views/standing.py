"""What other desks ask of the register, and the lists that go to others."""

from typing import Any

import django_filters
from django import forms
from django.db.models import DecimalField, QuerySet, Value
from django.db.models.functions import Cast, NullIf
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET
from django_tables2.utils import A

from assessments.access import visible_assessments, visible_rounds
from assessments.measures.selectors import visible_measures
from assessments.measures.standing import QUESTIONS, Word, ask
from assessments.models import LiveMeasure, Rating, Round
from assessments.reviews.views.assessment import acting
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.results import grade_name
from banks.access import visible_banks
from banks.forms.choices import BankSearch, matching
from banks.models import Bank
from scorecard.audit.reading import record_reading
from scorecard.audit.services import record
from scorecard.columns import Column, FigureColumn, MomentColumn
from scorecard.filters import BaseFilterSet
from scorecard.tables import BaseTable, FilteredListView
from scorecard.words.language import in_language

WORDS = {
    Word.NO: pgettext_lazy("standing", "No"),
    Word.CONDITIONS: _("Only on conditions"),
    Word.READ: _("To be read: the words of a measure decide"),
    Word.NOTHING: _("Nothing stands against it in the register"),
}
KINDS = {Word.NO: "bad", Word.CONDITIONS: "attention", Word.READ: "attention", Word.NOTHING: "good"}


class QuestionForm(forms.Form):
    """Which bank, and what it would do."""

    bank = BankSearch(label=_("Bank"), queryset=Bank.objects.none(), error_messages={"required": _("Name the bank.")})
    question = forms.ChoiceField(
        label=_("What the bank would do"),
        choices=[(one.key, one.words) for one in QUESTIONS.values()],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what the bank would do."),
            "invalid_choice": _("Choose what the bank would do."),
        },
    )

    def __init__(self, *args: Any, banks: QuerySet[Bank], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bank"].queryset = banks  # type: ignore[attr-defined]


@require_GET
def standing(request: HttpRequest) -> HttpResponse:
    """The question, and once it is asked the answer of today; each asking is an event."""
    actor = acting(request)
    asked = "question" in request.GET or "bank" in request.GET
    form = QuestionForm(request.GET if asked else None, banks=visible_banks(actor))
    context: dict[str, Any] = {"form": form, "today": timezone.localdate()}
    status = 200
    if asked and form.is_valid():
        found = ask(actor=actor, bank=form.cleaned_data["bank"], question=form.cleaned_data["question"])
        context |= {"answer": found, "word": WORDS[found.word], "kind": KINDS[found.word]}
        context["grounds"] = [(ground, WORDS[ground.word], KINDS[ground.word]) for ground in found.grounds]
    elif asked:
        status = 422
    return render(request, "measures/standing.html", context, status=status)


# --- Lists for others ---


class OthersTable(BaseTable):
    """What the lists for others say of a bank."""

    bank = Column(verbose_name=_("Bank"), css="wrap")
    code = Column(verbose_name=_("Code"), css="nowrap")
    round = Column(verbose_name=_("Round"), css="wrap")
    grade = Column(verbose_name=_("Grade"), orderable=False, css="nowrap")

    case = ""  # how a row leads to its assessment

    def value_round(self, value: Any) -> str:
        return str(value)


class AdjustmentTable(OthersTable):
    """One row per rating that holds and adjusts the supervisory rating."""

    bank = Column(
        verbose_name=_("Bank"),
        css="wrap",
        accessor="assessment__bank_name",
        order_by=("assessment__bank__name_sort", "pk"),
        linkify=("decision-detail", [A("assessment_id")]),
    )
    code = Column(verbose_name=_("Code"), accessor="assessment__bank__code", css="nowrap")
    round = Column(
        verbose_name=_("Round"), accessor="assessment__round", order_by=("assessment__round__year", "pk"), css="wrap"
    )
    points = FigureColumn(
        verbose_name=_("Points"), order_by=("points_sort", "pk"), unit="point", digits=2, accessor="points"
    )
    adjustment = FigureColumn(
        verbose_name=_("Adjustment of the supervisory rating"),
        order_by=("adjustment_sort", "pk"),
        unit="point",
        sign=True,
    )
    notice = Column(verbose_name=_("Number of the notice"), accessor="notice__number", css="nowrap")
    issued = MomentColumn(verbose_name=_("Sent at"), accessor="notice__issued_at")
    reason = Column(verbose_name=_("Reason"), orderable=False, css="wrap")

    empty_title = _("No adjustment holds")
    empty_hint = _("An adjustment stands here once the notice that tells it has been sent.")
    caption = _("Adjustments of the supervisory rating")

    class Meta(BaseTable.Meta):
        model = Rating
        fields = ()
        sequence = ("bank", "code", "round", "points", "grade", "adjustment", "notice", "issued", "reason")

    def render_grade(self, value: str, record: Rating) -> str:
        return grade_name(engine_rulebook(record.assessment.round.rulebook), value)

    value_grade = render_grade


class GoesOutTable(OthersTable):
    """One row per binding measure that goes to another desk or authority."""

    bank = Column(
        verbose_name=_("Bank"),
        css="wrap",
        accessor="assessment__bank_name",
        order_by=("assessment__bank__name_sort", "pk"),
        linkify=("measure-detail", [A("pk")]),
    )
    code = Column(verbose_name=_("Code"), accessor="assessment__bank__code", css="nowrap")
    round = Column(
        verbose_name=_("Round"), accessor="assessment__round", order_by=("assessment__round__year", "pk"), css="wrap"
    )
    grade = Column(verbose_name=_("Grade"), accessor="measure__rating__grade", orderable=False, css="nowrap")
    measure = Column(verbose_name=_("Measure"), accessor="measure__proposal", orderable=False, css="wrap")
    actions = Column(verbose_name=_("Actions"), accessor="measure__options", orderable=False, css="wrap")
    content = Column(verbose_name=_("Content"), accessor="measure__content", orderable=False, css="wrap")
    notice = Column(verbose_name=_("Number of the notice"), accessor="measure__rating__notice__number", css="nowrap")
    since = Column(verbose_name=_("In force from"), accessor="from_day", css="nowrap tnum")
    ends = Column(verbose_name=_("Binds until"), accessor="ends_on", css="nowrap tnum")

    empty_title = _("No bank is on this list")
    empty_hint = _("A measure stands here from its notice on, for as long as it binds.")

    class Meta(BaseTable.Meta):
        model = LiveMeasure
        fields = ()
        sequence = (
            "bank", "code", "round", "grade", "measure", "actions", "content", "notice", "since", "ends",
        )  # fmt: skip

    default_columns = ("bank", "round", "grade", "measure", "actions", "notice", "since", "ends")

    def render_grade(self, value: str, record: LiveMeasure) -> str:
        return grade_name(engine_rulebook(record.assessment.round.rulebook), value)

    value_grade = render_grade

    def render_measure(self, value: Any, record: LiveMeasure) -> str:
        return in_language(value.get("label")) or record.measure.code

    def value_measure(self, value: Any, record: LiveMeasure) -> str:
        return self.render_measure(value, record)

    def render_actions(self, value: list[str], record: LiveMeasure) -> str:
        listed = record.measure.proposal.get("options") or {}
        return str(_("; ")).join(in_language(listed[key]) for key in value if key in listed)

    value_actions = render_actions

    def render_since(self, value: Any) -> str:
        return str(value.isoformat())

    def render_ends(self, value: Any) -> str:
        return value.isoformat() if value else ""


class OfBankFilters(BaseFilterSet):
    """By bank and round."""

    bank = django_filters.CharFilter(label=_("Bank"), method="by_bank")
    round = django_filters.ModelChoiceFilter(
        label=_("Round"), field_name="assessment__round", queryset=Round.objects.none(), empty_label=_("Every round")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["round"].queryset = visible_rounds(self.request.user).order_by("-year")

    def by_bank(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Part of a name or its initials, or the code."""
        return queryset.filter(matching(value, "assessment__bank__"))


class AdjustmentFilters(OfBankFilters):
    """The filters over ratings."""

    class Meta:
        model = Rating
        fields: list[str] = []


class GoesOutFilters(OfBankFilters):
    """The filters over measures in the register."""

    class Meta:
        model = LiveMeasure
        fields: list[str] = []


class OthersList(FilteredListView):
    """A list that goes to others; who reads or exports it leaves an event."""

    name = ""

    def on_read(self) -> None:
        record_reading("assessments.list.read", actor=self.request.user, name=self.name)

    def on_export(self, kind: str, count: int, filters: dict[str, Any]) -> None:
        record(
            "assessments.list.exported",
            actor=self.request.user,
            data={"list": self.name, "format": kind, "rows": count, "filters": filters},
        )


class AdjustmentList(OthersList):
    """The decided adjustments of the supervisory rating that hold, but those of nought."""

    table_class, filterset_class = AdjustmentTable, AdjustmentFilters
    title = export_name = _("Adjustments of the supervisory rating")
    name = "adjustments"

    def get_queryset(self) -> QuerySet[Rating]:
        number = DecimalField(max_digits=12, decimal_places=4)
        return (
            Rating.objects.filter(
                assessment__in=visible_assessments(acting(self.request)),
                notice__isnull=False,
                notice__replaced_by=None,
                taken_back_at=None,
            )
            .select_related("assessment__bank", "assessment__round__rulebook", "notice")
            .defer("assessment__round__rulebook__content", "notice__body")
            .annotate(
                adjustment_sort=Cast(NullIf("adjustment", Value("")), number),
                points_sort=Cast(NullIf("points", Value("")), number),
            )
            .filter(adjustment_sort__isnull=False)
            .exclude(adjustment_sort=0)
            .order_by("-notice__issued_at", "-pk")
        )


class GoesOutList(OthersList):
    """Binding measures under some tools."""

    table_class, filterset_class = GoesOutTable, GoesOutFilters
    tools: tuple[str, ...] = ()

    def get_queryset(self) -> QuerySet[LiveMeasure]:
        day = timezone.localdate()
        found = visible_measures(acting(self.request), day).filter(measure__tool__in=self.tools)
        bound = LiveMeasure.objects.binding(day).values("pk")
        return (
            found.filter(pk__in=bound).select_related("measure__rating__notice").defer("measure__rating__notice__body")
        )


class RewardList(GoesOutList):
    """What the finance bureau is told: which banks have a result that is ground for rewards, and which rewards."""

    title = export_name = _("Ground for rewards")
    name, tools = "rewards", ("reward", "incentive")


class InspectionList(GoesOutList):
    """Which banks are to be inspected on the spot."""

    title = export_name = _("Candidates for inspection")
    name, tools = "inspections", ("inspection",)
