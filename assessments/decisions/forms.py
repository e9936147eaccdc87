"""The form of a decision. It reads what was typed; what is right or wrong is the services' to say."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from scorecard.ui.forms import ConfirmForm


class DecisionForm(ConfirmForm):
    """The decision: grade, adjustment, reason, and the password as signature. Nothing is chosen beforehand."""

    grade = forms.ChoiceField(
        label=_("Grade"), widget=forms.RadioSelect, error_messages={"required": _("Choose the grade.")}
    )
    adjustment = forms.CharField(label=_("Adjustment of the supervisory rating"), max_length=20, required=False)
    field_order = ("grade", "adjustment", "reason", "password")

    def __init__(
        self, *args: Any, grades: list[tuple[str, str]], adjustment_help: str, asks_adjustment: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, reason="required", signature=True, **kwargs)
        self.fields["grade"].choices = grades  # type: ignore[attr-defined]
        self.fields["reason"].help_text = _("It stands in the notice, so write it for the bank.")
        if asks_adjustment:
            self.fields["adjustment"].help_text = adjustment_help
            self.fields["adjustment"].required = True
            self.fields["adjustment"].error_messages["required"] = _(
                "Give the adjustment within the range of the clause."
            )
        else:
            del self.fields["adjustment"]
