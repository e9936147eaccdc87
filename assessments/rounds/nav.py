"""The rail's entries of rounds, rulebooks, audit and jobs."""

from django.utils.translation import gettext_lazy as _

from scorecard.ui.nav import NavItem

NAV = [
    NavItem("work", _("Home"), "home", "home", order=1),
    NavItem("round", _("Rounds"), "round-list", "calendar-days", order=10),
    NavItem("reference", _("Rulebooks"), "rulebook-list", "book-open", order=10),
    NavItem("administration", _("Audit trail"), "audit-list", "shield-check", order=80),
    NavItem("administration", _("Background work"), "job-list", "cog-6-tooth", order=90),
]
