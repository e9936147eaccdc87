"""Meetings: of the committee that decides ratings, and the regular ones with the city and the banks."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class MeetingKind(models.TextChoices):
    """Who meets."""

    COMMITTEE = "committee", _("Rating committee")
    REGULAR = "regular", _("Regular meeting")


class MeetingState(models.TextChoices):
    """Where a meeting stands (``docs/meetings.md``)."""

    PLANNED = "planned", pgettext_lazy("meeting", "Being arranged")
    CALLED = "called", pgettext_lazy("meeting", "Agenda handed out")
    HELD = "held", pgettext_lazy("meeting", "Minutes being written")
    SIGNED = "signed", pgettext_lazy("meeting", "Minutes signed")
    CANCELLED = "cancelled", pgettext_lazy("meeting", "Does not take place")


class PointResult(models.TextChoices):
    """What a meeting says of a point of its agenda."""

    AGREE = "agree", pgettext_lazy("meeting", "Agreed as proposed")
    OTHER = "other", pgettext_lazy("meeting", "Other grade or measures")
    PUT_OFF = "put_off", pgettext_lazy("meeting", "Put off")
    NOTED = "noted", pgettext_lazy("meeting", "Noted")


class FollowUpState(models.TextChoices):
    """Where a follow-up stands; ``NOTED`` until the minutes are signed. Overdue follows from the day."""

    NOTED = "noted", pgettext_lazy("follow-up", "In the draft of the minutes")
    OPEN = "open", pgettext_lazy("follow-up", "Open")
    DONE = "done", pgettext_lazy("follow-up", "Done")
    DROPPED = "dropped", pgettext_lazy("follow-up", "Dropped")


# While a meeting is in one of these states a case on its agenda waits for it, and stands on no other agenda.
SITTING = (MeetingState.CALLED, MeetingState.HELD)
UNFINISHED = (MeetingState.PLANNED, *SITTING)


class Meeting(models.Model):
    """One meeting. It changes only by the steps of ``meetings.table``."""

    kind = models.CharField(_("kind"), max_length=10, choices=MeetingKind)
    title = models.CharField(_("title"), max_length=200)
    place = models.CharField(_("place"), max_length=200)
    starts_at = models.DateTimeField(_("begins"))
    secretary = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    chair = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=MeetingState, default=MeetingState.PLANNED)
    course = models.TextField(_("course of the meeting"), blank=True)
    revision = models.PositiveIntegerField(default=0)  # counts the steps, so that a page from before one writes nothing

    class Meta:
        ordering = ["-starts_at", "-pk"]
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")

    def __str__(self) -> str:
        return self.title


class MeetingMember(models.Model):
    """Somebody of the supervisor who is at the table, and whether they were there."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="members")
    member = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    present = models.BooleanField(_("present"), default=False)

    class Meta:
        ordering = ["meeting", "pk"]
        verbose_name = _("person at the table")
        verbose_name_plural = _("people at the table")
        constraints = [models.UniqueConstraint(fields=["meeting", "member"], name="assessments_member_once")]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.member_id}"


class MeetingGuest(models.Model):
    """Somebody from outside, typed by organisation and name; of a bank of the register where ``bank`` says so."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="guests")
    bank = models.ForeignKey("banks.Bank", null=True, on_delete=models.PROTECT, related_name="+")
    organisation = models.CharField(_("organisation"), max_length=120)
    name = models.CharField(_("name"), max_length=60)
    present = models.BooleanField(_("present"), default=False)

    class Meta:
        ordering = ["meeting", "pk"]
        verbose_name = _("guest")
        verbose_name_plural = _("guests")

    def __str__(self) -> str:
        return f"{self.organisation} {self.name}"


class MeetingPoint(models.Model):
    """A point of an agenda: a case that waits for its decision, or free words; and what the meeting said of it.

    ``rating_no`` and ``proposal`` are the proposal as it stood when the agenda was handed out. The rating itself is
    named by its number alone: a proposal that is withdrawn goes, and what a meeting said of it stays.
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="points")
    place = models.PositiveIntegerField(_("place"))
    assessment = models.ForeignKey(
        "assessments.Assessment", null=True, on_delete=models.PROTECT, related_name="meeting_points"
    )
    rating_no = models.PositiveBigIntegerField(null=True)
    proposal = models.JSONField(default=dict)
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("explanation"), blank=True)
    result = models.CharField(_("result"), max_length=10, choices=PointResult, blank=True)
    grade = models.CharField(_("grade"), max_length=40, blank=True)
    measures = models.TextField(_("measures"), blank=True)
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        ordering = ["meeting", "place"]
        verbose_name = _("point of an agenda")
        verbose_name_plural = _("points of agendas")
        constraints = [models.UniqueConstraint(fields=["meeting", "place"], name="assessments_point_place_once")]

    def __str__(self) -> str:
        return self.title


class Dissent(models.Model):
    """That somebody who was there disagreed with the result of a point, and why."""

    point = models.ForeignKey(MeetingPoint, on_delete=models.PROTECT, related_name="dissents")
    member = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(_("reason"))

    class Meta:
        ordering = ["point", "pk"]
        verbose_name = _("dissent")
        verbose_name_plural = _("dissents")
        constraints = [models.UniqueConstraint(fields=["point", "member"], name="assessments_dissent_once")]

    def __str__(self) -> str:
        return f"{self.point_id} {self.member_id}"


class Minutes(models.Model):
    """The minutes as the chair signed them. Never changed; ``digest`` is the SHA-256 of number, body and time."""

    meeting = models.OneToOneField(Meeting, on_delete=models.PROTECT, related_name="minutes")
    number = models.CharField(_("number"), max_length=40, unique=True)
    body = models.JSONField()
    digest = models.CharField(max_length=64)
    signed_by = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(_("signed"))

    class Meta:
        verbose_name = _("minutes")
        verbose_name_plural = _("minutes")

    def __str__(self) -> str:
        return self.number


class FollowUp(models.Model):
    """What is to be done after a meeting, by whom at the supervisor, and by when."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="follow_ups")
    place = models.PositiveIntegerField(_("point"), null=True)  # of the agenda, where it belongs to one
    text = models.TextField(_("what is to be done"))
    owner = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField(_("due day"))
    state = models.CharField(_("state"), max_length=10, choices=FollowUpState, default=FollowUpState.NOTED)

    class Meta:
        ordering = ["due_on", "pk"]
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def is_overdue(self) -> bool:
        """Whether it is open though its day is over."""
        return self.state == FollowUpState.OPEN and self.due_on < timezone.localdate()


class MeetingStep(models.Model):
    """One step on a meeting or on a follow-up: who, when, why. Append-only."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="steps")
    follow_up = models.ForeignKey(FollowUp, null=True, on_delete=models.PROTECT, related_name="steps")
    name = models.CharField(_("step"), max_length=40)
    reason = models.TextField(_("reason"), blank=True)
    data = models.JSONField(default=dict)
    actor = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("time"))

    class Meta:
        ordering = ["id"]
        verbose_name = _("step on a meeting")
        verbose_name_plural = _("steps on meetings")

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.name}"
