"""A round in bulk: one row for each bank and indicator, and for each bank and figure (docs/api.md)."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from assessments.api.values import value_out
from assessments.models import Assessment, Round
from assessments.rounds.selectors import RESULT_COLUMNS, round_results
from assessments.rulebooks.cache import engine_rulebook
from assessments.rulebooks.stored_values import to_engine
from assessments.scoring.inputs import from_supervisor
from assessments.scoring.outcome_codec import read_array
from banks.models import FactState, User
from banks.selectors.facts import current_facts_of
from scorecard.engine import Rulebook
from scorecard.engine.arrays import STATES
from scorecard.engine.values.numbers import plain, scaled

PART = 500  # banks that are read at once
# The columns of the two kinds of rows, in their order; ``points`` and ``number`` are exact numbers, or None.
POINTS = ("bank", "bank_name", "category", "version", "score", "indicator", "state", "points", "max")
FACTS = ("bank", "bank_name", "category", "version", "fact", "unit", "supplied_by", "state", "value", "number")
Row = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """The rows of some banks, and the code of the last of them."""

    rows: list[Row]
    last: str


def cases_of(actor: User, round_: Round, after: str = "") -> QuerySet[Assessment]:
    """The banks of a round that the actor may see, by their codes, from behind one of them."""
    rows = round_results(actor, round_).order_by("bank__code", "pk")
    return rows.filter(bank__code__gt=after) if after else rows


def points_of(actor: User, round_: Round, after: str = "", most: int | None = None) -> Iterator[Part]:
    """The points of every indicator in the score that counts: the reviewed one, else the system's."""
    rulebook = engine_rulebook(round_.rulebook)
    for part in _parts(cases_of(actor, round_, after), most):
        yield Part([row for case in part for row in _points(case, rulebook)], part[-1].bank.code)


def facts_of(actor: User, round_: Round, after: str = "", most: int | None = None) -> Iterator[Part]:
    """Every figure and answer: the bank's as it signed them, the supervisor's as the score took them."""
    rulebook = engine_rulebook(round_.rulebook)
    cases = cases_of(actor, round_, after).only(
        *RESULT_COLUMNS, "version__facts", "system_run__inputs", "reviewed_run__inputs"
    )
    for part in _parts(cases, most):
        current = current_facts_of([case.bank_id for case in part], [round_.period])
        rows: list[Row] = []
        for case in part:
            run = case.counted_run
            entries = current[case.bank_id][round_.period]
            given = run.inputs.get("facts", {}) if run else from_supervisor(entries, rulebook)
            signed = case.version.facts if case.version else {}
            rows += _facts(case, rulebook, signed | given)
        yield Part(rows, part[-1].bank.code)


def _parts(cases: QuerySet[Assessment], most: int | None) -> Iterator[list[Assessment]]:
    found = cases[:most].iterator(chunk_size=PART) if most is not None else cases.iterator(chunk_size=PART)
    while part := list(islice(found, PART)):
        yield part


def _bank(case: Any) -> Row:
    return {
        "bank": case.bank.code,
        "bank_name": case.kept_name_zh or case.bank.name_zh,  # the same whatever the language of the caller
        "category": case.category,
        "version": case.version.number if case.version is not None else None,
    }


def _points(case: Any, rulebook: Rulebook) -> Iterator[Row]:
    """Nothing for a bank that has no score yet; what is awaited has no points and is no 0."""
    run = case.counted_run
    if run is None or not run.array:
        return
    row, digits = read_array(rulebook, bytes(run.array)), rulebook.rounding.indicator
    said = _bank(case) | {"score": "reviewed" if case.reviewed_run else "system"}
    for place, spec in enumerate(rulebook.indicators.values()):
        state = STATES[int(row["states"][place])]
        without = state in ("pending", "undefined") or (
            state == "not_applicable" and spec.not_applicable == "share_out"
        )
        points = None if without else scaled(int(row["points"][place]), digits)
        yield said | {"indicator": spec.id, "state": state, "points": points, "max": Decimal(spec.max)}


def _facts(case: Any, rulebook: Rulebook, stored: dict[str, dict[str, str]]) -> Iterator[Row]:
    said = _bank(case)
    for spec in rulebook.facts.values():
        if spec.derived is not None:
            continue
        held = stored.get(spec.id)
        absent = "unanswered" if spec.supplied_by == "bank" else "not_supplied"
        value = value_out(spec, to_engine(spec, held["state"], held["value"])) if held else None
        known = held is not None and held["state"] == FactState.VALUE
        yield said | {
            "fact": spec.id,
            "unit": spec.unit,
            "supplied_by": spec.supplied_by,
            "state": held["state"] if held is not None else absent,
            "value": value if known else None,
            "number": Decimal(value) if known and spec.is_number and value is not None else None,
        }


def as_text(value: Any) -> Any:
    """A number as exact text; anything else as it is."""
    return plain(value) if isinstance(value, Decimal) else value
