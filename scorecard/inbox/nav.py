"""The rail's entries of messages. The bell stands in the frame itself."""

from django.utils.translation import gettext_lazy as _

from scorecard.ui.nav import NavItem

NAV = [NavItem("administration", _("E-mails"), "mail-list", "envelope", order=60)]
