"""The workbook of a round's figures: its sheets and the titles of their columns, in both languages."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from scorecard.engine import FactValue, Nothing, format_fact, input_text
from scorecard.engine.rulebook.model import FactSpec
from scorecard.exports import Share
from scorecard.words.formats import unit_name
from scorecard.words.language import in_both, in_language, screen_language

LAST_YEAR, STAND = "last:", "stand"  # columns beside the figures: last year's, and what the file was made from


def figures_title() -> str:
    return _("Supervisor's figures")


def values_title() -> str:
    return _("Values of the year")


def definitions_title() -> str:
    return _("Definitions")


def bank_columns() -> dict[str, str]:
    """The columns that say which bank a row is about."""
    return {
        "code": _("Bank code"),
        "bank": _("Bank"),
        "category": _("Category"),
        "officer": _("Case officer"),
        "stage": _("Stage"),
    }


def figure_columns(specs: Iterable[FactSpec]) -> dict[str, str]:
    """The columns of the figures, each with last year's beside it, and the hidden one."""
    found: dict[str, str] = {}
    for spec in specs:
        title = _titled(spec)
        title = f"{title} [{spec.id}]" if title in found.values() else title
        found[spec.id] = title
        found[f"{LAST_YEAR}{spec.id}"] = _("Last year: %(title)s") % {"title": title}
    return found | {STAND: _("State of the file (leave as it is)")}


def value_columns() -> dict[str, str]:
    """The columns of the values of the year."""
    return {
        "name": _("Value of the year"),
        "unit": _("Unit"),
        "last": _("Last year"),
        "default": _("Default"),
        "now": _("Counts now"),
        "now_source": _("Source of what counts now"),
        "value": _("New value"),
        "source": _("Source of the new value"),
        STAND: _("State of the file (leave as it is)"),
    }


def fold(text: str) -> str:
    """A title for comparing: no spaces, brackets and case of one kind."""
    return "".join(text.replace("（", "(").replace("）", ")").replace("：", ":").split()).casefold()


def understood(columns: Callable[[], dict[str, str]]) -> dict[str, str]:
    """Folded title → column, in both languages."""
    return {fold(title): name for found in in_both(columns).values() for name, title in found.items()}


def cell_of(spec: FactSpec, value: FactValue | None) -> Any:
    """A figure as it goes into the file and is read back: numbers as numbers, a fraction as a percentage."""
    if value is None or value in (Nothing.NOT_SUPPLIED, Nothing.UNANSWERED):
        return None
    if isinstance(value, Decimal):
        return Share(value) if spec.unit == "%" else value
    if isinstance(value, str | bool) and spec.kind != "text":
        return format_fact(spec, value, screen_language())
    return input_text(spec, value)


def _titled(spec: FactSpec) -> str:
    """A figure with its unit; a percentage says so in its cells."""
    label, unit = in_language(spec.label), unit_name(spec.unit)
    return f"{label} ({unit})" if unit and spec.unit != "%" else label
