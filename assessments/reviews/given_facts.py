"""The figures that the supervisor gives, or that the system counted for the supervisor, as pages show them."""

from collections.abc import Mapping
from dataclasses import dataclass

from assessments.models import Assessment
from assessments.rulebooks.stored_values import to_engine
from assessments.scoring.inputs import REVIEWED
from banks.models import FactEntry, FactSource
from banks.selectors.facts import current_facts
from scorecard.engine import format_fact
from scorecard.engine.rulebook.model import FactSpec
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.words.language import in_language, screen_language


def shown_fact(spec: FactSpec, stored: Mapping[str, str] | None, lang: str) -> str:
    """A stored figure as people read it."""
    return format_fact(spec, to_engine(spec, stored["state"], stored["value"]) if stored else None, lang)


@dataclass(frozen=True)
class GivenFact:
    """One figure that the supervisor gives, or that the system counted for the supervisor to confirm or correct."""

    spec: FactSpec
    entry: FactEntry | None
    shown: str
    last_year: str

    @property
    def label(self) -> str:
        return in_language(self.spec.label)

    @property
    def given(self) -> bool:
        """Whether there is a value, or the word that it does not apply."""
        return self.entry is not None and self.entry.state in ("value", "not_applicable")

    @property
    def counted(self) -> bool:
        """Whether the figure in force is the system's own count."""
        return self.entry is not None and self.entry.source == FactSource.SYSTEM


def is_given(spec: FactSpec) -> bool:
    """Whether a supervisor gives or corrects this figure. Nobody gives what is computed, or that there is a review."""
    return spec.supplied_by != "bank" and spec.derived is None and spec.id != REVIEWED


def given_facts(assessment: Assessment, rulebook: Rulebook) -> list[GivenFact]:
    """The figures that the rulebook expects from supervisor and system, in its order. One query."""
    lang = screen_language()
    period, before = assessment.round.period, str(assessment.round.year - 1)
    entries = current_facts(assessment.bank_id, [period, before])
    found = []
    for spec in rulebook.facts.values():
        if not is_given(spec):
            continue
        entry, earlier = entries[period].get(spec.id), entries[before].get(spec.id)
        shown = format_fact(spec, to_engine(spec, entry.state, entry.value), lang) if entry else ""
        last = format_fact(spec, to_engine(spec, earlier.state, earlier.value), lang) if earlier else ""
        found.append(GivenFact(spec, entry, shown, last))
    return found
