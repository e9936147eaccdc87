"""Score runs: append-only computations, each with everything it depends on."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ScoreKind(models.TextChoices):
    """What the computation was for."""

    SYSTEM = "system", _("System score of a submission")
    REVIEWED = "reviewed", _("Score with the supervisor's points")


class PeerSnapshot(models.Model):
    """The values that rules compare a bank with, frozen for a round's job; never changed, and one row per content.

    ``content`` maps the group to the figure's key to the values from low to high as exact texts (``p/q`` where a
    decimal does not hold them). ``hash`` is the SHA-256 of its canonical JSON; runs name it among their inputs. The
    newest row of a round serves runs that are made singly between two jobs.
    """

    round = models.ForeignKey("assessments.Round", on_delete=models.PROTECT, related_name="+")
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.PROTECT, related_name="+")
    hash = models.CharField(max_length=64, db_index=True)
    content = models.JSONField(default=dict)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("peer values")
        verbose_name_plural = _("peer values")

    def __str__(self) -> str:
        return f"{self.round_id} {self.hash[:12]}"


class ScoreRun(models.Model):
    """One computation over one version. Never changed and never made twice: ``key`` is the SHA-256 of version, rulebook
    hash, engine version, digest of every input and kind, so that a task that runs twice finds its row.

    ``inputs`` holds what was added to the version's own: the supervisor's facts and points, the values of the year and
    the hash of the peers' values. ``array`` is the whole result in fixed layout
    (``assessments.scoring.outcome_codec``) and is the truth; ``stored`` is its JSON, a cache that runs made singly keep
    and that may be dropped. Read it through ``assessments.scoring.runs.outcome_of`` (decision 0010).
    Points are exact text; the ``*_sort`` columns repeat them as numbers for ordering only.
    """

    assessment = models.ForeignKey(
        "assessments.Assessment", on_delete=models.PROTECT, related_name="runs", db_index=False
    )
    version = models.ForeignKey("assessments.FilingVersion", on_delete=models.PROTECT, related_name="runs")
    kind = models.CharField(_("kind"), max_length=10, choices=ScoreKind)
    key = models.CharField(max_length=64)
    rulebook_hash = models.CharField(max_length=64)
    engine_version = models.CharField(max_length=20)
    inputs = models.JSONField(default=dict)
    stored = models.JSONField(null=True)
    array = models.BinaryField(default=bytes)
    total = models.CharField(_("points"), max_length=40)
    total_sort = models.DecimalField(max_digits=9, decimal_places=4)
    pending = models.CharField(_("points awaited"), max_length=40, default="0")
    grade_before = models.CharField(_("grade before caps"), max_length=40, blank=True)
    grade = models.CharField(_("grade"), max_length=40, blank=True)
    # One letter per target in rulebook order: m met, x missed, u unknown, n not applicable as an officer decided.
    targets = models.CharField(_("targets"), max_length=20, blank=True)
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(_("scored"), auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("score run")
        verbose_name_plural = _("score runs")
        indexes = [models.Index(fields=["assessment", "kind", "-id"], name="assessments_latest_run")]
        # Not ``unique=True``, which on PostgreSQL makes a second index for LIKE.
        constraints = [models.UniqueConstraint(fields=["key"], name="assessments_run_once")]

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
