"""Rounds: one year's exercise under one rulebook, with its calendar."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assessments.models.assessments import Assessment, Leaving, TakingPart
from scorecard.words.language import by_language


class RoundState(models.TextChoices):
    """A round is planned, then open, then closed (archived). Closing is final."""

    PLANNED = "planned", _("Planned")
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")


class Round(models.Model):
    """One year's exercise. Deadlines are instants, shown in Asia/Shanghai, and end exactly when the screen says.

    Banks may file from ``opens_at`` until and including ``filing_deadline``; supervisors review until
    ``review_deadline``; a bank may object for ``appeal_days`` working days after its notice.
    """

    code = models.SlugField(_("code"), max_length=40, unique=True)
    year = models.PositiveSmallIntegerField(_("year assessed"))
    title_zh = models.CharField(_("title in Chinese"), max_length=200)
    title_en = models.CharField(_("title in English"), max_length=200)
    rulebook = models.ForeignKey(
        "assessments.RulebookVersion", on_delete=models.PROTECT, related_name="rounds", verbose_name=_("rulebook")
    )
    state = models.CharField(_("state"), max_length=10, choices=RoundState, default=RoundState.PLANNED)
    opens_at = models.DateTimeField(_("opens"))
    filing_deadline = models.DateTimeField(_("filing deadline"))
    review_deadline = models.DateTimeField(_("review deadline"))
    appeal_days = models.PositiveSmallIntegerField(_("working days for an objection"), default=15)
    created_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    opened_at = models.DateTimeField(_("opened"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    # Counts changes; a save carries the revision it saw.
    revision = models.PositiveIntegerField(_("revision"), default=0)

    class Meta:
        ordering = ["-year", "-id"]
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_at__lt=F("filing_deadline")) & Q(filing_deadline__lt=F("review_deadline")),
                name="assessments_round_dates_in_order",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The title in the language of the screen."""
        return by_language(self.title_zh, self.title_en)

    @property
    def period(self) -> str:
        """The period of the facts of this round."""
        return str(self.year)

    @property
    def taking_part(self) -> TakingPart:
        """The assessments of the banks that have not been taken out."""
        return Assessment.objects.filter(round=self).taking_part()

    @property
    def is_closed(self) -> bool:
        """Whether the round is closed and archived."""
        return self.state == RoundState.CLOSED

    @property
    def counted_once(self) -> TakingPart:
        """The same, every institution once (``TakingPart.counted_once``)."""
        return Assessment.objects.filter(round=self).counted_once()


class ParticipantChange(models.Model):
    """A bank taken out of an open round, or added to it, after the opening. Append-only; the round's page shows it."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="participant_changes")
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="participant_changes")
    added = models.BooleanField(_("added"))
    # ``Assessment.leaving`` of a bank that was taken out; blank for one that was added.
    leaving = models.CharField(_("why it takes part no more"), max_length=10, blank=True)
    reason = models.TextField(_("reason"))
    actor = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("time"), auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("change of participants")
        verbose_name_plural = _("changes of participants")

    def __str__(self) -> str:
        return f"{self.round_id} {self.assessment_id} {self.at}"

    @property
    def leaving_words(self) -> str:
        """Why it takes part no more, in words; blank for one that was added."""
        return str(Leaving(self.leaving).label) if self.leaving else ""


class RoundParameter(models.Model):
    """A yearly value of the rulebook (``parameters``) as the supervisor set it for one round. Append-only: a new value
    is a new row with the next revision, and the newest counts.

    ``value`` is exact text as in ``banks.FactEntry`` (a ratio is a fraction); blank withdraws what was set, so that the
    rulebook's default counts again. ``source`` names the notice or clause that sets it.
    """

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="parameters")
    parameter = models.CharField(_("value of the year"), max_length=60)
    revision = models.PositiveIntegerField(_("revision"))
    value = models.CharField(_("value"), max_length=60, blank=True)
    source = models.CharField(_("source"), max_length=200)
    set_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(_("set"), auto_now_add=True)

    class Meta:
        ordering = ["round", "parameter", "-revision"]
        verbose_name = _("value of the year")
        verbose_name_plural = _("values of the year")
        constraints = [
            models.UniqueConstraint(
                fields=["round", "parameter", "revision"], name="assessments_parameter_revision_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.parameter} r{self.revision}"


class RoundSnapshot(models.Model):
    """The city's figures of a round at one moment, computed by a job so that no page adds up all banks. Append-only;
    the newest row counts. ``content`` is described in ``assessments.scoring.statistics``.
    """

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="snapshots")
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("computed"), auto_now_add=True)
    content = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("round figures")
        verbose_name_plural = _("round figures")

    def __str__(self) -> str:
        return f"{self.round_id} {self.made_at}"
