"""The list of the drafts of a round: how far each is, who was there last, and which are to be reminded."""

from typing import Any, ClassVar

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.models import Assessment, Filing
from assessments.rounds.selectors import RETURNED
from assessments.rounds.tables import stage_words
from scorecard.columns import ChipColumn, Column, DeadlineColumn, FigureColumn, MomentColumn
from scorecard.tables import BaseTable
from scorecard.ui.templatetags.ui import chip

KINDS: dict[str, str] = {
    Filing.PREPARING: "neutral",
    Filing.CHECKING: "info",
    Filing.SIGNING: "info",
    RETURNED: "attention",
}


def begun(case: Any) -> bool:
    """Whether somebody of the bank has put in anything, or it has filed before."""
    return bool(case.saved_at is not None or case.version_id or case.filing_state != Filing.PREPARING)


class DraftTable(BaseTable):
    """One row for each filing that is with its bank, the least filled in first."""

    bank = Column(verbose_name=gettext_lazy("Bank"), order_by=("said_sort", "pk"), accessor="bank", css="wrap")
    code = Column(verbose_name=gettext_lazy("Bank code"), accessor="bank__code")
    stage = ChipColumn(verbose_name=gettext_lazy("Stage"))
    filled = FigureColumn(verbose_name=gettext_lazy("Filled in"), initial_sort_descending=False)
    whole = FigureColumn(verbose_name=gettext_lazy("Asked"), export_only=True)
    saved_at = MomentColumn(verbose_name=gettext_lazy("Last saved"))
    saved_by = Column(verbose_name=gettext_lazy("Saved by"), order_by=("saved_by__name_sort", "pk"), css="nowrap")
    signed_in = MomentColumn(verbose_name=gettext_lazy("Last signed in"))
    until = DeadlineColumn(verbose_name=gettext_lazy("Last day"))
    urged_at = MomentColumn(verbose_name=gettext_lazy("Last reminded"))
    officer = Column(
        verbose_name=gettext_lazy("Case officer"),
        accessor="said_officer",
        order_by=("officer__name_sort", "pk"),
        css="nowrap",
    )

    default_columns: ClassVar[tuple[str, ...]] = (
        "bank",
        "stage",
        "filled",
        "saved_at",
        "signed_in",
        "until",
        "urged_at",
    )
    empty_title = gettext_lazy("Every bank has submitted")
    empty_hint = gettext_lazy("Filings that are with their banks stand here; there is none in this round.")
    caption = gettext_lazy("Drafts of the round")

    class Meta(BaseTable.Meta):
        model = Assessment
        fields = ()
        sequence = (
            "bank", "code", "stage", "filled", "whole", "saved_at", "saved_by", "signed_in", "until", "urged_at",
            "officer",
        )  # fmt: skip

    def render_bank(self, record: Any) -> Any:
        name = format_html('<a href="{}">{}</a>', reverse("bank-detail", args=[record.bank_id]), record.bank_name)
        words = format_html('{}<br><span class="muted nowrap">{}</span>', name, record.category_words)
        if not record.may_urge:
            return words
        return format_html(
            '<span class="pick"><input class="form-check-input" type="checkbox" form="urge" name="bank" value="{}"'
            ' aria-label="{}"><span>{}</span></span>',
            record.pk,
            _("Choose %(bank)s") % {"bank": record.bank_name},
            words,
        )

    def value_bank(self, record: Assessment) -> str:
        return record.bank_name

    def render_stage(self, record: Any) -> Any:
        if not begun(record):
            return chip(_("Not begun"), "bad")
        return chip(stage_words(record.stage), KINDS.get(record.stage, "neutral"))

    def render_filled(self, record: Any) -> Any:
        share = record.filled * 100 // record.whole
        title = _("%(filled)d of %(whole)d") % {"filled": record.filled, "whole": record.whole}
        return format_html('<span title="{}">{} %</span>', title, share)

    def value_filled(self, record: Any) -> int:
        return int(record.filled)

    def value_saved_by(self, value: Any) -> str:
        return str(value or "")
