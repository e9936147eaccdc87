"""Forms of one's own second factors; each asks for the password and a factor that one has."""

import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from scorecard.ui.forms import PasskeyInput, ProofForm

from . import passkeys
from .keys import decrypt, encrypt
from .models import Factor, Kind
from .services import new_app
from .totp import new_secret

PASSWORD: dict[str, Any] = {
    "label": _("Your password"),
    "strip": False,
    "max_length": 200,
    "error_messages": {"required": _("Enter your password.")},
}
MAKING_FOR = 900  # seconds in which a new app is set up


class FactorProofForm(ProofForm):
    """Nothing but the proof: for removing a factor, and for new recovery codes."""

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)
        self.fields["password"] = forms.CharField(
            widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
            **PASSWORD,
        )
        self.ask()


class AddForm(FactorProofForm):
    """A new factor with its name. ``made`` is the factor, not saved, once the form is valid."""

    name = forms.CharField(
        label=pgettext_lazy("thing", "Name"),
        max_length=60,
        required=False,
        help_text=_("By which you know it again: “Office telephone”, “Key on my ring”."),
    )
    made: Factor | None = None

    def add_first(self, **fields: forms.Field) -> None:
        """What makes the new factor stands before the proof."""
        self.fields = {"name": self.fields.pop("name"), **fields, **self.fields}


class AddAppForm(AddForm):
    """An authenticator app: it reads the picture, and its first code proves that it has."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sealed = self.data.get("secret", "") if self.is_bound else ""
        known = decrypt(sealed, MAKING_FOR).partition(" ")
        # The secret of the page that was sent; a foreign or an old one is drawn anew.
        self.secret = known[2] if known[0] == str(self.user.pk) else new_secret()
        self.sealed = encrypt(f"{self.user.pk} {self.secret}")
        self.add_first(
            first=forms.CharField(
                label=_("The code that the app shows"),
                max_length=20,
                widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
                error_messages={"required": _("Enter the six digits that the app shows now.")},
            )
        )

    def clean_first(self) -> str:
        """The code; the form says so where it is not the app's."""
        typed = "".join(unicodedata.normalize("NFKC", self.cleaned_data["first"]).split())
        self.made = new_app(self.user, self.secret, typed)
        if self.made is None:
            raise forms.ValidationError(
                _("This is not the code of now. Check the clock of your telephone and enter the next code.")
            )
        return typed


class AddPasskeyForm(AddForm):
    """A passkey: the device makes it when the form is sent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        options = passkeys.adding_options(self.user, self.factors)
        new = forms.CharField(
            label=_("The new passkey"),
            max_length=passkeys.LONGEST,
            widget=PasskeyInput(options, make=True),
            error_messages={"required": _("The device has made no passkey; press the button once more.")},
        )
        self.add_first(new=new)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.signature is not None and data.get("new"):
            self.made = passkeys.read_new(self.user, data["new"])
            if self.made is None:
                self.add_error(
                    "new", _("The passkey does not hold; nothing has been added. Press the button once more.")
                )
        return data


FORMS: dict[str, type[AddForm]] = {Kind.TOTP: AddAppForm, Kind.PASSKEY: AddPasskeyForm}
