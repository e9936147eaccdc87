"""Filters of the lists, shared by page and export."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from banks.access import on_register
from banks.forms.choices import HINT, PersonFilter, matching
from banks.models import Bank, Category, EntityKind, User
from scorecard.access.roles import Role
from scorecard.filters import BaseFilterSet


def officers(request: Any) -> QuerySet[User]:
    """Those who are case officers now, or in charge of a bank."""
    return User.objects.filter(Q(grants__role=Role.CASE_OFFICER) | Q(banks_in_charge__isnull=False)).distinct()


class BankFilters(BaseFilterSet):
    """The register by category, kind of entity, officer and whether the bank is on it today."""

    search_fields = (
        "code",
        "name_zh",
        "name_initials",
        "name_en",
        "short_name",
        "head_office_name",
        "uscc",
        "licence_code",
        "pboc_code",
        "contact_name",
    )
    search_hint = _("Name, code or identifier")

    category = django_filters.ChoiceFilter(label=_("Category"), choices=Category.choices)
    entity_kind = django_filters.ChoiceFilter(label=_("Kind of entity"), choices=EntityKind.choices)
    case_officer = PersonFilter(
        label=_("Case officer"), queryset=officers, empty_label=_("All"), null_label=_("nobody")
    )
    active = django_filters.ChoiceFilter(
        label=_("On the register"),
        choices=[
            ("now", pgettext_lazy("bank", "active")),
            ("left", _("left the register")),
            ("coming", _("not yet active")),
        ],
        method="by_activity",
    )

    class Meta:
        model = Bank
        fields: list[str] = []

    def by_activity(self, queryset: QuerySet[Bank], name: str, value: str) -> QuerySet[Bank]:
        """Whether the bank is on the register today; both ends count."""
        today = timezone.localdate()
        if value == "left":
            return queryset.filter(active_to__lt=today)
        if value == "coming":
            return queryset.filter(active_from__gt=today)
        return on_register(queryset)


class PersonFilters(BaseFilterSet):
    """People by role, side, bank and state."""

    search_fields = (
        "username",
        "name",
        "name_initials",
        "email",
        "bank__name_zh",
        "bank__name_initials",
        "bank__name_en",
        "bank__code",
    )
    search_hint = _("Name, user name or bank")

    role = django_filters.ChoiceFilter(label=_("Role"), choices=Role.choices, field_name="grants__role")
    side = django_filters.ChoiceFilter(
        label=_("Works for"), choices=[("supervisor", _("Supervisor")), ("bank", _("Bank"))], method="by_side"
    )
    bank = django_filters.CharFilter(
        label=_("Bank"), method="by_bank", widget=forms.TextInput(attrs={"placeholder": HINT})
    )
    is_active = django_filters.ChoiceFilter(
        label=_("State"), choices=[("True", _("active")), ("False", _("inactive"))], method="by_state"
    )

    class Meta:
        model = User
        fields: list[str] = []

    def by_bank(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        """People of the banks that a text may mean."""
        return queryset.filter(matching(value.strip(), "bank__"))

    def by_side(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        """The supervisor's people have no bank."""
        return queryset.filter(bank__isnull=value == "supervisor")

    def by_state(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        """Whether somebody may sign in."""
        return queryset.filter(is_active=value == "True")
