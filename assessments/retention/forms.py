"""What is to be held, and why; and why a hold is lifted."""

from django import forms
from django.utils.translation import gettext_lazy as _

from assessments.archives.forms import ArchiveForm

REASON = forms.CharField(
    label=_("Reason"),
    max_length=2000,
    widget=forms.Textarea(attrs={"rows": 3}),
    error_messages={"required": _("Give the reason: it is kept with the hold.")},
)


class HoldForm(ArchiveForm):
    """A round, a bank by its code, or both, with the reason."""

    reason = REASON


class LiftForm(forms.Form):
    """The reason for lifting one hold."""

    hold = forms.IntegerField(widget=forms.HiddenInput)
    reason = REASON
