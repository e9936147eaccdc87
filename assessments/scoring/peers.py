"""Freezing the peers' values of a round, and reading them back. Only rulebooks that compare peers have any."""

import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from assessments.models import PeerSnapshot, Round
from scorecard.audit.services import canonical
from scorecard.engine import Rulebook, ScoringInput
from scorecard.engine.exact.peergroup import Snapshot, peer_snapshot
from scorecard.engine.values.numbers import exact
from scorecard.engine.values.rational import Fraction
from scorecard.jobs.models import Job


def freeze_peers(
    *, round_: Round, rulebook: Rulebook, inputs: Iterable[ScoringInput], job: Job | None = None
) -> PeerSnapshot:
    """Keep the peers' values over these inputs; made once per job, whatever runs twice."""
    if job is not None and (made := PeerSnapshot.objects.filter(round=round_, job=job).first()) is not None:
        return made
    content = {
        group: {key: [str(exact(value)) for value in values] for key, values in figures.items()}
        for group, figures in peer_snapshot(rulebook, inputs).items()
    }
    digest = hashlib.sha256(canonical(content).encode()).hexdigest()
    return PeerSnapshot.objects.create(round=round_, job=job, hash=digest, content=content)


def newest_snapshot(round_: Round) -> PeerSnapshot | None:
    """The peers' values that a run made now compares with; None before the round was first scored as a whole."""
    return PeerSnapshot.objects.filter(round=round_).order_by("-pk").first()


def read_snapshot(content: Mapping[str, Any]) -> Snapshot:
    """Stored values as the engine takes them."""
    return {
        group: {key: tuple(Fraction(text) for text in values) for key, values in figures.items()}
        for group, figures in content.items()
    }


@lru_cache(maxsize=16)
def snapshot_by_hash(digest: str) -> Snapshot:
    """The values that a run names among its inputs; the hash is that of the content, so nothing kept here expires."""
    row = PeerSnapshot.objects.filter(hash=digest).order_by("pk").first()
    if row is None:
        raise PeerSnapshot.DoesNotExist(f"There are no peers' values {digest}.")
    return read_snapshot(row.content)
