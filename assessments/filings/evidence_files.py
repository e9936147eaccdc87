"""Files of evidence against their rows: what a crash or a full disk left behind, and what is missing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.files.storage import Storage
from django.utils import timezone

from assessments.models import Evidence

#: A file younger than this may belong to an upload whose transaction is still open.
GRACE = timedelta(hours=1)


@dataclass(frozen=True)
class EvidenceFiles:
    """Names of files that no row has, and of rows' files that are not there; both within the folder of evidence."""

    orphans: list[str]
    missing: list[str]


def compare_evidence_files(*, now: datetime | None = None) -> EvidenceFiles:
    """Compare the folder with the rows. Withdrawn files have rows: an earlier version may use them."""
    storage: Storage = Evidence._meta.get_field("file").storage
    limit = (now or timezone.now()) - GRACE
    found = set(_walk(storage, ""))  # before the rows: what comes later has its row already
    known = set(Evidence.objects.values_list("file", flat=True))
    orphans = [name for name in found - known if storage.get_modified_time(name) < limit]
    return EvidenceFiles(sorted(orphans), sorted(known - found))


def remove_orphans(names: list[str]) -> int:
    """Remove files that no row has; a name that has got a row since is left. Returns how many were removed."""
    storage: Storage = Evidence._meta.get_field("file").storage
    kept = set(Evidence.objects.filter(file__in=names).values_list("file", flat=True))
    for name in (gone := [name for name in names if name not in kept]):
        storage.delete(name)
    return len(gone)


def _walk(storage: Storage, folder: str) -> Iterator[str]:
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:  # nothing has been uploaded yet
        return
    yield from (f"{folder}{name}" for name in files)
    for name in folders:
        yield from _walk(storage, f"{folder}{name}/")
