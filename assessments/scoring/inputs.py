"""What is added to a version's own data when it is scored, and the key that a run has for it.

``ScoreRun.inputs``::

    facts        {fact: {"state", "value"}}   of the round's year, from the supervisor or the system
    judged       {indicator: points}          the reviewers' points; only in a reviewed score
    decisions    {target: {"outcome", "reason"}}  what the officer decided of targets that the figures cannot decide;
                                              only in a reviewed score, left out where there are none
    parameters   {parameter: text}            values of the year that the supervisor set; left out where there are none
    peers        hash of a ``PeerSnapshot``   left out where the rulebook compares no peers
"""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from assessments.models import FilingVersion, PeerSnapshot, Round, ScoreKind
from assessments.rounds.parameters.values import parameter_texts
from assessments.rulebooks.stored_values import Stored
from assessments.scoring.bulk import sql
from assessments.scoring.peers import newest_snapshot
from banks.models import FactEntry
from banks.selectors.facts import current_facts
from scorecard.audit.services import canonical
from scorecard.engine import ENGINE_VERSION, Rulebook
from scorecard.engine.exact.peergroup import peer_expressions
from scorecard.engine.values.scoring_input import TargetDecision

# The fact by which a rulebook asks whether there is a review yet: yes or no, supplied by the system.
REVIEWED = "reviewed"


def run_inputs(version: FilingVersion, rulebook: Rulebook, kind: str) -> dict[str, Any]:
    """The inputs of one run as they are now; the version's assessment and its round should be loaded."""
    here = version.assessment
    facts, judged = supervisor_facts(here.bank_id, here.round, rulebook), {}
    if kind == ScoreKind.REVIEWED:
        views = judged_of([version.pk])
        judged = views.get(version.pk, {})
        if version.pk in views:
            facts |= reviewed_fact(rulebook)
    peers = newest_snapshot(here.round) if compares_peers(rulebook) else None
    return joined(
        facts=facts,
        judged=judged,
        decisions=decisions_of([version.pk]).get(version.pk, {}) if kind == ScoreKind.REVIEWED else {},
        extra=extra_inputs(here.round, rulebook, peers),
    )


def joined(
    *,
    facts: Mapping[str, Stored],
    judged: Mapping[str, str],
    decisions: Mapping[str, Stored],
    extra: Mapping[str, Any],
) -> dict[str, Any]:
    """The parts as ``ScoreRun.inputs`` holds them."""
    found = {"facts": dict(facts), "judged": dict(judged), **extra}
    return found | ({"decisions": dict(decisions)} if decisions else {})


def extra_inputs(round_: Round, rulebook: Rulebook, peers: PeerSnapshot | None) -> dict[str, Any]:
    """The inputs that all runs of a round share: the values of the year, and the peers' frozen values."""
    found: dict[str, Any] = {}
    if rulebook.parameters and (texts := parameter_texts(round_)):
        found["parameters"] = {name: text for name, text in texts.items() if name in rulebook.parameters}
    if peers is not None:
        found["peers"] = peers.hash
    return found


@lru_cache(maxsize=64)
def compares_peers(rulebook: Rulebook) -> bool:
    """Whether the rulebook compares a bank with its peers at all."""
    return bool(peer_expressions(rulebook))


def run_key(*, kind: str, rulebook_hash: str, version: int, digest: str, inputs: str) -> str:
    """SHA-256 over everything that the outcome depends on; ``inputs`` is the canonical JSON of the inputs."""
    body = f"{kind}\n{ENGINE_VERSION}\n{rulebook_hash}\n{version}\n{digest}\n{inputs}"
    return hashlib.sha256(body.encode()).hexdigest()


def reviewed_fact(rulebook: Rulebook) -> dict[str, Stored]:
    """What a reviewed score is told beyond the figures: that there is a review, where the rulebook asks (``REVIEWED``).

    A rule that holds the bank's own points against the reviewed ones has nothing to compare with before.
    """
    spec = rulebook.facts.get(REVIEWED)
    asked = spec is not None and spec.supplied_by == "system" and spec.kind == "bool"
    return {REVIEWED: {"state": "value", "value": "true"}} if asked else {}


def supplied_facts(rulebook: Rulebook) -> list[str]:
    """The facts that the rulebook expects from the supervisor or the system, in its order."""
    return [fact for fact, spec in rulebook.facts.items() if spec.supplied_by != "bank"]


def supervisor_facts(bank_id: int, round_: Round, rulebook: Rulebook) -> dict[str, Stored]:
    """A bank's facts of the round's year that the rulebook expects from others than the bank, as known now."""
    wanted = supplied_facts(rulebook)
    return from_supervisor(current_facts(bank_id, [round_.period], wanted)[round_.period], rulebook)


def from_supervisor(entries: Mapping[str, FactEntry], rulebook: Rulebook) -> dict[str, Stored]:
    """Of a bank's current facts, those that the rulebook expects from the supervisor or the system."""
    return {
        fact: {"state": entries[fact].state, "value": entries[fact].value}
        for fact in supplied_facts(rulebook)
        if fact in entries
    }


def judged_of(versions: list[int]) -> dict[int, dict[str, str]]:
    """By version, the reviewers' points by indicator, in one query; a version that nobody has reviewed is left out.

    The latest entry counts; one without points agrees with the system.
    """
    latest: dict[int, dict[str, str]] = {}
    rows = sql.fetch(
        "SELECT version_id, indicator, points FROM assessments_reviewentry"
        " WHERE version_id = ANY(%(versions)s::bigint[]) ORDER BY version_id, indicator, revision",
        {"versions": versions},
    )
    for version, indicator, points in rows:
        latest.setdefault(version, {})[indicator] = points
    return {pk: {indicator: points for indicator, points in entry.items() if points} for pk, entry in latest.items()}


def decisions_of(versions: list[int]) -> dict[int, dict[str, Stored]]:
    """By version, what the officer decided of its targets: the latest entry counts. One query."""
    latest: dict[int, dict[str, Stored]] = {}
    rows = sql.fetch(
        "SELECT version_id, target, outcome, reason FROM assessments_targetentry"
        " WHERE version_id = ANY(%(versions)s::bigint[]) ORDER BY version_id, target, revision",
        {"versions": versions},
    )
    for version, target, outcome, reason in rows:
        latest.setdefault(version, {})[target] = {"outcome": outcome, "reason": reason}
    return latest


def target_decisions(inputs: Mapping[str, Any]) -> dict[str, TargetDecision]:
    """The decisions of targets in the inputs of a run, as the engine takes them."""
    found = inputs.get("decisions", {})
    return {target: TargetDecision(item["outcome"], item["reason"]) for target, item in found.items()}


class InputTexts:
    """Canonical JSON of the inputs of many runs, the same text as ``canonical`` of each, out of pieces that repeat."""

    def __init__(self, extra: Mapping[str, Any]) -> None:
        self._tail = "".join(f",{canonical({name: extra[name]})[1:-1]}" for name in sorted(extra))
        self._pieces: dict[tuple[tuple[str, tuple[str, str]], ...], str] = {}

    def pieces(self, facts: Mapping[str, tuple[str, str]]) -> str:
        """The inside of the object of facts; many banks have the same."""
        key = tuple(facts.items())
        found = self._pieces.get(key)
        if found is None:
            stored = {fact: {"state": state, "value": value} for fact, (state, value) in facts.items()}
            found = self._pieces[key] = canonical(stored)[1:-1]
        return found

    def text(self, pieces: str, judged: Mapping[str, str], decisions: Mapping[str, Stored]) -> str:
        """The whole, out of the inside of the facts."""
        decided = f'"decisions":{canonical(decisions)},' if decisions else ""
        return f'{{{decided}"facts":{{{pieces}}},"judged":{canonical(judged) if judged else "{}"}{self._tail}}}'
