"""The upload of a report fixture."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .files import MAX_TOTAL_BYTES


class UploadForm(forms.Form):
    """One file. Its size is checked here, its content by the service."""

    file = forms.FileField(
        label=_("Fixture file"),
        help_text=_("A zip of the fixture folder, or one CSV or YAML file of it; at most 8 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".zip,.csv,.yaml,.yml"}),
        error_messages={
            "required": _("Choose the fixture file."),
            "empty": _("The file is empty; choose the fixture file or a zip of its folder."),
        },
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_TOTAL_BYTES:
            raise forms.ValidationError(_("The file is larger than 8 MB; upload the fixture folder only."))
        return file
