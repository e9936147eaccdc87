"""A PDF or a picture inside a page of ours, for those who may read it, under the strict policy of content."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessments.models import Evidence
from assessments.tests.filings.test_drafts import PDF, add, media, world
from assessments.tests.filings.world import World, build, signed_with
from banks.models import User
from scorecard.audit.models import Event

__all__ = ["media", "world"]
pytestmark = pytest.mark.django_db


def get(who: User, name: str, pk: int, query: str = "") -> Any:
    client = Client()
    client.force_login(who)
    return client.get(reverse(name, args=[pk]) + query)


def test_the_page_frames_the_file_and_only_the_frame_reads_it(world: World, media: Any) -> None:
    row = add(world, "a.pdf", PDF)
    before = Event.objects.count()
    page = get(world.reviewer, "evidence-view", row.pk)
    assert page.status_code == 200
    text = page.content.decode()
    address = reverse("evidence-download", args=[row.pk])
    assert f'src="{address}?view=1"' in text
    assert row.sha256 in text
    assert Event.objects.filter(event="assessments.evidence.read").count() == 0
    policy = page["Content-Security-Policy"]
    assert "frame-src 'self'" in policy
    assert "object-src 'none'" in policy
    assert "unsafe" not in policy
    framed = get(world.reviewer, "evidence-download", row.pk, "?view=1")
    assert framed["Content-Type"] == "application/pdf"
    assert "script-src 'none'" in framed["Content-Security-Policy"]
    assert framed["X-Frame-Options"] == "SAMEORIGIN"
    assert Event.objects.filter(event="assessments.evidence.read").count() == 1
    assert Event.objects.count() > before


def test_what_no_browser_shows_has_no_such_page_and_no_link(world: World, media: Any) -> None:
    row = add(world, "a.pdf", PDF)
    other = Evidence.objects.create(
        assessment=world.assessment,
        indicator="A1",
        name="b.zip",
        size=1,
        sha256="0" * 64,
        content_type="application/zip",
        uploaded_by=world.preparer,
        file="x",
    )
    assert get(world.preparer, "evidence-view", other.pk).status_code == 404
    client = Client()
    client.force_login(world.preparer)
    text = client.get(reverse("filing-section", args=[world.assessment.pk, "A"])).content.decode()
    assert reverse("evidence-view", args=[row.pk]) in text
    assert reverse("evidence-view", args=[other.pk]) not in text


def test_who_may_not_read_the_file_sees_no_page_of_it(world: World, media: Any) -> None:
    row = add(world, "a.pdf", PDF)
    assert get(build("B002").preparer, "evidence-view", row.pk).status_code == 404
    assert get(world.officer, "evidence-view", row.pk).status_code == 404, "what stands in a draft is the bank's own"
    signed_with(world, row.pk)
    assert get(world.officer, "evidence-view", row.pk).status_code == 200
    assert get(world.officer, "evidence-view", 10**6).status_code == 404
