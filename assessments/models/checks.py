"""How often an address has asked for a public check."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PublicCheck(models.Model):
    """One check of a document's number and digest, kept for ten minutes to count them; not what was asked."""

    place = models.CharField(_("address"), max_length=64)
    at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("public check")
        verbose_name_plural = _("public checks")
        indexes = [models.Index(fields=["place", "at"], name="assessments_checks_of_place")]

    def __str__(self) -> str:
        return f"{self.place} {self.at}"
