"""The rail's entry."""

from django.utils.translation import gettext_lazy as _

from scorecard.ui.nav import NavItem

NAV = [NavItem("work", _("Meetings"), "meeting-list", "user-group", order=16)]
