"""Events of second factors."""

from django.utils.translation import gettext_lazy as _

from scorecard.audit.registry import register

register(
    {
        "identity.factor.added": _("Second factor added"),
        "identity.factor.removed": _("Second factor removed"),
        "identity.codes.drawn": _("Recovery codes drawn"),
        "identity.code.used": _("Recovery code used"),
        "emergency.sealed": _("Account for emergencies sealed"),
        "emergency.used": _("Account for emergencies used"),
        "emergency.closed": _("Use of the account for emergencies looked into"),
    }
)
