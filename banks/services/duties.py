"""Who keeps the register and the people: the administrator alone (docs/workflow.md, Roles)."""

from django.utils.translation import gettext as _

from banks.models import User
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role


def require_administrator(actor: User | None) -> None:
    """Refuse anybody but an administrator; None is the command line, which has the database anyway."""
    if actor is not None and not actor.holds(Role.ADMINISTRATOR):
        raise Refused([_("Only an administrator keeps banks, people and roles.")])
