"""Long exports: written by a worker, kept for a day, and read by the person who asked for them alone."""

import uuid
from datetime import timedelta
from pathlib import Path
from typing import IO, Any, cast

from django.conf import settings
from django.http import Http404
from django.test import RequestFactory
from django.urls import resolve
from django.utils import timezone, translation

from scorecard.access.policy import url_policy
from scorecard.jobs.models import Job, JobState
from scorecard.jobs.progress import Progress
from scorecard.jobs.registry import finds_lost_work
from scorecard.tables import SETTINGS_KEY, FilteredListView

KEPT = timedelta(hours=24)


def write_export(job: Job, progress: Progress) -> dict[str, Any]:
    """Write the file that a list's page would have sent, as the person who asked sees that list now."""
    wanted, person = job.params, job.created_by
    found = resolve(wanted["path"])
    rule = url_policy().get(found.view_name)
    if person is None or not person.is_active or rule is None or not rule.admits(person.roles):
        return {"failures": [{}]}
    view = cast(type[FilteredListView], found.func.view_class)()  # type: ignore[attr-defined]
    request = RequestFactory().get(f"{wanted['path']}?{wanted['query']}")
    request.user, request.session = person, {SETTINGS_KEY: wanted["settings"]}  # type: ignore[assignment]
    view.setup(request, *found.args, **found.kwargs)
    settings.EXPORT_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{uuid.uuid4().hex}.{wanted['kind']}"
    with translation.override(wanted["language"]), (settings.EXPORT_DIR / name).open("wb") as target:
        table = view.build_table()
        progress.update(0, len(table.rows))
        view.write_file(target, wanted["kind"], wanted["name"], table)
        progress.update(len(table.rows))
    return {"file": name, "name": f"{wanted['name']}-{timezone.localdate():%Y%m%d}.{wanted['kind']}", "job": job.pk}


def open_export(job: Job, reader: Any) -> tuple[str, IO[bytes]]:
    """The file of a finished export with its name; 404 for everybody but the person who asked, and after a day."""
    name = job.result.get("file")
    late = job.finished_at is None or timezone.now() - job.finished_at > KEPT
    if job.created_by_id != reader.pk or job.state != JobState.DONE or not name or late:
        raise Http404
    try:
        return job.result["name"], (settings.EXPORT_DIR / Path(name).name).open("rb")
    except FileNotFoundError:
        raise Http404 from None


@finds_lost_work
def remove_old_exports() -> int:
    """Remove files whose day is over; each sweep asks for it. It asks for no work."""
    folder: Path = settings.EXPORT_DIR
    limit = (timezone.now() - KEPT).timestamp()
    for file in folder.iterdir() if folder.is_dir() else ():
        if file.stat().st_mtime < limit:
            file.unlink(missing_ok=True)
    return 0
