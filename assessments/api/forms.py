"""The form by which a token is granted."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from assessments.api.scopes import ROLES, Scope
from assessments.api.tokens import LONGEST_DAYS, grantable_people
from banks.forms.choices import PersonChoice
from banks.models import User
from scorecard.access.roles import BANK_ROLES, SUPERVISOR_ROLES


class HolderChoice(PersonChoice):
    """A person by name and user name, with the roles that bound what their machine may do."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{super().label_from_instance(obj)}{_(': ')}{_(', ').join(obj.role_names)}"


class GrantForm(forms.Form):
    """Who may have a machine do what, until when."""

    person = HolderChoice(
        label=gettext_lazy("Person"),
        queryset=User.objects.none(),
        empty_label=gettext_lazy("Choose a person"),
        help_text=gettext_lazy("What the machine writes counts as written by this person, who draws the token."),
        error_messages={"required": gettext_lazy("Choose a person of your own institution who is active.")},
    )
    name = forms.CharField(
        label=gettext_lazy("System"),
        max_length=60,
        help_text=gettext_lazy("Which system uses the token, so that others know it later."),
        error_messages={"required": gettext_lazy("Say in at most 60 characters which system uses the token.")},
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose what the token is for.")},
    )
    until = forms.DateField(
        label=pgettext_lazy("token", "Last day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("A year from today at most."),
        error_messages={"required": gettext_lazy("The last day must lie between today and a year from today.")},
    )

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = BANK_ROLES if actor.is_bank_person else SUPERVISOR_ROLES
        self.fields["person"].queryset = grantable_people(actor)  # type: ignore[attr-defined]
        offered = [(s.value, f"{s.label} ({s.value})") for s in Scope if not ROLES[s].isdisjoint(roles)]
        self.fields["scopes"].choices = offered  # type: ignore[attr-defined]
        self.fields["until"].initial = timezone.localdate() + timedelta(days=LONGEST_DAYS // 4)
