"""Banks under assessment."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scorecard.words.language import by_language
from scorecard.words.pinyin import Named


class Category(models.TextChoices):
    """The kind of institution; it is the bank's peer group."""

    LARGE = "large", _("Large commercial bank")
    JOINT_STOCK = "joint_stock", _("Joint-stock commercial bank")
    CITY = "city", _("City commercial bank")
    PRIVATE = "private", _("Private bank")
    RURAL = "rural", _("Rural commercial bank")
    VILLAGE = "village", _("Village and township bank")
    FOREIGN = "foreign", _("Foreign bank")
    POLICY = "policy", _("Policy bank")
    CONSUMER_FINANCE = "consumer_finance", _("Consumer finance company")
    AUTO_FINANCE = "auto_finance", _("Auto finance company")


class EntityKind(models.TextChoices):
    """A legal entity of its own, or a branch in the city."""

    LEGAL_ENTITY = "legal_entity", _("Legal entity")
    BRANCH = "branch", _("Branch")


class Bank(Named):
    """An institution under assessment: a legal entity, or the branch of one, in the city.

    ``code`` is the supervisor's own short code, used in files. The check digit of the unified social credit code
    (GB 32100-2015) only warns: real codes are known that fail it.
    """

    named_by = "name_zh"
    code = models.CharField(_("bank code"), max_length=20, unique=True)
    name_zh = models.CharField(_("name in Chinese"), max_length=120, unique=True)
    name_en = models.CharField(_("name in English"), max_length=160, blank=True)
    short_name = models.CharField(_("short name"), max_length=40, blank=True)
    category = models.CharField(_("category"), max_length=20, choices=Category, db_index=True)
    entity_kind = models.CharField(_("kind of entity"), max_length=12, choices=EntityKind)
    head_office = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="branches", verbose_name=_("head office")
    )
    head_office_name = models.CharField(_("head office outside the register"), max_length=120, blank=True)
    uscc = models.CharField(_("unified social credit code"), max_length=18, blank=True)
    licence_code = models.CharField(_("financial licence code"), max_length=15, blank=True)
    pboc_code = models.CharField(_("PBoC institution code"), max_length=14, blank=True)
    contact_name = models.CharField(_("contact"), max_length=60, blank=True)
    contact_phone = models.CharField(_("contact telephone"), max_length=40, blank=True)
    contact_email = models.EmailField(_("contact e-mail"), blank=True)
    active_from = models.DateField(_("active from"))
    active_to = models.DateField(_("active until"), null=True, blank=True)
    # The bank that has taken this one over by merger or succession, and the day on which it did; both or neither.
    successor = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="predecessors",
        verbose_name=_("successor"),
    )
    succeeded_on = models.DateField(_("day of the succession"), null=True, blank=True)
    differentiated = models.BooleanField(
        _("differentiated treatment"),
        default=False,
        help_text=_("The supervisor has agreed to examine this bank by differentiated rules."),
    )
    case_officer = models.ForeignKey(
        "banks.User",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="banks_in_charge",
        verbose_name=_("case officer"),
    )
    revision = models.PositiveIntegerField(_("revision"), default=1)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        ordering = ["code"]
        verbose_name = _("bank")
        verbose_name_plural = _("banks")
        constraints = [
            models.CheckConstraint(
                condition=Q(active_to__isnull=True) | Q(active_to__gte=models.F("active_from")),
                name="banks_active_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(successor__isnull=True, succeeded_on__isnull=True)
                | (Q(successor__isnull=False, succeeded_on__isnull=False) & ~Q(successor=models.F("pk"))),
                name="banks_successor_with_its_day",
            ),
            models.UniqueConstraint(fields=["uscc"], condition=~Q(uscc=""), name="banks_uscc_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the language of the screen; Chinese where there is no English one."""
        return by_language(self.name_zh, self.name_en)

    def is_active_on(self, day: date) -> bool:
        """Whether the bank is on the register on that day; both ends count."""
        return self.active_from <= day and (self.active_to is None or day <= self.active_to)


class BankName(models.Model):
    """What a bank was called, and of which category it was, from a day on until the next row's day. Append-only: a
    correction is a later row of the same day. The bank itself holds what is so today.
    """

    bank = models.ForeignKey(Bank, on_delete=models.PROTECT, related_name="names", verbose_name=_("bank"))
    since = models.DateField(_("since"))
    name_zh = models.CharField(_("name in Chinese"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=160, blank=True)
    short_name = models.CharField(_("short name"), max_length=40, blank=True)
    category = models.CharField(_("category"), max_length=20, choices=Category)
    recorded_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(_("recorded"), auto_now_add=True)

    class Meta:
        ordering = ["bank", "-since", "-pk"]
        verbose_name = _("name and category of a bank")
        verbose_name_plural = _("names and categories of banks")
        indexes = [models.Index(fields=["bank", "since"], name="banks_names_by_day")]

    def __str__(self) -> str:
        return f"{self.name} {self.since}"

    @property
    def name(self) -> str:
        """The name in the language of the screen; Chinese where there is no English one."""
        return by_language(self.name_zh, self.name_en)
