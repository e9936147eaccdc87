"""The bank list of a round with points, targets, grades and ranks."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.filings.form_layout import form_pages
from assessments.models import Assessment
from assessments.scoring.outcome_codec import LETTERS, points_of
from assessments.scoring.results import state_words
from assessments.scoring.same_items import points_range
from scorecard.columns import Column, FigureColumn
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.numbers import plain
from scorecard.engine.values.text import Text
from scorecard.ui.templatetags.ui import DASH, chip
from scorecard.words.language import in_language

from . import StandingTable, grade_kind


def counted_with_head(record: Any) -> bool:
    """Whether a branch is counted with its legal entity; in a closed round, whether it was when the round closed."""
    return bool(record.within_head)


class ResultTable(StandingTable):
    """The bank list of a round with points, targets, grade and rank, for those who see assessments."""

    self_points = FigureColumn(
        verbose_name=gettext_lazy("Self-score"),
        unit="point",
        digits=2,
        accessor="version__self_total",
        order_by="self_sort",
    )
    same_points = FigureColumn(
        verbose_name=gettext_lazy("The same items"), unit="point", digits=2, empty_values=(), orderable=False
    )
    system_points = FigureColumn(
        verbose_name=gettext_lazy("System score"),
        unit="point",
        digits=2,
        accessor="system_run__total",
        order_by="system_run__total_sort",
    )
    reviewed_points = FigureColumn(
        verbose_name=gettext_lazy("Reviewed score"),
        unit="point",
        digits=2,
        accessor="reviewed_run__total",
        order_by="reviewed_run__total_sort",
    )
    counted_points = FigureColumn(
        verbose_name=gettext_lazy("Score that counts"),
        unit="point",
        digits=2,
        accessor="counted_sort",
        order_by="counted_sort",
    )
    lowest = FigureColumn(
        verbose_name=gettext_lazy("Lowest total"), unit="point", digits=2, empty_values=(), export_only=True
    )
    highest = FigureColumn(
        verbose_name=gettext_lazy("Highest possible total"), unit="point", digits=2, empty_values=(), export_only=True
    )
    pending = FigureColumn(
        verbose_name=gettext_lazy("Points awaited"), unit="point", digits=2, empty_values=(), orderable=False
    )
    targets = Column(
        verbose_name=gettext_lazy("Targets"), accessor="targets_now", order_by=("missed_sort", "targets_now", "pk")
    )
    grade = Column(
        verbose_name=gettext_lazy("Grade"),
        accessor="grade_now",
        css="nowrap",
        order_by=("grade_sort", "counted_sort", "pk"),
    )
    declined = FigureColumn(verbose_name=gettext_lazy("Required measures declined"))
    rank = Column(
        verbose_name=gettext_lazy("Rank in category"), css="num nowrap", order_by=("said_category", "rank", "pk")
    )
    decided = Column(
        verbose_name=gettext_lazy("Grade decided"), accessor="pk", orderable=False, empty_values=(), export_only=True
    )
    rank_earlier = Column(
        verbose_name=gettext_lazy("Ranked before the latest score"),
        accessor="pk",
        orderable=False,
        empty_values=(),
        export_only=True,
    )
    rank_of = Column(verbose_name=gettext_lazy("Banks ranked in the category"), css="num", export_only=True)
    percentile = FigureColumn(
        verbose_name=gettext_lazy("Percentile"),
        unit="percent",
        digits=2,
        accessor="percentile",
        order_by="percentile_sort",
    )

    default_columns: ClassVar[tuple[str, ...]] = (
        "bank",
        "stage",
        "officer",
        "self_points",
        "same_points",
        "counted_points",
        "targets",
        "grade",
        "rank",
    )

    class Meta(StandingTable.Meta):
        sequence = (
            "bank",
            "code",
            "category",
            "scope",
            "stage",
            "officer",
            "self_points",
            "same_points",
            "system_points",
            "reviewed_points",
            "counted_points",
            "lowest",
            "highest",
            "pending",
            "targets",
            "grade",
            "decided",
            "declined",
            "rank",
            "rank_of",
            "rank_earlier",
            "percentile",
            "version",
            "submitted",
            "due_at",
            "register",
        )

    def __init__(self, *args: Any, rulebook: Rulebook, **kwargs: Any) -> None:
        self.target_names: Mapping[str, Text] = {name: target.short for name, target in rulebook.targets.items()}
        self.grade_names: Mapping[str, Text] = {grade.id: grade.name for grade in rulebook.grades}
        self.rulebook = rulebook
        self.own_items = [item.indicator for item in form_pages(rulebook).items.values() if item.asked]
        super().__init__(*args, **kwargs)
        top = plain(sum((item.max for item in self.own_items), Decimal(0)))
        self.columns["self_points"].column.verbose_name = _("Self-score (of %(top)s)") % {"top": top}

    def render_same_points(self, record: Assessment, column: FigureColumn) -> Any:
        """What the items that banks score themselves have in the score that counts; the self-score compares with it."""
        return column.render(value=self._same(record))

    def value_same_points(self, record: Assessment, column: FigureColumn) -> Any:
        return column.value(value=self._same(record))

    def _same(self, record: Assessment) -> Decimal | None:
        run = record.counted_run
        if run is None or not run.array:
            return None
        return points_of(self.rulebook, bytes(run.array), [item.id for item in self.own_items])

    def render_counted_points(self, value: Any, record: Assessment, column: FigureColumn) -> Any:
        """The total; while points are awaited the range in which it lies."""
        low, high = points_range(record.counted_run)
        if low is None or low == high:
            return column.render(value=value)
        return format_html("{} – {}", column.render(value=low), column.render(value=high))

    def value_counted_points(self, value: Any, record: Assessment, column: FigureColumn) -> Any:
        """A finished total; one that awaits points is none; its lowest and highest have columns of their own."""
        low, high = points_range(record.counted_run)
        return column.value(value=value) if low == high else None

    def value_lowest(self, record: Assessment, column: FigureColumn) -> Any:
        return column.value(value=points_range(record.counted_run)[0])

    def value_highest(self, record: Assessment, column: FigureColumn) -> Any:
        return column.value(value=points_range(record.counted_run)[1])

    def render_pending(self, record: Assessment, column: FigureColumn) -> Any:
        run = record.counted_run
        return column.render(value=run.pending) if run is not None else DASH

    def value_pending(self, record: Assessment, column: FigureColumn) -> Any:
        run = record.counted_run
        return column.value(value=run.pending) if run is not None else None

    def _outcomes(self, value: str) -> list[tuple[str, str, str]]:
        """Each target of the rulebook with its outcome: name, word, letter."""
        words = state_words()
        return [
            (in_language(name), words[LETTERS[letter]], letter)
            for name, letter in zip(self.target_names.values(), value, strict=False)
        ]

    def render_targets(self, value: str) -> Any:
        kinds = {"m": "good", "x": "bad", "u": "attention", "n": "neutral"}
        outcomes = self._outcomes(value)
        if outcomes and all(letter == "m" for _name, _word, letter in outcomes):
            return chip(_("All met"), "good")
        return format_html_join(
            " ", "{}", [(chip(f"{name} {word}", kinds[letter]),) for name, word, letter in outcomes if letter != "m"]
        )

    def value_targets(self, value: str) -> str:
        return _("; ").join(f"{name} {word}" for name, word, _letter in self._outcomes(value))

    def _grade(self, code: str) -> str:
        return in_language(self.grade_names[code]) if code in self.grade_names else code

    def render_grade(self, value: str, record: Any) -> Any:
        """The grade; as a chip once decided. Where a cap has lowered it, the grade before is said."""
        decided, text = _decided(record), self.value_grade(value, record)
        shown = chip(text, grade_kind(list(self.grade_names), value)) if decided else text
        return format_html("{}<br>{}", shown, self.render_declined(record.declined)) if record.declined else shown

    def value_grade(self, value: str, record: Any) -> str:
        """The grade in words; one that a cap has lowered and nobody has decided yet says from which."""
        run, text = record.counted_run, self._grade(value)
        if run is None or _decided(record) or run.grade_before in ("", value):
            return text
        return _("{grade} (capped from {before})").format(grade=text, before=self._grade(run.grade_before))

    def value_decided(self, record: Any) -> str:
        return _("yes") if _decided(record) else _("no")

    def value_rank_earlier(self, record: Any) -> str:
        return _("yes") if record.taken_out_at is None and record.rank_run != record.counted else _("no")

    def render_rank(self, record: Any) -> Any:
        """Rank of how many; a rank that depends on an earlier score says so, and a bank that was taken out has none."""
        if record.taken_out_at is not None:
            return DASH
        if counted_with_head(record):
            return format_html('<span class="muted">{}</span>', _("with its legal entity"))
        text = f"{record.rank}/{record.rank_of}"
        if record.rank_run == record.counted:
            return text
        return format_html('<span class="muted" title="{}">{} *</span>', _("Ranked before the latest score"), text)

    def render_declined(self, value: int) -> Any:
        """How many measures that a clause requires were declined; marked, since each needs its reason."""
        return chip(_("%(n)d declined") % {"n": value}, "attention") if value else DASH

    def value_rank(self, record: Any) -> Any:
        return None if record.taken_out_at is not None or counted_with_head(record) else record.rank

    def value_rank_of(self, record: Any) -> Any:
        return None if record.taken_out_at is not None or counted_with_head(record) else record.rank_of


def _decided(record: Any) -> bool:
    return getattr(record, "rating", None) is not None and bool(record.rating.grade)
