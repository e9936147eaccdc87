"""Forms of readings: opening a period, and the workbook with many banks."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models import PeriodKind, RulebookVersion
from assessments.rounds.forms import RulebookChoice
from assessments.rounds.selectors import published_rulebooks, without_schemes
from banks.models import User
from scorecard.ui.days import planned_day


class PeriodForm(forms.Form):
    """Which period, by which rulebook, and until when banks file. What a period may be is the service's to say."""

    kind = forms.ChoiceField(label=_("Kind"), choices=PeriodKind.choices, initial=PeriodKind.QUARTER)
    year = forms.IntegerField(label=_("Year"), min_value=2000, max_value=2200)
    month = forms.IntegerField(
        label=_("Last month"),
        min_value=1,
        max_value=12,
        help_text=_("The figures stand on the last day of this month: 3, 6, 9 or 12 for a quarter."),
    )
    rulebook = RulebookChoice(
        label=_("Rulebook"),
        queryset=RulebookVersion.objects.none(),
        empty_label=None,
        help_text=_("Its targets say which figures banks file."),
        error_messages={"required": _("Choose a published rulebook; publish one first if there is none.")},
    )
    due_on = forms.DateField(
        label=_("Last day for the banks"),
        help_text=_("A later reading is taken and is marked late."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": _("Give the last day."),
            "invalid": _("This is not a date; it looks like 2018-04-15."),
        },
        validators=[planned_day],
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        kwargs.setdefault("initial", self.proposed())
        super().__init__(*args, **kwargs)
        versions = without_schemes(published_rulebooks(user)).order_by("-published_at", "-pk")
        self.fields["rulebook"].queryset = versions  # type: ignore[attr-defined]

    @staticmethod
    def proposed() -> dict[str, Any]:
        """The quarter that ended last, and a fortnight."""
        today = timezone.localdate()
        month = (today.month - 1) // 3 * 3
        ends = date(today.year, month, monthrange(today.year, month)[1]) if month else date(today.year - 1, 12, 31)
        return {"year": ends.year, "month": ends.month, "due_on": today + timedelta(days=14)}


class ReadingsWorkbookForm(forms.Form):
    """A workbook with readings of many banks."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("The workbook of this period (.xlsx), filled in; at most 10 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty; choose another one.")},
    )
