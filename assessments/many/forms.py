"""What is asked once for all entries of a list. What is right or wrong of it is the services' to say."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assessments.decisions.measures import TEXT_LENGTH, MeasureChoice, choice_objections
from assessments.many.declared import ManyStep
from assessments.many.shared import Group, Shared
from assessments.reviews.selectors import active_of, active_officers
from banks.forms.choices import PersonChoice
from banks.models import User
from scorecard.ui.forms import ConfirmForm


class ManyForm(ConfirmForm):
    """A reason where one is asked, the officer or the person of another role who takes the cases, what is decided of
    each measure, and the proof of the signature exactly as the single step asks for it.
    """

    officer = PersonChoice(
        label=_("Case officer who takes them"),
        queryset=active_officers(),
        error_messages={"required": _("Choose who takes the cases.")},
    )
    person = PersonChoice(
        label=_("Who takes them"),
        queryset=User.objects.none(),
        error_messages={"required": _("Choose who takes the cases.")},
    )
    field_order = ("officer", "person", "reason", "password")

    def __init__(self, *args: Any, step: ManyStep, groups: Sequence[Group] = (), **kwargs: Any) -> None:
        reason = "required" if "reason" in step.asks else ""
        super().__init__(*args, reason=reason, signature=step.signature, **kwargs)
        self.groups = groups if "measures" in step.asks else ()
        if "officer" not in step.asks:
            del self.fields["officer"]
        if "person" in step.asks:
            self.fields["person"].queryset = active_of(step.hands)  # type: ignore[attr-defined]
        else:
            del self.fields["person"]
        if self.groups and reason:
            self.fields["reason"].help_text = _("It stands in each notice, so write it for the banks.")
        for group in self.groups:
            self.fields.update(_fields_of(group))

    def measures(self) -> list[tuple[Group, list[Any]]]:
        """Each measure with its fields."""
        return [
            (group, [self[name] for name in self.fields if name.startswith(f"{group.key}-")]) for group in self.groups
        ]

    def others(self) -> list[Any]:
        """The fields that belong to no measure."""
        mine = tuple(f"{group.key}-" for group in self.groups)
        return [bound for bound in self.visible_fields() if not (mine and bound.name.startswith(mine))]

    def clean(self) -> dict[str, Any]:
        for group in self.groups:
            if f"{group.key}-outcome" not in self.cleaned_data:
                continue
            wrong = list(choice_objections(self._choice(group), group.options, required=group.required))
            for reason in wrong:
                self.add_error(f"{group.key}-reason", reason)
        return super().clean()

    def _choice(self, group: Group) -> MeasureChoice:
        data = self.cleaned_data
        options = list(data.get(f"{group.key}-options") or ())
        outcome = data[f"{group.key}-outcome"]
        if outcome == "accept" and len(group.options) == 1:
            options = list(group.options)
        return MeasureChoice(
            outcome, data.get(f"{group.key}-reason", ""), data.get(f"{group.key}-content", ""), options
        )

    def shared(self) -> Shared:
        """What was said for all, once the form is valid."""
        officer, person = self.cleaned_data.get("officer"), self.cleaned_data.get("person")
        return Shared(
            reason=self.cleaned_data.get("reason", "").strip(),
            officer=officer.pk if officer is not None else None,
            person=person.pk if person is not None else None,
            choices={group.key: self._choice(group) for group in self.groups},
        )


def _fields_of(group: Group) -> dict[str, forms.Field]:
    """A measure is taken as proposed, or not: one that is changed is decided in its own case."""
    found: dict[str, forms.Field] = {
        f"{group.key}-outcome": forms.ChoiceField(
            label=_("Decision"),
            choices=[("accept", _("Take it as proposed")), ("decline", _("Do not take it"))],
            widget=forms.RadioSelect,
            error_messages={"required": _("Choose whether the measure is taken.")},
        )
    }
    if len(group.options) > 1:
        found[f"{group.key}-options"] = forms.MultipleChoiceField(
            label=_("Actions that apply"),
            choices=list(group.options.items()),
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
    found[f"{group.key}-content"] = forms.CharField(
        label=_("Scope and time, if they need saying"), required=False, max_length=TEXT_LENGTH
    )
    found[f"{group.key}-reason"] = forms.CharField(
        label=_("Reason"),
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Give a reason: it stands in the notice and in the trail.")},
    )
    return found
