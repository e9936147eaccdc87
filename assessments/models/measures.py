"""Decided measures after their notice: owner, days, what the bank owes, what it files, and every step."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class LiveState(models.TextChoices):
    """Where a measure stands. ``ENDED`` is never kept: it follows from the last day and the day it is asked on."""

    UNSET = "unset", pgettext_lazy("measure", "Days to be set")
    RUNNING = "running", pgettext_lazy("measure", "Running")
    FULFILLED = "fulfilled", pgettext_lazy("measure", "Fulfilled")
    LIFTED = "lifted", pgettext_lazy("measure", "Lifted")
    REPLACED = "replaced", pgettext_lazy("measure", "Replaced by a correction")
    ENDED = "ended", pgettext_lazy("measure", "Ended on its last day")


class ObligationKind(models.TextChoices):
    """What a bank owes under a measure, in the order in which it is filed."""

    PLAN = "plan", _("Rectification plan")
    PROPOSAL = "proposal", _("Proposed result of the accountability")
    REPORT = "report", _("Report of fulfilment")


class ObligationState(models.TextChoices):
    """Where an obligation stands."""

    OPEN = "open", pgettext_lazy("obligation", "To be filed")
    FILED = "filed", pgettext_lazy("obligation", "Filed, to be looked at")
    RETURNED = "returned", pgettext_lazy("obligation", "Returned, to be filed again")
    ACCEPTED = "accepted", pgettext_lazy("obligation", "Accepted")


# While a measure is in one of these states, and its last day is not over, it binds the bank.
BINDING = (LiveState.UNSET, LiveState.RUNNING)
# An obligation that the bank still has to file.
OWED = (ObligationState.OPEN, ObligationState.RETURNED)


class LiveMeasures(models.QuerySet["LiveMeasure"]):
    """Entries of the register."""

    def binding(self, day: date) -> "LiveMeasures":
        """Those that bind their bank on this day."""
        return self.filter(binds_on(day))


def binds_on(day: date, prefix: str = "") -> Q:
    """The condition that an entry binds on a day; ``prefix`` leads to the entry."""
    last = Q(**{f"{prefix}ends_on__isnull": True}) | Q(**{f"{prefix}ends_on__gte": day})
    return Q(**{f"{prefix}state__in": BINDING}) & last


class LiveMeasure(models.Model):
    """The entry of the register for one decided measure of a notice (``docs/measures.md``).

    ``measure`` is the decided measure of the notice that holds, or held when the entry ended; an entry goes on under a
    corrected notice that says the same. It binds from ``from_day`` until and including ``ends_on``, as long as its
    state is unset or running.
    """

    assessment = models.ForeignKey("assessments.Assessment", on_delete=models.PROTECT, related_name="live_measures")
    measure = models.OneToOneField("assessments.Measure", on_delete=models.PROTECT, related_name="live")
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    owner = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=LiveState, default=LiveState.UNSET)
    from_day = models.DateField(_("in force from"))
    due_on = models.DateField(_("due day"), null=True)
    ends_on = models.DateField(_("last day"), null=True)

    objects = LiveMeasures.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("measure in the register")
        verbose_name_plural = _("measures in the register")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="ended"),
                name="assessments_live_measure_ends_by_date",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["running", "fulfilled"]) | Q(due_on__isnull=False),
                name="assessments_live_measure_runs_with_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessment} {self.measure}"

    def binds(self, day: date) -> bool:
        """Whether it binds the bank on this day."""
        return self.state in BINDING and (self.ends_on is None or self.ends_on >= day)

    def state_on(self, day: date) -> LiveState:
        """Where it stands on this day: what is kept, or that its last day is over."""
        kept = LiveState(self.state)
        return LiveState.ENDED if kept in BINDING and not self.binds(day) else kept


class Obligation(models.Model):
    """One thing that the bank owes under a measure, and by when."""

    live = models.ForeignKey(LiveMeasure, on_delete=models.PROTECT, related_name="obligations")
    kind = models.CharField(_("kind"), max_length=10, choices=ObligationKind)
    due_on = models.DateField(_("due day"))
    state = models.CharField(_("state"), max_length=10, choices=ObligationState, default=ObligationState.OPEN)

    class Meta:
        ordering = ["live", "due_on", "id"]
        verbose_name = _("obligation")
        verbose_name_plural = _("obligations")
        constraints = [models.UniqueConstraint(fields=["live", "kind"], name="assessments_obligation_once")]

    def __str__(self) -> str:
        return f"{self.live} {self.kind}"


class ObligationOutcome(models.TextChoices):
    """What was decided of a filing."""

    ACCEPTED = "accepted", _("Accepted")
    RETURNED = "returned", _("Returned")


class ObligationFiling(models.Model):
    """What a bank files for an obligation: a draft until the signatory files it; then its words and files change no
    more (``digest`` is the SHA-256 of them), and what is decided of it is written once. ``revision`` counts the saves
    of the draft.
    """

    obligation = models.ForeignKey(Obligation, on_delete=models.PROTECT, related_name="filings")
    number = models.PositiveIntegerField(_("filing"))
    text = models.TextField(_("text"), blank=True)
    revision = models.PositiveIntegerField(default=0)
    saved_by = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField(_("saved"))
    filed_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    filed_at = models.DateTimeField(_("filed"), null=True)
    digest = models.CharField(max_length=64, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=ObligationOutcome, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    decided_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True)

    class Meta:
        ordering = ["obligation", "number"]
        verbose_name = _("filing of an obligation")
        verbose_name_plural = _("filings of obligations")
        constraints = [
            models.UniqueConstraint(fields=["obligation", "number"], name="assessments_obligation_filing_number"),
            models.CheckConstraint(
                condition=Q(filed_at__isnull=True) | (Q(filed_by__isnull=False) & ~Q(digest="")),
                name="assessments_obligation_filed_whole",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True)
                | (Q(filed_at__isnull=False) & Q(decided_by__isnull=False) & ~Q(outcome="") & ~Q(reason="")),
                name="assessments_obligation_decided_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.obligation} {self.number}"


class MeasureStep(models.Model):
    """One step of a measure in the register, append-only: who, why, and what it changed (``data``)."""

    live = models.ForeignKey(LiveMeasure, on_delete=models.PROTECT, related_name="steps")
    obligation = models.ForeignKey(Obligation, null=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("step"), max_length=30)
    reason = models.TextField(_("reason"), blank=True)
    data = models.JSONField(default=dict)
    actor = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    stood_in_for = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))

    class Meta:
        ordering = ["id"]
        verbose_name = _("step of a measure")
        verbose_name_plural = _("steps of measures")

    def __str__(self) -> str:
        return f"{self.live_id} {self.name}"
