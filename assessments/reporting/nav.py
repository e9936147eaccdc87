"""The entry of the rail."""

from django.utils.translation import gettext_lazy as _

from scorecard.ui.nav import NavItem

NAV = [NavItem("reference", _("Draft of the report"), "report-draft", "document-text", order=55)]
