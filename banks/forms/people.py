"""Forms of people. Which roles go together, and with which bank, is the service's to say."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from banks.forms.choices import BankSearch
from banks.models import Bank, User
from banks.services.people import person_token
from scorecard.access.roles import BANK_ROLES, Role

NEW_PASSWORD = forms.PasswordInput(attrs={"autocomplete": "new-password"})
_RULES = _(
    "At least 15 characters, 12 with a second factor: several words are easy to keep. Nothing of the name, user name "
    "or bank, and no common password."
)


def role_choices(*, bank: bool | None = None) -> list[tuple[str, Any]]:
    """The roles of a bank, of the supervisor, or (None) all, in the product's order."""
    return [(role.value, role.label) for role in Role if bank is None or (role in BANK_ROLES) == bank]


class PersonForm(forms.Form):
    """What is known of a person, and the roles."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    # The digest of the open work about which the page has asked; saving once more agrees to that.
    agreed = forms.CharField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label=_("Name"), error_messages={"required": _("Enter the person's name.")})
    email = forms.CharField(label=_("E-mail"), required=False, widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    phone = forms.CharField(label=_("Telephone"), required=False)
    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", _("as chosen at sign-in")), *settings.LANGUAGES]
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        required=False,
        choices=role_choices(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("A role opens pages and steps. Without any role somebody can sign in and see nothing."),
    )

    def values(self) -> dict[str, Any]:
        """The person's own fields as the service takes them."""
        return {name: self.cleaned_data[name] for name in ("name", "email", "phone", "language")}


class NewPersonForm(PersonForm):
    """A new person: user name, bank and first password as well."""

    username = forms.CharField(
        label=_("User name"),
        help_text=_("Letters, digits and . _ @ -; it stays for good."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
        error_messages={"required": _("Enter the user name.")},
    )
    bank = BankSearch(
        label=_("Bank"),
        queryset=Bank.objects.none(),
        required=False,
        help_text=_("Roles of a bank need one, and it stays for good; blank: works for the supervisor."),
    )
    password = forms.CharField(
        label=_("First password"), required=False, strip=False, widget=NEW_PASSWORD, help_text=_RULES
    )

    field_order = ["username", "name", "bank", "roles", "password", "email", "phone", "language"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bank"].queryset = Bank.objects.order_by("code")  # type: ignore[attr-defined]


class EditPersonForm(PersonForm):
    """An existing person; offers the roles that go with the person's bank, or with having none."""

    is_active = forms.BooleanField(
        label=_("Active"), required=False, help_text=_("Somebody inactive cannot sign in; the trail keeps the name.")
    )
    field_order = ["name", "roles", "is_active", "email", "phone", "language"]

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"].choices = role_choices(bank=person.bank_id is not None)  # type: ignore[attr-defined]


def initial(person: User, roles: set[str]) -> dict[str, Any]:
    """What the form of an existing person shows first."""
    return {
        "seen": person_token(person, roles),
        "name": person.name,
        "email": person.email,
        "phone": person.phone,
        "language": person.language,
        "is_active": person.is_active,
        "roles": sorted(roles),
    }


class SetPasswordForm(forms.Form):
    """A new password for somebody else."""

    password = forms.CharField(
        label=_("New password"),
        strip=False,
        widget=NEW_PASSWORD,
        help_text=_RULES,
        error_messages={"required": _("Enter the new password.")},
    )
