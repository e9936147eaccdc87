"""The rail's entry of the money schemes."""

from django.utils.translation import gettext_lazy as _

from scorecard.ui.nav import NavItem

NAV = [NavItem("reference", _("Money schemes"), "money-list", "banknotes", order=15)]
