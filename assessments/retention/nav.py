"""The rail's entry of retention."""

from django.utils.translation import gettext_lazy as _

from scorecard.ui.nav import NavItem

NAV = [NavItem("administration", _("Retention"), "retention", "lock-closed", order=55)]
