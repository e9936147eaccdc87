"""Workbooks and returns that a bank has uploaded."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class UploadKind(models.TextChoices):
    """What was uploaded to a filing."""

    WORKBOOK = "workbook", _("Workbook")
    RETURN = "return", _("Return")  # S63, S71: docs/returns.md


class WorkbookUpload(models.Model):
    """One uploaded workbook of a filing, or a return (``kind``). ``content`` is kept until the same person uploads the
    next one of the kind, so that what was refused or is in conflict can be decided later; name, size and hash stay.

    ``taken`` lists what was written to the draft: the key of each input with sheet and cell.
    """

    kind = models.CharField(
        _("kind"), max_length=10, choices=UploadKind, default=UploadKind.WORKBOOK, db_default=UploadKind.WORKBOOK
    )
    assessment = models.ForeignKey("assessments.Assessment", on_delete=models.PROTECT, related_name="workbooks")
    name = models.CharField(_("file name"), max_length=200)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField(null=True)
    taken = models.JSONField(default=list)
    uploaded_by = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    taken_at = models.DateTimeField(_("taken"), null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("uploaded workbook")
        verbose_name_plural = _("uploaded workbooks")

    def __str__(self) -> str:
        return self.name
