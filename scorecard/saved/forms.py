"""The name of saved filters, and whether their list opens with them."""

from django import forms
from django.utils.translation import gettext_lazy as _

from .models import NAME_LENGTH


class SavedForm(forms.Form):
    """What a person says of filters that are kept."""

    name = forms.CharField(
        label=_("Name of the filters"),
        max_length=NAME_LENGTH,
        error_messages={"required": _("Give the filters a name.")},
    )
    opens = forms.BooleanField(label=_("The list opens with these filters"), required=False)
