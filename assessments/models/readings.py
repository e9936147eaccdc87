"""Readings between two rounds (监测数据): periods, and what each bank files for one."""

from calendar import monthrange
from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PeriodKind(models.TextChoices):
    """How a period is read."""

    QUARTER = "quarter", _("Quarter")
    MONTH = "month", _("Month")


class ReadingPeriod(models.Model):
    """A month or quarter for which banks file the facts of the targets: from 1 January of ``year`` to the last day of
    ``month``. ``due_on`` is the last day for the banks; a later reading is taken and is late.
    """

    year = models.PositiveIntegerField(_("year"))
    month = models.PositiveSmallIntegerField(_("last month"))
    kind = models.CharField(_("kind"), max_length=10, choices=PeriodKind, default=PeriodKind.QUARTER)
    rulebook = models.ForeignKey(
        "assessments.RulebookVersion", on_delete=models.PROTECT, related_name="+", verbose_name=_("rulebook")
    )
    due_on = models.DateField(_("last day for the banks"))
    opened_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(_("opened"))

    class Meta:
        ordering = ["-year", "-month"]
        verbose_name = _("period of readings")
        verbose_name_plural = _("periods of readings")
        constraints = [
            models.UniqueConstraint(fields=["year", "month"], name="assessments_reading_period_once"),
            models.CheckConstraint(
                condition=Q(month__gte=1, month__lte=12), name="assessments_reading_period_of_a_month"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ends_on(self) -> date:
        """The day on which the figures stand."""
        return date(self.year, self.month, monthrange(self.year, self.month)[1])

    @property
    def title(self) -> str:
        """The period in words."""
        return period_title(self.year, self.month, self.kind)


def period_title(year: int, month: int, kind: str) -> str:
    """A quarter or a month in words."""
    if kind == PeriodKind.QUARTER and month % 3 == 0:
        return _now("Quarter %(quarter)d of %(year)s") % {"quarter": month // 3, "year": year}
    return _now("%(year)s, month %(month)s") % {"year": year, "month": month}


class ReadingSource(models.TextChoices):
    """How a reading came in."""

    FORM = "form", _("Filled in on the web")
    API = "api", _("Sent by the bank’s system")
    SUPERVISOR = "supervisor", _("Given by the supervisor")
    DEMO = "demo", _("Demonstration data")


class Reading(models.Model):
    """One revision of what one bank files for one period: a draft until somebody else confirms it, unchanged from then
    on. A correction is the next revision.

    ``facts`` maps fact ids to state and exact text, as a frozen filing does; ``typed`` keeps of a draft what could not
    be read, as it was typed. ``writers`` are those who saved the draft. ``digest`` is the SHA-256 of what was
    confirmed.
    """

    period = models.ForeignKey(ReadingPeriod, on_delete=models.PROTECT, related_name="readings")
    bank = models.ForeignKey("banks.Bank", on_delete=models.PROTECT, related_name="readings")
    revision = models.PositiveIntegerField(_("revision"))
    source = models.CharField(_("source"), max_length=12, choices=ReadingSource, default=ReadingSource.FORM)
    facts = models.JSONField(default=dict)
    typed = models.JSONField(default=dict, blank=True)
    note = models.TextField(_("explanation"), blank=True)
    saves = models.PositiveIntegerField(default=0)
    writers = models.JSONField(default=list)
    saved_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField(_("saved"))
    confirmed_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["period", "bank", "revision"]
        verbose_name = pgettext_lazy("noun", "reading")
        verbose_name_plural = _("readings")
        constraints = [
            models.UniqueConstraint(fields=["period", "bank", "revision"], name="assessments_reading_revision_once"),
            models.UniqueConstraint(
                fields=["period", "bank"], condition=Q(confirmed_at=None), name="assessments_reading_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | ~Q(digest=""), name="assessments_reading_confirmed_whole"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bank_id} {self.period_id} r{self.revision}"


class ReadingStanding(models.Model):
    """Where a bank stands at a confirmed reading, as it was worked out then (``docs/readings.md``, Standing).

    Append-only: worked out again it is the next ``number``, and the newest counts. ``missed`` counts the targets that
    are missed on the day, ``warnings`` those that the rules give, ``serious`` those of them that are serious.
    """

    reading = models.ForeignKey(Reading, on_delete=models.PROTECT, related_name="standings")
    number = models.PositiveIntegerField()
    content = models.JSONField(default=dict)
    missed = models.PositiveIntegerField(default=0)
    warnings = models.PositiveIntegerField(default=0)
    serious = models.PositiveIntegerField(default=0)
    computed_at = models.DateTimeField(_("computed"))

    class Meta:
        ordering = ["reading", "number"]
        verbose_name = _("standing at a reading")
        verbose_name_plural = _("standings at readings")
        constraints = [
            models.UniqueConstraint(fields=["reading", "number"], name="assessments_reading_standing_once"),
        ]

    def __str__(self) -> str:
        return f"{self.reading_id} n{self.number}"


class Circular(models.Model):
    """A circular (通报) on a period, numbered and frozen when issued: the office's letter with every bank's row."""

    period = models.ForeignKey(ReadingPeriod, on_delete=models.PROTECT, related_name="circulars")
    number = models.CharField(_("number"), max_length=60, unique=True)
    body = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    issued_by = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(_("issued"))

    class Meta:
        ordering = ["-id"]
        verbose_name = pgettext_lazy("letter", "circular")
        verbose_name_plural = _("circulars")

    def __str__(self) -> str:
        return self.number


class CircularCopy(models.Model):
    """One bank's copy of a circular, with its own row alone. ``number`` is the circular's, ``digest`` its own."""

    circular = models.ForeignKey(Circular, on_delete=models.PROTECT, related_name="copies")
    bank = models.ForeignKey("banks.Bank", on_delete=models.PROTECT, related_name="circulars")
    number = models.CharField(_("number"), max_length=60, db_index=True)
    body = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    issued_at = models.DateTimeField(_("issued"))
    read_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField(_("first opened"), null=True)

    class Meta:
        ordering = ["circular", "bank"]
        verbose_name = _("copy of a circular")
        verbose_name_plural = _("copies of circulars")
        constraints = [
            models.UniqueConstraint(fields=["circular", "bank"], name="assessments_circular_copy_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.bank_id}"
