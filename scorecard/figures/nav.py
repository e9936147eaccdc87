"""The rail's entries of this app."""

from django.utils.translation import gettext_lazy as _

from scorecard.ui.nav import NavItem

NAV = [
    NavItem("reference", _("The 2017 report"), "figures:overview", "chart-bar", order=50),
    NavItem("administration", _("Report figures"), "figures:loads", "arrow-up-tray", order=60),
]
