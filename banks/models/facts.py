"""Facts by bank, period and rulebook fact: append-only, with where they came from."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class FactState(models.TextChoices):
    """The four kinds of nothing, told apart from the form to the file; zero is a value like any other."""

    VALUE = "value", _("Given")
    UNANSWERED = "unanswered", _("Unanswered")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")
    NOT_SUPPLIED = "not_supplied", _("Not yet supplied by the supervisor")


class FactSource(models.TextChoices):
    """How an entry came to be."""

    FORM = "form", _("Filled in on the web")
    WORKBOOK = "workbook", _("From a workbook")
    RETURN = "return", _("From a return")
    API = "api", _("Sent by the bank’s system")
    CARRIED = "carried", _("Carried forward from last year")
    SUPERVISOR = "supervisor", _("Given by the supervisor")
    SYSTEM = "system", _("Counted by the system")
    DEMO = "demo", _("Demonstration data")


class FactEntry(models.Model):
    """One value of one fact of one bank and period. Never changed: a new value is a new row with the next revision.

    ``period`` is a year (``"2017"``). ``value`` is the exact text: a decimal in plain notation in the fact's unit, an
    option id, option ids joined by ``;`` in ascending order, or ``true``/``false``; blank unless the state is "given".
    Text keeps every digit on every database (SQLite would store a decimal as a float). The current value is the row
    with the highest revision.
    """

    bank = models.ForeignKey("banks.Bank", on_delete=models.PROTECT, related_name="facts", verbose_name=_("bank"))
    period = models.CharField(_("period"), max_length=10)
    fact = models.CharField(_("fact"), max_length=60)
    revision = models.PositiveIntegerField(_("revision"))
    state = models.CharField(_("state"), max_length=15, choices=FactState, default=FactState.VALUE)
    value = models.CharField(_("value"), max_length=400, blank=True)
    source = models.CharField(_("source"), max_length=12, choices=FactSource)
    source_note = models.CharField(_("where it came from"), max_length=200, blank=True)
    entered_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(_("entered"), auto_now_add=True)

    class Meta:
        verbose_name = _("fact")
        verbose_name_plural = _("facts")
        constraints = [
            models.UniqueConstraint(fields=["bank", "period", "fact", "revision"], name="banks_fact_revision_once"),
        ]

    def __str__(self) -> str:
        return f"{self.bank_id} {self.period} {self.fact} r{self.revision}"
