"""The supervisor's entries of the rail."""

from django.utils.translation import gettext_lazy as _

from scorecard.ui.nav import NavItem

NAV = [
    NavItem("work", _("Review queue"), "review-queue", "queue-list", order=10, also=("/decision/",), query="scope=own"),
    NavItem("work", _("Notices"), "notice-list", "document-text", order=15),
]
