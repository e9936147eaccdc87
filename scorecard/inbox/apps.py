from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class InboxConfig(AppConfig):
    """What people are told: reminders, messages in the application, and e-mail (``docs/messages.md``)."""

    name = "scorecard.inbox"
    label = "inbox"
    verbose_name = _("Messages")

    def ready(self) -> None:
        from . import checks  # noqa: F401  Django's checks find it here

        autodiscover_modules("message_kinds")
