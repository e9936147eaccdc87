"""Filters of a list that a person keeps by a name."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

NAME_LENGTH, PATH_LENGTH = 60, 200


class SavedFilter(models.Model):
    """The filters of one list, by the parameters that the list declares; never an address as it was typed.

    ``path`` is the list, ``values`` the values of each parameter. One of a person's filters of a list may be the one
    with which the list opens (``opens``).
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    path = models.CharField(_("list"), max_length=PATH_LENGTH)
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    values = models.JSONField(_("filters"), default=dict)
    opens = models.BooleanField(_("the list opens with it"), default=False)
    saved_at = models.DateTimeField(_("saved"), auto_now=True)

    class Meta:
        ordering = ["path", "name"]
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        constraints = [
            models.UniqueConstraint(fields=["user", "path", "name"], name="saved_one_name"),
            models.UniqueConstraint(fields=["user", "path"], condition=Q(opens=True), name="saved_one_opens"),
        ]

    def __str__(self) -> str:
        return self.name
