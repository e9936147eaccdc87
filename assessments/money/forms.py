"""The choice of the bank from whose figures an estimate starts."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from banks.forms.choices import BankSearch
from banks.models import Bank


class StartForm(forms.Form):
    """A bank, or none for blank fields."""

    bank = BankSearch(label=_("Start from the figures of"), queryset=Bank.objects.none(), required=False)

    def __init__(self, *args: Any, banks: QuerySet[Bank], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bank"].queryset = banks  # type: ignore[attr-defined]
        self.fields["bank"].widget.attrs["class"] = "form-control form-control-sm"
