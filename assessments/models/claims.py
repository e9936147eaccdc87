"""Claims under money schemes: what a bank claimed, with figures and amounts as they were, and what was decided."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ClaimOutcome(models.TextChoices):
    """What was decided of a claim."""

    ACCEPTED = "accepted", pgettext_lazy("claim", "Accepted")
    REFUSED = "refused", pgettext_lazy("claim", "Refused")


class MoneyClaim(models.Model):
    """One claim of a bank under one scheme for one year, frozen when its signatory files it.

    ``facts`` maps fact ids to exact text and year, as they were on file; ``amounts`` lists the estimates of the scheme
    with exact value and unit. ``digest`` is the SHA-256 of all of it. What is decided of it is written once.
    """

    rulebook = models.ForeignKey("assessments.RulebookVersion", on_delete=models.PROTECT, related_name="+")
    bank = models.ForeignKey("banks.Bank", on_delete=models.PROTECT, related_name="claims")
    period = models.CharField(_("year"), max_length=4)
    number = models.CharField(_("receipt number"), max_length=60, unique=True)
    facts = models.JSONField(default=dict)
    properties = models.JSONField(default=dict)
    standing = models.CharField(_("standing"), max_length=40)
    amounts = models.JSONField(default=list)
    digest = models.CharField(max_length=64)
    filed_by = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    filed_at = models.DateTimeField(_("filed"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=ClaimOutcome, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    decided_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("claim under a money scheme")
        verbose_name_plural = _("claims under money schemes")
        constraints = [
            models.UniqueConstraint(
                fields=["rulebook", "bank", "period"],
                condition=~Q(outcome="refused"),
                name="assessments_claim_once_a_year",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True) | (Q(decided_by__isnull=False) & ~Q(outcome="") & ~Q(reason="")),
                name="assessments_claim_decided_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.number
