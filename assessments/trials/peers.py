"""What banks share in a trial, the values of the year and of their peers: those of the round, and beside them what the
changed rulebook sets or compares otherwise.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assessments.rounds.parameters.values import parameter_values
from assessments.scoring.bulk.columns import columns_of
from assessments.scoring.bulk.encoded import UNREADABLE
from assessments.scoring.inputs import compares_peers
from assessments.scoring.peers import snapshot_by_hash
from assessments.trials.compared import changed_peers
from assessments.trials.entries import (
    BLOCK,
    Entry,
    check_values,
    encoded_entry,
    entry_input,
    groups,
    parted,
    whole_versions,
)
from scorecard.engine import Rulebook, ScoringInput
from scorecard.engine.exact.peergroup import Snapshot, peer_snapshot


@dataclass(frozen=True)
class Books:
    """Both rulebooks, and what banks share under each. ``tried`` are the values of the year that the changed one sets,
    whatever was set for the round; ``peers`` the values of what only it compares in its way.
    """

    before: Rulebook
    after: Rulebook
    tried: frozenset[str]
    peers: Snapshot

    @classmethod
    def of(cls, entries: Sequence[Entry], before: Rulebook, after: Rulebook, tried: frozenset[str]) -> "Books":
        """Both rulebooks, with the peers' values taken over all these versions where they must be taken again."""
        books = cls(before, after, tried, {})
        keys = changed_peers(before, after, tried)
        return replace(books, peers=peer_snapshot(after, _peer_inputs(entries, books), keys=keys)) if keys else books

    @property
    def apart(self) -> bool:
        """Whether banks are given other values under the changed rulebook, whatever its rules say."""
        return bool(self.peers or self.tried) or self.before.parameters.keys() != self.after.parameters.keys()

    def parameters(self, rulebook: Rulebook, inputs: Mapping[str, Any]) -> dict[str, str]:
        """The values of the year for scores that depend on these inputs; a tried one is in the changed rulebook."""
        given: Mapping[str, str] = inputs.get("parameters") or {}
        tried = frozenset() if rulebook is self.before else self.tried
        return {name: text for name, text in given.items() if name not in tried}

    def snapshot(self, rulebook: Rulebook, inputs: Mapping[str, Any]) -> Snapshot:
        """The peers' values for scores that depend on these inputs: frozen ones, and under the changed rulebook those
        of what it changed. A score that still waits for its peers waits under both.
        """
        digest = inputs.get("peers")
        frozen = snapshot_by_hash(digest) if digest else {}
        if rulebook is self.before or not self.peers or not (digest or not compares_peers(self.before)):
            return frozen
        return {
            group: {**frozen.get(group, {}), **self.peers.get(group, {})}
            for group in dict.fromkeys((*frozen, *self.peers))
        }


def _peer_inputs(entries: Sequence[Entry], books: Books) -> Iterator[ScoringInput]:
    """Every entry as a peer under the changed rulebook, each institution once, as in the round's own job; one that
    cannot be read is none.
    """
    after = books.after
    entries = [entry for entry in entries if not entry.within_head]
    for start in range(0, len(entries), BLOCK):
        for same in groups(entries[start : start + BLOCK]):
            encoded, rest = parted(same, books.before, after)
            parameters = books.parameters(after, same[0].inputs)
            if encoded:
                columns, exact = columns_of([encoded_entry(entry, entry.inputs["judged"]) for entry in encoded], after)
                columns.parameters = parameter_values(after, parameters)
                rest += [encoded[place] for place in exact]
                inexact = set(exact)
                yield from (columns.case(place) for place in range(len(encoded)) if place not in inexact)
            versions = whole_versions(rest)
            for entry in rest:
                try:
                    inputs = entry_input(entry, versions[entry.assessment.pk], after, parameters, {})
                    check_values(after, inputs)
                except UNREADABLE:
                    continue  # reported where it is scored
                yield inputs
