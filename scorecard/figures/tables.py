"""The lists of figures, relations and loads."""

from decimal import Decimal

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django_tables2 import A

from scorecard.columns import ChipColumn, Column, FigureColumn, MomentColumn
from scorecard.tables import BaseTable
from scorecard.ui.templatetags.ui import chip

from . import codes
from .models import Figure, Load, LoadState, Relation
from .presenting import RELATION_KINDS, STRENGTHS, period, place, present, printed

STATE_KINDS: dict[str, str] = {
    LoadState.WAITING: "info",
    LoadState.ASKED: "attention",
    LoadState.DISCARDED: "neutral",
    LoadState.LOADED: "good",
    LoadState.REJECTED: "bad",
}


class FigureTable(BaseTable):
    """Every figure of the report: as printed for reading, as printed and normalised in files."""

    indicator = Column(
        verbose_name=_("Indicator"),
        linkify=("figures:detail", [A("ident")]),
        order_by=("indicator_zh",),
        accessor="indicator",
    )
    value = Column(verbose_name=_("As printed"), css="num nowrap", orderable=False)
    as_of = Column(verbose_name=_("As of"), css="num nowrap")
    compared_with = Column(verbose_name=_("Compared with"), css="nowrap")
    institution = Column(verbose_name=_("Institution"))
    topic = Column(verbose_name=_("Topic"))
    kind = Column(verbose_name=_("Kind"))
    dimension = Column(verbose_name=_("Dimension"))
    chapter = Column(verbose_name=_("Chapter"))
    section = Column(verbose_name=_("Section"), css="nowrap", order_by=("position",))
    printed_value = Column(accessor="value", verbose_name=_("Value as printed"), export_only=True)
    printed_unit = Column(accessor="unit", verbose_name=_("Unit as printed"), export_only=True)
    qualifier = Column(verbose_name=_("Precision"), export_only=True)
    normalised_value = Column(verbose_name=_("Normalised value"), export_only=True)
    normalised_unit = Column(verbose_name=_("Normalised unit"), export_only=True)
    indicator_zh = Column(verbose_name=_("Indicator (Chinese)"), export_only=True)
    indicator_en = Column(verbose_name=_("Indicator (English)"), export_only=True)
    ident = Column(verbose_name=_("Id"), export_only=True)

    default_columns = ("indicator", "value", "as_of", "institution", "topic", "dimension", "section")
    empty_title = _("No figure of the report has been loaded yet")
    empty_hint = _("The administrator loads the report fixture.")
    caption = _("Figures of the report")

    class Meta(BaseTable.Meta):
        model = Figure
        fields = ()

    def render_value(self, record: Figure) -> SafeString:
        return printed(record)

    def value_value(self, record: Figure) -> str:
        return f"{record.value}{record.unit}"

    def render_as_of(self, value: str) -> str:
        return period(value)

    def render_compared_with(self, value: str) -> str:
        return period(value)

    def render_section(self, record: Figure) -> str:
        return place(record)

    def value_section(self, record: Figure) -> str:
        return record.section

    def value_normalised_value(self, record: Figure) -> Decimal:
        return record.number

    def value_topic(self, record: Figure) -> str:
        return str(codes.TOPICS[record.topic])

    def value_kind(self, record: Figure) -> str:
        return str(codes.KINDS[record.kind])

    def value_dimension(self, record: Figure) -> str:
        return str(codes.DIMENSIONS[record.dimension])

    def value_chapter(self, record: Figure) -> str:
        return str(codes.CHAPTERS[record.chapter])

    def value_normalised_unit(self, record: Figure) -> str:
        return str(codes.UNITS[record.normalised_unit])


class RelationTable(BaseTable):
    """Every relation with its outcome."""

    main = Column(verbose_name=_("Figure"), order_by=("main__position",))
    kind = Column(verbose_name=_("Relation"))
    holds = ChipColumn(verbose_name=_("Outcome"))
    calculated = Column(verbose_name=_("Calculated"), accessor="pk", orderable=False, css="num nowrap")
    as_printed = Column(verbose_name=_("As printed"), accessor="pk", orderable=False, css="num nowrap")
    difference = Column(verbose_name=_("Difference"), accessor="pk", orderable=False, css="num nowrap")
    strength = Column(verbose_name=_("Strength"))
    note = Column(verbose_name=_("Note"), orderable=False)
    figures = Column(verbose_name=_("Figures"), accessor="pk", orderable=False, export_only=True)
    ident = Column(verbose_name=_("Id"), export_only=True)

    default_columns = ("main", "kind", "holds", "calculated", "as_printed", "difference", "strength")
    empty_title = _("No relation has been loaded yet")
    empty_hint = _("The administrator loads the report fixture.")
    caption = _("Relations among the figures of the report")

    class Meta(BaseTable.Meta):
        model = Relation
        fields = ()

    def render_main(self, record: Relation) -> SafeString:
        url = reverse("figures:detail", args=[record.main.ident])
        return format_html('<a href="{}">{}</a>', url, record.main.indicator)

    def value_main(self, record: Relation) -> str:
        return record.main.indicator

    def render_kind(self, record: Relation) -> str:
        return str(RELATION_KINDS[record.kind])

    def render_holds(self, record: Relation) -> SafeString:
        return chip(_("Holds"), "good") if record.holds else chip(_("Does not hold"), "attention")

    def render_calculated(self, record: Relation) -> str:
        shown = present(record)
        return f"{'≤ ' if record.op == '<=' else ''}{shown.left} {shown.unit}".strip()

    def render_as_printed(self, record: Relation) -> str:
        shown = present(record)
        return f"{shown.right} {shown.unit}".strip()

    def render_difference(self, record: Relation) -> str:
        shown = present(record)
        return f"{shown.difference} {shown.difference_unit}".strip()

    def render_strength(self, record: Relation) -> str:
        return str(STRENGTHS[record.strength])

    value_kind = render_kind
    value_strength = render_strength
    value_calculated = render_calculated
    value_as_printed = render_as_printed
    value_difference = render_difference

    def value_figures(self, record: Relation) -> str:
        return ", ".join(f"{member.role}: {member.figure.ident}" for member in record.members.all())


class LoadTable(BaseTable):
    """Every load with its outcome."""

    source = Column(verbose_name=_("File or folder"), linkify=("figures:load-detail", [A("pk")]))
    state = ChipColumn(verbose_name=_("State"), kinds=STATE_KINDS)
    added = FigureColumn(verbose_name=_("Added"))
    changed = FigureColumn(verbose_name=_("Changed"))
    unchanged = FigureColumn(verbose_name=_("Unchanged"))
    rejected = FigureColumn(verbose_name=_("Rejected"))
    disagreements = FigureColumn(verbose_name=_("Disagreements"))
    created_by = Column(verbose_name=_("By"), default=_("Command line"))
    created_at = MomentColumn(verbose_name=_("Started"))

    empty_title = _("No report fixture has been loaded yet")
    empty_hint = _("Upload the fixture folder as a zip, or load it on the command line.")
    caption = _("Loads of report fixtures")

    class Meta(BaseTable.Meta):
        model = Load
        fields = ()
        order_by = "-created_at"
