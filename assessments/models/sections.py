"""The sections of a bank's filing: who fills them in, and what its reviewer has checked."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SectionCheck(models.Model):
    """A reviewer's mark on a section, or that it was taken back. Append-only; the newest of a section counts.

    ``page`` is the page of the form, ``digest`` the SHA-256 of what it said when it was marked, blank where the mark
    was taken back.
    """

    assessment = models.ForeignKey("assessments.Assessment", on_delete=models.PROTECT, related_name="section_checks")
    page = models.CharField(_("section"), max_length=60)
    digest = models.CharField(max_length=64, blank=True)
    marked_by = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("time"), auto_now_add=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("checked section")
        verbose_name_plural = _("checked sections")

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.page}"


class SectionAssignment(models.Model):
    """Which preparer fills in a section; nobody in particular where ``assignee`` is empty. Append-only; the newest of a
    section counts.
    """

    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.PROTECT, related_name="section_assignments"
    )
    page = models.CharField(_("section"), max_length=60)
    assignee = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    assigned_by = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("time"), auto_now_add=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("assigned section")
        verbose_name_plural = _("assigned sections")

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.page}"
