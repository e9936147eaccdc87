"""The rail's entries of this app, put together from the audiences."""

from importlib import import_module
from importlib.util import find_spec

from scorecard.ui.nav import NavItem

NAV: list[NavItem] = []
for _audience in ("bank", "rounds", "supervisor", "trials", "money"):
    if find_spec(f"assessments.navs.{_audience}") is not None:
        NAV += import_module(f"assessments.navs.{_audience}").NAV
