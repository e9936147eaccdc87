"""Partners of a money scheme: each step on a bank's standing with it, with the figures of that day."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PartnerState(models.TextChoices):
    """Where a bank stands as a partner. The values are the grades of the schemes that have partners."""

    PARTNER = "partner", pgettext_lazy("partner", "Partner")
    SUSPENDED = "suspended", pgettext_lazy("partner", "Suspended")
    ENDED = "ended", pgettext_lazy("partner", "Ended")


class PartnerStep(models.Model):
    """One step: a partner is suspended, taken on again or ended. Append-only; the newest says where the bank stands,
    and a bank without one is a partner. ``standing`` is what the scheme gave on ``facts``, the figures on file
    of that day.
    """

    rulebook = models.ForeignKey("assessments.RulebookVersion", on_delete=models.PROTECT, related_name="+")
    bank = models.ForeignKey("banks.Bank", on_delete=models.PROTECT, related_name="partner_steps")
    number = models.PositiveIntegerField(_("number"))
    state = models.CharField(_("state"), max_length=10, choices=PartnerState)
    standing = models.CharField(_("standing"), max_length=40)
    facts = models.JSONField(default=dict)
    reason = models.TextField(_("reason"))
    actor = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))

    class Meta:
        ordering = ["id"]
        verbose_name = _("step on a partner of a scheme")
        verbose_name_plural = _("steps on partners of schemes")
        constraints = [
            models.UniqueConstraint(fields=["rulebook", "bank", "number"], name="assessments_partner_step_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="assessments_partner_step_with_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.bank_id} {self.state}"
