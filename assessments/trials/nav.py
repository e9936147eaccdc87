"""The rail's entry of trials."""

from django.utils.translation import gettext_lazy as _

from scorecard.ui.nav import NavItem

NAV = [NavItem("reference", _("Rule trials"), "trial-list", "beaker", order=20)]
