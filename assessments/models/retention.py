"""Legal holds: what must not be removed, however old it is."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class LegalHold(models.Model):
    """Nothing of this round, this bank, or this bank in this round is removed while the hold stands.

    Append-only but for its end: who lifted it, when and why.
    """

    round = models.ForeignKey("assessments.Round", null=True, on_delete=models.PROTECT, related_name="holds")
    bank = models.ForeignKey("banks.Bank", null=True, on_delete=models.PROTECT, related_name="holds")
    reason = models.TextField(_("reason"))
    set_by = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(_("set"))
    lifted_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(_("lifted"), null=True)
    lift_reason = models.TextField(_("reason for lifting"), blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")
        constraints = [
            models.CheckConstraint(
                condition=Q(round__isnull=False) | Q(bank__isnull=False), name="assessments_hold_of_something"
            )
        ]

    def __str__(self) -> str:
        return " · ".join(str(one) for one in (self.round, self.bank) if one)
