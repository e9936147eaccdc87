"""The list of tokens."""

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django_tables2.utils import A

from assessments.api.scopes import Scope
from assessments.models import ApiToken
from scorecard.columns import ChipColumn, Column, MomentColumn
from scorecard.tables import BaseTable
from scorecard.ui.templatetags.ui import chip


def state_words(token: ApiToken) -> tuple[str, str]:
    """The state of a token in words, and its kind."""
    return {
        "granted": (_("to be drawn"), "attention"),
        "live": (_("valid"), "good"),
        "ended": (_("over"), "neutral"),
        "revoked": (_("revoked"), "bad"),
    }[token.state]


class TokenTable(BaseTable):
    """Tokens, the newest first."""

    name = Column(verbose_name=gettext_lazy("System"), linkify=("token-detail", [A("pk")]))
    person = Column(verbose_name=gettext_lazy("In the name of"), order_by=("person__name_sort", "pk"), css="nowrap")
    bank = Column(
        verbose_name=gettext_lazy("Institution"), empty_values=(), order_by=("bank__name_sort", "pk"), css="nowrap"
    )
    scopes = Column(verbose_name=gettext_lazy("What it may do"), orderable=False, css="wrap")
    state = ChipColumn(verbose_name=gettext_lazy("State"), accessor="pk", orderable=False)
    until = Column(verbose_name=pgettext_lazy("token", "Last day"), css="num nowrap")
    last_used = MomentColumn(verbose_name=gettext_lazy("Last used"))
    granted_by = Column(verbose_name=gettext_lazy("Granted by"), order_by=("granted_by__name_sort", "pk"))
    granted_at = MomentColumn(verbose_name=gettext_lazy("Granted"))
    drawn_at = MomentColumn(verbose_name=gettext_lazy("Drawn"))
    revoked_by = Column(verbose_name=gettext_lazy("Revoked by"), order_by=("revoked_by__name_sort", "pk"))
    revoked_at = MomentColumn(verbose_name=gettext_lazy("Revoked"))

    default_columns: ClassVar[tuple[str, ...]] = (
        "name",
        "person",
        "bank",
        "scopes",
        "state",
        "until",
        "last_used",
    )
    caption = gettext_lazy("API tokens")
    empty_title = gettext_lazy("No token yet")
    empty_hint = gettext_lazy("A signatory of the bank, or for the supervisor an administrator, grants tokens.")

    class Meta(BaseTable.Meta):
        model = ApiToken
        fields = ()

    def render_bank(self, record: ApiToken) -> str:
        return self.value_bank(record)

    def value_bank(self, record: ApiToken) -> str:
        """The bank, or that the person works for the supervisor."""
        return record.bank.name if record.bank is not None else _("Supervisor")

    def render_scopes(self, record: ApiToken) -> str:
        return str(_("; ")).join(scope_words(record))

    value_scopes = render_scopes

    def render_state(self, record: ApiToken) -> Any:
        return chip(*state_words(record))

    def render_until(self, value: Any) -> str:
        return f"{value:%Y-%m-%d}"


def scope_words(token: ApiToken) -> list[str]:
    """What a token may do, in words."""
    return [str(scope.label) for scope in Scope if scope in token.scopes]
