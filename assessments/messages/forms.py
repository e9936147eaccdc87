"""The form with which banks are reminded of their filing."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assessments.messages.urging import TEXT_LENGTH


class UrgeForm(forms.Form):
    """The words that every chosen bank reads."""

    text = forms.CharField(
        label=_("What the banks read"),
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The same words go to each of them, into the inbox of its people and by e-mail."),
        error_messages={"required": _("Write what the banks are to read.")},
    )

    def refuse(self, reasons: Any) -> None:
        """Put the service's sentences above the form."""
        for reason in reasons:
            self.add_error(None, reason)
