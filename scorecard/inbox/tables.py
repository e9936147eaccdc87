"""The list of e-mails, for who looks after their sending."""

from typing import Any

import django_filters
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scorecard.access.roles import Role
from scorecard.columns import ChipColumn, Column, FigureColumn, MomentColumn
from scorecard.filters import BaseFilterSet
from scorecard.tables import BaseTable
from scorecard.ui.templatetags.ui import DASH

from .models import Mail, MailState

KINDS: dict[str, str] = {
    MailState.DUE: "info",
    MailState.IN_HAND: "info",
    MailState.SENT: "good",
    MailState.FAILED: "bad",
    MailState.UNKNOWN: "attention",
}


class MailTable(BaseTable):
    """One row per e-mail, the newest first."""

    person = Column(verbose_name=gettext_lazy("Person"), order_by=("person__name_sort", "pk"))
    bank = Column(
        verbose_name=gettext_lazy("Bank"),
        accessor="person__bank",
        order_by=("person__bank__name_sort", "pk"),
        css="wrap",
    )
    address = Column(verbose_name=gettext_lazy("E-mail"))
    state = ChipColumn(verbose_name=gettext_lazy("State"), kinds=KINDS)
    made_at = MomentColumn(verbose_name=gettext_lazy("Written at"))
    sent_at = MomentColumn(verbose_name=gettext_lazy("Taken by the server at"))
    tries = FigureColumn(verbose_name=gettext_lazy("Times tried"))
    error = Column(verbose_name=gettext_lazy("Answer of the server"), css="wrap")
    reference = Column(verbose_name="Message-ID", css="mono")
    again = Column(verbose_name=gettext_lazy("Send again"), empty_values=(), orderable=False)

    default_columns = ("person", "bank", "state", "made_at", "sent_at", "tries", "error", "again")
    empty_title = gettext_lazy("No e-mail")
    empty_hint = gettext_lazy(
        "E-mails are written once a server is set; messages stand in the application in any case."
    )
    caption = gettext_lazy("E-mails")

    class Meta(BaseTable.Meta):
        model = Mail
        fields = ()
        sequence = (
            "person", "bank", "address", "state", "made_at", "sent_at", "tries", "error", "reference", "again",
        )  # fmt: skip

    def __init__(self, *args: Any, reader: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.may_send = reader.holds(Role.ADMINISTRATOR)

    def render_again(self, record: Mail) -> Any:
        if not self.may_send or record.state not in (MailState.FAILED, MailState.UNKNOWN):
            return DASH
        return format_html('<a href="{}">{}</a>', reverse("mail-again", args=[record.pk]), _("Send again"))

    def value_again(self, record: Mail) -> str:
        return ""

    def value_person(self, value: Any) -> str:
        return str(value)

    def value_bank(self, value: Any) -> str:
        return str(value or "")


class MailFilters(BaseFilterSet):
    """E-mails by state, and by a part of a name or an address."""

    search_fields = ("person__name", "person__username", "address", "person__name_initials")
    search_hint = gettext_lazy("Name or address")

    state = django_filters.ChoiceFilter(label=gettext_lazy("State"), choices=MailState.choices)

    class Meta:
        model = Mail
        fields: list[str] = []
