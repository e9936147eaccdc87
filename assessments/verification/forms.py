"""The form of the public check."""

from django import forms
from django.utils.translation import gettext_lazy as _

from assessments.verification.selectors import SHORTEST, clean_digest


class CheckForm(forms.Form):
    """Number and digest as they stand on the document."""

    number = forms.CharField(
        label=_("Number"),
        max_length=80,
        help_text=_("As it is printed: the number of the receipt, or the number of the letter with its year."),
        error_messages={"required": _("Enter the number that stands on the document.")},
    )
    digest = forms.CharField(
        label=_("Digest"),
        max_length=200,
        help_text=_("The groups of letters and digits beside the QR code; the first four groups are enough."),
        error_messages={"required": _("Enter the digest that stands on the document.")},
    )

    def clean_digest(self) -> str:
        """At least four groups, of hexadecimal digits alone."""
        found = clean_digest(self.cleaned_data["digest"])
        if len(found) < SHORTEST or len(found) > 64 or set(found) - set("0123456789abcdef"):
            raise forms.ValidationError(
                _("A digest has groups of four, of the digits 0 to 9 and the letters a to f; enter at least four.")
            )
        return found
