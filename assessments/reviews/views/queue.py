"""The queue of submitted filings, by deadline and officer: one list, its filters, its export."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from assessments.access import visible_rounds
from assessments.models import Assessment, Correction, Review, Round, ScoreRun
from assessments.reviews import queue as review_queue
from assessments.reviews.selectors import all_officers
from assessments.reviews.staff import all_holders
from assessments.reviews.views.assessment import KINDS, SETTLED, acting, assessment_url
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.outcome_codec import LETTERS
from assessments.scoring.results import state_words
from assessments.scoring.same_items import points_range
from banks.forms.choices import PersonFilter
from banks.models import Category, User
from scorecard.audit.reading import record_reading
from scorecard.audit.services import record
from scorecard.columns import ChipColumn, Column, DeadlineColumn, FigureColumn, MomentColumn
from scorecard.filters import BaseFilterSet
from scorecard.tables import BaseTable, FilteredListView
from scorecard.ui.templatetags.ui import DASH, chip
from scorecard.words import formats
from scorecard.words.language import screen_language


class QueueDeadline(DeadlineColumn):
    """The review deadline in two lines; once the rating is decided nothing is due any more and only the date stands."""

    def render(self, value: Any, record: Any = None, **kwargs: Any) -> SafeString:
        due = formats.deadline(value, done=record is not None and record.review_state in SETTLED)
        date = formats.moment(value)
        if not due.words:
            return format_html('<span class="deadline">{}</span>', date)
        return format_html('<span class="deadline deadline-{}">{}<br>{}</span>', due.kind, due.words, date)


class QueueTable(BaseTable):
    """One row per submitted filing."""

    bank = Column(verbose_name=_("Bank"), accessor="bank_name", order_by=("said_sort",), css="wrap")
    category = Column(verbose_name=_("Category"), accessor="category_words", order_by=("said_category",), css="nowrap")
    round = Column(verbose_name=_("Round"), accessor="round", order_by=("round__year",))
    review_state = ChipColumn(
        verbose_name=_("State"), kinds={str(state): kind for state, kind in KINDS.items()}, words="review_words"
    )
    due = QueueDeadline(verbose_name=_("Deadline"), accessor="round__review_deadline")
    officer = Column(
        verbose_name=_("Case officer"), accessor="officer_name", order_by=("officer__name_sort",), css="nowrap"
    )
    second_reviewer = Column(
        verbose_name=_("Second reviewer"),
        accessor="second_reviewer",
        order_by=("second_reviewer__name_sort",),
        css="nowrap",
    )
    decision_maker = Column(
        verbose_name=_("Decision maker"),
        accessor="decision_maker",
        order_by=("decision_maker__name_sort",),
        css="nowrap",
    )
    version = Column(verbose_name=_("Version"), accessor="version__number", css="num")
    submitted = MomentColumn(verbose_name=_("Submitted on"), accessor="version__submitted_at")
    own = FigureColumn(
        verbose_name=_("Self-score"), accessor="version__self_total", order_by=("self_sort",), unit="point", digits=2
    )
    system = FigureColumn(
        verbose_name=_("System points"), accessor="system_run__total", order_by=("system_sort",), unit="point", digits=2
    )
    reviewed = FigureColumn(
        verbose_name=_("Reviewed points"),
        accessor="reviewed_run__total",
        order_by=("reviewed_sort",),
        unit="point",
        digits=2,
    )
    awaited = FigureColumn(
        verbose_name=_("Points awaited"), accessor="awaited_sort", unit="point", digits=2, export_only=True
    )
    targets = Column(
        verbose_name=_("Targets"), accessor="pk", order_by=("missed_sort", "targets_now", "pk"), css="nowrap"
    )
    grade = Column(verbose_name=_("Grade by rule"), accessor="pk", order_by=("grade_sort", "pk"), css="nowrap")

    empty_title = _("Nothing is in the queue")
    empty_hint = _("Filings come here when a bank signs and submits them.")
    caption = _("Review queue")
    default_columns = ("bank", "review_state", "due", "officer", "own", "system", "reviewed", "targets", "grade")

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        self.actor = actor
        super().__init__(*args, **kwargs)

    def render_bank(self, value: Any, record: Assessment) -> SafeString:
        return format_html('<a href="{}">{}</a>', assessment_url(self.actor, record), value)

    def value_bank(self, value: Any) -> str:
        return str(value)

    def value_round(self, value: Any) -> str:
        return str(value)

    def value_officer(self, value: Any) -> str:
        return str(value or "")

    def value_second_reviewer(self, value: Any) -> str:
        return str(value or "")

    def value_decision_maker(self, value: Any) -> str:
        return str(value or "")

    def value_due(self, value: Any) -> Any:
        return value

    def render_system(self, record: Assessment, column: FigureColumn) -> Any:
        return _as_range(record.system_run, column)

    def render_reviewed(self, record: Assessment, column: FigureColumn) -> Any:
        return _as_range(record.reviewed_run, column)

    def value_system(self, record: Assessment, column: FigureColumn) -> Any:
        return _range_value(record.system_run, column)

    def value_reviewed(self, record: Assessment, column: FigureColumn) -> Any:
        return _range_value(record.reviewed_run, column)

    def render_targets(self, record: Assessment) -> SafeString:
        run = record.counted_run
        if run is None:
            return DASH
        specs = engine_rulebook(record.round.rulebook).targets.values()
        lang = screen_language()
        missed = [spec.short.get(lang) for spec, letter in zip(specs, run.targets, strict=False) if letter == "x"]
        if len(missed) > 1:
            names = "、".join(missed) if lang == "zh" else ", ".join(missed)
            return format_html(
                '<span title="{}">{}</span>', names, chip(_("%(n)d targets missed") % {"n": len(missed)}, "bad")
            )
        if missed:
            return chip(_("missed: %(names)s") % {"names": missed[0]}, "bad")
        if "u" in run.targets:
            return chip(_("not known yet"), "neutral")
        return chip(_("all met"), "good") if "m" in run.targets else chip(state_words()["not_applicable"], "neutral")

    def value_targets(self, record: Assessment) -> str:
        run = record.counted_run
        if run is None:
            return ""
        specs = engine_rulebook(record.round.rulebook).targets.values()
        lang = screen_language()
        words = state_words()
        return "; ".join(
            f"{s.short.get(lang)}: {words[LETTERS[letter]]}" for s, letter in zip(specs, run.targets, strict=False)
        )

    def render_grade(self, record: Assessment) -> Any:
        return self.value_grade(record) or DASH

    def value_grade(self, record: Assessment) -> str:
        run = record.counted_run
        if run is None or not run.grade or record.awaited_sort:  # type: ignore[attr-defined]
            return ""  # a total that awaits points has no grade yet
        rulebook, lang = engine_rulebook(record.round.rulebook), screen_language()
        after = rulebook.grade(run.grade).name.get(lang)
        if run.grade == run.grade_before:
            return after
        return f"{rulebook.grade(run.grade_before).name.get(lang)} → {after}"

    class Meta(BaseTable.Meta):
        model = Assessment
        fields = ()
        sequence = (
            "bank", "category", "round", "review_state", "due", "officer", "version", "submitted",
            "own", "system", "reviewed", "awaited", "targets", "grade",
        )  # fmt: skip


def _as_range(run: ScoreRun | None, column: FigureColumn) -> Any:
    """A total; while it awaits points, from the lowest to the highest that it can come to."""
    low, high = points_range(run)
    if low is None or low == high:
        return column.render(value=low)
    return format_html("{} – {}", column.render(value=low), column.render(value=high))


def _range_value(run: ScoreRun | None, column: FigureColumn) -> Any:
    """A finished total as a number; one that awaits points as the page writes it, so that nobody takes it for one."""
    low, high = points_range(run)
    return column.value(value=low) if low == high else strip_tags(_as_range(run, column))


def _stages() -> list[tuple[str, Any]]:
    return [(str(state), state.label) for state in Review if state != Review.NONE]


class QueueFilters(BaseFilterSet):
    """Whose turn it is, the stage, the round, the officer, for whom it waits, the category."""

    search_fields = (
        "kept_name_zh",
        "kept_name_en",
        "bank__name_zh",
        "bank__name_initials",
        "bank__name_en",
        "bank__short_name",
        "bank__code",
    )
    search_hint = _("Bank or code")

    scope = django_filters.ChoiceFilter(
        label=_("Whose turn"),
        choices=[("own", _("Mine")), ("late", _("Overdue"))],
        method="by_scope",
        empty_label=_("Everybody's"),
    )
    review_state = django_filters.ChoiceFilter(label=_("State"), choices=_stages(), empty_label=_("Every state"))
    correction_state = django_filters.ChoiceFilter(
        label=_("Put right"),
        choices=[(str(state), state.label) for state in Correction if state != Correction.NONE],
        empty_label=_("Every case"),
    )
    round = django_filters.ModelChoiceFilter(
        label=_("Round"), queryset=Round.objects.none(), empty_label=_("Every round")
    )
    officer = PersonFilter(label=_("Case officer"), queryset=User.objects.none(), empty_label=_("Every officer"))
    holder = PersonFilter(
        label=_("Waits for"), queryset=User.objects.none(), empty_label=_("Everybody"), method="by_holder"
    )
    category = django_filters.ChoiceFilter(
        label=_("Category"), field_name="said_category", choices=Category.choices, empty_label=_("Every category")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        actor = self.request.user
        self.filters["round"].queryset = visible_rounds(actor).order_by("-year")
        self.filters["officer"].queryset = all_officers()
        if self.data and self.data.get("holder"):  # the way from the workload; nobody is led here otherwise
            self.filters["holder"].queryset = all_holders()
        else:
            del self.filters["holder"]

    def by_scope(self, queryset: QuerySet[Assessment], name: str, value: str) -> QuerySet[Assessment]:
        """The reader's own part, or what should have been decided by now."""
        if value == "own":
            return review_queue.own_part(queryset, self.request.user)
        return review_queue.overdue(queryset)

    def by_holder(self, queryset: QuerySet[Assessment], name: str, value: User | None) -> QuerySet[Assessment]:
        """The cases that wait for one person."""
        return queryset.alias(holder=review_queue.HOLDER).filter(holder=value.pk) if value is not None else queryset

    class Meta:
        model = Assessment
        fields = ["scope", "review_state", "correction_state", "round", "officer", "holder", "category"]


class ReviewQueue(FilteredListView):
    """The queue: everything submitted, nearest deadline first, the reader's own part one filter away."""

    table_class, filterset_class = QueueTable, QueueFilters
    title, export_name = _("Review queue"), _("Review queue")

    def get_queryset(self) -> QuerySet[Assessment]:
        return review_queue.by_grade(review_queue.in_hand(acting(self.request)), acting(self.request))

    def get_table_kwargs(self) -> dict[str, Any]:
        return {"actor": self.request.user}

    def on_read(self) -> None:
        record_reading("assessments.list.read", actor=self.request.user, name="review queue")

    def on_export(self, kind: str, count: int, filters: dict[str, Any]) -> None:
        record(
            "assessments.list.exported",
            actor=self.request.user,
            data={"list": "review queue", "format": kind, "rows": count, "filters": filters},
        )
