"""The form of the page "What reaches me": one choice for each group that concerns the person."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from .kinds import AT_ONCE, DAILY, NEVER, Group
from .services import how_told, wishes_of

HOW = {AT_ONCE: _("At once"), DAILY: _("Once a day"), NEVER: _("Never")}


class WishesForm(forms.Form):
    """How often each group reaches somebody, and the language of the e-mails."""

    def __init__(self, *args: Any, person: Any, groups: list[Group], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups = groups
        for group in groups:
            self.fields[group.name] = forms.ChoiceField(
                label=group.title,
                help_text=group.hint,
                choices=[(how, HOW[how]) for how in group.choices],
                initial=how_told(person, group.name),
                widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
                error_messages={"required": _("Choose how often this reaches you.")},
            )
        self.fields["language"] = forms.ChoiceField(
            label=_("Language of the e-mails"),
            required=False,
            choices=[("", _("As on the screen")), *settings.LANGUAGES],
            initial=wishes_of(person).language,
        )

    @property
    def rows(self) -> list[tuple[Group, Any]]:
        """Each group with its field."""
        return [(group, self[group.name]) for group in self.groups]

    def choices(self) -> Mapping[str, str]:
        """What was chosen, by group."""
        return {group.name: self.cleaned_data[group.name] for group in self.groups}
