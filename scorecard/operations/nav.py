"""The rail's entry of the service's own state."""

from django.utils.translation import gettext_lazy as _

from scorecard.ui.nav import NavItem

NAV = [NavItem("administration", _("State of the service"), "operations", "heart", order=40)]
