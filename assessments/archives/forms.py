"""Which file is wanted."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assessments.models import Round
from banks.models import Bank


class ArchiveForm(forms.Form):
    """A round, a bank by its code, or both."""

    round = forms.ModelChoiceField(
        Round.objects.order_by("-year", "code"), label=_("Round"), required=False, empty_label=_("All rounds")
    )
    bank = forms.CharField(label=_("Bank code"), required=False, max_length=20, help_text=_("Empty: every bank."))

    def clean_bank(self) -> Bank | None:
        code = self.cleaned_data["bank"].strip()
        if not code:
            return None
        found = Bank.objects.filter(code__iexact=code).first()
        if found is None:
            raise forms.ValidationError(_("No bank has this code; the list of banks shows the codes."))
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not data.get("round") and not data.get("bank"):
            self.add_error("bank", _("Choose a round, a bank, or both."))
        return data
