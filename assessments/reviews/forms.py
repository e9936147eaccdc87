"""Forms of the supervisor's pages. They read what was typed; what is right or wrong is the services' to say."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assessments.models import Assessment
from assessments.reviews.selectors import active_officers
from banks.forms.choices import PersonChoice
from banks.models import User

REASON = {"required": _("Give the reason: it is kept with this step and shown to those concerned.")}


class ReturnForm(forms.Form):
    """Back to the bank: why, and until when it may submit again."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("The bank reads it word for word. Say what is wrong, where, and what mends it."),
        error_messages=REASON,
    )
    due_at = forms.DateTimeField(
        label=_("The bank may submit again until"),
        required=False,
        help_text=_("Left blank, the round's filing deadline holds; once that is over a day is needed."),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": _("Write the day and time like 2018-03-01 17:00.")},
    )


class ReassignForm(forms.Form):
    """Another case officer, and why."""

    officer = PersonChoice(
        label=_("New case officer"),
        queryset=User.objects.none(),
        empty_label=_("Choose an officer"),
        error_messages={"required": _("Choose the officer who takes the case.")},
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}), error_messages=REASON
    )
    seen_officer = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, assessment: Assessment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        officers = active_officers().exclude(pk=assessment.officer_id or 0)
        self.fields["officer"].queryset = officers  # type: ignore[attr-defined]


class AssignForm(forms.Form):
    """Who takes the second review or the decision, and why."""

    person = forms.TypedChoiceField(
        label=_("Who takes it"), coerce=int, error_messages={"required": _("Choose who takes the case.")}
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}), error_messages=REASON
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listed = [("", _("— choose —")), *((str(one.pk), f"{one} ({one.username})") for one in people)]
        self.fields["person"].choices = listed  # type: ignore[attr-defined]


class CommentForm(forms.Form):
    """A remark: what, on which indicator, and for whom."""

    text = forms.CharField(
        label=_("Remark"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write the remark before you send it.")},
    )
    indicator = forms.CharField(required=False, widget=forms.HiddenInput)
    reply_to = forms.IntegerField(required=False, widget=forms.HiddenInput)
    for_bank = forms.TypedChoiceField(
        label=_("Who reads it"),
        choices=[("0", _("Supervisors only")), ("1", _("The bank as well; it can answer"))],
        coerce=lambda value: value == "1",
        initial="0",
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who reads the remark.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound and self.data.get(self.add_prefix("reply_to")):
            self.fields["for_bank"].required = False  # an answer keeps the audience of what it answers
