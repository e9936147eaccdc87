"""Published rulebooks: immutable versions of an assessment method."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from scorecard.words.language import by_language


class RulebookVersion(models.Model):
    """One published version. ``content`` is the engine's canonical JSON, ``hash`` its SHA-256; neither ever changes."""

    code = models.CharField(_("code"), max_length=40)
    version = models.CharField(_("version"), max_length=20)
    title_zh = models.CharField(_("title in Chinese"), max_length=200)
    title_en = models.CharField(_("title in English"), max_length=200)
    hash = models.CharField(_("content hash"), max_length=64, unique=True)
    content = models.TextField(_("content"))
    published_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(_("published"), auto_now_add=True)

    class Meta:
        ordering = ["code", "-published_at"]
        verbose_name = _("rulebook version")
        verbose_name_plural = _("rulebook versions")
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="assessments_rulebook_version_once")]

    def __str__(self) -> str:
        return f"{self.title} ({self.code}/{self.version})"

    @property
    def name(self) -> str:
        """Code and version, as rounds and files quote them."""
        return f"{self.code}/{self.version}"

    @property
    def title(self) -> str:
        """The title in the language of the screen."""
        return by_language(self.title_zh, self.title_en)
