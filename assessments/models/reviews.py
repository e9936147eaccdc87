"""The supervisor's verification, and the record of every step of the workflow."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReviewStage(models.TextChoices):
    """Who looked: the case officer first, the second reviewer after."""

    FIRST = "first", _("First review")
    SECOND = "second", _("Second review")


class ReviewEntry(models.Model):
    """One revision of a reviewer's view of one indicator of one version. Append-only.

    ``points`` is exact text and replaces the system's points; blank means that the reviewer agrees with them. A
    reason is required wherever points are given.
    """

    assessment = models.ForeignKey("assessments.Assessment", on_delete=models.PROTECT, related_name="review_entries")
    version = models.ForeignKey("assessments.FilingVersion", on_delete=models.PROTECT, related_name="review_entries")
    indicator = models.CharField(_("indicator"), max_length=60)
    revision = models.PositiveIntegerField(_("revision"))
    stage = models.CharField(_("stage"), max_length=10, choices=ReviewStage)
    points = models.CharField(_("points"), max_length=40, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    entered_by = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(_("entered"), auto_now_add=True)

    class Meta:
        verbose_name = _("review entry")
        verbose_name_plural = _("review entries")
        constraints = [
            models.UniqueConstraint(
                fields=["version", "indicator", "revision"], name="assessments_entry_revision_once"
            ),
            models.CheckConstraint(
                condition=models.Q(points="") | ~models.Q(reason=""), name="assessments_points_need_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.indicator} r{self.revision}"


class TargetEntry(models.Model):
    """One revision of what an officer decides of a target that the figures of a version cannot decide. Append-only.

    A target that the figures do decide takes no notice of it. The bank reads decision and reason with its notice.
    """

    class Outcome(models.TextChoices):
        MET = "met", _("met")
        MISSED = "missed", _("missed")
        NOT_APPLICABLE = "not_applicable", _("not applicable")

    version = models.ForeignKey("assessments.FilingVersion", on_delete=models.PROTECT, related_name="target_entries")
    target = models.CharField(_("target"), max_length=60)
    revision = models.PositiveIntegerField(_("revision"))
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome)
    reason = models.TextField(_("reason"))
    entered_by = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(_("entered"), auto_now_add=True)

    class Meta:
        verbose_name = _("decision of a target")
        verbose_name_plural = _("decisions of targets")
        constraints = [
            models.UniqueConstraint(fields=["version", "target", "revision"], name="assessments_target_revision_once"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="assessments_target_decision_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.target} r{self.revision}"


class Comment(models.Model):
    """A remark on one indicator (or on the whole, indicator blank), or an answer to one, which is read by whoever reads
    what it answers: supervisors alone, both sides (``for_bank``), or the bank alone (``inside``).
    """

    assessment = models.ForeignKey("assessments.Assessment", on_delete=models.PROTECT, related_name="comments")
    indicator = models.CharField(_("indicator"), max_length=60, blank=True)
    reply_to = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="replies")
    for_bank = models.BooleanField(_("shown to the bank"), default=False)
    inside = models.BooleanField(_("kept inside the bank"), default=False, db_default=False)
    text = models.TextField(_("comment"))
    author = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("written"), auto_now_add=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(inside=True, for_bank=True), name="assessments_comment_inside_or_both"
            )
        ]

    def __str__(self) -> str:
        return self.text[:40]


HANDED = "handed_over"
HANDED_SECOND = "handed_second"
HANDED_DECISION = "handed_decision"
#: Records of a case that has changed hands: the case officer's part, the second reviewer's, the decision maker's.
HANDOVERS = (HANDED, HANDED_SECOND, HANDED_DECISION)


class StepRecord(models.Model):
    """One transition as the people of the case see it: who moved it, from where to where, and why. Append-only.

    A case that is handed to somebody else leaves one as well (``HANDOVERS``): it moves no state and is no transition.
    """

    assessment = models.ForeignKey("assessments.Assessment", on_delete=models.PROTECT, related_name="steps")
    transition = models.CharField(_("step"), max_length=40)
    version = models.ForeignKey("assessments.FilingVersion", null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(_("reason"), blank=True)
    actor = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    # The absent person for whom the actor stood in; to whom the case was handed, or whom the step assigned.
    stood_in_for = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    handed_to = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("time"), auto_now_add=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("step")
        verbose_name_plural = _("steps")

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.transition}"
