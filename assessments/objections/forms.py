"""Forms of objections. They read what was typed; what is right or wrong is the services' to say."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assessments.models import ObjectionGround
from assessments.objections.selectors import TEXT_LENGTH, Subject
from assessments.workflow.payloads import GroundAnswer
from scorecard.ui.forms import ConfirmForm

OUTCOMES = [("upheld", _("Upheld")), ("refused", _("Refused"))]


class ObjectionForm(forms.Form):
    """What the bank asks for, a text for each ground that is there, and one more."""

    statement = forms.CharField(
        label=_("What your bank asks for"),
        required=False,
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    new_subject = forms.ChoiceField(label=_("What one more ground is about"), required=False)
    new_text = forms.CharField(
        label=_("Why your bank does not agree"),
        required=False,
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, subjects: Sequence[Subject], grounds: Sequence[ObjectionGround], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        words = {found.key: found.words for found in subjects}
        self.kept = [ground.subject for ground in grounds]
        for ground in grounds:
            self.fields[f"ground-{ground.subject}"] = forms.CharField(
                label=words.get(ground.subject, ground.subject),
                required=False,
                max_length=TEXT_LENGTH,
                initial=ground.text,
                help_text=_("Left blank, the ground is taken out."),
                widget=forms.Textarea(attrs={"rows": 4}),
            )
        free = [(found.key, found.words) for found in subjects if found.key not in self.kept]
        self.fields["new_subject"].choices = [("", _("— choose —")), *free]  # type: ignore[attr-defined]
        self.order_fields(["statement", *(f"ground-{key}" for key in self.kept), "new_subject", "new_text"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("new_text", "").strip() and not data.get("new_subject"):
            self.add_error("new_subject", _("Choose what this ground is about."))
        if data.get("new_subject") and not data.get("new_text", "").strip():
            self.add_error("new_text", _("Say why your bank does not agree with this."))
        return data

    def grounds(self) -> Mapping[str, str]:
        """Each ground by its subject, as it was sent."""
        found = {key: self.cleaned_data.get(f"ground-{key}", "") for key in self.kept}
        if self.cleaned_data.get("new_subject"):
            found[self.cleaned_data["new_subject"]] = self.cleaned_data["new_text"]
        return found


class DecideForm(ConfirmForm):
    """The decision on an objection: each ground upheld or refused with an answer, the reason of the whole, and the
    password as signature. Nothing is chosen beforehand.
    """

    def __init__(self, *args: Any, grounds: Sequence[tuple[ObjectionGround, str]], **kwargs: Any) -> None:
        super().__init__(*args, reason="required", signature=True, **kwargs)
        self.fields["reason"].help_text = _("It stands in the letter, so write it for the bank.")
        self.subjects = [ground.subject for ground, _words in grounds]
        for ground, words in grounds:
            self.fields[f"outcome-{ground.subject}"] = forms.ChoiceField(
                label=words,
                choices=OUTCOMES,
                widget=forms.RadioSelect,
                error_messages={"required": _("Decide whether this ground is upheld or refused.")},
            )
            self.fields[f"answer-{ground.subject}"] = forms.CharField(
                label=_("Answer to this ground"),
                max_length=TEXT_LENGTH,
                widget=forms.Textarea(attrs={"rows": 3}),
                error_messages={"required": _("Say why; the bank reads it in the letter.")},
            )

    def pairs(self) -> list[tuple[Any, Any]]:
        """The two questions of each ground, as they are drawn."""
        return [(self[f"outcome-{key}"], self[f"answer-{key}"]) for key in self.subjects]

    def signing(self) -> list[Any]:
        """The reason, and the proof."""
        return [self["reason"], *self.proof()]

    def answers(self) -> dict[str, GroundAnswer]:
        """What is decided of each ground."""
        data = self.cleaned_data
        return {key: GroundAnswer(data[f"outcome-{key}"] == "upheld", data[f"answer-{key}"]) for key in self.subjects}
