"""Which round and which chapters are drafted."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assessments.models import Round
from banks.models import EntityKind

CHAPTERS = {
    "1": _("Chapter 1: the city at a glance"),
    "5-4": _("Chapter 5, section 4: evaluation"),
    "7-1": _("Chapter 7, section 1: supervisory policy of banks"),
}


class DraftForm(forms.Form):
    """The choice; nothing of it is kept."""

    round = forms.TypedChoiceField(label=_("Round"), coerce=int, error_messages={"required": _("Choose a round.")})
    chapter = forms.MultipleChoiceField(
        label=_("Chapters"),
        choices=list(CHAPTERS.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one chapter.")},
    )

    banks = forms.ChoiceField(
        label=_("Institutions"),
        choices=[("", _("All institutions, each once")), *EntityKind.choices],
        required=False,
        help_text=_(
            "The report tells of all. Of a part of them no figure stands beside the report's, and the figures of the "
            "report itself keep their own scope."
        ),
    )

    def __init__(self, *args: Any, rounds: Sequence[Round], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["round"].choices = [(one.pk, str(one)) for one in rounds]  # type: ignore[attr-defined]
        self.initial = {"round": rounds[0].pk if rounds else None, "chapter": list(CHAPTERS)}
