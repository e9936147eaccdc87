"""The bank's objection to a notice: its grounds, what was decided of each, and the letter that says so."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ObjectionOutcome(models.TextChoices):
    """What was decided of an objection, and of each of its grounds. A ground is upheld or refused as a whole."""

    UPHELD = "upheld", _("Upheld")
    PARTLY = "partly", _("Upheld in part")
    REFUSED = "refused", _("Refused")


class Objection(models.Model):
    """What a bank says against one notice. A draft of the bank until it is lodged; from then on its words, grounds and
    files change no more (``digest`` is the SHA-256 of them), and what is decided of it is written once.

    ``number`` is the receipt's, blank in a draft. ``revision`` counts the saves of the draft; a save carries the one
    that it saw.
    """

    notice = models.OneToOneField("assessments.Notice", on_delete=models.PROTECT, related_name="objection")
    number = models.CharField(_("receipt number"), max_length=60, blank=True)
    revision = models.PositiveIntegerField(default=0)
    statement = models.TextField(_("what the bank asks for"), blank=True)
    saved_by = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField(_("saved"))
    lodged_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    lodged_at = models.DateTimeField(_("lodged"), null=True)
    digest = models.CharField(max_length=64, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=ObjectionOutcome, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    decided_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=~Q(number=""), name="assessments_objection_number"),
            models.CheckConstraint(
                condition=Q(lodged_at__isnull=True) | (Q(lodged_by__isnull=False) & ~Q(number="") & ~Q(digest="")),
                name="assessments_objection_lodged_whole",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True)
                | (Q(lodged_at__isnull=False) & Q(decided_by__isnull=False) & ~Q(outcome="") & ~Q(reason="")),
                name="assessments_objection_decided_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.number or str(self.pk)


class ObjectionGround(models.Model):
    """One ground: what it is about, why, and what was decided of it. ``subject`` is ``indicator:<id>``,
    ``target:<id>``, ``measure:<id>`` or ``grade``.
    """

    objection = models.ForeignKey(Objection, on_delete=models.CASCADE, related_name="grounds")
    subject = models.CharField(_("subject"), max_length=80)
    text = models.TextField(_("ground"))
    written_by = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(_("outcome"), max_length=10, choices=ObjectionOutcome, blank=True)
    answer = models.TextField(_("answer"), blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("ground of an objection")
        verbose_name_plural = _("grounds of objections")
        constraints = [
            models.UniqueConstraint(fields=["objection", "subject"], name="assessments_ground_once"),
            models.CheckConstraint(condition=~Q(text=""), name="assessments_ground_has_words"),
        ]

    def __str__(self) -> str:
        return self.subject


class ObjectionLetter(models.Model):
    """A letter on an objection, numbered and frozen when it is sent: the decision, or that the figures were examined
    again and the result stays. A result that changes is told by a notice (``Notice.replaces``).
    """

    class Kind(models.TextChoices):
        DECISION = "decision", _("Decision on the objection")
        UNCHANGED = "unchanged", _("Result of the new examination")

    objection = models.ForeignKey(Objection, on_delete=models.PROTECT, related_name="letters")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    number = models.CharField(_("number"), max_length=60, unique=True)
    body = models.JSONField(default=dict)
    issued_by = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(_("issued"))

    class Meta:
        ordering = ["-id"]
        verbose_name = _("letter on an objection")
        verbose_name_plural = _("letters on objections")
        constraints = [models.UniqueConstraint(fields=["objection", "kind"], name="assessments_objection_letter_once")]

    def __str__(self) -> str:
        return self.number


class CalendarDay(models.Model):
    """A day that is no working day though it is Monday to Friday, or one that is though it is not, as the authority's
    calendar says. Append-only: the newest row of a day counts.
    """

    day = models.DateField(_("day"), db_index=True)
    working = models.BooleanField(_("working day"))
    source = models.CharField(_("source"), max_length=200)
    set_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(_("set"), auto_now_add=True)

    class Meta:
        ordering = ["day", "id"]
        verbose_name = _("day of the calendar")
        verbose_name_plural = _("days of the calendar")

    def __str__(self) -> str:
        return f"{self.day} {self.working}"
