"""One bank's file in one round, and its frozen versions."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext_lazy as _


class Filing(models.TextChoices):
    """Where the bank's own work stands."""

    PREPARING = "preparing", _("Being filled in")
    CHECKING = "checking", _("With the reviewer")
    SIGNING = "signing", _("With the signatory")
    SUBMITTED = "submitted", _("Submitted")


class Review(models.TextChoices):
    """Where the supervisor's work stands. A return for correction sends it back to "none" until resubmission."""

    NONE = "none", _("Not yet submitted")
    WAITING = "waiting", _("Waiting for acceptance")
    FIRST = "first", _("First review")
    SECOND = "second", _("Second review")
    DECISION = "decision", _("For decision")
    DECIDED = "decided", _("Decided")
    NOTIFIED = "notified", _("Notice sent")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")


#: ``Assessment.files_until`` in a query.
FILES_UNTIL = Greatest(Coalesce("due_at", "round__filing_deadline"), F("round__filing_deadline"))


class Assessment(models.Model):
    """One bank's file in one round. Filing and review are two states; each changes only by the workflow table.

    ``revision`` counts saves of the draft; a save carries the revision it saw. ``lock`` counts transitions. The people
    who prepared, checked and signed are those of the current draft; each version keeps its own.
    """

    round = models.ForeignKey("assessments.Round", on_delete=models.PROTECT, related_name="assessments")
    bank = models.ForeignKey("banks.Bank", on_delete=models.PROTECT, related_name="assessments")
    filing_state = models.CharField(_("filing"), max_length=12, choices=Filing, default=Filing.PREPARING)
    review_state = models.CharField(_("review"), max_length=12, choices=Review, default=Review.NONE)
    revision = models.PositiveIntegerField(_("revision"), default=0)
    # Field of the draft → revision of the save that last changed it, so that two people can work on different fields.
    touched = models.JSONField(default=dict)
    saved_at = models.DateTimeField(_("saved"), null=True)
    saved_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    prepared_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    checked_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    signed_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    return_reason = models.TextField(_("reason of the return"), blank=True)
    returned_at = models.DateTimeField(_("returned"), null=True)
    # A return or an extension may give the bank a later day than the round's filing deadline.
    due_at = models.DateTimeField(_("own deadline"), null=True)
    version = models.ForeignKey(
        "assessments.FilingVersion", null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("version")
    )
    officer = models.ForeignKey(
        "banks.User", null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("case officer")
    )
    reviewed_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    second_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    # The latest score run of each kind, denormalised so that lists make a constant number of queries.
    # No index: nobody asks for the assessment of a run, and an update that touches no index is half as dear.
    system_run = models.ForeignKey(
        "assessments.ScoreRun", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    reviewed_run = models.ForeignKey(
        "assessments.ScoreRun", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["round", "bank"]
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        constraints = [
            models.UniqueConstraint(fields=["round", "bank"], name="assessments_one_per_bank_and_round"),
            models.CheckConstraint(
                condition=Q(checked_by__isnull=True) | ~Q(checked_by=F("prepared_by")),
                name="assessments_checker_is_not_preparer",
            ),
            models.CheckConstraint(
                condition=Q(signed_by__isnull=True) | (~Q(signed_by=F("prepared_by")) & ~Q(signed_by=F("checked_by"))),
                name="assessments_signatory_is_neither",
            ),
            models.CheckConstraint(
                condition=Q(second_by__isnull=True) | ~Q(second_by=F("reviewed_by")),
                name="assessments_second_is_not_first",
            ),
        ]
        indexes = [
            models.Index(fields=["round", "review_state"], name="assessments_by_review"),
            models.Index(fields=["officer", "review_state"], name="assessments_by_officer"),
        ]

    def __str__(self) -> str:
        return f"{self.bank} {self.round}"

    @property
    def files_until(self) -> datetime:
        """Until and including when the bank may file: the round's filing deadline, or the bank's own where it is later.

        Whatever asks for this date asks here (``FILES_UNTIL`` in a query). Lateness is another matter: it counts from
        the round's deadline.
        """
        return max(self.due_at or self.round.filing_deadline, self.round.filing_deadline)


class FilingVersion(models.Model):
    """What a bank signed, frozen at submission. Never changed; a resubmission is the next number and keeps this one.

    ``facts`` maps fact ids to ``{"state": …, "value": …}`` with the exact texts of ``banks.FactEntry``; ``history`` the
    same for the years before, by offset (``"-1"``); ``answers`` maps indicator ids to narrative, self points and "not
    applicable"; ``evidence`` lists the ids of the files. ``digest`` is the SHA-256 of the canonical JSON of all of it.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    facts = models.JSONField(default=dict)
    history = models.JSONField(default=dict)
    bank_properties = models.JSONField(default=dict)
    answers = models.JSONField(default=dict)
    evidence = models.JSONField(default=list)
    report = models.TextField(_("summary report"), blank=True)
    explanations = models.JSONField(default=dict)
    self_total = models.CharField(_("self-score"), max_length=40, blank=True)
    digest = models.CharField(max_length=64)
    prepared_by = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    checked_by = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    signed_by = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(_("submitted"))

    class Meta:
        ordering = ["assessment", "number"]
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        constraints = [
            models.UniqueConstraint(fields=["assessment", "number"], name="assessments_version_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.assessment} v{self.number}"


class EncodedFiling(models.Model):
    """A version's facts, own points and properties as bytes of fixed layout (``assessments.scoring.bulk.encoding``),
    for scoring many at once. Derived data: made at submission, made again where it is missing or ``layout`` is another.
    """

    version = models.OneToOneField(FilingVersion, primary_key=True, on_delete=models.PROTECT, related_name="encoded")
    layout = models.CharField(max_length=16)
    body = models.BinaryField()

    class Meta:
        verbose_name = _("encoded filing")
        verbose_name_plural = _("encoded filings")

    def __str__(self) -> str:
        return f"{self.version_id} {self.layout}"
