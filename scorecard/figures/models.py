"""The report's figures, the relations among them with their outcome, and each load of a fixture."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from scorecard.engine.values.rational import Fraction
from scorecard.words.language import by_language

from . import codes
from .intervals import Interval, interval


def _choices(labels: dict[Any, Any]) -> list[tuple[Any, Any]]:
    return list(labels.items())


class LoadState(models.TextChoices):
    """A load waits for the worker, then ends as loaded or as rejected. It is never half of either.

    One that would change figures which are there is shown first: it is ``ASKED`` until somebody agrees, and then waits
    for the worker again, or is discarded.
    """

    WAITING = "waiting", _("Waiting")
    ASKED = "asked", _("To be agreed to")
    DISCARDED = "discarded", _("Not loaded")
    LOADED = "loaded", _("Loaded")
    REJECTED = "rejected", _("Rejected")


class Load(models.Model):
    """One load of a fixture: what it brought (added, changed, unchanged, rejected rows) and everything wrong with it.

    ``content`` holds the upload until it has been loaded, rejected or discarded, and is emptied then; ``digest`` is the
    SHA-256 over the files. ``problems`` are ``{file, line, field, message}``; ``changes`` list each changed figure with
    the old and new value of each field: what was shown before it was loaded, then what was changed.
    """

    source = models.CharField(_("source"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=LoadState, default=LoadState.WAITING)
    content = models.BinaryField(default=b"")
    digest = models.CharField(_("digest"), max_length=64, blank=True)
    added = models.PositiveIntegerField(_("added"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    rejected = models.PositiveIntegerField(_("rejected"), default=0)
    relations = models.PositiveIntegerField(_("relations"), default=0)
    disagreements = models.PositiveIntegerField(_("disagreements"), default=0)
    problems = models.JSONField(_("problems"), default=list)
    changes = models.JSONField(_("changes"), default=list)
    job_id = models.BigIntegerField(_("job"), null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("started"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("load")
        verbose_name_plural = _("loads")

    def __str__(self) -> str:
        return f"{self.pk} {self.source}"


class Figure(models.Model):
    """One figure that the report states. ``value`` and ``unit`` are as printed and never corrected.

    ``normalised_value`` is the exact decimal as text (no float comes near it), in ``normalised_unit``: yuan, counts,
    ratios for percentages, pp for percentage points. A fall is negative. ``as_of`` and ``compared_with`` are ISO 8601
    dates, months, years or spans; ``compared_with`` may instead be a code of ``codes.COMPARISONS``.
    """

    ident = models.CharField(_("id"), max_length=40, unique=True)
    position = models.PositiveIntegerField(_("position"), db_index=True)
    chapter = models.PositiveSmallIntegerField(_("chapter"), choices=_choices(codes.CHAPTERS))
    section = models.CharField(_("section"), max_length=20)
    topic = models.CharField(_("topic"), max_length=24, choices=_choices(codes.TOPICS))
    institution = models.CharField(_("institution"), max_length=60, blank=True)
    indicator_zh = models.CharField(_("indicator (Chinese)"), max_length=100)
    indicator_en = models.CharField(_("indicator (English)"), max_length=160)
    value = models.CharField(_("value as printed"), max_length=30)
    unit = models.CharField(_("unit as printed"), max_length=10, blank=True)
    normalised_value = models.CharField(_("normalised value"), max_length=30)
    normalised_unit = models.CharField(_("normalised unit"), max_length=20, choices=_choices(codes.UNITS))
    qualifier = models.CharField(_("precision"), max_length=6, blank=True)
    as_of = models.CharField(_("as of"), max_length=24)
    compared_with = models.CharField(_("compared with"), max_length=24, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=_choices(codes.KINDS))
    dimension = models.CharField(_("dimension"), max_length=12, choices=_choices(codes.DIMENSIONS))
    added_by = models.ForeignKey(Load, on_delete=models.PROTECT, related_name="+", verbose_name=_("added by load"))
    changed_by = models.ForeignKey(
        Load, on_delete=models.PROTECT, related_name="+", null=True, verbose_name=_("changed by load")
    )

    class Meta:
        ordering = ["position"]
        indexes = [
            models.Index(fields=["chapter", "position"], name="figures_chapter"),
            models.Index(fields=["topic", "position"], name="figures_topic"),
            models.Index(fields=["dimension", "position"], name="figures_dimension"),
        ]
        verbose_name = _("figure of the report")
        verbose_name_plural = _("figures of the report")

    def __str__(self) -> str:
        return self.ident

    @property
    def indicator(self) -> str:
        """The indicator's name in the language of the screen."""
        return by_language(self.indicator_zh, self.indicator_en)

    @property
    def number(self) -> Decimal:
        """The normalised value, exact."""
        return Decimal(self.normalised_value)

    @property
    def interval(self) -> Interval:
        """What the printed value stands for, in base units (see ``intervals.py``)."""
        return interval(
            self.value,
            self.unit,
            self.qualifier,
            Fraction(self.number),
            self.normalised_unit,
            average=self.kind == "average",
        )


class Relation(models.Model):
    """One relation among figures with what checking it found. Values are exact rationals as text, in base units.

    An empty low or high end is an open one. ``main`` is the figure whose printed value is the right side.
    """

    ident = models.CharField(_("id"), max_length=60, unique=True)
    position = models.PositiveIntegerField(_("position"), db_index=True)
    kind = models.CharField(_("kind"), max_length=12)
    strength = models.CharField(_("strength"), max_length=8)
    left = models.CharField(_("left side"), max_length=200, blank=True)
    op = models.CharField(_("comparison sign"), max_length=2)
    right = models.CharField(_("right side"), max_length=200, blank=True)
    note_zh = models.CharField(_("note (Chinese)"), max_length=300, blank=True)
    note_en = models.CharField(_("note (English)"), max_length=300, blank=True)
    holds = models.BooleanField(_("holds"), db_index=True)
    left_value = models.TextField()
    left_low = models.TextField(blank=True)
    left_high = models.TextField(blank=True)
    right_value = models.TextField()
    right_low = models.TextField(blank=True)
    right_high = models.TextField(blank=True)
    main = models.ForeignKey(Figure, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["position"]
        verbose_name = _("relation")
        verbose_name_plural = _("relations")

    def __str__(self) -> str:
        return self.ident

    @property
    def note(self) -> str:
        """The note in the language of the screen."""
        return by_language(self.note_zh, self.note_en)

    @property
    def difference(self) -> Fraction:
        """Right minus left, as printed, in base units."""
        return Fraction(self.right_value) - Fraction(self.left_value)


class RelationFigure(models.Model):
    """One figure in one relation, under the name that the relation gives it."""

    relation = models.ForeignKey(Relation, on_delete=models.CASCADE, related_name="members")
    role = models.CharField(max_length=20)
    position = models.PositiveSmallIntegerField()
    figure = models.ForeignKey(Figure, on_delete=models.PROTECT, related_name="memberships")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["relation", "role"], name="figures_one_figure_per_role")]
        verbose_name = _("figure in a relation")
        verbose_name_plural = _("figures in relations")

    def __str__(self) -> str:
        return f"{self.relation_id} {self.role}"
