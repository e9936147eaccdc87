#!/usr/bin/env python3
"""Check a complete file (an unpacked archive of Scorecard), offline and without Scorecard.

    python check_archive.py [FOLDER] --keys FILE     (public keys, one a line, as the authority publishes them)

Needs Python 3.11 or later and the package ``cryptography``. Holds every file against manifest.json, and every event of
trail/receipts.jsonl against the signed checkpoint that goes with it; with ``check_receipt.py`` beside it.
"""

from __future__ import annotations

import argparse
import json
import sys
from hashlib import file_digest
from pathlib import Path

from check_receipt import Wrong, check, read_key


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Check a complete file of Scorecard, offline.")
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).resolve().parent)
    parser.add_argument("--keys", type=Path, required=True, help="a file of public keys, one a line")
    given = parser.parse_args()
    folder: Path = given.folder
    wrong = []
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for name, digest in manifest["sha256"].items():
        path = folder / name
        if not path.is_file():
            wrong.append(f"{name} is missing")
            continue
        with path.open("rb") as file:
            if file_digest(file, "sha256").hexdigest() != digest:
                wrong.append(f"{name} is not the file of the manifest")
    keys = [read_key(line) for line in given.keys.read_text(encoding="utf-8").splitlines() if line.strip()]
    events = 0
    with (folder / "trail" / "receipts.jsonl").open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                check(json.loads(line), keys)
                events += 1
            except (Wrong, ValueError, KeyError, TypeError, AttributeError) as error:
                wrong.append(f"event of line {number}: {error}")
    for words in wrong:
        print(f"NOT VALID: {words}.", file=sys.stderr)
    if not wrong:
        print(f"VALID: {len(manifest['sha256'])} files, {events} events in the log.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
