"""What a bank tried on its own filing and kept under a name."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class KeptWhatIf(models.Model):
    """Figures that somebody of the bank tried and kept. Append-only; a removed one stays, and is shown no more.

    ``facts`` maps fact ids to ``{"state": …, "value": …}``, as a frozen version has them: those that differed from the
    draft when they were kept.
    """

    assessment = models.ForeignKey("assessments.Assessment", on_delete=models.PROTECT, related_name="kept_what_ifs")
    name = models.CharField(_("name"), max_length=60)
    facts = models.JSONField(default=dict)
    made_by = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("kept"), auto_now_add=True)
    removed_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(_("removed"), null=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("kept what-if")
        verbose_name_plural = _("kept what-ifs")
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "name"],
                condition=models.Q(removed_at=None),
                name="assessments_what_if_name_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name
