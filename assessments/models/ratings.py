"""The decided outcome, the measures that follow, and the letter that tells the bank."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Rating(models.Model):
    """The rating of one assessment: proposed by rule, decided by a decision maker with a reason.

    Points and adjustment are exact text. ``grade_proposed`` is the rule's grade after caps; a decided grade that
    differs needs its own reason and can never be above what the caps allow.

    A decided rating stays for ever. One that is taken back before its notice, or corrected after it, is replaced by
    another row, which names it (``replaces``); ``Assessment.rating`` is the one that holds.
    """

    assessment = models.ForeignKey("assessments.Assessment", on_delete=models.PROTECT, related_name="ratings")
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    taken_back_at = models.DateTimeField(_("taken back"), null=True)
    # None, with blank points, of a bank that filed nothing: it is rated by the rulebook's rule for that.
    run = models.ForeignKey("assessments.ScoreRun", null=True, on_delete=models.PROTECT, related_name="+")
    points = models.CharField(_("points"), max_length=40, blank=True)
    grade_before = models.CharField(_("grade before caps"), max_length=40)
    grade_proposed = models.CharField(_("proposed grade"), max_length=40)
    grade = models.CharField(_("decided grade"), max_length=40, blank=True)
    adjustment_proposed = models.CharField(_("proposed adjustment"), max_length=40, blank=True)
    adjustment = models.CharField(_("decided adjustment"), max_length=40, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    proposed_at = models.DateTimeField(_("proposed"), auto_now_add=True)
    decided_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True)

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | (~Q(reason="") & ~Q(grade="")),
                name="assessments_decision_has_grade_and_reason",
            ),
            models.CheckConstraint(
                condition=Q(taken_back_at__isnull=True) | Q(decided_at__isnull=False),
                name="assessments_only_a_decision_is_taken_back",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessment} {self.grade or self.grade_proposed}"


class MeasureState(models.TextChoices):
    """Nothing in the toolbox fires by itself: a rule proposes, a decision maker accepts, changes or declines."""

    PROPOSED = "proposed", _("Proposed")
    ACCEPTED = "accepted", _("Accepted")
    CHANGED = "changed", _("Accepted with changes")
    DECLINED = "declined", _("Declined")


class Measure(models.Model):
    """One reward or sanction out of the toolbox, proposed by a clause and decided one by one with a reason."""

    rating = models.ForeignKey(Rating, on_delete=models.PROTECT, related_name="measures")
    code = models.CharField(_("measure"), max_length=60)
    tool = models.CharField(_("tool"), max_length=40)
    # The engine's proposal with its clause and basis, kept as it was shown to the decision maker.
    proposal = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=10, choices=MeasureState, default=MeasureState.PROPOSED)
    # Of the options that the proposal lists, the ids that were chosen: nothing is chosen by itself.
    options = models.JSONField(_("options chosen"), default=list)
    content = models.TextField(_("content as decided"), blank=True)
    reason = models.TextField(_("reason"), blank=True)
    decided_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("measure")
        verbose_name_plural = _("measures")
        constraints = [
            models.UniqueConstraint(fields=["rating", "code"], name="assessments_measure_once"),
            models.CheckConstraint(
                condition=Q(state="proposed") | (Q(decided_by__isnull=False) & ~Q(reason="")),
                name="assessments_measure_decided_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Notice(models.Model):
    """The letter that tells the bank its rating. ``body`` is frozen at issue; the bank acknowledges it. The notice of a
    corrected rating names the one that it replaces.
    """

    rating = models.OneToOneField(Rating, on_delete=models.PROTECT, related_name="notice")
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    number = models.CharField(_("number"), max_length=60, unique=True)
    body = models.JSONField(default=dict)
    issued_by = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(_("issued"))
    appeal_until = models.DateTimeField(_("objection possible until"))
    acknowledged_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True)

    class Meta:
        ordering = ["-issued_at"]
        verbose_name = _("notice")
        verbose_name_plural = _("notices")

    def __str__(self) -> str:
        return self.number
