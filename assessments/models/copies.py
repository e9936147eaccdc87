"""What one branch of a bank offers another one for its filing."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class OfferQuerySet(models.QuerySet["BranchOffer"]):
    """Offers by their days."""

    def today(self) -> "OfferQuerySet":
        """Those that hold today; both days count."""
        day = timezone.localdate()
        return self.filter(since__lte=day, until__gte=day, ended_at=None)


class BranchOffer(models.Model):
    """Texts, answers and files of a signed filing, offered by a branch to another bank of the same legal entity.

    ``bank`` receives, ``giver`` offers; both read the row (row-level security). ``content`` is what was signed with the
    giver's version, by indicator: narrative, answers and files; never a figure. Ended early, never deleted.
    """

    bank = models.ForeignKey("banks.Bank", on_delete=models.PROTECT, related_name="+", verbose_name=_("offered to"))
    giver = models.ForeignKey("banks.Bank", on_delete=models.PROTECT, related_name="+", verbose_name=_("offered by"))
    round = models.ForeignKey("assessments.Round", on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(_("version"))
    content = models.JSONField()
    since = models.DateField(_("since"))
    until = models.DateField(_("until"))
    granted_by = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(_("allowed"), auto_now_add=True)
    ended_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(_("ended"), null=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("offer to a branch")
        verbose_name_plural = _("offers to branches")
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gte=F("since")) & ~Q(bank=F("giver")), name="assessments_branch_offer_days"
            )
        ]

    def __str__(self) -> str:
        return f"{self.giver_id} {self.bank_id} {self.since} {self.until}"
