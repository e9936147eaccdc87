"""Scoring a part of a round on arrays, in one transaction: read, score, write, point, one event.

The assessments are locked first and everything is read under the lock, so of two runs the later one sees all; a
thousand banks hold it for about a tenth of a second. Filings come packed (``services.packed``); the few that the packed
form does not hold exactly are evaluated one by one, as single scoring does.
"""

import gc
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from assessments.filings.case_building import build_case, parameter_values, to_engine
from assessments.models import (
    Assessment,
    FilingVersion,
    PeerSnapshot,
    Review,
    Round,
    ScoreKind,
)
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.bulk import sql as wire
from assessments.scoring.bulk.encoded import UNREADABLE, pack_missing
from assessments.scoring.bulk.encoding import (
    Layout,
    NotPacked,
    absence_of,
    column_of,
    exact_rows,
    kind_of,
    layout_of,
    stored_value,
)
from assessments.scoring.bulk.write import NewRuns, point_assessments, write_runs
from assessments.scoring.inputs import InputTexts, extra_inputs, judged_of, run_key, supplied_facts
from assessments.scoring.outcome_codec import array_of, arrays_of, run_dtype
from assessments.scoring.peers import snapshot_by_hash
from assessments.scoring.runs import evaluate_version
from scorecard.audit.services import record
from scorecard.engine import Nothing, Rulebook, ScoringInput
from scorecard.engine.arrays import Columns, evaluate_many
from scorecard.engine.arrays.columns import MAX_DIGITS, Column
from scorecard.engine.values.facts import Absence
from scorecard.jobs.models import Job
from scorecard.jobs.progress import Progress

logger = logging.getLogger(__name__)

Given = dict[str, tuple[str, str]]  # fact -> state and value of the round's year


Filing = tuple[int, int, str, bytes]  # assessment, version, the version's digest, its packed form


class Unpacked(Exception):
    """Some version is not packed in the rulebook's layout."""


@dataclass(slots=True)
class Standing:
    """One assessment as it is under the lock."""

    pk: int
    bank: int
    version: int | None
    system_run: int | None
    reviewed_run: int | None
    reviewing: bool


@dataclass(slots=True)
class Wanted:
    """One run that there should be: a version, the kind of score, and everything that is added to the version's own."""

    assessment: int
    version: int
    kind: str
    key: str
    inputs: str
    given: Given
    judged: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Made:
    """What a shard has done: the keys of its new runs, and the versions that cannot be read."""

    keys: list[str]
    failures: list[int]


def score_shard(job: Job, progress: Progress) -> dict[str, Any]:
    """Score the versions of one shard: the system's score of each, and the reviewed score where a review has begun.

    A number of queries that does not depend on the number of banks; nothing is left of a shard that is killed.
    """
    round_ = Round.objects.select_related("rulebook").get(pk=job.params["round"])
    ids: list[int] = job.params["versions"]
    rulebook = engine_rulebook(round_.rulebook)
    try:
        made = _score(round_, rulebook, ids, job)
    except Unpacked:  # found under the locks, and mended without them
        pack_missing(ids, rulebook, lambda count: progress.update(0))
        made = _score(round_, rulebook, ids, job)
    progress.update(len(ids))
    return {
        "scored": len(ids) - len(made.failures),
        "new": len(made.keys),
        "failures": _failures(made.failures),
    }


def _score(round_: Round, rulebook: Rulebook, ids: Sequence[int], job: Job) -> Made:
    with transaction.atomic(), _without_collector():
        made = score_versions(round_, rulebook, ids, job=job)
        if made.keys:
            record(
                "assessments.score.computed",
                actor=job.created_by,
                target=job,
                data={
                    "round": round_.pk,
                    "versions": len(ids),
                    "runs": len(made.keys),
                    "keys": sha256("".join(sorted(made.keys)).encode()).hexdigest(),
                },
            )
    return made


@contextmanager
def _without_collector() -> Iterator[None]:
    """Hold the search for reference cycles: a shard makes many small objects at once and no cycle of them, and looking
    through them again and again takes longer than all else."""
    held = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if held:
            gc.enable()


def score_versions(round_: Round, rulebook: Rulebook, ids: Sequence[int], *, job: Job) -> Made:
    """Lock, read, score, write and point, within the caller's transaction. The versions are packed."""
    peers = _peers(job)
    standings, filings = _lock(ids, layout_of(rulebook))
    extra = extra_inputs(round_, rulebook, peers)
    wanted = list(_wanted(filings, standings, rulebook, round_, extra))
    query = "SELECT key, id FROM assessments_scorerun WHERE version_id = ANY(%(ids)s::bigint[])"
    known = dict(wire.fetch(query, {"ids": list(ids)}))
    fresh = [item for item in wanted if item.key not in known]
    rows, unread = score_rows(fresh, rulebook, extra)
    failed = {fresh[place].version for place in unread}
    if failed:
        kept = [place for place, item in enumerate(fresh) if item.version not in failed]
        fresh, rows = [fresh[place] for place in kept], rows[kept]
    new = NewRuns(
        rulebook,
        job.pk,
        [item.assessment for item in fresh],
        [item.version for item in fresh],
        [item.kind for item in fresh],
        [item.key for item in fresh],
        [item.inputs for item in fresh],
        rows,
    )
    known.update(zip(new.keys, write_runs(new), strict=True))
    _point_to(standings, wanted, known)
    return Made(list(new.keys), sorted(failed))


# --- Reading ---------------------------------------------------------------------------------------------------------


def _peers(job: Job) -> PeerSnapshot | None:
    """The peers' values that the parent job has frozen for all its shards."""
    frozen = job.params.get("peers")
    return None if frozen is None else PeerSnapshot.objects.get(pk=frozen)


def _lock(version_ids: Sequence[int], layout: Layout) -> tuple[dict[int, Standing], list[Filing]]:
    """Lock the assessments of these versions in the order of their keys, and read their packed filings with them.

    Raises ``Unpacked`` where a version is not packed in this layout.
    """
    if not version_ids:
        return {}, []
    rows = wire.fetch(
        "SELECT a.id, a.bank_id, a.version_id, a.system_run_id, a.reviewed_run_id, a.review_state,"
        " v.id, v.digest, p.body FROM assessments_filingversion v"
        " JOIN assessments_packedversion p ON p.version_id = v.id"
        " JOIN assessments_assessment a ON a.id = v.assessment_id"
        " WHERE v.id = ANY(%(ids)s::bigint[]) AND v.id BETWEEN %(first)s AND %(last)s"
        " AND p.version_id BETWEEN %(first)s AND %(last)s AND p.layout = %(layout)s"
        " ORDER BY a.id, v.id FOR NO KEY UPDATE OF a",
        {"ids": list(version_ids), "first": min(version_ids), "last": max(version_ids), "layout": layout.hash},
    )
    if len(rows) != len(version_ids):
        raise Unpacked
    standings: dict[int, Standing] = {}
    filings: list[Filing] = []
    for pk, bank, version, system, reviewed, state, filed, digest, body in rows:
        standings[pk] = Standing(pk, bank, version, system, reviewed, state != Review.NONE)
        filings.append((pk, filed, digest, body))
    return standings, filings


def _given(bank_ids: Sequence[int], round_: Round, rulebook: Rulebook) -> dict[int, Given]:
    """By bank, the current facts of the round's year that others than the bank supply, in the order of their names.

    Rows come in order of revision, so the last of each name stays.
    """
    found: dict[int, Given] = {}
    facts = supplied_facts(rulebook)
    if not facts:
        return found
    rows = wire.fetch(
        "SELECT bank_id, fact, state, value FROM banks_factentry WHERE bank_id = ANY(%(banks)s::bigint[])"
        " AND period = %(period)s AND fact = ANY(%(facts)s::text[]) ORDER BY bank_id, fact, revision",
        {"banks": list(bank_ids), "period": round_.period, "facts": facts},
    )
    for bank, fact, state, value in rows:
        here = found.get(bank)
        if here is None:
            here = found[bank] = {}
        here[fact] = (state, value)
    return found


def _wanted(
    filings: Sequence[Filing],
    standings: Mapping[int, Standing],
    rulebook: Rulebook,
    round_: Round,
    extra: Mapping[str, Any],
) -> Iterator[Wanted]:
    """Every run that the versions should have with the inputs as they are now.

    A reviewed score is for the version in hand while the supervisor works on it: a filing that was returned to the bank
    has none until it is submitted again.
    """
    judged = judged_of([version for _pk, version, _digest, _body in filings])
    given = _given([standing.bank for standing in standings.values()], round_, rulebook)
    texts = InputTexts(extra)
    nothing: Given = {}
    for assessment, version, digest, body in filings:
        here = standings[assessment]
        facts = given.get(here.bank, nothing)
        pieces = texts.pieces(facts)
        kinds: list[tuple[str, dict[str, str]]] = [("system", {})]
        if here.version == version and here.reviewing and (version in judged or here.reviewed_run is not None):
            kinds.append(("reviewed", judged.get(version, {})))
        for kind, points in kinds:
            inputs = texts.text(pieces, points)
            key = run_key(kind=kind, rulebook_hash=rulebook.hash, version=version, digest=digest, inputs=inputs)
            yield Wanted(assessment, version, kind, key, inputs, facts, points, body)


# --- Scoring ---------------------------------------------------------------------------------------------------------


def score_rows(items: Sequence[Wanted], rulebook: Rulebook, extra: Mapping[str, Any]) -> tuple[NDArray[Any], list[int]]:
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
            result = evaluate_version(versions[item.version], rulebook, _inputs(item, extra), explain=False)
            rows[place] = array_of(rulebook, result)[0]
        except UNREADABLE:
            logger.exception("Version %s could not be scored.", item.version)
            failed.append(place)
    return rows, failed


def _inputs(item: Wanted, extra: Mapping[str, Any]) -> dict[str, Any]:
    facts = {fact: {"state": state, "value": value} for fact, (state, value) in item.given.items()}
    return {"facts": facts, "judged": item.judged, **extra}


def columns_of(items: Sequence[Wanted], rulebook: Rulebook) -> tuple[Columns, list[int]]:
    """The columns of the runs, and the rows that arrays do not hold exactly: they are in the columns as blanks."""
    layout = layout_of(rulebook)
    records = layout.records([item.body for item in items])
    exact = set(exact_rows(records))
    columns = layout.columns(records)
    for fact in supplied_facts(rulebook):
        _supply(columns, rulebook, fact, items, exact)
    points = {indicator for item in items for indicator in item.judged if indicator in rulebook.indicators}
    for indicator in sorted(points):
        _judge(columns, indicator, items, exact)
    return columns, sorted(exact)


def _supply(columns: Columns, rulebook: Rulebook, fact: str, items: Sequence[Wanted], exact: set[int]) -> None:
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
            except (NotPacked, *UNREADABLE):
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


def _judge(columns: Columns, indicator: str, items: Sequence[Wanted], exact: set[int]) -> None:
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


def peer_cases(round_: Round, rulebook: Rulebook, ids: Sequence[int], size: int) -> Iterator[ScoringInput]:
    """The cases of the versions as the system scores them now, to freeze the peers' values of them all."""
    extra = extra_inputs(round_, rulebook, None)
    for start in range(0, len(ids), size):
        part = ids[start : start + size]
        pack_missing(part, rulebook)
        with transaction.atomic():
            standings, filings = _lock(part, layout_of(rulebook))
            found = _wanted(filings, standings, rulebook, round_, extra)
            items = [item for item in found if item.kind == "system"]
        columns, exact = columns_of(items, rulebook)
        columns.parameters = parameter_values(rulebook, extra.get("parameters", {}))
        marked = set(exact)
        versions = FilingVersion.objects.in_bulk([items[place].version for place in exact])
        for place, item in enumerate(items):
            if place not in marked:
                yield columns.case(place)
                continue
            version = versions[item.version]
            try:
                yield build_case(
                    rulebook,
                    facts={**version.facts, **_inputs(item, extra)["facts"]},
                    history=version.history,
                    properties=version.bank_properties,
                    answers=version.answers,
                    parameters=extra.get("parameters"),
                )
            except UNREADABLE:
                logger.warning("Version %s cannot be read and is no peer.", version.pk)


# --- Afterwards ------------------------------------------------------------------------------------------------------


def _point_to(standings: Mapping[int, Standing], wanted: Iterable[Wanted], runs: Mapping[str, int]) -> None:
    """Make the runs the assessments' own; a run of a version that is no longer the one in hand changes nothing."""
    pointers: dict[int, list[int | None]] = {}
    for item in wanted:
        here = standings[item.assessment]
        run = runs.get(item.key)
        if run is None or here.version != item.version:
            continue
        reviewed = item.kind == ScoreKind.REVIEWED
        if run != (here.reviewed_run if reviewed else here.system_run):
            pointers.setdefault(here.pk, [None, None])[reviewed] = run
    point_assessments([(pk, system, reviewed) for pk, (system, reviewed) in sorted(pointers.items())])


def _failures(versions: Sequence[int]) -> list[dict[str, str]]:
    """What could not be scored, each with its bank and where to look; the technical reason stays in the log."""
    if not versions:
        return []
    cases = Assessment.objects.filter(version__in=versions).select_related("bank").order_by("version")
    return [
        {
            "text": _("%(bank)s: the filing could not be scored; its data cannot be read.") % {"bank": case.bank.name},
            "url": reverse("assessment-result", args=[case.pk]),
        }
        for case in cases
    ]
