"""Tokens of the API, and the answers that are given again when a request is repeated."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ApiToken(models.Model):
    """One person's key for one machine (docs/api.md, Tokens). Never deleted.

    Granted by one person; ``digest`` is blank until the person in whose name it acts draws it. ``key`` is the public
    part of what was drawn, ``digest`` the SHA-256 of all of it. ``window`` (minutes since the epoch) and ``used`` count
    the requests of a minute; they and ``last_used`` follow from use and are not sealed.
    """

    bank = models.ForeignKey(
        "banks.Bank", null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("bank")
    )
    person = models.ForeignKey(
        "banks.User", on_delete=models.PROTECT, related_name="api_tokens", verbose_name=_("person")
    )
    name = models.CharField(_("name"), max_length=60)
    scopes = models.JSONField(default=list)
    until = models.DateField(_("last day"))
    granted_by = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(_("granted"), auto_now_add=True)
    key = models.CharField(max_length=16, blank=True, db_index=True)
    digest = models.CharField(max_length=64, blank=True)
    drawn_at = models.DateTimeField(_("drawn"), null=True)
    revoked_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(_("revoked"), null=True)
    last_used = models.DateTimeField(_("last used"), null=True)
    window = models.BigIntegerField(default=0)
    used = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> str:
        """``revoked``, ``ended``, ``granted`` (not drawn yet) or ``live``."""
        if self.revoked_at is not None:
            return "revoked"
        if self.until < timezone.localdate():
            return "ended"
        return "live" if self.drawn_at is not None else "granted"


class ApiAnswer(models.Model):
    """What a write by the API was answered, under the key that its caller gave it (docs/api.md, Repeating).

    ``fingerprint`` is an HMAC of method, address and body. Kept for a day.
    """

    token = models.ForeignKey(ApiToken, on_delete=models.PROTECT, related_name="answers")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveIntegerField(default=0)
    body = models.JSONField(null=True)
    made_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("answer of the API")
        verbose_name_plural = _("answers of the API")
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="assessments_api_answer_once")]

    def __str__(self) -> str:
        return f"{self.token_id} {self.key}"
