"""The rail's entry of the money schemes."""

from django.utils.translation import gettext_lazy as _

from scorecard.ui.nav import NavItem

NAV = [
    NavItem("reference", _("Money schemes"), "money-list", "banknotes", order=15),
    NavItem("work", _("Claims under money schemes"), "claim-list", "banknotes", order=19),
]
