"""The form of a bank and of the register's file. What a bank may be is the service's to say; the form only reads."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from banks.fields import FIELDS
from banks.forms.choices import BankSearch, PersonChoice, keep_in_use
from banks.models import Bank, Category, EntityKind, User
from scorecard.access.roles import Role

_BLANK = ("", _("— choose —"))


class Day(forms.DateField):
    """A day, typed or picked."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            input_formats=["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日"],
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            error_messages={
                "required": _("Give the day."),
                "invalid": _("This is not a day; it looks like 2017-12-31."),
            },
            **kwargs,
        )


class BankForm(forms.Form):
    """Everything of a bank that an administrator enters. ``revision`` is the one that the page showed."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    since = Day(
        label=_("New name or category since"),
        required=False,
        help_text=_("The day from which a changed name or category holds; today where it is left blank."),
    )
    code = forms.CharField(
        label=_("Bank code"), help_text=_("Short and lasting; files and notices name the bank by it.")
    )
    name_zh = forms.CharField(label=_("Name in Chinese"))
    name_en = forms.CharField(label=_("Name in English"), required=False)
    short_name = forms.CharField(label=_("Short name"), required=False)
    category = forms.ChoiceField(
        label=_("Category"), choices=[_BLANK, *Category.choices], help_text=_("The bank's peer group.")
    )
    entity_kind = forms.ChoiceField(label=_("Kind of entity"), choices=[_BLANK, *EntityKind.choices])
    head_office = BankSearch(
        label=_("Head office on the register"),
        queryset=Bank.objects.none(),
        required=False,
        empty_label=_("none"),
        help_text=_("For a branch whose head office is on the register itself."),
    )
    head_office_name = forms.CharField(
        label=_("Head office outside the register"),
        required=False,
        help_text=_("For a branch whose head office is elsewhere; a legal entity leaves both blank."),
    )
    uscc = forms.CharField(
        label=_("Unified social credit code"),
        required=False,
        help_text=_("18 characters. A check digit that does not fit is pointed out and saved all the same."),
    )
    licence_code = forms.CharField(label=_("Financial licence code"), required=False)
    pboc_code = forms.CharField(label=_("PBoC institution code"), required=False)
    contact_name = forms.CharField(label=_("Contact"), required=False)
    contact_phone = forms.CharField(label=_("Contact telephone"), required=False)
    contact_email = forms.CharField(
        label=_("Contact e-mail"), required=False, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    active_from = Day(label=_("Active from"))
    active_to = Day(
        label=_("Active until"), required=False, help_text=_("The last day on the register; blank while it is on it.")
    )
    successor = BankSearch(
        label=_("Successor"),
        queryset=Bank.objects.none(),
        required=False,
        empty_label=_("none"),
        help_text=_("The bank that has taken this one over, by merger or otherwise."),
    )
    succeeded_on = Day(label=_("Day of the succession"), required=False)
    differentiated = forms.BooleanField(
        label=_("Differentiated treatment"),
        required=False,
        help_text=_("The supervisor has agreed to examine this bank by differentiated rules."),
    )
    case_officer = PersonChoice(
        label=_("Case officer"), queryset=User.objects.none(), required=False, empty_label=_("none")
    )

    GROUPS = (
        (_("Name and kind"), ("code", "name_zh", "name_en", "short_name", "category", "entity_kind", "since")),
        (_("Head office"), ("head_office", "head_office_name")),
        (_("Identifiers"), ("uscc", "licence_code", "pboc_code")),
        (_("Contact"), ("contact_name", "contact_phone", "contact_email")),
        (_("Register and supervision"), ("active_from", "active_to", "differentiated", "case_officer")),
        (_("Merger and succession"), ("successor", "succeeded_on")),
    )

    def __init__(self, *args: Any, bank: Bank | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        heads = Bank.objects.filter(entity_kind=EntityKind.LEGAL_ENTITY).order_by("code")
        choice = self.fields["head_office"]
        heads = keep_in_use(heads.exclude(pk=bank.pk), bank.head_office_id) if bank else heads
        choice.queryset = heads  # type: ignore[attr-defined]
        others = Bank.objects.order_by("code")
        successor = self.fields["successor"]
        successor.queryset = others.exclude(pk=bank.pk) if bank else others  # type: ignore[attr-defined]
        officers = User.objects.filter(is_active=True, bank=None, grants__role=Role.CASE_OFFICER)
        officer = self.fields["case_officer"]
        officer.queryset = keep_in_use(officers, bank and bank.case_officer_id)  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            if isinstance(field, forms.CharField) and name != "contact_email":
                field.max_length = None
            if field.required:
                field.error_messages["required"] = field.error_messages.get("invalid_required") or _(
                    "Fill this in; every bank has one."
                )
        if bank is not None:
            self.fields["code"].disabled = True
        else:
            del self.fields["since"]

    @property
    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields under their headings."""
        return [(title, [self[name] for name in names if name in self.fields]) for title, names in self.GROUPS]

    def values(self) -> dict[str, Any]:
        """The bank's fields as the service takes them."""
        return {name: self.cleaned_data[name] for name in FIELDS}


def initial(bank: Bank) -> dict[str, Any]:
    """What the form of an existing bank shows first."""
    return {name: getattr(bank, name) for name in FIELDS} | {"revision": bank.revision}


class RegisterFileForm(forms.Form):
    """A file with banks."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("Excel (.xlsx) or CSV in UTF-8 or GB18030, at most 10 MB and 20,000 banks."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={
            "required": _("Choose a file."),
            "empty": _("The file is empty; choose another one."),
        },
    )
