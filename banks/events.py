"""Events of banks, people and facts."""

from django.utils.translation import gettext_lazy as _

from scorecard.audit.registry import register

register(
    {
        "banks.bank.created": _("Bank entered"),
        "banks.bank.changed": _("Bank changed"),
        "banks.register.imported": _("Register imported"),
        "banks.register.exported": _("Register exported"),
        "banks.facts.recorded": _("Figures recorded"),
        "banks.facts.viewed": _("Figures opened"),
        "banks.people.exported": _("List of people exported"),
        "banks.person.created": _("Person entered"),
        "banks.person.changed": _("Person changed"),
        "banks.roles.changed": _("Roles changed"),
        "banks.role.requested": _("Role asked for"),
        "banks.role.refused": _("Role refused"),
        "banks.stand_in.named": _("Stand-in named"),
        "banks.stand_in.ended": _("Stand-in ended"),
        "banks.factors.requested": _("Reset of second factors asked for"),
        "banks.factors.refused": _("Reset of second factors refused"),
        "banks.factors.reset": _("Second factors reset"),
        "banks.password.requested": _("Password of another person asked for"),
        "banks.password.refused": _("Password of another person refused"),
        "banks.password.set": _("Password set by the administrator"),
    }
)
