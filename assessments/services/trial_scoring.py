"""Scoring a round's banks under two rulebooks: on arrays, and exactly where arrays do not carry what is wanted.

Packed filings become columns at once. Others become cases bank by bank, so that one that cannot be read is reported and
the others go on, and then columns. Both rulebooks score them with ``evaluate_many``, whose numbers are those of
``evaluate`` to the last digit. Only what sections with weights or limits share out is asked of ``evaluate``.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Q

from assessments.cases import parameter_values, version_case
from assessments.models import Assessment, FilingVersion, PackedVersion, Round, ScoreKind, ScoreRun
from assessments.packing import layout_of
from assessments.services.peers import newest_snapshot, snapshot_by_hash
from assessments.services.run_inputs import compares_peers, extra_inputs, from_supervisor, joined
from banks.models import Bank
from banks.selectors.facts import current_facts_of
from scorecard.audit.services import canonical
from scorecard.engine import Case, Nothing, Rulebook
from scorecard.engine.many import STATES, Columns, ManyResult, evaluate_many, read_frame
from scorecard.engine.many.frames import frame_of
from scorecard.engine.many.result import TARGET_STATES
from scorecard.engine.numbers import plain, scaled

from .packed import UNREADABLE
from .shards import Wanted
from .shards import columns_of as packed_columns

logger = logging.getLogger(__name__)

BLOCK = 500  # banks that are scored together, after which the job gives a sign of life
NOT_APPLICABLE = STATES.index("not_applicable")


@dataclass(frozen=True)
class Entry:
    """One bank's case as its score rests on it."""

    assessment: Assessment
    kind: str
    inputs: dict[str, Any]
    body: bytes = b""  # the filing packed in the layout of the round's rulebook; empty where it is not packed


def gather(round_: Round, rulebook: Rulebook) -> list[Entry]:
    """Every submitted version in hand with the inputs that its score rests on. A constant number of queries.

    The inputs are those of the reviewed run, else of the system run; a version that was never scored takes what is
    known now.
    """
    mine = Assessment.objects.filter(round=round_, version__isnull=False)
    unread = [f"version__{name}" for name in ("facts", "history", "answers", "evidence", "report", "explanations")]
    cases = list(mine.select_related("bank", "version").defer(*unread).order_by("bank__code", "pk"))
    packed = PackedVersion.objects.filter(version__in=mine.values("version"), layout=layout_of(rulebook).hash)
    bodies = dict(packed.values_list("version_id", "body"))
    runs: dict[int | None, tuple[int | None, dict[str, Any]]] = {
        pk: (version, inputs)
        for pk, version, inputs in ScoreRun.objects.filter(assessment__round=round_)
        .filter(Q(pk__in=mine.values("system_run")) | Q(pk__in=mine.values("reviewed_run")))
        .values_list("pk", "version_id", "inputs")
    }
    facts = current_facts_of([case.bank_id for case in cases], {round_.period})
    found = []
    extra: dict[str, Any] | None = None
    for case in cases:
        case.round = round_
        version = case.version
        if version is None:
            continue
        version.assessment = case
        body = bytes(bodies.get(version.pk, b""))
        for kind, pk in ((ScoreKind.REVIEWED, case.reviewed_run_id), (ScoreKind.SYSTEM, case.system_run_id)):
            of, inputs = runs.get(pk, (None, {}))
            if of == version.pk:
                found.append(Entry(case, kind, inputs, body))
                break
        else:
            known = from_supervisor(facts[case.bank_id][round_.period], rulebook)
            if extra is None:
                peers = newest_snapshot(round_) if compares_peers(rulebook) else None
                extra = extra_inputs(round_, rulebook, peers)
            found.append(Entry(case, ScoreKind.SYSTEM, joined(facts=known, judged={}, extra=extra), body))
    return found


@dataclass(frozen=True)
class _Block:
    """Entries with the columns of each rulebook, which are one where the rulebooks read alike. None stands for a row
    of the columns that does not count.
    """

    entries: Sequence[Entry | None]
    before: Columns
    after: Columns


def score_entries(
    entries: Sequence[Entry], before: Rulebook, after: Rulebook, done: Callable[[int], None] = lambda count: None
) -> tuple[list[dict[str, Any]], list[Bank]]:
    """Score every bank under both rulebooks; returns the rows of ``Trial.result`` and the banks that cannot be read.

    Rows keep the order of the entries. ``done`` is told how many banks are finished, after every block.
    """
    rows: list[dict[str, Any]] = []
    failures: list[Bank] = []
    for start in range(0, len(entries), BLOCK):
        part = entries[start : start + BLOCK]
        found: dict[int, dict[str, Any]] = {}
        for same in _groups(part):
            for block in _blocks(same, before, after, failures):
                found |= {row["assessment"]: row for row in _rows(block, before, after)}
        rows += [found[pk] for entry in part if (pk := entry.assessment.pk) in found]
        done(start + len(part))
    return rows, failures


def _groups(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Entries by the values of the year and the peers' values that their scores rest on: columns have one of each."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        key = canonical({name: entry.inputs[name] for name in ("parameters", "peers") if name in entry.inputs})
        groups.setdefault(key, []).append(entry)
    yield from groups.values()


def _blocks(entries: list[Entry], before: Rulebook, after: Rulebook, failures: list[Bank]) -> Iterator[_Block]:
    """The entries that can be read, packed ones first; the banks of those that cannot are added to ``failures``."""
    rest = entries
    if _read_alike(before, after) and layout_of(before).hash == layout_of(after).hash:
        packed = [entry for entry in entries if entry.body]
        rest = [entry for entry in entries if not entry.body]
        if packed:
            columns, exact = packed_columns([_packed(entry) for entry in packed], before)
            _common(columns, packed[0].inputs, before)
            inexact = set(exact)
            rest += [packed[place] for place in exact]
            yield _Block([None if n in inexact else entry for n, entry in enumerate(packed)], columns, columns)
    if rest:
        yield _read(rest, before, after, failures)


def _packed(entry: Entry) -> Wanted:
    """An entry as the reader of packed filings takes it."""
    given = {fact: (item["state"], item["value"]) for fact, item in entry.inputs["facts"].items()}
    version = entry.assessment.version_id or 0
    return Wanted(entry.assessment.pk, version, entry.kind, "", "", given, entry.inputs["judged"], entry.body)


def _common(columns: Columns, inputs: dict[str, Any], rulebook: Rulebook) -> None:
    """What all banks of a group share: the values of the year and the peers' values."""
    columns.parameters = parameter_values(rulebook, inputs.get("parameters") or {})
    if inputs.get("peers"):
        columns.snapshot = snapshot_by_hash(inputs["peers"])


def _load(entries: Sequence[Entry]) -> None:
    """Read the filings themselves where only their head was read, in one query."""
    heads = [e.assessment for e in entries if e.assessment.version and e.assessment.version.get_deferred_fields()]
    whole = FilingVersion.objects.in_bulk([case.version_id for case in heads]) if heads else {}
    for case in heads:
        case.version = whole[case.version_id or 0]
        case.version.assessment = case


def _read(entries: Sequence[Entry], before: Rulebook, after: Rulebook, failures: list[Bank]) -> _Block:
    """The columns of the entries that can be read; the banks of the others are added to ``failures``."""
    alike = _read_alike(before, after)
    _load(entries)
    found: list[tuple[Entry, Case, Case]] = []
    for entry in entries:
        try:
            old = _case(entry, before)
            new = old if alike else _case(entry, after)
            # A value that is none of its fact shows only here: one row is read before all of them are.
            for rulebook, case in ((before, old),) if alike else ((before, old), (after, new)):
                check_values(rulebook, case)
        except UNREADABLE:
            logger.exception("Version %s could not be tried.", entry.assessment.version_id)
            failures.append(entry.assessment.bank)
        else:
            found.append((entry, old, new))
    columns = case_columns(before, [old for _entry, old, _new in found])
    other = columns if alike else case_columns(after, [new for _entry, _old, new in found])
    return _Block([entry for entry, _old, _new in found], columns, other)


def _case(entry: Entry, rulebook: Rulebook) -> Case:
    version = entry.assessment.version
    if version is None:
        raise LookupError(f"Assessment {entry.assessment.pk} has no version.")
    judged = {k: v for k, v in entry.inputs["judged"].items() if k in rulebook.indicators}
    peers = entry.inputs.get("peers")
    return version_case(
        version,
        supervisor_facts=entry.inputs["facts"],
        judged=judged,
        rulebook=rulebook,
        parameters=entry.inputs.get("parameters"),
        snapshot=snapshot_by_hash(peers) if peers else None,
    )


def _read_alike(before: Rulebook, after: Rulebook) -> bool:
    """Whether both rulebooks make the same case of the same version: the same facts, and the same claims admitted."""
    return (
        before.facts == after.facts
        and before.targets.keys() == after.targets.keys()
        and {i.id: i.not_applicable for i in before.indicators.values()}
        == {i.id: i.not_applicable for i in after.indicators.values()}
    )


def check_values(rulebook: Rulebook, case: Case) -> None:
    """Raise LookupError where an answer is none of its fact's options."""
    for facts in (case.facts, *case.history.values()):
        for name, value in facts.items():
            spec = rulebook.facts.get(name)
            if spec is None or spec.is_number or spec.kind not in ("level", "checklist") or isinstance(value, Nothing):
                continue
            for option in value if isinstance(value, frozenset) else (value,):
                if option not in spec.options:
                    raise LookupError(f"{name} has no option {option!r}.")


def case_columns(rulebook: Rulebook, cases: Sequence[Case]) -> Columns:
    """Cases as columns that ``evaluate_many`` takes, one row a case, in their order; they share the values of the
    year, and those of the peers of each group.
    """
    snapshot = {str(case.bank.get("category", "")): case.peers for case in cases}
    parameters = cases[0].parameters if cases else {}
    return read_frame(rulebook, frame_of(rulebook, cases), parameters, snapshot)


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


def _rows(block: _Block, before: Rulebook, after: Rulebook) -> list[dict[str, Any]]:
    old = _Side.of(before, block.before)
    new = old if after == before else _Side.of(after, block.after)
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
            }
        )
    return found


def _differing(old: dict[str, str], new: dict[str, str]) -> dict[str, list[str]]:
    """Points that sections share out for indicators that do not apply, where they differ."""
    pairs = {section: [old.get(section, "0"), new.get(section, "0")] for section in dict.fromkeys((*old, *new))}
    return {section: pair for section, pair in pairs.items() if pair[0] != pair[1]}
