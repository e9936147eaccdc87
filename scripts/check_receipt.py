#!/usr/bin/env python3
"""Check a receipt of Scorecard's audit trail, offline and without Scorecard.

    python check_receipt.py RECEIPT.json --key 'scorecard+1a2b3c4d+AbCd…'
    python check_receipt.py RECEIPT.json --keys FILE          (public keys, one a line)

Needs Python 3.9 or later and the package ``cryptography``; the public key is the one that the authority publishes.
Says what the receipt proves and exits with 0, or says what is wrong with it and exits with 1.

The event's bytes hash to a leaf (RFC 9162: SHA-256 of 0x00 and the bytes); the proof leads from the leaf to a root
(SHA-256 of 0x01, left, right); the root stands in a checkpoint (C2SP signed note) that the key has signed. Documents
are rows that were signed: the SHA-256 of each one's text stands in the event.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Key = tuple[str, bytes, Ed25519PublicKey]
FIELDS = {"format", "event", "index", "size", "proof", "checkpoint", "documents"}


class Wrong(Exception):
    """The receipt does not prove what it says."""


def read_key(text: str) -> Key:
    """A public key ``name+id+key`` as (name, id, key)."""
    try:
        name, key_id, encoded = text.strip().split("+", 2)
        raw = base64.b64decode(encoded, validate=True)
    except ValueError as error:
        raise Wrong("the public key has not the form name+id+key") from error
    found = sha256(name.encode() + b"\n" + raw).digest()[:4]
    if raw[:1] != b"\1" or len(raw) != 33 or found.hex() != key_id:
        raise Wrong("the public key is no Ed25519 key, or its id is not its own")
    return name, found, Ed25519PublicKey.from_public_bytes(raw[1:])


def root_of(leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes:
    """The root that a leaf and its inclusion proof give (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        raise Wrong("the event's place lies outside the tree")
    place, last, found = index, size - 1, leaf
    for part in proof:
        if last == 0:
            raise Wrong("the proof is too long")
        if place & 1 or place == last:
            found = sha256(b"\1" + part + found).digest()
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = sha256(b"\1" + found + part).digest()
        place, last = place >> 1, last >> 1
    if last:
        raise Wrong("the proof is too short")
    return found


def check_note(note: str, keys: list[Key]) -> tuple[int, bytes, str, list[str]]:
    """The size and the root of a checkpoint, its time, and who has signed it."""
    match = re.fullmatch(r"((?:[^\n]+\n){3,})\n((?:— [^\s+]+ [A-Za-z0-9+/=]+\n)+)", note)
    if match is None:
        raise Wrong("the checkpoint is no signed note")
    text, signatures = match.groups()
    origin, size, root, *rest = text.splitlines()
    signed = []
    for line in signatures.splitlines():
        _dash, name, encoded = line.split(" ", 2)
        raw = base64.b64decode(encoded)
        for known, key_id, key in keys:
            if (known, key_id) == (name, raw[:4]):
                try:
                    key.verify(raw[4:], text.encode())
                except InvalidSignature as error:
                    raise Wrong(f"the signature of {name} is not valid") from error
                signed.append(name)
    if origin not in signed:
        raise Wrong(f"no known key of {origin} has signed the checkpoint")
    at = next((line[5:] for line in rest if line.startswith("time ")), "an unknown time")
    return int(size), base64.b64decode(root, validate=True), at, signed


def check(receipt: dict[str, Any], keys: list[Key]) -> tuple[dict[str, Any], str, list[str], list[str]]:
    """The event, when its checkpoint was signed and by whom, and the kinds of its documents. Raises ``Wrong``."""
    if set(receipt) != FIELDS or receipt["format"] != "scorecard-receipt/1":
        raise Wrong("this is no receipt of the form that this script reads")
    data = receipt["event"].encode()
    size, root, at, signed = check_note(receipt["checkpoint"], keys)
    proof = [base64.b64decode(part, validate=True) for part in receipt["proof"]]
    if size != receipt["size"]:
        raise Wrong("the checkpoint is of another size than the receipt says")
    if root_of(sha256(b"\0" + data).digest(), receipt["index"], size, proof) != root:
        raise Wrong("the event is not in the log that the checkpoint was signed of")
    event = json.loads(data)
    if event["seq"] != receipt["index"] + 1:
        raise Wrong("the event has another number than its place in the log")
    seals = json.loads(event.get("seals", "{}"))
    for document in receipt["documents"]:
        digest = seals.get(document["kind"], {}).get(document["id"])
        values = json.loads(document["text"])
        same = sha256(document["text"].encode()).hexdigest() == digest and str(values["id"]) == document["id"]
        if not same or set(document) != {"kind", "id", "text"}:
            raise Wrong(f"the document {document['kind']} {document['id']} is not the one of the event")
    return event, at, signed, [f"{one['kind']} {one['id']}" for one in receipt["documents"]]


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Check a receipt of Scorecard's audit trail, offline.")
    parser.add_argument("receipt", type=Path)
    parser.add_argument("--key", action="append", default=[], help="a public key; may be repeated")
    parser.add_argument("--keys", type=Path, help="a file of public keys, one a line")
    given = parser.parse_args()
    try:
        lines = list(given.key)
        if given.keys:
            lines += [line for line in given.keys.read_text(encoding="utf-8").splitlines() if line.strip()]
        if not lines:
            parser.error("give the authority's public key: --key or --keys")
        keys = [read_key(line) for line in lines]
        event, at, signed, documents = check(json.loads(given.receipt.read_text(encoding="utf-8")), keys)
    except Wrong as error:
        print(f"NOT VALID: {error}.", file=sys.stderr)
        return 1
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        print(f"NOT VALID: the receipt cannot be read ({type(error).__name__}: {error}).", file=sys.stderr)
        return 1
    print(f"VALID: event {event['seq']}, {event['event']}, recorded {event['at']}")
    print(f"  by      {event['actor_name'] or 'the system'} ({event['roles'] or '-'})")
    print(f"  about   {' '.join(event['object'])}")
    print(f"  details {event['data']}")
    print(f"  in the log when its checkpoint was signed, {at}, by {', '.join(signed)}")
    for document in documents:
        print(f"  with    {document}, as it was sealed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
