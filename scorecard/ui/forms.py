"""Forms of the frame: signing in, proving again who one is, one's own password, and the confirmation of final steps."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _

from scorecard.access.reauthentication import Signature
from scorecard.identity import passkeys
from scorecard.identity.confirmation import FACTOR, factors_of, must_have, sign
from scorecard.identity.models import Factor, Kind


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


class PasskeyInput(forms.Widget):
    """Asks the device for a passkey when the form is sent (``static/js/passkey.js``); the answer goes into a hidden
    field. ``options`` is what the browser is asked, ``make`` whether a new passkey is made.
    """

    template_name = "identity/passkey_input.html"

    def __init__(self, options: str, *, make: bool = False) -> None:
        super().__init__()
        self.options, self.make = options, make

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Nothing of a former answer comes back: each is good for once."""
        context: dict[str, Any] = super().get_context(name, None, attrs)
        return context | {"options": self.options, "make": self.make, "domain": passkeys.domain()}


def factor_fields(person: Any, factors: Sequence[Factor], purpose: str) -> dict[str, forms.Field]:
    """The fields in which somebody proves a second factor, for what the person has; none for who has none."""
    kinds = {one.kind for one in factors}
    found: dict[str, forms.Field] = {}
    if Kind.PASSKEY in kinds:
        found["assertion"] = forms.CharField(
            label=_("Your passkey"),
            required=False,
            max_length=20_000,
            widget=PasskeyInput(passkeys.asking_options(purpose, person, factors)),
        )
    if factors:
        label = _("Code of your authenticator app, or a recovery code") if Kind.TOTP in kinds else _("Recovery code")
        found["code"] = forms.CharField(
            label=label,
            required=False,
            max_length=40,
            help_text=_("Leave it blank to use your passkey.") if Kind.PASSKEY in kinds else _("Each code works once."),
            widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "characters"}),
        )
    for asked in found.values():
        asked.one_of = True  # type: ignore[attr-defined]  # one of them is enough, and none is not
    return found


GIVE_ONE = _("Enter a code, or use your passkey where you have one.")
NO_FACTOR = _("The second factor does not fit, or has been used already; nothing has been done. Try the next code.")


class FactorForm(forms.Form):
    """The second step of signing in: a second factor of somebody who has given the password."""

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.factors = factors_of(user)
        self.fields.update(factor_fields(user, self.factors, passkeys.SIGN_IN))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and not (data.get("code") or data.get("assertion")):
            self.add_error("code", GIVE_ONE)
        return data


class ProofForm(forms.Form):
    """Asks for the password again, in the field ``password_field``, and for a second factor where the person has one.

    ``signature`` is with what it was proved, once the form is valid. The proof comes last: nobody's code is spent on a
    form that does not pass for another reason.
    """

    password_field = "password"  # noqa: S105  # nosec B105
    wrong_password: Any = _("The password is not right; nothing has been done. Type it again.")
    user: Any
    factors: Sequence[Factor] = ()
    signature: Signature | None = None

    def ask(self) -> None:
        """Add the fields of the second factor, after the password."""
        self.factors = factors_of(self.user)
        self.fields.update(factor_fields(self.user, self.factors, passkeys.CONFIRM))

    def proof(self) -> list[Any]:
        """The fields of the proof, as they are drawn."""
        return [self[name] for name in (self.password_field, "assertion", "code") if name in self.fields]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        password = data.get(self.password_field)
        if not password or (self.factors and self.errors):
            return data
        code, answer = data.get("code", ""), data.get("assertion", "")
        if self.factors and not (code or answer):
            self.add_error("code", GIVE_ONE)
            return data
        wrong, self.signature = sign(self.user, self.factors, password=password, code=code, answer=answer)
        if wrong:
            self.cleaned_data.pop(self.password_field, None)
        if wrong == FACTOR:
            self.add_error("code", NO_FACTOR)
        elif wrong:
            self.add_error(self.password_field, self.wrong_password)
        return data


class PasswordForm(ProofForm):
    """A new password, twice, after the current one."""

    password_field = "current"  # noqa: S105  # nosec B105
    wrong_password = _("This is not your current password. Type it again.")

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
        help_text=_(
            "At least 15 characters, 12 with a second factor: several words are easy to keep. Nothing of your name, "
            "user name or bank, and no common password."
        ),
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
        self.ask()

    def clean_new(self) -> str:
        new: str = self.cleaned_data["new"]
        password_validation.validate_password(new, self.user)
        return new

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if self.cleaned_data.get("new") and self.cleaned_data["new"] != again:
            raise forms.ValidationError(_("The two new passwords differ. Type the same password twice."))
        return again

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        # Compared with what was confirmed, not with the password itself: the answer would tell whoever guesses.
        if self.signature is not None and data.get("new") == data.get("current"):
            self.add_error("new", _("This is the password that you have now; choose another one."))
        return data


class ConfirmForm(ProofForm):
    """The last look before a final step: a reason where one is asked, and the proof where it is a signature.

    ``reason``: "required", "optional" or "" (none is asked). ``signature``: whether the person proves again who it is.
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
        if signature:
            self.ask()
        else:
            del self.fields["password"]
        self.asked = signature

    def clean(self) -> dict[str, Any]:
        if self.asked and not self.factors and must_have(self.user):
            raise forms.ValidationError(_("Your roles need a second factor: set one up under “My account” first."))
        return super().clean()
