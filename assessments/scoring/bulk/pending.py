"""What a part of a round has to score: its assessments under lock, their filings, and the runs that there should be."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assessments.filings.scoring_input import Stored
from assessments.models import Correction, Review, Round
from assessments.scoring.bulk import sql
from assessments.scoring.bulk.encoding import Layout
from assessments.scoring.inputs import (
    InputTexts,
    decisions_of,
    judged_of,
    reviewed_fact,
    run_key,
    supplied_facts,
)
from scorecard.engine import Rulebook

Given = dict[str, tuple[str, str]]  # fact -> state and value of the round's year


Filing = tuple[int, int, str, bytes]  # assessment, version, the version's digest, its encoded form


class NotEncoded(Exception):
    """Some version is not encoded in the rulebook's layout."""


@dataclass(slots=True)
class LockedAssessment:
    """One assessment as it is under the lock."""

    pk: int
    bank: int
    version: int | None
    system_run: int | None
    reviewed_run: int | None
    reviewing: bool


@dataclass(slots=True)
class PendingRun:
    """One run that there should be: a version, the kind of score, and everything that is added to the version's own."""

    assessment: int
    version: int
    kind: str
    key: str
    inputs: str
    given: Given
    judged: dict[str, str]
    decisions: dict[str, Stored]
    body: bytes


def lock_filings(version_ids: Sequence[int], layout: Layout) -> tuple[dict[int, LockedAssessment], list[Filing]]:
    """Lock the assessments of these versions in the order of their keys, and read their encoded filings with them.

    Raises ``NotEncoded`` where a version is not encoded in this layout.
    """
    if not version_ids:
        return {}, []
    rows = sql.fetch(
        "SELECT a.id, a.bank_id, a.version_id, a.system_run_id, a.reviewed_run_id, a.review_state,"
        " a.correction_state, v.id, v.digest, p.body FROM assessments_filingversion v"
        " JOIN assessments_encodedfiling p ON p.version_id = v.id"
        " JOIN assessments_assessment a ON a.id = v.assessment_id"
        " WHERE v.id = ANY(%(ids)s::bigint[]) AND v.id BETWEEN %(first)s AND %(last)s"
        " AND p.version_id BETWEEN %(first)s AND %(last)s AND p.layout = %(layout)s"
        " ORDER BY a.id, v.id FOR NO KEY UPDATE OF a",
        {"ids": list(version_ids), "first": min(version_ids), "last": max(version_ids), "layout": layout.hash},
    )
    if len(rows) != len(version_ids):
        raise NotEncoded
    locked: dict[int, LockedAssessment] = {}
    filings: list[Filing] = []
    for pk, bank, version, system, reviewed, state, correction, filed, digest, body in rows:
        reviewing = state != Review.NONE and correction == Correction.NONE
        locked[pk] = LockedAssessment(pk, bank, version, system, reviewed, reviewing)
        filings.append((pk, filed, digest, body))
    return locked, filings


def supplied_given(bank_ids: Sequence[int], round_: Round, rulebook: Rulebook) -> dict[int, Given]:
    """By bank, the current facts of the round's year that others than the bank supply, in the order of their names.

    Rows come in order of revision, so the last of each name stays.
    """
    found: dict[int, Given] = {}
    facts = supplied_facts(rulebook)
    if not facts:
        return found
    rows = sql.fetch(
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


def pending_runs(
    filings: Sequence[Filing],
    locked: Mapping[int, LockedAssessment],
    rulebook: Rulebook,
    round_: Round,
    extra: Mapping[str, Any],
) -> Iterator[PendingRun]:
    """Every run that the versions should have with the inputs as they are now.

    A reviewed score is for the current version while the supervisor works on it: a filing that was returned to the bank
    has none until it is submitted again, and one whose rating is put right keeps the one that it has.
    """
    versions = [version for _pk, version, _digest, _body in filings]
    judged, decided = judged_of(versions), decisions_of(versions)
    given = supplied_given([assessment.bank for assessment in locked.values()], round_, rulebook)
    texts = InputTexts(extra)
    nothing: Given = {}
    review: Given = {fact: (item["state"], item["value"]) for fact, item in reviewed_fact(rulebook).items()}
    for assessment, version, digest, body in filings:
        here = locked[assessment]
        facts = given.get(here.bank, nothing)
        pieces = texts.pieces(facts)
        kinds: list[tuple[str, Given, str, dict[str, str], dict[str, Stored]]] = [("system", facts, pieces, {}, {})]
        begun = version in judged or version in decided or here.reviewed_run is not None
        if here.version == version and here.reviewing and begun:
            if version in judged and review:
                facts = {**facts, **review}
                pieces = texts.pieces(facts)
            kinds.append(("reviewed", facts, pieces, judged.get(version, {}), decided.get(version, {})))
        for kind, known, inside, points, decisions in kinds:
            inputs = texts.text(inside, points, decisions)
            key = run_key(kind=kind, rulebook_hash=rulebook.hash, version=version, digest=digest, inputs=inputs)
            yield PendingRun(assessment, version, kind, key, inputs, known, points, decisions, body)
