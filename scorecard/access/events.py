"""Events of access itself."""

from django.utils.translation import gettext_lazy as _

from scorecard.audit.registry import register

register(
    {
        "session.ended": _("Own sessions ended"),
        "access.denied": _("Page refused: the role does not open it"),
        "access.hidden": _("Object refused: it belongs to another bank"),
    }
)
