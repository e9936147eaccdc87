from django.utils.translation import gettext_lazy as _

from scorecard.ui.nav import NavItem

NAV = [NavItem("work", _("Objections"), "objection-list", "chat-bubble-left-right", order=16)]
