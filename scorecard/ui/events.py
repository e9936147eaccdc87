"""Events of signing in and of one's own account."""

from django.utils.translation import gettext_lazy as _

from scorecard.audit.registry import register

register(
    {
        "signin.ok": _("Signed in"),
        "signin.password": _("Password right, second factor asked"),
        "signin.failed": _("Sign-in failed"),
        "signature.failed": _("Wrong password or second factor at a signature or a change of one's account"),
        "signature.locked": _("Signatures delayed after wrong passwords or second factors"),
        "signin.locked": _("Sign-in locked after repeated failures"),
        "signout": _("Signed out"),
        "password.changed": _("Password changed"),
        "language.changed": _("Language of the screen changed"),
    }
)
