"""Receipts: an event with the proof that it stands in the log, for somebody who need not believe us.

``scripts/check_receipt.py`` checks one with the log's public key alone; the format is in ``docs/trail.md``.
"""

import base64
import json
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from scorecard.access.decisions import Refused
from scorecard.access.row_security import unbound

from .checkpoints import NotSigned, last_checkpoint, make_checkpoint, nodes
from .leaves import leaf_bytes, rows_after
from .notes import Checkpoint
from .protection import all_protected
from .seals import row_digest, row_text

FORMAT = "scorecard-receipt/1"


@unbound()  # the proof leads through the events of others
def receipt(seq: int, shown: Collection[str] = ()) -> dict[str, Any]:
    """The receipt of an event: its bytes, the newest checkpoint, and the proof that the one is in the other.

    ``shown`` names the models whose sealed rows go with it, where they are still what the event sealed. Raises
    ``Refused`` where no checkpoint covers the event.
    """
    try:
        known = make_checkpoint() or last_checkpoint()
    except NotSigned as error:
        words = _("The trail does not go on from its last checkpoint, so no receipt is given. Tell the auditor.")
        raise Refused([words]) from error
    if known is None or known.size < seq or not (made := list(_proved([seq], known, shown))):
        raise Refused([_("No checkpoint of the trail covers this step yet; try again in a minute.")])
    return made[0]


def receipts(numbers: Iterable[int]) -> Iterator[dict[str, Any]]:
    """The receipts of many events under one checkpoint, without their documents; those that it does not cover are left
    out, and all are where there is none."""
    try:
        known = make_checkpoint() or last_checkpoint()
    except NotSigned as error:
        words = _("The trail does not go on from its last checkpoint, so no receipt is given. Tell the auditor.")
        raise Refused([words]) from error
    if known is not None:
        yield from _proved(numbers, known, ())


def _proved(numbers: Iterable[int], known: Checkpoint, shown: Collection[str]) -> Iterator[dict[str, Any]]:
    tree = nodes(known.size)
    for seq in numbers:
        row = next(iter(rows_after(seq - 1, seq)), None) if seq <= known.size else None
        if row is not None:
            yield _one(seq, row, known, tree.inclusion(seq - 1), shown)


def _one(seq: int, row: Any, known: Checkpoint, proof: list[bytes], shown: Collection[str]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "event": leaf_bytes(row).decode(),
        "index": seq - 1,
        "size": known.size,
        "proof": [base64.b64encode(part).decode() for part in proof],
        "checkpoint": known.note(),
        "documents": list(_documents(json.loads(row[-2] or "{}"), shown)),
    }


def _documents(seals: dict[str, dict[str, str | None]], shown: Collection[str]) -> Any:
    """The rows that the event seals, as the very text whose digest stands in it."""
    for label in sorted(seals.keys() & set(shown)):
        one = all_protected()[label]
        for key, digest in seals[label].items():
            if not key.isdigit():
                continue
            row = one.model._base_manager.filter(pk=int(key)).values_list("pk", *one.sealed).first()
            if row is not None and row_digest(one, row) == digest:
                yield {"kind": label, "id": key, "text": row_text(one, row)}
