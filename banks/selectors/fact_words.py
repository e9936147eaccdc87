"""What facts are called: their label, kind and unit, out of the rulebooks that are installed with the system.

Facts are kept by id and outlive any one rulebook; their words come from the newest installed rulebook that knows them.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from django.conf import settings

from banks.models import FactEntry, FactState
from scorecard.engine import FactValue, RulebookError, format_fact, load_rulebook
from scorecard.engine.rulebook.model import FactSpec
from scorecard.words.language import in_language, screen_language


@cache
def fact_specs() -> dict[str, FactSpec]:
    """Every fact of the installed rulebooks by id, in their order. Read once per process."""
    found: dict[str, FactSpec] = {}
    folders = sorted(path.parent for path in Path(settings.RULEBOOK_DIR).glob("*/*/rulebook.yaml"))
    for folder in reversed(folders):
        try:
            rulebook = load_rulebook(folder)
        except RulebookError:
            continue  # one that cannot be read names nothing; publishing it tells what is wrong
        for fact, spec in rulebook.facts.items():
            found.setdefault(fact, spec)
    return found


@dataclass(frozen=True)
class FactWords:
    """A fact of one year as it is shown: the words, whether it is a figure, and how it came to be."""

    text: str
    given: bool
    entry: FactEntry


def shown(entry: FactEntry) -> FactWords:
    """The entry in words; a fact that no rulebook knows is shown as it is kept."""
    if entry.state != FactState.VALUE:
        return FactWords(str(FactState(entry.state).label), False, entry)
    spec = fact_specs().get(entry.fact)
    if spec is None:
        return FactWords(entry.value, True, entry)
    value: FactValue = entry.value
    if spec.is_number:
        value = Decimal(entry.value)
    elif spec.kind == "bool":
        value = entry.value == "true"
    elif spec.kind == "checklist":
        value = frozenset(item for item in entry.value.split(";") if item in spec.options)
    return FactWords(format_fact(spec, value, screen_language()), True, entry)


def fact_label(fact: str) -> str:
    """The fact's name in the language of the screen, or its id."""
    spec = fact_specs().get(fact)
    return in_language(spec.label) if spec else fact
