"""The rail's entries of banks and people."""

from django.utils.translation import gettext_lazy as _

from scorecard.ui.nav import NavItem

NAV = [
    NavItem("register", _("Banks"), "bank-list", "building-library", order=10),
    NavItem("register", _("Our bank"), "my-bank", "building-library", order=10),
    NavItem("administration", _("People and roles"), "person-list", "users", order=20),
]
