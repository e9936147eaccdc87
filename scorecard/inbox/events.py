"""Events of messages. What is sent has an event of its own cause; these are choices and steps of people."""

from django.utils.translation import gettext_lazy as _

from scorecard.audit.registry import register

register(
    {
        "inbox.wishes.changed": _("Choice of messages changed"),
        "inbox.mail.again": _("E-mail sent again"),
    }
)
