"""What banks are compared with in a trial: the peers' values that are frozen for the round, and beside them those of
what the changed rulebook compares otherwise, taken over the same versions.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assessments.cases import parameter_values
from scorecard.engine import Case, Rulebook
from scorecard.engine.peergroup import Snapshot, changed_peers, peer_snapshot

from .packed import UNREADABLE
from .peers import snapshot_by_hash
from .run_inputs import compares_peers
from .shards import columns_of
from .trial_entries import BLOCK, Entry, check_values, entry_case, groups, packed_entry, parted, whole_versions


@dataclass(frozen=True)
class Books:
    """Both rulebooks, and the peers' values of what only the changed one compares in its way."""

    before: Rulebook
    after: Rulebook
    changed: Snapshot

    def snapshot(self, rulebook: Rulebook, inputs: Mapping[str, Any]) -> Snapshot:
        """The peers' values for scores that rest on these inputs: the frozen ones, and under the changed rulebook those
        of what it changed. A score that still waits for its peers waits under both.
        """
        digest = inputs.get("peers")
        frozen = snapshot_by_hash(digest) if digest else {}
        if rulebook is self.before or not self.changed or not (digest or not compares_peers(self.before)):
            return frozen
        return {
            group: {**frozen.get(group, {}), **self.changed.get(group, {})}
            for group in dict.fromkeys((*frozen, *self.changed))
        }


def changed_values(entries: Sequence[Entry], before: Rulebook, after: Rulebook) -> Snapshot:
    """The values, over all versions in hand, of what only the changed rulebook compares with peers in this way."""
    keys = changed_peers(before, after)
    return peer_snapshot(after, _peer_cases(entries, before, after), keys=keys) if keys else {}


def _peer_cases(entries: Sequence[Entry], before: Rulebook, after: Rulebook) -> Iterator[Case]:
    """Every entry as a peer, by its figures alone as in the round's own job; one that cannot be read is none."""
    for start in range(0, len(entries), BLOCK):
        for same in groups(entries[start : start + BLOCK]):
            packed, rest = parted(same, before, after)
            if packed:
                columns, exact = columns_of([packed_entry(entry, {}) for entry in packed], after)
                columns.parameters = parameter_values(after, packed[0].inputs.get("parameters") or {})
                rest += [packed[place] for place in exact]
                inexact = set(exact)
                yield from (columns.case(place) for place in range(len(packed)) if place not in inexact)
            versions = whole_versions(rest)
            for entry in rest:
                try:
                    case = replace(entry_case(entry, versions[entry.assessment.pk], after, None), judged={})
                    check_values(after, case)
                except UNREADABLE:
                    continue  # reported where it is scored
                yield case
