"""Canonical text, its hash, and what differs between two stored runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

MOST = 40  # differences that are printed
APART = {"partial", "filings", "about"}  # what is said of a run itself


def canonical(data: Any) -> str:
    """The canonical JSON text: sorted keys, no spaces, letters as they are. There is no float in it."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_refuse)


def _refuse(value: Any) -> Any:
    raise TypeError(f"{value!r} has no canonical form")


def digest(*parts: Any) -> str:
    """The first half of the SHA-256 of the canonical texts, each on a line of its own."""
    return digest_lines(canonical(part) for part in parts)


def digest_lines(lines: Iterable[str]) -> str:
    """The same of texts that are canonical already."""
    found = hashlib.sha256()
    for line in lines:
        found.update(line.encode())
        found.update(b"\n")
    return found.hexdigest()[:32]


def write(path: Path, data: Any) -> None:
    """Store a run, one value a line, so that a later difference reads well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, ensure_ascii=False, sort_keys=True, indent=0) + "\n", encoding="utf-8")


def read(path: Path) -> Any:
    """A stored run."""
    return json.loads(path.read_text(encoding="utf-8"))


def differences(stored: Any, found: Any, at: str = "", partial: bool = False) -> Iterator[str]:
    """Say where two runs differ. Of a partial run what both have is compared."""
    if isinstance(stored, dict) and isinstance(found, dict):
        partial = partial or bool(stored.get("partial") or found.get("partial"))
        for key in sorted({*stored, *found} - APART):
            if key in stored and key in found:
                yield from differences(stored[key], found[key], f"{at}/{key}", partial)
            elif not partial:
                yield f"{at}/{key}: only in the {'later' if key in found else 'earlier'} run"
    elif isinstance(stored, list) and isinstance(found, list):
        if len(stored) != len(found):
            yield f"{at}: {len(stored)} entries, now {len(found)}"
        for place, (a, b) in enumerate(zip(stored, found, strict=False)):
            yield from differences(a, b, f"{at}/{place}", partial)
    elif stored != found:
        yield f"{at}: {short(stored)} -> {short(found)}"


def short(value: Any) -> str:
    """A value on one line."""
    text = canonical(value)
    return text if len(text) < 300 else f"{text[:300]}…"


def report(stored: Any, found: Any) -> int:
    """Print what differs; 1 when something does."""
    lines = list(differences(stored, found))
    for line in lines[:MOST]:
        print(line)
    if len(lines) > MOST:
        print(f"… and {len(lines) - MOST} more")
    print(f"{len(lines)} difference(s)" if lines else "No difference.")
    return bool(lines)


def show(earlier: Path, later: Path) -> int:
    """Print what differs between two stored runs; with details kept beside them, filing by filing and value by
    value.
    """
    code = report(read(earlier), read(later))
    before, after = earlier.with_suffix(".details"), later.with_suffix(".details")
    if not (before.is_dir() and after.is_dir()):
        print("Details are not kept beside both files: run both with --details to see filings and values.")
        return code
    for one in sorted(before.glob("*.jsonl")):
        other = after / one.name
        if not other.exists() or one.read_bytes() == other.read_bytes():
            continue
        with one.open(encoding="utf-8") as lines, other.open(encoding="utf-8") as others:
            for a, b in zip(lines, others, strict=False):
                if a != b:
                    _show_filing(one.stem, json.loads(a), json.loads(b))
    return code


def _show_filing(name: str, before: Any, after: Any) -> None:
    print(f"\n{name}, filing {before['filing']}: {short(before['case'])}")
    for line in list(differences(before["result"], after["result"]))[:MOST]:
        print(f"  {line}")
