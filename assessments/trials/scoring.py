"""Scoring a round's banks under two rulebooks: on arrays, and exactly where arrays do not carry what is wanted.

Encoded filings become columns at once. Others become inputs of the engine bank by bank, so that one that cannot be read
is reported and the others go on, and then columns. Both rulebooks score them with ``evaluate_many``, whose numbers are
those of ``evaluate`` to the last digit. Only what sections with weights or limits share out is asked of ``evaluate``.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from assessments.rounds.parameters.values import parameter_values
from assessments.scoring.bulk.columns import columns_of
from assessments.scoring.bulk.encoded import UNREADABLE
from assessments.trials.entries import (
    BLOCK,
    Entry,
    check_values,
    encoded_entry,
    entry_input,
    groups,
    parted,
    read_alike,
    whole_versions,
)
from assessments.trials.peers import Books
from banks.models import Bank
from scorecard.engine import Rulebook, ScoringInput
from scorecard.engine.arrays import STATES, Columns, ManyResult, evaluate_many
from scorecard.engine.arrays.result import TARGET_STATES
from scorecard.engine.exact.peergroup import group_of
from scorecard.engine.values.numbers import plain, scaled

logger = logging.getLogger(__name__)

NOT_APPLICABLE = STATES.index("not_applicable")


@dataclass(frozen=True)
class _Block:
    """Entries with the columns of each rulebook, which are one where the rulebooks read alike. None stands for a row
    of the columns that does not count.
    """

    entries: Sequence[Entry | None]
    before: Columns
    after: Columns


def score_entries(
    entries: Sequence[Entry],
    before: Rulebook,
    after: Rulebook,
    done: Callable[[int], None] = lambda count: None,
    *,
    tried: frozenset[str] = frozenset(),
) -> tuple[list[dict[str, Any]], list[Bank]]:
    """Score every bank under both rulebooks; returns the rows of ``Trial.result`` and the banks that cannot be read.

    ``tried`` are the values of the year that the changed rulebook sets. Rows keep the order of the entries. ``done`` is
    told how many banks are finished, after every block.
    """
    books = Books.of(entries, before, after, tried)
    rows: list[dict[str, Any]] = []
    failures: list[Bank] = []
    for start in range(0, len(entries), BLOCK):
        part = entries[start : start + BLOCK]
        found: dict[int, dict[str, Any]] = {}
        for same in groups(part):
            for block in _blocks(same, books, failures):
                found |= {row["assessment"]: row for row in _rows(block, books)}
        rows += [found[pk] for entry in part if (pk := entry.assessment.pk) in found]
        done(start + len(part))
    return rows, failures


def _blocks(entries: list[Entry], books: Books, failures: list[Bank]) -> Iterator[_Block]:
    """The entries that can be read, encoded ones first; the banks of those that cannot are added to ``failures``."""
    before = books.before
    encoded, rest = parted(entries, before, books.after)
    if encoded:
        columns, exact = columns_of([encoded_entry(entry, entry.inputs["judged"]) for entry in encoded], before)
        other = replace(columns) if books.apart else columns
        for rulebook, one in ((before, columns), (books.after, other)):
            one.parameters = parameter_values(rulebook, books.parameters(rulebook, encoded[0].inputs))
            one.snapshot = books.snapshot(rulebook, encoded[0].inputs)
        inexact = set(exact)
        rest += [encoded[place] for place in exact]
        yield _Block([None if n in inexact else entry for n, entry in enumerate(encoded)], columns, other)
    if rest:
        yield _read(rest, books, failures)


def _read(entries: Sequence[Entry], books: Books, failures: list[Bank]) -> _Block:
    """The columns of the entries that can be read; the banks of the others are added to ``failures``."""
    before, after = books.before, books.after
    alike = read_alike(before, after) and not books.apart
    versions = whole_versions(entries)
    found: list[tuple[Entry, ScoringInput, ScoringInput]] = []
    for entry in entries:
        version, inputs = versions[entry.assessment.pk], entry.inputs
        try:
            old, new = (
                entry_input(entry, version, book, books.parameters(book, inputs), books.snapshot(book, inputs))
                for book in (before, after)
            )
            # A value that is none of its fact shows only here: one row is read before all of them are.
            for rulebook, given in ((before, old), (after, new)):
                check_values(rulebook, given)
        except UNREADABLE:
            logger.exception("Version %s could not be tried.", entry.assessment.version_id)
            failures.append(entry.assessment.bank)
        else:
            found.append((entry, old, new))
    columns = input_columns(before, [old for _entry, old, _new in found])
    other = columns if alike else input_columns(after, [new for _entry, _old, new in found])
    return _Block([entry for entry, _old, _new in found], columns, other)


def input_columns(rulebook: Rulebook, inputs: Sequence[ScoringInput]) -> Columns:
    """Inputs as columns that ``evaluate_many`` takes, one row each, in their order; they share the values of the
    year, and those of the peers of each group.
    """
    snapshot = {group_of(one.bank): one.peers for one in inputs}
    parameters = inputs[0].parameters if inputs else {}
    from scorecard.engine.arrays.frames import frame_of, read_frame  # pandas, where a trial is scored

    return read_frame(rulebook, frame_of(rulebook, inputs), parameters, snapshot)


# --- What moved ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Side:
    """One rulebook's numbers, and where each of its indicators and targets stands in them."""

    many: ManyResult
    indicators: dict[str, int]
    targets: dict[str, int]
    known: Any

    @classmethod
    def of(cls, rulebook: Rulebook, columns: Columns) -> "_Side":
        many = evaluate_many(rulebook, columns)
        return cls(
            many,
            {key: place for place, key in enumerate(rulebook.indicators)},
            {key: place for place, key in enumerate(rulebook.targets)},
            many.has_points(),
        )

    def points(self, indicator: str, row: int) -> str | None:
        """Exact points as text; null where the indicator is not there or has none."""
        place = self.indicators.get(indicator)
        if place is None or not self.known[place, row]:
            return None
        return plain(scaled(int(self.many.units[place, row]), self.many.rulebook.rounding.indicator))

    def summary(self, row: int) -> dict[str, Any]:
        before, after = self.many.grade_of(row)
        total = plain(self.many.total_of(row))
        return {"total": total, "before": before, "grade": after, "caps": self.many.caps_of(row)}

    def state(self, target: str, row: int) -> str:
        return TARGET_STATES[self.many.targets[self.targets[target], row]]

    def shares(self) -> Any:
        """In which rows an indicator does not apply and its points are shared out."""
        share = np.array([i.not_applicable == "share_out" for i in self.many.rulebook.indicators.values()])
        return ((self.many.states == NOT_APPLICABLE) & share[:, None]).any(axis=0)

    def shared_out(self, row: int) -> dict[str, str]:
        """What each section shares out of points that do not apply. Where a section only adds up, it is what its own
        points are more than those of what it holds; a section with a weight or limits is asked exactly.
        """
        book = self.many.rulebook
        if any(s.weight != 1 or s.floor is not None or s.ceiling is not None for s in book.sections.values()):
            return {s: plain(found.shared_out) for s, found in self.many.row(row, explain=False).sections.items()}
        places = {section: place for place, section in enumerate(book.sections)}
        found = {}
        for section in book.sections.values():
            units = int(self.many.sections[places[section.id], row])
            units -= sum(int(self.many.units[self.indicators[i], row]) for i in section.indicators)
            units -= sum(int(self.many.sections[places[child], row]) for child in section.children)
            found[section.id] = plain(scaled(units, book.rounding.indicator))
        return found


def _rows(block: _Block, books: Books) -> list[dict[str, Any]]:
    old = _Side.of(books.before, block.before)
    new = old if books.after == books.before and not books.apart else _Side.of(books.after, block.after)
    indicators = list(dict.fromkeys((*old.indicators, *new.indicators)))
    targets = [t for t in old.targets if t in new.targets]
    sharing = old.shares() | new.shares()
    found = []
    for row, entry in enumerate(block.entries):
        if entry is None:
            continue
        version, bank = entry.assessment.version, entry.assessment.bank
        pairs = {} if new is old else {i: [old.points(i, row), new.points(i, row)] for i in indicators}
        states = {} if new is old else {t: [old.state(t, row), new.state(t, row)] for t in targets}
        shared = {} if new is old or not sharing[row] else _differing(old.shared_out(row), new.shared_out(row))
        found.append(
            {
                "assessment": entry.assessment.pk,
                "bank": bank.pk,
                "code": bank.code,
                "zh": bank.name_zh,
                "en": bank.name_en,
                "category": bank.category,
                "version": version.number if version is not None else 0,
                "kind": str(entry.kind),
                "before": old.summary(row),
                "after": new.summary(row),
                "indicators": {i: pair for i, pair in pairs.items() if pair[0] != pair[1]},
                "shared": shared,
                "targets": {t: pair for t, pair in states.items() if pair[0] != pair[1]},
                **({"within_head": True} if entry.within_head else {}),
            }
        )
    return found


def _differing(old: dict[str, str], new: dict[str, str]) -> dict[str, list[str]]:
    """Points that sections share out for indicators that do not apply, where they differ."""
    pairs = {section: [old.get(section, "0"), new.get(section, "0")] for section in dict.fromkeys((*old, *new))}
    return {section: pair for section, pair in pairs.items() if pair[0] != pair[1]}
