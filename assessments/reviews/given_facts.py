"""The figures that the supervisor gives, or that the system counted for the supervisor, as pages show them."""

from collections.abc import Mapping
from dataclasses import dataclass

from assessments.models import Assessment
from assessments.rulebooks.stored_values import to_engine
from assessments.scoring.inputs import REVIEWED
from banks.models import FactEntry, FactSource
from banks.selectors.facts import current_facts
from scorecard.engine import FactValue, format_fact
from scorecard.engine.explain.magnitude import magnitude_question, year_before
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
    question: str  # where its size is unlikely, against last year or what is possible

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
    entries, before = _entries(assessment)
    values = _values(rulebook, entries)
    asked = questions(rulebook, {spec.id: values.get(spec.id) for spec in _given(rulebook)}, entries, before)
    found = []
    for spec in _given(rulebook):
        entry, earlier = entries.get(spec.id), before.get(spec.id)
        shown = format_fact(spec, values[spec.id], lang) if entry else ""
        last = format_fact(spec, to_engine(spec, earlier.state, earlier.value), lang) if earlier else ""
        found.append(GivenFact(spec, entry, shown, last, asked.get(spec.id, "")))
    return found


def questions(
    rulebook: Rulebook,
    given: Mapping[str, FactValue | None],
    current: Mapping[str, FactEntry],
    earlier: Mapping[str, FactEntry],
) -> dict[str, str]:
    """The question to each figure of unlikely size among ``given``, as the bank is asked about its own."""
    now = {**_values(rulebook, current), **{fact: value for fact, value in given.items() if value is not None}}
    past, found = _values(rulebook, earlier), {}
    for fact, value in given.items():
        before = year_before(rulebook, fact, now, past)
        asked = magnitude_question(rulebook.facts[fact], value, before if before is not None else past.get(fact))
        if asked is not None:
            found[fact] = in_language(asked)
    return found


def _given(rulebook: Rulebook) -> list[FactSpec]:
    return [spec for spec in rulebook.facts.values() if is_given(spec)]


def _entries(assessment: Assessment) -> tuple[dict[str, FactEntry], dict[str, FactEntry]]:
    """The bank's figures of the year and of the year before. One query."""
    period, before = assessment.round.period, str(assessment.round.year - 1)
    entries = current_facts(assessment.bank_id, [period, before])
    return entries[period], entries[before]


def _values(rulebook: Rulebook, entries: Mapping[str, FactEntry]) -> dict[str, FactValue]:
    return {
        fact: to_engine(rulebook.facts[fact], entry.state, entry.value)
        for fact, entry in entries.items()
        if fact in rulebook.facts
    }
