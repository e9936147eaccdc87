"""The list of trials."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_tables2.utils import A

from assessments.models.trials import Trial
from scorecard.columns import ChipColumn, Column, FigureColumn, MomentColumn
from scorecard.jobs.models import JobState
from scorecard.tables import BaseTable

STATE_KINDS: dict[str, str] = {
    JobState.QUEUED: "info",
    JobState.RUNNING: "info",
    JobState.DONE: "good",
    JobState.FAILED: "bad",
}


class TrialTable(BaseTable):
    """Every trial, newest first."""

    name = Column(verbose_name=gettext_lazy("Name of the trial"), linkify=("trial-detail", [A("pk")]), css="wrap")
    round = Column(verbose_name=gettext_lazy("Round"), order_by=("round__title_zh", "pk"), css="wrap")
    rulebook = Column(
        verbose_name=gettext_lazy("Rulebook"), order_by=("rulebook__code", "rulebook__version"), css="nowrap"
    )
    state = ChipColumn(verbose_name=gettext_lazy("State"), accessor="job__state", kinds=STATE_KINDS)
    scored = FigureColumn(verbose_name=gettext_lazy("Banks"))
    moved = FigureColumn(verbose_name=gettext_lazy("Other points"))
    regraded = FigureColumn(verbose_name=gettext_lazy("Other grade"))
    created_by = Column(verbose_name=gettext_lazy("Started by"), order_by=("created_by__name", "pk"), css="nowrap")
    created_at = MomentColumn(verbose_name=gettext_lazy("Started"))

    default_columns = ("name", "round", "rulebook", "state", "scored", "moved", "regraded", "created_by", "created_at")
    empty_title = gettext_lazy("No trial yet")
    empty_hint = gettext_lazy("Change a weight, a cut point or a cap and see what it would have done to a past round.")
    caption = gettext_lazy("Trials of changed rulebooks")

    class Meta(BaseTable.Meta):
        model = Trial
        fields = ()

    def render_rulebook(self, record: Trial) -> str:
        return f"{record.rulebook.code}/{record.rulebook.version}"

    def value_rulebook(self, record: Trial) -> str:
        return self.render_rulebook(record)


def category_word(category: str) -> str:
    """A bank's category in words."""
    from banks.models import Category

    return str(Category(category).label) if category in Category.values else category or _("unknown")
