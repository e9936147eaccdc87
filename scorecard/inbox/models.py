"""What people are to be told, what each was told, and the e-mails of it. ``docs/messages.md`` has the states."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Reminder(models.Model):
    """Something that people are to be told, once, when ``due_at`` has come. Written where its cause is, or ahead.

    ``key`` says what it is about: asked for twice, it is there once. ``data`` holds what the kind needs to know who is
    told, and the facts of its words; never a text that a rule of reading does not release.
    """

    kind = models.CharField(_("kind"), max_length=60)
    key = models.CharField(_("about"), max_length=160, unique=True)
    due_at = models.DateTimeField(_("due"))
    sent_at = models.DateTimeField(_("sent"), null=True)
    # Why nobody was told: "changed" (what it was about is no more so), "overtaken" (a later one was due as well).
    dropped = models.CharField(_("dropped"), max_length=20, blank=True)
    data = models.JSONField(default=dict)
    bank_id = models.BigIntegerField(_("bank"), null=True)
    made_at = models.DateTimeField(_("written"), auto_now_add=True)
    # Where sending met an error: how often, with which, and when it is tried again.
    tries = models.PositiveIntegerField(_("times tried"), default=0)
    try_at = models.DateTimeField(_("tried again"), null=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(sent_at=None), name="inbox_unsent"),
            models.Index(fields=["bank_id", "kind"], name="inbox_of_a_bank"),
        ]

    def __str__(self) -> str:
        return self.key


class Mailing(models.TextChoices):
    """How a message goes out by e-mail: not at all, as soon as it is there, or with those of the day."""

    NONE = "none", _("not by e-mail")
    AT_ONCE = "at_once", _("at once")
    DAILY = "daily", _("once a day")


class MailState(models.TextChoices):
    """Due → in hand → sent, due again, failed, or unknown: the server may have it."""

    DUE = "due", pgettext_lazy("mail", "Waiting")
    IN_HAND = "in_hand", pgettext_lazy("mail", "In hand")
    SENT = "sent", pgettext_lazy("mail", "Sent")
    FAILED = "failed", pgettext_lazy("mail", "Refused")
    UNKNOWN = "unknown", pgettext_lazy("mail", "No answer")


class Mail(models.Model):
    """One e-mail to one person, with one message or with those of a day. The three commits of its sending are in
    ``scorecard.inbox.sending``.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="mails")
    address = models.EmailField(_("e-mail"))
    language = models.CharField(_("language"), max_length=10)
    day = models.DateField(_("digest of the day"), null=True)
    # The Message-ID: the same each time that this mail is handed to a server.
    reference = models.UUIDField(default=uuid.uuid4, unique=True)
    state = models.CharField(_("state"), max_length=10, choices=MailState, default=MailState.DUE)
    made_at = models.DateTimeField(_("written"))
    try_at = models.DateTimeField(_("tried from"))
    tries = models.PositiveIntegerField(_("times tried"), default=0)
    token = models.CharField(max_length=36, blank=True)
    claimed_at = models.DateTimeField(null=True)
    handed_at = models.DateTimeField(_("handed to the server"), null=True)
    sent_at = models.DateTimeField(_("taken by the server"), null=True)
    error = models.TextField(_("answer of the server"), blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("e-mail")
        verbose_name_plural = _("e-mails")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "day"], condition=models.Q(day__isnull=False), name="inbox_one_digest_a_day"
            )
        ]
        indexes = [
            models.Index(fields=["try_at"], condition=models.Q(state__in=["due", "in_hand"]), name="inbox_mail_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.address} {self.reference}"


class Message(models.Model):
    """What one person is told of one reminder: a line of that person's inbox."""

    reminder = models.ForeignKey(Reminder, on_delete=models.PROTECT, related_name="messages")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="messages")
    kind = models.CharField(_("kind"), max_length=60)
    group = models.CharField(_("group"), max_length=20)
    data = models.JSONField(default=dict)
    bank_id = models.BigIntegerField(_("bank"), null=True)
    at = models.DateTimeField(_("time"))  # when what it tells of came about, or was due
    sent_at = models.DateTimeField(_("sent"))
    read_at = models.DateTimeField(_("read"), null=True)
    mailing = models.CharField(_("by e-mail"), max_length=10, choices=Mailing, default=Mailing.NONE)
    mail = models.ForeignKey(Mail, null=True, on_delete=models.PROTECT, related_name="messages")

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [models.UniqueConstraint(fields=["reminder", "person"], name="inbox_told_once")]
        indexes = [
            models.Index(fields=["person", "-at"], name="inbox_of_a_person"),
            models.Index(fields=["person"], condition=models.Q(read_at=None), name="inbox_unread"),
            models.Index(
                fields=["person"], condition=models.Q(mailing="daily", mail=None), name="inbox_for_the_digest"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.person_id}"


class Wishes(models.Model):
    """What reaches a person, how often and in which language; whoever has no row has the defaults of the groups."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="wishes")
    choices = models.JSONField(default=dict)  # group → at_once, daily, never
    language = models.CharField(_("language of e-mails"), max_length=10, blank=True)  # blank: as on the screen

    class Meta:
        verbose_name = _("choice of messages")
        verbose_name_plural = _("choices of messages")

    def __str__(self) -> str:
        return f"{self.person_id}"
