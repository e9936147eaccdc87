"""Writing the archive: rows, files, pages, the events with their proofs, and the list of it all."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.utils import timezone

from assessments.archives.contents import Scope, given, people, people_of, plain_row
from assessments.archives.pages import case_page, index_page
from assessments.models import Evidence
from scorecard.audit.receipts import receipts
from scorecard.exports import neutral

SCRIPTS = ("check_receipt.py", "check_archive.py")


class Archive:
    """A ZIP that knows the SHA-256 of everything that it holds."""

    def __init__(self, target: IO[bytes]) -> None:
        self.zip = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED)
        self.digests: dict[str, str] = {}

    def put(self, name: str, chunks: Iterable[bytes]) -> None:
        """Write one file."""
        digest = sha256()
        with self.zip.open(name, "w", force_zip64=True) as file:
            for chunk in chunks:
                digest.update(chunk)
                file.write(chunk)
        self.digests[name] = digest.hexdigest()

    def text(self, name: str, text: str) -> None:
        """Write one text."""
        self.put(name, [text.encode()])


def write_archive(
    target: IO[bytes], scope: Scope, title: str, language: str, progress: Callable[[int], None]
) -> dict[str, int]:
    """Write the complete file of a scope; returns how many cases, rows, files and events it has."""
    archive = Archive(target)
    counts: dict[str, int] = {}
    named: set[int] = set()
    for rows in scope.tables():
        name = rows.model._meta.label_lower
        counts[f"data/{name}.json"] = _table(archive, name, rows, named)
        progress(sum(counts.values()))
    archive.text("data/people.json", json.dumps(people(named), ensure_ascii=False, indent=1))
    cases, files = [], 0
    for case in scope.cases().select_related("bank", "round").iterator(chunk_size=200):
        evidence = list(_evidence(archive, case.pk))
        files += len(evidence)
        name = f"cases/{case.round.code}-{case.bank.code}.html"
        archive.text(name, case_page(case, evidence, language))
        cases.append((name, case))
    counts["trail/receipts.jsonl"] = _events(archive, scope)
    archive.text("index.html", index_page(title, cases, counts, language))
    listed = Path(settings.AUDIT_KEYS_FILE)
    if listed.exists():
        archive.text("trail/keys-as-the-office-had-them.txt", listed.read_text(encoding="utf-8"))
    for script in SCRIPTS:
        archive.text(script, (settings.BASE_DIR / "scripts" / script).read_text(encoding="utf-8"))
    manifest = {
        "format": "scorecard-archive/1",
        "title": title,
        "made_at": timezone.now().isoformat(),
        "counts": counts,
        "sha256": archive.digests,
    }
    archive.zip.writestr("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1))
    archive.zip.close()
    events = counts["trail/receipts.jsonl"]
    return {"cases": len(cases), "files": files, "events": events, "rows": sum(counts.values()) - events}


def _table(archive: Archive, name: str, rows: Any, named: set[int]) -> int:
    """One table as JSON and as CSV."""
    fields = [field.attname for field in rows.model._meta.concrete_fields]
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(fields)
    count = 0

    def lines() -> Iterable[bytes]:
        nonlocal count
        yield b"["
        for row in rows.iterator(chunk_size=500):
            plain = plain_row(row)
            named.update(people_of(row))
            writer.writerow([neutral(_cell(plain[field])) for field in fields])
            yield (b",\n" if count else b"\n") + json.dumps(plain, ensure_ascii=False).encode()
            count += 1
        yield b"\n]\n"

    archive.put(f"data/{name}.json", lines())
    archive.put(f"data/{name}.csv", ["\ufeff".encode(), sheet.getvalue().encode()])
    return count


def _cell(value: Any) -> Any:
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else value


def _evidence(archive: Archive, case: int) -> Iterable[tuple[str, Evidence]]:
    """The files of a case. One that is missing on the disk or not found free of malware is left out; its row still says
    its digest.
    """
    for row in given(Evidence).filter(assessment=case).select_related("scan").order_by("pk"):
        name = f"evidence/{row.pk}-{Path(row.name).name}"
        if row.held:
            continue
        try:
            with row.file.open("rb") as file:
                archive.put(name, file.chunks())
        except OSError:
            continue
        yield name, row


def _events(archive: Archive, scope: Scope) -> int:
    count = 0

    def lines() -> Iterable[bytes]:
        nonlocal count
        for made in receipts(scope.events()):
            yield json.dumps(made, ensure_ascii=False).encode() + b"\n"
            count += 1

    archive.put("trail/receipts.jsonl", lines())
    return count
