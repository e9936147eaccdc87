"""Score runs: append-only computations, each with everything it rests on."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ScoreKind(models.TextChoices):
    """What the computation was for."""

    SYSTEM = "system", _("System score of a submission")
    REVIEWED = "reviewed", _("Score with the supervisor's points")


class ScoreRun(models.Model):
    """One computation over one version. Never changed and never made twice: ``key`` is the SHA-256 of version, rulebook
    hash, engine version, digest of every input and kind, so that a task that runs twice finds its row.

    ``inputs`` holds the supervisor's facts and points that were added to the version's own; ``outcome`` is the engine's
    compact result. The explanation tree is made again from these on demand, bit by bit the same. Points are exact
    text; the ``*_sort`` columns repeat them as numbers for ordering only.
    """

    assessment = models.ForeignKey("assessments.Assessment", on_delete=models.PROTECT, related_name="runs")
    version = models.ForeignKey("assessments.FilingVersion", on_delete=models.PROTECT, related_name="runs")
    kind = models.CharField(_("kind"), max_length=10, choices=ScoreKind)
    key = models.CharField(max_length=64, unique=True)
    rulebook_hash = models.CharField(max_length=64)
    engine_version = models.CharField(max_length=20)
    inputs = models.JSONField(default=dict)
    outcome = models.JSONField(default=dict)
    total = models.CharField(_("points"), max_length=40)
    total_sort = models.DecimalField(max_digits=9, decimal_places=4)
    pending = models.CharField(_("points awaited"), max_length=40, default="0")
    grade_before = models.CharField(_("grade before caps"), max_length=40, blank=True)
    grade = models.CharField(_("grade"), max_length=40, blank=True)
    # One letter per target in rulebook order: m met, x missed, u unknown.
    targets = models.CharField(_("targets"), max_length=20, blank=True)
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("scored"), auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("score run")
        verbose_name_plural = _("score runs")
        indexes = [models.Index(fields=["assessment", "kind", "-id"], name="assessments_latest_run")]

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.kind} {self.total}"


class Ranking(models.Model):
    """A bank's place in its category, frozen with the round job that computed it. The newest row counts.

    Competition ranking (1, 2, 2, 4) by total, higher first; ``percentile`` is the share of the group, in percent as
    exact text with two decimals, whose total is lower or equal.
    """

    job = models.ForeignKey("jobs.Job", on_delete=models.PROTECT, related_name="+")
    assessment = models.ForeignKey("assessments.Assessment", on_delete=models.PROTECT, related_name="rankings")
    run = models.ForeignKey(ScoreRun, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=20)
    rank = models.PositiveIntegerField(_("rank in category"))
    of = models.PositiveIntegerField(_("banks in category"))
    percentile = models.CharField(_("percentile"), max_length=10)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("ranking")
        verbose_name_plural = _("rankings")
        constraints = [models.UniqueConstraint(fields=["job", "assessment"], name="assessments_ranked_once_per_job")]

    def __str__(self) -> str:
        return f"{self.rank}/{self.of}"
