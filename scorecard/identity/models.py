"""Second factors of people, recovery codes, and answers of passkeys that have been used (``docs/identity.md``)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """With what somebody proves who they are, beside the password."""

    PASSKEY = "passkey", _("Passkey")
    TOTP = "totp", _("Authenticator app")
    CODES = "codes", _("Recovery codes in an envelope")  # of an account for emergencies, which has nothing else


class Factor(models.Model):
    """A passkey or an authenticator app of one person. Added and removed, never changed otherwise than by its use."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="factors", verbose_name=_("person")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    name = models.CharField(_("name"), max_length=60)
    # Of a passkey: its id and public key, Base64; how often it says that it has signed.
    credential = models.CharField(max_length=1400, null=True, unique=True)  # noqa: DJ001  # unique where there is one
    public = models.TextField(blank=True)
    counter = models.BigIntegerField(default=0)
    # Of an app: its secret, encrypted (``keys``), and the last step of 30 seconds whose code was used.
    secret = models.TextField(blank=True)
    last_step = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(_("added"), auto_now_add=True)
    used_at = models.DateTimeField(_("last used"), null=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"


class RecoveryCode(models.Model):
    """One of the codes for somebody who has lost the other factors; it works once, and only its hash is kept."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="recovery_codes")
    number = models.PositiveSmallIntegerField()
    encoded = models.CharField(max_length=128)
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["number"]
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        constraints = [models.UniqueConstraint(fields=["person", "number"], name="identity_one_code_a_number")]

    def __str__(self) -> str:
        return f"{self.person} {self.number}"


class SpentChallenge(models.Model):
    """The digest of a challenge that a passkey has answered, kept until the challenge is too old anyway."""

    digest = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("used challenge")
        verbose_name_plural = _("used challenges")

    def __str__(self) -> str:
        return self.digest


class EmergencyAccount(models.Model):
    """An account whose password and recovery codes lie sealed in a safe (``emergency``). Made on the command line."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="emergency")
    sealed_at = models.DateTimeField(_("sealed"))

    class Meta:
        verbose_name = _("account for emergencies")
        verbose_name_plural = _("accounts for emergencies")

    def __str__(self) -> str:
        return str(self.person)


class EmergencyUse(models.Model):
    """One sign-in with an account for emergencies. It stands on every administrator's start page until one of them has
    looked into it; never deleted.
    """

    account = models.ForeignKey(EmergencyAccount, on_delete=models.PROTECT, related_name="uses")
    at = models.DateTimeField(_("time"), auto_now_add=True)
    ip = models.CharField(_("address"), max_length=45, blank=True)
    browser = models.CharField(_("browser"), max_length=100, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(_("looked into"), null=True)
    words = models.CharField(_("what was found"), max_length=500, blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("use of an account for emergencies")
        verbose_name_plural = _("uses of accounts for emergencies")

    def __str__(self) -> str:
        return f"{self.account} {self.at}"
