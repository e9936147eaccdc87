from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BanksConfig(AppConfig):
    """WHO: banks, people and their roles, facts by bank and period."""

    name = "banks"
    verbose_name = _("Banks")
