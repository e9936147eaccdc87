"""The form of a round. What a round may be is the service's to say; the form only reads."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assessments.models import Leaving, Round, RoundState, RulebookVersion
from assessments.rounds.participants import may_take_part
from assessments.rounds.selectors import published_rulebooks, without_schemes
from assessments.rounds.services import FIXED_ONCE_OPEN
from banks.forms.choices import BankSearch, keep_in_use
from banks.models import Bank, User

MINUTE = "%Y-%m-%dT%H:%M"


class Instant(forms.DateTimeField):
    """An instant to the minute, typed and shown in Shanghai time."""

    def __init__(self, *, label: Any, help_text: Any = "") -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            input_formats=[MINUTE, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
            widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MINUTE),
            error_messages={
                "required": _("Give date and time."),
                "invalid": _("This is not a date with a time; it looks like 2018-03-31 17:00."),
            },
        )


class RulebookChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable at run time
    """A published version, by its title."""

    def label_from_instance(self, obj: RulebookVersion) -> str:
        return str(obj)


class RoundForm(forms.Form):
    """Everything of a round that an administrator enters. ``seen`` carries the revision that the page showed."""

    title_zh = forms.CharField(label=_("Title in Chinese"), max_length=200)
    title_en = forms.CharField(
        label=_("Title in English"),
        max_length=200,
        required=False,
        help_text=_("May stay empty; the Chinese title then stands on English pages too."),
    )
    code = forms.CharField(
        label=_("Code"), max_length=40, help_text=_("Short and lasting, for files and the trail; for example sh-2017.")
    )
    year = forms.IntegerField(label=_("Year assessed"), min_value=1900, max_value=2200)
    rulebook = RulebookChoice(
        label=_("Rulebook"),
        queryset=RulebookVersion.objects.none(),
        empty_label=None,
        help_text=_("Only published versions. A round keeps its version for ever."),
        error_messages={"required": _("Choose a published rulebook; publish one first if there is none.")},
    )
    opens_at = Instant(label=_("Opening"), help_text=_("Shanghai time. Banks can file from this instant on."))
    filing_deadline = Instant(
        label=_("Filing deadline"),
        help_text=_("Shanghai time. A submission at exactly this instant still counts; a second later is too late."),
    )
    review_deadline = Instant(
        label=_("Review deadline"), help_text=_("Shanghai time. By then supervisors have decided every case.")
    )
    appeal_days = forms.IntegerField(
        label=_("Working days for an objection"),
        min_value=1,
        max_value=366,
        initial=15,
        help_text=_("Counted from the day after the notice; the last one ends at 24:00."),
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    # The earlier filing deadline about which the page has asked; it is agreed to by saving once more.
    asked = forms.DateTimeField(required=False, widget=forms.HiddenInput, input_formats=[MINUTE])

    def __init__(self, *args: Any, user: User, round_: Round | None = None, **kwargs: Any) -> None:
        if round_ is not None:
            names = [name for name in self.base_fields if name not in ("seen", "asked")]
            kwargs.setdefault("initial", {name: getattr(round_, name) for name in names} | {"seen": round_.revision})
        super().__init__(*args, **kwargs)
        versions = keep_in_use(without_schemes(published_rulebooks(user)), round_ and round_.rulebook_id)
        self.fields["rulebook"].queryset = versions  # type: ignore[attr-defined]
        if round_ is not None and round_.state == RoundState.OPEN:
            for name in FIXED_ONCE_OPEN:
                self.fields[name].disabled = True
                self.fields[name].help_text = _("The round is open; this no longer changes.")

    def values(self) -> dict[str, Any]:
        """What the services take."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("seen", "asked")}

    def refuse(self, problems: dict[str, list[Any]]) -> None:
        """Put a service's sentences to their fields."""
        for name, reasons in problems.items():
            for reason in reasons:
                self.add_error(name if name in self.fields else None, reason)


class ParticipantForm(forms.Form):
    """A bank and a reason: for adding it to an open round, or with ``out`` for taking it out and why."""

    bank = BankSearch(
        label=_("Bank"),
        queryset=Bank.objects.none(),
        error_messages={"required": _("Choose a bank.")},
    )
    leaving = forms.ChoiceField(
        label=_("Why it takes part no more"),
        choices=Leaving.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the three.")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stands on the round's page and in the trail; the bank does not read it."),
        error_messages={"required": _("Give the reason.")},
    )

    def __init__(self, *args: Any, round_: Round, out: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if out:
            banks = Bank.objects.filter(assessments__in=round_.taking_part)
        else:
            del self.fields["leaving"]
            banks = may_take_part(round_)
        self.fields["bank"].queryset = banks.order_by("code")  # type: ignore[attr-defined]
