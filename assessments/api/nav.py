"""The rail's entry of the API."""

from django.utils.translation import gettext_lazy as _

from scorecard.ui.nav import NavItem

NAV = [NavItem("register", _("API tokens"), "token-list", "key", order=60)]
