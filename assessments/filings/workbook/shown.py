"""How a value stands in its cell, and which words a drop-down offers."""

from decimal import Decimal

from assessments.filings.keys import Key, Kind
from assessments.filings.workbook.stamp import Value
from scorecard.engine import Nothing, Rulebook, Text
from scorecard.engine.rulebook.model import FactSpec
from scorecard.engine.rulebook.prepared import once
from scorecard.engine.values.numbers import exact, plain
from scorecard.engine.values.rational import Fraction

YES, NO = Text("是", "Yes"), Text("否", "No")
NOT_APPLICABLE = Text("不适用", "not applicable")
LANGUAGES = ("zh", "en")
SHORT = 2  # an option with so short an id is known by it: a level's number or letter


def cell_of(rulebook: Rulebook, language: str, key: Key, value: Value, item: str = "") -> str | Decimal:
    """What stands in the cell of this key: a number, or a text; "" for a blank cell. ``item`` is one of a checklist."""
    if key.kind == Kind.FACT:
        return _fact(rulebook.facts[key.id], language, value, item)
    if isinstance(value, Decimal):
        return plain(value) if as_number(value) is None else value
    if key.kind == Kind.NOT_APPLICABLE:
        return YES.get(language) if value else ""
    return str(value or "")


def _fact(spec: FactSpec, language: str, value: Value, item: str) -> str | Decimal:
    if value is None or value is Nothing.UNANSWERED:
        return ""
    if isinstance(value, Nothing):
        return NOT_APPLICABLE.get(language) if value is Nothing.NOT_APPLICABLE else ""
    if isinstance(value, frozenset):
        return (YES if item in value else NO).get(language)
    if isinstance(value, bool):
        return (YES if value else NO).get(language)
    if isinstance(value, Decimal):
        return _long(spec, value) if as_number(value) is None else value
    return offered(spec, language).get(value, value)


def as_number(value: Decimal) -> Decimal | None:
    """The figure where a spreadsheet can hold it exactly (15 significant digits), else None."""
    return value if from_float(float(value)) == value else None


def from_float(number: float) -> Decimal:
    """A number of a spreadsheet as it shows it: 0.1 + 0.2 is 0.3."""
    return Decimal(format(number, ".15g"))


def _long(spec: FactSpec, value: Decimal) -> str:
    if spec.unit == "%":
        return f"{exact(Fraction(value) * 100)}%"
    return f"{value:f}"


def offered(spec: FactSpec, language: str) -> dict[str, str]:
    """What the drop-down of a level offers: by option its words, with its id where readers know it by that."""
    found = {}
    for option, label in spec.options.items():
        words = label.get(language)
        found[option] = f"{option} {words}" if len(option) <= SHORT else words
    if len(set(found.values())) < len(found):  # two options of one name are told apart by their ids
        return {option: f"{option} {label.get(language)}" for option, label in spec.options.items()}
    return found


@once
def understood(rulebook: Rulebook) -> dict[str, dict[str, str]]:
    """By level, what a drop-down offers in either language → the option."""
    return {
        fact: {words: option for language in LANGUAGES for option, words in offered(spec, language).items()}
        for fact, spec in rulebook.facts.items()
        if spec.kind == "level"
    }
