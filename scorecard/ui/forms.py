"""Forms of the frame: signing in, one's own password, and the confirmation of final steps."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _

from scorecard.access.reauthentication import confirm_password


class SignInForm(forms.Form):
    """User name and password. Whether they fit is for the authentication backend to say."""

    username = forms.CharField(
        label=_("User name"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}),
        error_messages={"required": _("Enter your user name.")},
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("Enter your password.")},
    )


class PasswordForm(forms.Form):
    """A new password, twice, after the current one."""

    current = forms.CharField(
        label=_("Current password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("Enter your current password.")},
    )
    new = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters, not only digits, not like your name, and not a common password."),
        error_messages={"required": _("Enter the new password.")},
    )
    again = forms.CharField(
        label=_("New password again"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("Enter the new password a second time.")},
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_current(self) -> str:
        current: str = self.cleaned_data["current"]
        if not confirm_password(self.user, current):
            raise forms.ValidationError(_("This is not your current password. Type it again."))
        return current

    def clean_new(self) -> str:
        new: str = self.cleaned_data["new"]
        password_validation.validate_password(new, self.user)
        # Compared with what was confirmed, not with the password itself: the answer would tell whoever guesses.
        if new == self.cleaned_data.get("current"):
            raise forms.ValidationError(_("This is the password that you have now; choose another one."))
        return new

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("new") and data.get("again") and data["new"] != data["again"]:
            self.add_error("again", _("The two new passwords differ. Type the same password twice."))
        return data


class ConfirmForm(forms.Form):
    """The last look before a final step: a reason where one is asked, and the password where it is a signature.

    ``reason``: "required", "optional" or "" (none is asked). ``signature``: whether the password is asked again.
    ``open_matter``: what is left open by the step, as a sentence to be ticked; "" where nothing is.
    """

    left_open = forms.BooleanField(
        error_messages={"required": _("Settle what is still open, or tick that you leave it as it is.")}
    )

    reason = forms.CharField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
        error_messages={"required": _("Give the reason: it is kept with this step and shown to those concerned.")},
    )
    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text=_("Your password stands for your signature under this step."),
        error_messages={"required": _("Enter your password: it stands for your signature.")},
    )

    def __init__(
        self, *args: Any, user: Any, reason: str = "", signature: bool = False, open_matter: str = "", **kwargs: Any
    ) -> None:
        self.user = user
        super().__init__(*args, **kwargs)
        if open_matter:
            self.fields["left_open"].label = open_matter
        else:
            del self.fields["left_open"]
        if not reason:
            del self.fields["reason"]
        else:
            self.fields["reason"].required = reason == "required"
        if not signature:
            del self.fields["password"]

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not confirm_password(self.user, password):
            raise forms.ValidationError(_("The password is not right; nothing has been done. Type it again."))
        return password
