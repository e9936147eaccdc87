"""The figures that the supervisor gives, or that the system counted for the supervisor, as pages show them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assessments.filings.earlier import as_signed, cases_of_banks
from assessments.models import Assessment
from assessments.rulebooks.sizes import size_question
from assessments.rulebooks.stored_values import Stored, to_engine
from assessments.scoring.inputs import REVIEWED
from banks.models import FactEntry, FactSource
from banks.selectors.facts import current_facts_of
from scorecard.engine import FactValue, format_fact, input_text
from scorecard.engine.explain.magnitude import year_before
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
    before: FactValue | None = None  # last year's

    @property
    def label(self) -> str:
        return in_language(self.spec.label)

    @property
    def given(self) -> bool:
        """Whether there is a value, or the word that it does not apply."""
        return self.entry is not None and self.entry.state in ("value", "not_applicable")

    @property
    def typed(self) -> str:
        """The figure as it is typed; blank where there is none yet."""
        if self.entry is None or not self.given:
            return ""
        return input_text(self.spec, to_engine(self.spec, self.entry.state, self.entry.value))

    @property
    def counted(self) -> bool:
        """Whether the figure in force is the system's own count."""
        return self.entry is not None and self.entry.source == FactSource.SYSTEM


def is_given(spec: FactSpec) -> bool:
    """Whether a supervisor gives or corrects this figure. Nobody gives what is computed, or that there is a review."""
    return spec.supplied_by != "bank" and spec.derived is None and spec.id != REVIEWED


def given_facts(assessment: Assessment, rulebook: Rulebook) -> list[GivenFact]:
    """The figures that the rulebook expects from supervisor and system, in its order. Two queries."""
    year = years_of([assessment], assessment.round.year)[assessment.bank_id]
    return facts_of_year(rulebook, year)


@dataclass(frozen=True)
class Year:
    """One bank's entries of the year, and what stands of the year before: its figures as they were signed, those of
    the supervisor as they were decided.
    """

    entries: Mapping[str, FactEntry]
    before: Mapping[str, Stored]


def years_of(cases: Iterable[Assessment], year: int) -> dict[int, Year]:
    """By bank, the year of these cases and the one before. Two queries, however many banks."""
    now, before = str(year), str(year - 1)
    ids = [case.bank_id for case in cases]
    entries, earlier = current_facts_of(ids, [now, before]), cases_of_banks(ids, [before])
    return {pk: Year(entries[pk][now], as_signed(entries[pk][before], earlier[pk].get(before))) for pk in ids}


def facts_of_year(rulebook: Rulebook, year: Year) -> list[GivenFact]:
    """The same figures out of one bank's year."""
    lang = screen_language()
    values = _values(rulebook, _stored(year.entries))
    past = _values(rulebook, year.before)
    specs = given_specs(rulebook)
    asked = questions(rulebook, {spec.id: values.get(spec.id) for spec in specs}, year)
    found = []
    for spec in specs:
        entry = year.entries.get(spec.id)
        shown = format_fact(spec, values[spec.id], lang) if entry else ""
        last = format_fact(spec, past[spec.id], lang) if spec.id in past else ""
        found.append(GivenFact(spec, entry, shown, last, asked.get(spec.id, ""), past.get(spec.id)))
    return found


def questions(rulebook: Rulebook, given: Mapping[str, FactValue | None], year: Year) -> dict[str, str]:
    """The question to each figure of unlikely size among ``given``, as the bank is asked about its own."""
    now = _values(rulebook, _stored(year.entries)) | {fact: value for fact, value in given.items() if value is not None}
    past, found = _values(rulebook, year.before), {}
    for fact, value in given.items():
        before = year_before(rulebook, fact, now, past)
        asked = size_question(rulebook.facts[fact], value, before if before is not None else past.get(fact))
        if asked:
            found[fact] = asked
    return found


def given_specs(rulebook: Rulebook) -> list[FactSpec]:
    """The figures that a supervisor gives or corrects, in the rulebook's order."""
    return [spec for spec in rulebook.facts.values() if is_given(spec)]


def _stored(entries: Mapping[str, FactEntry]) -> dict[str, Stored]:
    return {fact: {"state": entry.state, "value": entry.value} for fact, entry in entries.items()}


def _values(rulebook: Rulebook, stored: Mapping[str, Stored]) -> dict[str, FactValue]:
    return {
        fact: to_engine(rulebook.facts[fact], item["state"], item["value"])
        for fact, item in stored.items()
        if fact in rulebook.facts
    }
