"""People and the roles they hold."""

from collections.abc import Iterable
from datetime import date

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from scorecard.access.roles import BANK_ROLES, LENT_ROLES, Role
from scorecard.words.pinyin import Named


class UserManager(BaseUserManager["User"]):
    """Looks people up by user name, without regard to case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username__iexact=username)


class User(Named, AbstractBaseUser):
    """A person who signs in. Bank people belong to exactly one bank; supervisors to none.

    What a person may do comes from ``RoleGrant`` rows alone; there is no superuser and no staff flag.
    """

    username = models.CharField(
        _("user name"), max_length=60, unique=True, error_messages={"unique": _("This user name is taken.")}
    )
    name = models.CharField(_("name"), max_length=60)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    bank = models.ForeignKey(
        "banks.Bank", null=True, blank=True, on_delete=models.PROTECT, related_name="people", verbose_name=_("bank")
    )
    is_active = models.BooleanField(_("active"), default=True)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, blank=True)
    # A password that somebody else has set: its owner changes it before anything else.
    must_change_password = models.BooleanField(_("must change the password"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")

    objects = UserManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["username"]
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.name or self.username

    @cached_property
    def roles(self) -> frozenset[str]:
        """The codes of the roles in which this person acts today: those that they hold, and of a bank's people those of
        somebody who is away (docs/workflow.md, Stand-ins of a bank); one query, kept for the life of the object."""
        return frozenset(self._acting)

    @cached_property
    def _acting(self) -> dict[str, int | None]:
        """For each role in which the person acts, for whom: an absent person, or nobody."""
        if not self.is_active:
            return {}
        if self.bank_id is None:
            return dict.fromkeys(self.grants.values_list("role", flat=True))
        away = StandIn.objects.acting().filter(person=self)
        mine = models.Q(user=self) | models.Q(user__in=away.values("absent"), role__in=BANK_ROLES)
        rows = set(RoleGrant.objects.filter(mine).values_list("role", "user"))
        found: dict[str, int | None] = dict.fromkeys(role for role, user in rows if user == self.pk)
        lent = {role: user for role, user in rows if user != self.pk and (role in found or role in LENT_ROLES)}
        return found | lent

    @property
    def absent_id(self) -> int | None:
        """For whom this person of a bank stands in today; None for everybody else."""
        return next((absent for absent in self._acting.values() if absent is not None), None)

    def absent_in(self, roles: Iterable[str]) -> "User | None":
        """The absent person for whom this person of a bank acts today in one of these roles."""
        found = next((absent for role in roles if (absent := self._acting.get(role)) is not None), None)
        return User.objects.get(pk=found) if found is not None else None

    def holds(self, *roles: str) -> bool:
        """Whether the person holds any of these roles."""
        return not self.roles.isdisjoint(roles)

    @property
    def resets(self) -> "models.QuerySet[PasswordReset]":
        """The passwords that others have set for this person, the newest first."""
        return self.password_resets.filter(done=True).select_related("asked_by", "decided_by").order_by("-decided_at")

    @property
    def lost_factors(self) -> "models.QuerySet[FactorReset]":
        """When this person's second factors were reset by others, the newest first."""
        return self.factor_resets.filter(done=True).select_related("asked_by", "decided_by").order_by("-decided_at")

    @property
    def is_bank_person(self) -> bool:
        """Whether this person acts for a bank."""
        return self.bank_id is not None

    @property
    def role_names(self) -> list[str]:
        """The roles in words, in the order of the product's table."""
        return [str(role.label) for role in Role if role in self.roles]


class RoleGrant(models.Model):
    """One role held by one person. Granting and withdrawing are services, each with an event."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants", verbose_name=_("person"))
    role = models.CharField(_("role"), max_length=20, choices=Role)
    granted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(_("granted"), auto_now_add=True)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [models.UniqueConstraint(fields=["user", "role"], name="banks_one_grant_per_role")]

    def __str__(self) -> str:
        return f"{self.user} {self.role}"


class RoleRequest(models.Model):
    """A role that one administrator asks for and another one grants or refuses (two pairs of eyes).

    Open while ``decided_at`` is empty. The grant itself is a ``RoleGrant``; a request is never deleted.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="role_requests", verbose_name=_("person"))
    role = models.CharField(_("role"), max_length=20, choices=Role)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True)
    granted = models.BooleanField(_("granted"), default=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("role asked for")
        verbose_name_plural = _("roles asked for")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role"], condition=models.Q(decided_at__isnull=True), name="banks_one_open_request"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.role}"


class PasswordReset(models.Model):
    """A password that somebody else sets. For who signs, decides or administers, another administrator agrees first.

    Open while ``decided_at`` is empty; ``encoded`` holds the password's hash until then. Never deleted: the person
    reads here who has set the password, and when.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="password_resets", verbose_name=_("person"))
    encoded = models.CharField(max_length=128, blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True)
    done = models.BooleanField(_("set"), default=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("password set by another")
        verbose_name_plural = _("passwords set by others")
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(decided_at__isnull=True), name="banks_one_open_reset"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.asked_at}"


class FactorReset(models.Model):
    """Somebody's lost second factors, taken away: one administrator asks, another one agrees, whoever it is about.

    Open while ``decided_at`` is empty. Never deleted: the person reads here who has done it, and when.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="factor_resets", verbose_name=_("person"))
    reason = models.CharField(_("reason"), max_length=200)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True)
    done = models.BooleanField(_("reset"), default=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("second factors reset")
        verbose_name_plural = _("second factors reset")
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(decided_at__isnull=True), name="banks_one_open_factor_reset"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.asked_at}"


class StandInQuerySet(models.QuerySet["StandIn"]):
    """Stand-ins by their days."""

    def on(self, day: date) -> "StandInQuerySet":
        """Those that run on a day; both days count."""
        return self.filter(since__lte=day, until__gte=day, ended_at=None)

    def today(self) -> "StandInQuerySet":
        """Those that run today."""
        return self.on(timezone.localdate())

    def acting(self) -> "StandInQuerySet":
        """Those of today by which somebody of a bank acts for another one: both active and of one bank, and the
        stand-in has a role of their own. One row for each of these roles."""
        both = {"absent__is_active": True, "person__is_active": True, "absent__bank": models.F("person__bank")}
        return self.today().filter(**both, person__grants__isnull=False)


class StandIn(models.Model):
    """Who acts for somebody while that one is away, both days counting. Ended early by a day, never deleted."""

    absent = models.ForeignKey(User, on_delete=models.PROTECT, related_name="stand_ins", verbose_name=_("absent"))
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="stands_in", verbose_name=_("stand-in"))
    since = models.DateField(_("since"))
    until = models.DateField(_("until"))
    reason = models.CharField(_("reason"), max_length=200)
    named_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    named_at = models.DateTimeField(_("named"), auto_now_add=True)
    ended_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(_("ended"), null=True)

    objects = StandInQuerySet.as_manager()

    class Meta:
        ordering = ["-since", "-pk"]
        verbose_name = _("stand-in")
        verbose_name_plural = _("stand-ins")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until__gte=models.F("since")) & ~models.Q(person=models.F("absent")),
                name="banks_stand_in_period",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.since} {self.until}"


class SignInFailure(models.Model):
    """A failed sign-in, counted in the database so that every web process sees the same number."""

    username = models.CharField(max_length=60, db_index=True)
    ip = models.CharField(max_length=45, blank=True, db_index=True)
    # The known device that it came from; blank from one on which this name has not signed in before.
    device = models.CharField(max_length=16, blank=True)
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("failed sign-in")
        verbose_name_plural = _("failed sign-ins")

    def __str__(self) -> str:
        return f"{self.username} {self.at}"
