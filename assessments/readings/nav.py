"""The entry of the rail."""

from django.utils.translation import gettext_lazy as _

from scorecard.ui.nav import NavItem

NAV = [
    NavItem(
        "work",
        _("Readings through the year"),
        "reading-list",
        "presentation-chart-line",
        order=19,
        also=("/circulars/",),
    )
]
