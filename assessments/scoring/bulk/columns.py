"""Pending runs as columns, and the arrays that their scoring gives."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assessments.models import FilingVersion
from assessments.rounds.parameters.values import parameter_values
from assessments.rulebooks.stored_values import to_engine
from assessments.scoring.bulk.encoded import UNREADABLE
from assessments.scoring.bulk.encoding import (
    NotExact,
    absence_of,
    column_of,
    exact_rows,
    kind_of,
    layout_of,
    stored_value,
)
from assessments.scoring.bulk.pending import PendingRun
from assessments.scoring.inputs import joined, supplied_facts
from assessments.scoring.outcome_codec import array_of, arrays_of, run_dtype
from assessments.scoring.peers import snapshot_by_hash
from assessments.scoring.runs import evaluate_version
from scorecard.engine import Nothing, Rulebook
from scorecard.engine.arrays import Columns, evaluate_many
from scorecard.engine.arrays.columns import MAX_DIGITS, Column
from scorecard.engine.values.facts import Absence

logger = logging.getLogger(__name__)


def score_rows(
    items: Sequence[PendingRun], rulebook: Rulebook, extra: Mapping[str, Any]
) -> tuple[NDArray[Any], list[int]]:
    """The arrays of the runs, and the places of those whose version cannot be read."""
    if not items:
        return np.zeros(0, run_dtype(rulebook)), []
    columns, exact = columns_of(items, rulebook)
    columns.parameters = parameter_values(rulebook, extra.get("parameters", {}))
    if "peers" in extra:
        columns.snapshot = snapshot_by_hash(extra["peers"])
    rows = arrays_of(evaluate_many(rulebook, columns))
    failed = []
    versions = FilingVersion.objects.in_bulk([items[place].version for place in exact]) if exact else {}
    for place in exact:
        item = items[place]
        try:
            result = evaluate_version(versions[item.version], rulebook, added_inputs(item, extra), explain=False)
            rows[place] = array_of(rulebook, result)[0]
        except UNREADABLE:
            logger.exception("Version %s could not be scored.", item.version)
            failed.append(place)
    return rows, failed


def added_inputs(item: PendingRun, extra: Mapping[str, Any]) -> dict[str, Any]:
    """What is added to the version's own data, as scoring one version takes it."""
    facts = {fact: {"state": state, "value": value} for fact, (state, value) in item.given.items()}
    return joined(facts=facts, judged=item.judged, decisions=item.decisions, extra=extra)


def columns_of(items: Sequence[PendingRun], rulebook: Rulebook) -> tuple[Columns, list[int]]:
    """The columns of the runs, and the rows to be evaluated one by one: those that arrays do not hold exactly, which
    are in the columns as blanks, and those with a decision on a target.
    """
    layout = layout_of(rulebook)
    records = layout.records([item.body for item in items])
    exact = {*exact_rows(records), *(place for place, item in enumerate(items) if item.decisions)}
    columns = layout.columns(records)
    for fact in supplied_facts(rulebook):
        _supply(columns, rulebook, fact, items, exact)
    points = {indicator for item in items for indicator in item.judged if indicator in rulebook.indicators}
    for indicator in sorted(points):
        _judge(columns, indicator, items, exact)
    return columns, sorted(exact)


def _supply(columns: Columns, rulebook: Rulebook, fact: str, items: Sequence[PendingRun], exact: set[int]) -> None:
    """Put what others supply over what the version holds of one fact."""
    spec = rulebook.facts[fact]
    kind, options = kind_of(spec), tuple(spec.options)
    entries = [item.given.get(fact) for item in items]
    if not kind or not any(entries):
        return
    column = columns.facts[fact]
    values = column.values.copy()
    codes = np.zeros(len(items), np.uint8) if column.codes is None else column.codes.copy()
    known: dict[tuple[str, str] | None, tuple[int, Any] | None] = {}
    for place, entry in enumerate(entries):
        if entry is None:
            continue
        if entry not in known:
            try:
                value = to_engine(spec, *entry)
                code = _CODES[value] or int(absence_of(spec)) if isinstance(value, Nothing) else 0
                known[entry] = code, stored_value(kind, options, value)[1]
            except (NotExact, *UNREADABLE):
                known[entry] = None
        found = known[entry]
        if found is None:
            exact.add(place)
            codes[place] = absence_of(spec)
        else:
            codes[place], values[place] = found
    columns.facts[fact] = column_of(kind, options, values, codes if codes.any() else None, column.digits)


# What stands for a kind of nothing that somebody recorded: a blank is what the fact's own supplier owes.
_CODES = {
    Nothing.UNANSWERED: 0,
    Nothing.NOT_SUPPLIED: int(Absence.NOT_SUPPLIED),
    Nothing.NOT_APPLICABLE: int(Absence.NOT_APPLICABLE),
}


def _judge(columns: Columns, indicator: str, items: Sequence[PendingRun], exact: set[int]) -> None:
    """The reviewers' points of one indicator."""
    values = np.ones(len(items))
    codes = np.full(len(items), Absence.NOT_SUPPLIED, np.uint8)
    for place, item in enumerate(items):
        text = item.judged.get(indicator)
        if text is None:
            continue
        if sum(letter.isdigit() for letter in text) > MAX_DIGITS:
            exact.add(place)
            continue
        try:
            values[place], codes[place] = float(text), 0
        except ValueError:
            exact.add(place)
    columns.judged[indicator] = Column("number", values, codes if codes.any() else None)
