"""The rail's entry; the key opens it from every page."""

from django.utils.translation import gettext_lazy as _

from scorecard.ui.nav import NavItem

NAV = [NavItem("work", _("Find"), "search", "magnifying-glass", order=5, also=("/dossier/",), key="/")]
