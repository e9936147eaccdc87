"""A long list is exported by a worker: asked for with its event, read by who asked, for a day."""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from banks.models import User
from banks.tests.factories import make_person
from scorecard.access.roles import Role
from scorecard.audit.models import Event
from scorecard.jobs import services as jobs
from scorecard.jobs.models import Job
from scorecard.tables import WAITED_ROWS, FilteredListView
from scorecard.ui.export_files import KEPT, remove_old_exports

pytestmark = pytest.mark.django_db
ROWS = 5_000


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.EXPORT_DIR = tmp_path / "exports"
    return settings.EXPORT_DIR


def at(person: User, settings: Any) -> Client:
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def test_five_thousand_rows_are_a_job_whose_file_only_its_asker_reads(folder: Path, settings: Any) -> None:
    asker, other = make_person(Role.ADMINISTRATOR), make_person(Role.ADMINISTRATOR)
    User.objects.bulk_create([User(username=f"u{n}", name=f"人{n}") for n in range(ROWS)])
    client = at(asker, settings)
    url = reverse("person-list") + "?q=u&sort=-username&_export="
    before = Event.objects.count()
    answer = client.get(url + "csv")
    job = Job.objects.get(kind="ui.export")
    assert answer.status_code == 302 and answer["Location"] == reverse("job-detail", args=[job.pk])
    assert Event.objects.count() == before + 1  # what was asked for is recorded at once, with the job
    assert client.get(url + "csv")["Location"] == answer["Location"] and Job.objects.count() == 1
    file = reverse("job-file", args=[job.pk])
    assert client.get(file).status_code == 404  # it is not there yet
    assert jobs.run(job.pk) == "done"
    assert file in client.get(reverse("job-detail", args=[job.pk])).content.decode()
    got = client.get(file)
    rows = list(csv.reader(io.StringIO(b"".join(got.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
    assert len(rows) == User.objects.filter(username__contains="u").count() + 1 > ROWS
    assert rows[0][1] == "用户名" and [row[1] for row in rows[1:]] == sorted((row[1] for row in rows[1:]), reverse=True)
    assert at(other, settings).get(file).status_code == 404
    Job.objects.update(finished_at=timezone.now() - KEPT - timedelta(minutes=1))
    assert client.get(file).status_code == 404


def test_a_file_is_removed_after_its_day(folder: Path) -> None:
    import os

    folder.mkdir()
    for name, age in (("old.csv", KEPT + timedelta(hours=1)), ("new.csv", timedelta(hours=1))):
        (folder / name).write_text("x", encoding="utf-8")
        stamp = (timezone.now() - age).timestamp()
        os.utime(folder / name, (stamp, stamp))
    remove_old_exports()
    assert [file.name for file in folder.iterdir()] == ["new.csv"]


def test_who_lost_the_right_meanwhile_gets_no_file(folder: Path, settings: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("scorecard.tables.FilteredListView.waited_rows", 0)
    asker = make_person(Role.ADMINISTRATOR)
    at(asker, settings).get(reverse("person-list") + "?_export=xlsx")
    job = Job.objects.get(kind="ui.export")
    asker.grants.update(role=Role.CASE_OFFICER)
    assert jobs.run(job.pk) == "done"
    assert not folder.exists() and at(asker, settings).get(reverse("job-file", args=[job.pk])).status_code == 404


def lists(patterns: Any) -> Iterator[Any]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from lists(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            view = getattr(pattern.callback, "view_class", None)
            if view is not None and issubclass(view, FilteredListView):
                yield view


def test_every_list_can_be_asked_for_later() -> None:
    """The worker builds the list from its view alone, so none may do the work of a list elsewhere."""
    found = list(lists(get_resolver().url_patterns))
    assert len(found) > 7 and WAITED_ROWS < ROWS
    assert [view.__name__ for view in found if view.export_later is not FilteredListView.export_later] == []
    assert [view.__name__ for view in found if view.build_table is not FilteredListView.build_table] == []
