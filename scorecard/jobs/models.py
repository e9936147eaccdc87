"""The job row: what is to be done, how far it is, and who last said so."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class JobState(models.TextChoices):
    """Queued → running → done or failed. A running job without a heartbeat goes back to queued."""

    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class Job(models.Model):
    """One piece of background work, written in the transaction that asks for it (an outbox) and swept until done.

    ``key`` makes asking twice harmless: while a job of the same kind and key is queued or running, asking again
    returns that row. Counts are whole units of the kind's own choosing (banks, rows). ``token`` names the one worker
    run that may write to the row, so a run that was given up for lost cannot overwrite its successor.
    """

    kind = models.CharField(_("kind"), max_length=60)
    key = models.CharField(_("key"), max_length=200)
    params = models.JSONField(_("parameters"), default=dict)
    state = models.CharField(_("state"), max_length=10, choices=JobState, default=JobState.QUEUED)
    done = models.PositiveIntegerField(_("done"), default=0)
    total = models.PositiveIntegerField(_("total"), null=True)
    attempt = models.PositiveIntegerField(_("attempt"), default=0)
    token = models.CharField(max_length=36, blank=True)
    heartbeat = models.DateTimeField(_("heartbeat"), null=True)
    published_at = models.DateTimeField(_("handed to the broker"), null=True)
    publications = models.PositiveIntegerField(_("times handed to the broker"), default=0)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="shards")
    result = models.JSONField(_("result"), default=dict)
    error = models.TextField(_("error"), blank=True)
    bank_id = models.BigIntegerField(_("bank"), null=True, db_index=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"],
                condition=models.Q(state__in=["queued", "running"]),
                name="jobs_one_active_per_key",
            )
        ]
        indexes = [models.Index(fields=["state", "heartbeat"], name="jobs_sweep")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    @property
    def active(self) -> bool:
        """Whether a page should go on asking."""
        return self.state in (JobState.QUEUED, JobState.RUNNING)

    @property
    def percent(self) -> int:
        """Done of total in whole percent, for the bar; 0 while the total is unknown."""
        return min(100, self.done * 100 // self.total) if self.total else (100 if self.state == JobState.DONE else 0)


class SweepMark(models.Model):
    """When the last sweep began, by the database's clock: one row, so that one sweep runs at a time."""

    begun_at = models.DateTimeField(_("begun"), null=True)

    def __str__(self) -> str:
        return f"{self.begun_at}"
