"""The audit trail: one row per event, append-only, numbered without a gap, chained by hash; parts of its tree."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """One write, sensitive read or refusal, recorded in the transaction of the change it tells of.

    ``seq`` counts from 1 without a gap. ``hash`` is the SHA-256 of the canonical JSON of every other field together
    with the previous event's hash, so a changed, removed or inserted row breaks the chain at its place. Database
    triggers refuse UPDATE and DELETE. Bank and object are kept as text: this app knows no business table.
    """

    seq = models.BigIntegerField(_("number"), primary_key=True)
    at = models.DateTimeField(_("time"), db_index=True)
    event = models.CharField(_("event"), max_length=80, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("actor")
    )
    actor_name = models.CharField(_("actor name"), max_length=150, blank=True)
    roles = models.CharField(_("roles"), max_length=200, blank=True)
    ip = models.CharField(_("address"), max_length=45, blank=True)
    request_id = models.CharField(_("request"), max_length=36, blank=True)
    bank_id = models.BigIntegerField(_("bank"), null=True, db_index=True)
    object_type = models.CharField(_("object type"), max_length=60, blank=True)
    object_id = models.CharField(_("object"), max_length=60, blank=True)
    data = models.TextField(_("details"), default="{}", help_text=_("Canonical JSON."))
    prev_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64, unique=True)
    # Digests of the rows that the event tells of (``seals``), canonical JSON; None where it tells of none.
    seals = models.TextField(null=True)  # noqa: DJ001  # events from before have none, and their bytes stay as they are

    class Meta:
        ordering = ["-seq"]
        indexes = [models.Index(fields=["object_type", "object_id"], name="audit_object")]
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")

    def __str__(self) -> str:
        return f"{self.seq} {self.event}"


class Subtree(models.Model):
    """The root of a complete subtree of the trail's Merkle tree: of 2^``level`` events, the first of which is event
    ``place`` · 2^``level`` + 1. Append-only, and worked out again from the events by verification (``docs/trail.md``).
    """

    level = models.PositiveSmallIntegerField()
    place = models.BigIntegerField()
    root = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "place"], name="audit_subtree_once")]
        verbose_name = _("part of the trail's tree")
        verbose_name_plural = _("parts of the trail's tree")

    def __str__(self) -> str:
        return f"{self.level} {self.place}"
