"""From a draft or a frozen version to what the engine scores. Nothing here computes."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from assessments.filings.earlier import as_signed, cases_of
from assessments.models import Answer, Assessment, FilingVersion
from assessments.rounds.parameters.values import YEARS_BACK, parameter_texts, parameter_values
from assessments.rulebooks.cache import engine_rulebook
from assessments.rulebooks.stored_values import Stored, StoredFacts, to_engine
from banks.models import Bank, FactSource
from banks.selectors.facts import current_facts
from scorecard.engine import FactValue, Rulebook, ScoringInput
from scorecard.engine.exact.peergroup import Snapshot

# The answer of this name and the id of a check is the explanation that the bank gives to a warning.
CHECK_PREFIX = "_check:"


def bank_properties(bank: Bank) -> dict[str, str | bool]:
    """What rules may know of the bank itself."""
    return {"category": bank.category, "entity": bank.entity_kind, "differentiated": bank.differentiated}


def periods(year: int) -> list[str]:
    """The round's year and the years before it, as periods of facts, the round's first."""
    return [str(year - back) for back in range(YEARS_BACK + 1)]


class Gathered:
    """Everything of one bank that the current draft depends on, in few queries: facts of all years, and answers."""

    def __init__(self, assessment: Assessment, rulebook: Rulebook) -> None:
        self.assessment, self.rulebook = assessment, rulebook
        year = assessment.round.year
        self.entries = current_facts(assessment.bank_id, periods(year))
        self.current = self.entries[str(year)]
        self.cases = cases_of(assessment.bank_id, periods(year)[1:])
        self.answers = current_answers(assessment)

    def own(self) -> dict[str, Stored]:
        """The bank's facts of the round's year."""
        return self._stored(self.current, lambda spec: spec.supplied_by == "bank")

    def given(self) -> dict[str, Stored]:
        """The facts of the round's year that the supervisor or the system supplies, as far as the bank may know them.

        What a supervisor records after the first submission is part of the review; the bank learns it by its notice.
        """
        first = None
        if self.assessment.version_id is not None:
            versions = FilingVersion.objects.filter(assessment=self.assessment).order_by("number")
            first = versions.values_list("submitted_at", flat=True).first()
        known = {
            fact: entry
            for fact, entry in self.current.items()
            if first is None or entry.source != FactSource.SUPERVISOR or entry.entered_at <= first
        }
        return self._stored(known, lambda spec: spec.supplied_by != "bank")

    def history(self) -> dict[str, dict[str, Stored]]:
        """The facts of the years before as they were signed, by offset (``"-1"``); years without any are left out. The
        recorded outcome of a target, under the target's id, is among them."""
        found = {}
        for back, period in enumerate(periods(self.assessment.round.year)[1:], start=1):
            signed = as_signed(self.entries[period], self.cases.get(period))
            facts = {
                fact: stored
                for fact, stored in sorted(signed.items())
                if fact in self.rulebook.facts or fact in self.rulebook.targets
            }
            if facts:
                found[f"-{back}"] = facts
        return found

    def answer_json(self) -> dict[str, dict[str, Any]]:
        """The answers to indicators as a version keeps them; the report and the explanations are apart."""
        return {
            indicator: {
                "narrative": self.answers[indicator].narrative,
                "self_points": self.answers[indicator].self_points,
                "not_applicable": self.answers[indicator].not_applicable,
            }
            for indicator in self.rulebook.indicators
            if indicator in self.answers
        }

    def _stored(self, entries: Mapping[str, Any], wanted: Any) -> dict[str, Stored]:
        return {
            fact: {"state": entries[fact].state, "value": entries[fact].value}
            for fact, spec in self.rulebook.facts.items()
            if fact in entries and wanted(spec)
        }

    def scoring_input(self, counted: StoredFacts | None = None) -> ScoringInput:
        """The draft as the engine scores it, with the values of the year and the supervisor's facts so far.

        ``counted`` is what the system would count if the filing were signed now.
        """
        return build_input(
            self.rulebook,
            facts={**self.own(), **self.given(), **(counted or {})},
            history=self.history(),
            properties=bank_properties(self.assessment.bank),
            answers=self.answer_json(),
            parameters=parameter_texts(self.assessment.round) if self.rulebook.parameters else {},
        )


def current_answers(assessment: Assessment) -> dict[str, Answer]:
    """The latest revision of each answer of the draft, by indicator (and the report and explanations, by their names).

    One query. Rows come in order of revision, so the last of each name stays.
    """
    rows = Answer.objects.filter(assessment=assessment).select_related("entered_by").order_by("indicator", "revision")
    return {row.indicator: row for row in rows}


def build_input(
    rulebook: Rulebook,
    *,
    facts: StoredFacts,
    history: Mapping[str, StoredFacts],
    properties: Mapping[str, Any],
    answers: Mapping[str, Mapping[str, Any]],
    judged: Mapping[str, str] | None = None,
    parameters: Mapping[str, str] | None = None,
    snapshot: Snapshot | None = None,
) -> ScoringInput:
    """The engine's input out of stored data. ``parameters`` are the year's values as exact texts, ``snapshot`` those of
    the peers.

    A bank's "not applicable" counts only where the rulebook says what it does there (points shared out, or in full);
    the supervisor verifies it like any answer and may judge points instead.
    """
    return ScoringInput(
        facts=_facts(rulebook, facts),
        bank=dict(properties),
        history={int(offset): _facts(rulebook, year) for offset, year in history.items()},
        self_points={
            indicator: Decimal(answer["self_points"])
            for indicator, answer in answers.items()
            if answer["self_points"] and not _claimed(rulebook, indicator, answer)
        },
        judged={indicator: Decimal(points) for indicator, points in (judged or {}).items()},
        not_applicable=frozenset(i for i, answer in answers.items() if _claimed(rulebook, i, answer)),
        parameters=parameter_values(rulebook, parameters or {}),
        peers=(snapshot or {}).get(str(properties.get("category", "")), {}),
    )


def version_input(
    version: FilingVersion,
    *,
    supervisor_facts: StoredFacts | None = None,
    judged: Mapping[str, str] | None = None,
    rulebook: Rulebook | None = None,
    parameters: Mapping[str, str] | None = None,
    snapshot: Snapshot | None = None,
) -> ScoringInput:
    """A frozen version as the engine scores it, with the supervisor's facts, points and values of the year and the
    peers' values that are handed in."""
    return build_input(
        rulebook or engine_rulebook(version.assessment.round.rulebook),
        facts={**version.facts, **(supervisor_facts or {})},
        history=version.history,
        properties=version.bank_properties,
        answers=version.answers,
        judged=judged,
        parameters=parameters,
        snapshot=snapshot,
    )


def may_claim(rulebook: Rulebook, indicator: str) -> bool:
    """Whether the rulebook lets a bank say "not applicable" here."""
    return rulebook.indicators[indicator].not_applicable != "none"


def _claimed(rulebook: Rulebook, indicator: str, answer: Mapping[str, Any]) -> bool:
    return bool(answer["not_applicable"]) and indicator in rulebook.indicators and may_claim(rulebook, indicator)


def _facts(rulebook: Rulebook, stored: StoredFacts) -> dict[str, FactValue]:
    return {fact: to_engine(rulebook.facts.get(fact), item["state"], item["value"]) for fact, item in stored.items()}
