from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SavedConfig(AppConfig):
    """Filters that people keep by a name."""

    name = "scorecard.saved"
    label = "saved"
    verbose_name = _("Saved filters")
