"""What a bank says about each indicator, and the files that show it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

# The summary report is kept as the answer to this pseudo-indicator.
REPORT = "_report"
# Files of an objection are evidence for this pseudo-indicator.
OBJECTION = "_objection"
# Files of what a bank files under a measure are evidence for this one.
OBLIGATION = "_obligation"


class Answer(models.Model):
    """One revision of a bank's answer to one indicator. Append-only; the highest revision is the current one.

    ``self_points`` is the bank's own score as exact text, blank while it has given none. The indicator id ``REPORT``
    holds the summary report; ``"_check:<id>"`` holds the explanation that a warning asks for.
    """

    assessment = models.ForeignKey("assessments.Assessment", on_delete=models.PROTECT, related_name="answers")
    indicator = models.CharField(_("indicator"), max_length=60)
    revision = models.PositiveIntegerField(_("revision"))
    narrative = models.TextField(_("narrative"), blank=True)
    self_points = models.CharField(_("self-score"), max_length=40, blank=True)
    not_applicable = models.BooleanField(_("not applicable"), default=False)
    entered_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(_("entered"), auto_now_add=True)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "indicator", "revision"], name="assessments_answer_revision_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.indicator} r{self.revision}"


class ScanState(models.TextChoices):
    """What the check for malware says of a content."""

    WAITING = "waiting", _("being checked for malware")
    CLEAN = "clean", _("no malware found")
    REFUSED = "refused", _("malware found")


class ContentScan(models.Model):
    """One content that was uploaded while a scanner was set, and what the scanner says of it (docs/scanning.md).

    A content is known by its SHA-256 and looked through once, however many files hold it. Until it is found clean
    nobody opens them.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    state = models.CharField(_("state"), max_length=8, choices=ScanState, default=ScanState.WAITING)
    malware = models.CharField(_("malware"), max_length=200, blank=True)  # its name, as the scanner gives it
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)
    answered_at = models.DateTimeField(_("answered"), null=True)

    class Meta:
        verbose_name = _("check for malware")
        verbose_name_plural = _("checks for malware")

    def __str__(self) -> str:
        return self.sha256


class Evidence(models.Model):
    """One uploaded file that supports one indicator. Withdrawn files stay: an earlier version may depend on them."""

    assessment = models.ForeignKey("assessments.Assessment", on_delete=models.PROTECT, related_name="evidence")
    indicator = models.CharField(_("indicator"), max_length=60)
    # The objection that it supports, under the pseudo-indicator ``OBJECTION``; None for a file of the filing.
    objection = models.ForeignKey(
        "assessments.Objection", null=True, on_delete=models.PROTECT, related_name="documents"
    )
    # The same for what a bank files under a measure, under ``OBLIGATION``.
    obligation_filing = models.ForeignKey(
        "assessments.ObligationFiling", null=True, on_delete=models.PROTECT, related_name="documents"
    )
    file = models.FileField(_("file"), upload_to="%Y/%m/", max_length=200)
    name = models.CharField(_("file name"), max_length=200)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=100)
    members = models.JSONField(default=list)  # the names in a ZIP
    scan = models.ForeignKey(ContentScan, null=True, on_delete=models.PROTECT, related_name="files")  # None: not asked
    uploaded_by = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    withdrawn_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)

    class Meta:
        ordering = ["indicator", "id"]
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")

    def __str__(self) -> str:
        return self.name

    @property
    def held(self) -> str:
        """Why nobody opens the file: "waiting" for the check for malware, or "refused"; "" where it can be opened."""
        return self.scan.state if self.scan is not None and self.scan.state != ScanState.CLEAN else ""

    @property
    def counts(self) -> bool:
        """Whether it supports anything: a file with malware is none."""
        return self.held != ScanState.REFUSED

    @property
    def shows_inline(self) -> bool:
        """Whether a browser shows the file itself, beside the text; its type was told by its content."""
        return not self.held and self.content_type in ("application/pdf", "image/png", "image/jpeg")
