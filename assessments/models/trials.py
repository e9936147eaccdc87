"""Trials: a published rulebook with some numbers changed, tried on the banks of a past round."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Trial(models.Model):
    """One trial, kept for ever with what was changed and what came out; nothing of a round changes by it.

    ``overlay`` holds ``chosen`` (path → value as it stands in a rulebook) and ``changes`` (pairs of path and value:
    what was chosen with everything that follows), and ``year``: the values of the year that were set for the round when
    the trial began, which the changes start from. ``result`` is written once by the job and never again; its content
    is described in ``assessments.trials.services``. The counts repeat it for lists.
    """

    round = models.ForeignKey(
        "assessments.Round", on_delete=models.PROTECT, related_name="trials", verbose_name=_("round")
    )
    rulebook = models.ForeignKey(
        "assessments.RulebookVersion", on_delete=models.PROTECT, related_name="trials", verbose_name=_("rulebook")
    )
    name = models.CharField(_("name"), max_length=80)
    note = models.TextField(_("note"), blank=True)
    overlay = models.JSONField(default=dict)
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.PROTECT, related_name="+")
    result = models.JSONField(null=True)
    scored = models.PositiveIntegerField(_("banks scored"), null=True)
    moved = models.PositiveIntegerField(_("banks with other points"), null=True)
    regraded = models.PositiveIntegerField(_("banks with another grade"), null=True)
    created_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("trial")
        verbose_name_plural = _("trials")

    def __str__(self) -> str:
        return self.name
