"""The lists of banks and of people."""

from typing import Any

import django_tables2
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from banks.models import Bank, User
from scorecard.access.roles import Role
from scorecard.columns import ChipColumn, Column, MomentColumn
from scorecard.tables import BaseTable
from scorecard.ui.templatetags.ui import chip

A = django_tables2.A


class BankTable(BaseTable):
    """The register of banks."""

    name = Column(verbose_name=_("Bank"), linkify=("bank-detail", [A("pk")]), order_by=("name_sort",))
    code = Column(verbose_name=_("Code"), css="nowrap")
    category = Column(verbose_name=_("Category"), accessor="get_category_display", order_by=("category",), css="nowrap")
    entity_kind = Column(
        verbose_name=_("Kind of entity"), accessor="get_entity_kind_display", order_by=("entity_kind",), css="nowrap"
    )
    head_office = Column(
        verbose_name=_("Head office"),
        empty_values=(),
        order_by=("head_office__name_sort", "head_office_name"),
        css="nowrap",
    )
    case_officer = Column(verbose_name=_("Case officer"), order_by=("case_officer__name_sort",), css="nowrap")
    active = ChipColumn(
        verbose_name=_("On the register"), empty_values=(), order_by=("active_to", "active_from"), accessor="pk"
    )
    uscc = Column(verbose_name=_("Unified social credit code"), css="mono")
    licence_code = Column(verbose_name=_("Financial licence code"), css="mono")
    pboc_code = Column(verbose_name=_("PBoC institution code"), css="mono")
    active_from = Column(verbose_name=_("Active from"), css="num nowrap")
    active_to = Column(verbose_name=_("Active until"), css="num nowrap")
    differentiated = Column(verbose_name=_("Differentiated treatment"))
    short_name = Column(verbose_name=_("Short name"), css="nowrap")
    contact_name = Column(verbose_name=_("Contact"), css="nowrap")
    contact_phone = Column(verbose_name=_("Contact telephone"), css="nowrap")
    contact_email = Column(verbose_name=_("Contact e-mail"))
    name_zh = Column(verbose_name=_("Name in Chinese"), css="nowrap")
    name_en = Column(verbose_name=_("Name in English"), css="nowrap")
    default_columns = ("name", "code", "category", "entity_kind", "head_office", "case_officer", "active")
    caption = _("Banks on the register")
    empty_title = _("No bank here")
    empty_hint = _("Take off a filter, or enter banks one by one or from a file.")

    class Meta(BaseTable.Meta):
        model = Bank
        fields = ()
        order_by = ("code",)

    def render_active_from(self, value: Any) -> str:
        return f"{value:%Y-%m-%d}"

    def render_active_to(self, value: Any) -> str:
        return f"{value:%Y-%m-%d}"

    def render_head_office(self, record: Bank) -> Any:
        return self.value_head_office(record)

    def value_head_office(self, record: Bank) -> str:
        """The head office's name, from the register or as written."""
        return record.head_office.name if record.head_office is not None else record.head_office_name

    def render_active(self, record: Bank) -> Any:
        return chip(*active_words(record))

    def render_differentiated(self, value: bool) -> str:
        return _t("yes") if value else _t("no")

    def value_differentiated(self, value: bool) -> str:
        """Yes or no, as a file has it."""
        return _t("yes") if value else _t("no")


def active_words(bank: Bank) -> tuple[str, str]:
    """Whether a bank is on the register today: words and their meaning."""
    today = timezone.localdate()
    if bank.is_active_on(today):
        return pgettext("bank", "active"), "good"
    return (_t("not yet active"), "info") if bank.active_from > today else (_t("left the register"), "neutral")


def _person_page(record: User, table: BaseTable) -> str:
    """Where an administrator changes the person; for an auditor the page that only says."""
    reader: Any = table.request.user if table.request is not None else None
    changes = reader is not None and reader.holds(Role.ADMINISTRATOR)
    return reverse("person-edit" if changes else "person-detail", args=[record.pk])


class PersonTable(BaseTable):
    """Everybody who may sign in."""

    name = Column(verbose_name=_("Name"), linkify=_person_page, order_by=("name_sort",))
    username = Column(verbose_name=_("User name"), css="nowrap")
    bank = Column(verbose_name=_("Bank"), empty_values=(), order_by=("bank__name_sort",), css="nowrap")
    roles = Column(verbose_name=_("Roles"), accessor="pk", orderable=False, css="nowrap")
    active = ChipColumn(verbose_name=_("State"), accessor="is_active", empty_values=())
    last_login = MomentColumn(verbose_name=_("Last signed in"))
    email = Column(verbose_name=_("E-mail"))
    phone = Column(verbose_name=_("Telephone"))
    created_at = MomentColumn(verbose_name=_("Entered"))
    default_columns = ("name", "username", "bank", "roles", "active", "last_login")
    caption = _("People and roles")
    empty_title = _("Nobody here")
    empty_hint = _("Take off a filter, or enter a person.")

    class Meta(BaseTable.Meta):
        model = User
        fields = ()
        order_by = ("username",)

    def render_bank(self, record: User) -> Any:
        if record.bank is None:
            return _t("Supervisor")
        return format_html('<a href="{}">{}</a>', reverse("bank-detail", args=[record.bank.pk]), record.bank.name)

    def value_bank(self, record: User) -> str:
        """The bank, or that the person works for the supervisor."""
        return record.bank.name if record.bank is not None else _t("Supervisor")

    def render_roles(self, record: User) -> str:
        return self.value_roles(record)

    def value_roles(self, record: User) -> str:
        """The roles in words, in the product's order."""
        held = {grant.role for grant in record.grants.all()}
        return _t(", ").join(str(role.label) for role in Role if role in held)

    def render_active(self, record: User) -> Any:
        if not record.is_active:
            return chip(_t("inactive"), "neutral")
        if not record.has_usable_password():
            return chip(_t("no password yet"), "attention")
        return chip(_t("active"), "good")
