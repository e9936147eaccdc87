"""The rail's entry of complete files."""

from django.utils.translation import gettext_lazy as _

from scorecard.ui.nav import NavItem

NAV = [NavItem("administration", _("Complete files"), "archive-list", "archive-box", order=50)]
