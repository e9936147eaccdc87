"""Tables of rounds: the list of rounds, and the bank list of one round without points."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_tables2.utils import A

from assessments.filings.extensions import may_extend
from assessments.models import Assessment, Filing, Review, Round, RoundState
from assessments.rounds.selectors import NOT_AGAIN, NOT_SUBMITTED, RETURNED, STAGES, TAKEN_OUT
from banks.models import User
from scorecard.access.policy import url_policy
from scorecard.columns import ChipColumn, Column, DeadlineColumn, FigureColumn, MomentColumn
from scorecard.tables import BaseTable
from scorecard.ui.templatetags.ui import DASH, chip
from scorecard.words.formats import moment

STATE_KINDS: dict[str, str] = {RoundState.PLANNED: "neutral", RoundState.OPEN: "info", RoundState.CLOSED: "good"}
STAGE_KINDS = {
    Filing.PREPARING: "neutral",
    Filing.CHECKING: "neutral",
    Filing.SIGNING: "neutral",
    Filing.NOT_FILED: "bad",
    RETURNED: "attention",
    NOT_SUBMITTED: "bad",
    NOT_AGAIN: "bad",
    Review.WAITING: "attention",
    Review.FIRST: "info",
    Review.SECOND: "info",
    Review.DECISION: "info",
    Review.DECIDED: "good",
    Review.NOTIFIED: "good",
    Review.ACKNOWLEDGED: "good",
    TAKEN_OUT: "neutral",
}


def stage_words(stage: str) -> str:
    """A stage in words."""
    words = {
        RETURNED: _("Returned for correction"),
        NOT_SUBMITTED: _("Not submitted"),
        NOT_AGAIN: _("Not submitted again"),
        TAKEN_OUT: _("Taken out of the round"),
    }
    return words.get(stage) or str(STAGES.get(stage, stage))


def grade_kind(grades: Sequence[str], code: str) -> str:
    """Return the kind of a grade's chip by its place among the rulebook's grades, which go from the best to the worst.

    The best is good, the worst bad; of those between, the upper half is neither and the lower half asks for attention.
    """
    if code not in grades or len(grades) < 2:
        return "info"
    place = grades.index(code)
    if place == 0:
        return "good"
    if place == len(grades) - 1:
        return "bad"
    return "info" if 2 * place < len(grades) else "attention"


class RoundTable(BaseTable):
    """The rounds, newest first."""

    title = Column(
        verbose_name=gettext_lazy("Round"),
        order_by=("title_zh", "pk"),
        linkify=("round-detail", [A("pk")]),
        empty_values=(),
    )
    code = Column(verbose_name=gettext_lazy("Code"))
    year = Column(verbose_name=gettext_lazy("Year assessed"), css="num")
    state = ChipColumn(verbose_name=gettext_lazy("State"), kinds=STATE_KINDS)
    rulebook = Column(verbose_name=gettext_lazy("Rulebook"), order_by=("rulebook__code", "rulebook__version"))
    filing_deadline = DeadlineColumn(verbose_name=gettext_lazy("Filing deadline"))
    review_deadline = MomentColumn(verbose_name=gettext_lazy("Review deadline"))
    banks = FigureColumn(verbose_name=gettext_lazy("Banks"))
    submitted = FigureColumn(verbose_name=gettext_lazy("Submitted"))
    told = FigureColumn(verbose_name=gettext_lazy("Notice sent"))

    default_columns: ClassVar[tuple[str, ...]] = (
        "title",
        "state",
        "year",
        "filing_deadline",
        "banks",
        "submitted",
        "told",
    )
    empty_title = gettext_lazy("No round yet")
    empty_hint = gettext_lazy("An administrator plans a round under a published rulebook, then opens it.")
    caption = gettext_lazy("Rounds")

    class Meta(BaseTable.Meta):
        model = Round
        fields = ()
        sequence = (
            "title",
            "state",
            "year",
            "code",
            "rulebook",
            "filing_deadline",
            "review_deadline",
            "banks",
            "submitted",
            "told",
        )

    def render_title(self, record: Round) -> str:
        return record.title

    def value_title(self, record: Round) -> str:
        return record.title

    def render_rulebook(self, record: Round) -> Any:
        url = reverse("rulebook-detail", args=[record.rulebook_id])
        return format_html('<a href="{}">{}</a>', url, f"{record.rulebook.code}/{record.rulebook.version}")

    def value_rulebook(self, record: Round) -> str:
        return f"{record.rulebook.code}/{record.rulebook.version}"

    def render_filing_deadline(self, value: Any, record: Round) -> Any:
        from scorecard.ui.templatetags.ui import deadline_tag

        return deadline_tag(value, done=record.state == RoundState.CLOSED)


class StandingTable(BaseTable):
    """The banks of a round and where each stands: what the administrator sees, without any point."""

    bank = Column(verbose_name=gettext_lazy("Bank"), order_by=("said_sort", "pk"), accessor="bank", css="wrap")
    code = Column(verbose_name=gettext_lazy("Bank code"), accessor="bank__code")
    category = Column(verbose_name=gettext_lazy("Category"), accessor="said_category", css="nowrap")
    scope = Column(
        verbose_name=gettext_lazy("Scope of the figures"), accessor="scope_words", orderable=False, export_only=True
    )
    stage = ChipColumn(verbose_name=gettext_lazy("Stage"))
    officer = Column(
        verbose_name=gettext_lazy("Case officer"),
        accessor="said_officer",
        order_by=("officer__name_sort", "pk"),
        css="nowrap",
    )
    version = Column(verbose_name=gettext_lazy("Version"), accessor="version__number", css="num")
    submitted = MomentColumn(verbose_name=gettext_lazy("Submitted at"), accessor="version__submitted_at")
    due_at = MomentColumn(verbose_name=gettext_lazy("Own deadline"), empty_values=())
    register = Column(
        verbose_name=gettext_lazy("The register says today"),
        accessor="register_says",
        orderable=False,
        export_only=True,
    )

    default_columns: ClassVar[tuple[str, ...]] = ("bank", "stage", "officer", "submitted", "due_at")
    empty_title = gettext_lazy("No bank takes part yet")
    empty_hint = gettext_lazy("Opening the round makes one assessment for every bank on the register.")
    caption = gettext_lazy("Banks of the round")

    class Meta(BaseTable.Meta):
        model = Assessment
        fields = ()

    def __init__(self, *args: Any, reader: User, **kwargs: Any) -> None:
        self.reader = reader
        self.case_url = next((name for name in ("review-detail", "assessment-result") if admits(name, reader)), "")
        super().__init__(*args, **kwargs)

    def render_bank(self, record: Assessment) -> Any:
        name, category = record.bank_name, record.category_words
        if self.case_url:
            name = format_html('<a href="{}">{}</a>', reverse(self.case_url, args=[record.pk]), name)
        words = format_html('{}<br><span class="muted nowrap">{} · {}</span>', name, category, record.scope_words)
        if says := record.register_says:
            words = format_html(
                '{}<br><span class="muted small">{}</span>',
                words,
                _("The register says today: %(words)s") % {"words": says},
            )
        return words

    def value_bank(self, record: Assessment) -> str:
        return record.bank_name

    def render_due_at(self, value: Any, record: Assessment) -> Any:
        at = moment(value) if value else DASH
        if not may_extend(self.reader, record):
            return at
        url = reverse("filing-extend", args=[record.pk])
        return format_html('{} <a class="small" href="{}">{}</a>', at, url, _("Give a later day"))

    def render_category(self, record: Assessment) -> str:
        return record.category_words

    value_category = render_category

    def render_stage(self, record: Any) -> Any:
        return chip(stage_words(record.stage), STAGE_KINDS.get(record.stage, "neutral"))


def admits(name: str, reader: User) -> bool:
    """Whether the URL policy lets this person open the page; a page that does not exist is nobody's."""
    rule = url_policy().get(name)
    return rule is not None and rule.admits(reader.roles)
