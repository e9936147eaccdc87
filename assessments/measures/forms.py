"""Forms of the register. They read what was typed; what is right or wrong is the guards' to say."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assessments.measures.filings import TEXT_LENGTH
from assessments.measures.guards import ORDER
from assessments.measures.steps import Days
from assessments.models import LiveMeasure, ObligationKind
from assessments.reviews.selectors import active_officers
from banks.forms.choices import PersonChoice
from banks.models import User
from scorecard.ui.forms import ConfirmForm

HELP = {
    ObligationKind.PLAN: _("Left blank, the bank files no plan."),
    ObligationKind.PROPOSAL: _("It must be accepted before the report is filed, and lie before the due day."),
    ObligationKind.REPORT: _("Left blank, the bank files no report."),
}


class DayField(forms.DateField):
    """A day, drawn by the browser's own calendar."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        kwargs.setdefault("error_messages", {"invalid": _("Write the day like 2027-02-06.")})
        super().__init__(**kwargs)


class DaysForm(ConfirmForm):
    """The days of a measure: what it has is filled in; an extension asks for the obligations that there are."""

    def __init__(self, *args: Any, live: LiveMeasure, reason: str = "", **kwargs: Any) -> None:
        super().__init__(*args, reason=reason, **kwargs)
        kept: dict[str, date] = {row.kind: row.due_on for row in live.obligations.all()}
        asks = bool(live.measure.proposal.get("needs_filing"))
        for kind in ObligationKind:
            if reason and kind not in kept:
                continue
            self.fields[f"day_{kind}"] = DayField(
                label=kind.label,
                required=bool(reason) or (asks and kind == ObligationKind.PROPOSAL),
                initial=kept.get(str(kind)),
                help_text="" if reason else HELP[kind],
            )
        self.fields["due_on"] = DayField(
            label=_("Due day of the measure"),
            initial=live.due_on,
            help_text=_("By when the measure is to be fulfilled."),
        )
        self.fields["ends_on"] = DayField(
            label=_("Binds until"),
            required=False,
            initial=live.ends_on,
            help_text=_("The last day on which it binds the bank; left blank, it ends by a step alone."),
        )
        self.order_fields([*(f"day_{kind}" for kind in ORDER), "due_on", "ends_on", "reason"])

    def told(self) -> Days:
        """The days as they were typed."""
        data = self.cleaned_data
        days = {kind: data[f"day_{kind}"] for kind in ORDER if data.get(f"day_{kind}")}
        return Days(data["due_on"], data["ends_on"], days)


class HandForm(ConfirmForm):
    """Another owner, and why."""

    officer = PersonChoice(
        label=_("New owner"),
        queryset=User.objects.none(),
        empty_label=_("Choose an officer"),
        error_messages={"required": _("Choose the officer who takes the measure.")},
    )
    field_order = ("officer", "reason")

    def __init__(self, *args: Any, live: LiveMeasure, **kwargs: Any) -> None:
        super().__init__(*args, reason="required", **kwargs)
        self.fields["officer"].queryset = active_officers().exclude(pk=live.owner_id or 0)  # type: ignore[attr-defined]


class FilingForm(forms.Form):
    """What the bank files for an obligation, in words; its documents are added beside it."""

    text = forms.CharField(
        label=_("What your bank files"),
        required=False,
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Say in short what the documents hold; the supervisor reads this first."),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)
