"""What is handed to a supervisor is a marked copy with its digest in the trail; the bank's file stays as it is."""

import hashlib
import json
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from assessments.filings.evidence import open_evidence
from assessments.models import Evidence
from assessments.tests.filings.test_drafts import XLSX, add, media, world
from assessments.tests.filings.world import World, person, signed_with
from banks.models import User
from scorecard.audit.models import Event
from scorecard.documents.tests.test_marking import made, png

__all__ = ["media", "world"]
pytestmark = pytest.mark.django_db


def get(who: User, row: Evidence, query: str = "") -> tuple[Any, bytes]:
    client = Client()
    client.force_login(who)
    client.cookies["django_language"] = "zh-hans"
    response = client.get(reverse("evidence-download", args=[row.pk]) + query)
    return response, b"".join(response.streaming_content)  # type: ignore[attr-defined]


def said() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Event.objects.filter(event="assessments.evidence.read").latest("seq").data)
    return found


@pytest.mark.parametrize("role", ["case_officer", "auditor"])
def test_a_supervisor_gets_a_copy_with_name_time_and_case(world: World, media: Any, role: str) -> None:
    row = add(world, "授权书.pdf", content := made(2))
    signed_with(world, row.pk)
    reader = person("看卷人", None, role)
    response, copy = get(reader, row)
    assert response["Content-Type"] == "application/pdf"
    assert "%E5%8A%A0%E5%8D%B0%E5%89%AF%E6%9C%AC" in response["Content-Disposition"], "加印副本"
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(copy)).pages)
    for word in ("看卷人", world.bank.name_zh, "2017 年度评价", f"A1 #{row.pk}", "Page number 1"):
        assert word.replace(" ", "") in "".join(text.split())
    assert said()["marked"] is True
    assert said()["copy_sha256"] == hashlib.sha256(copy).hexdigest() != row.sha256
    assert said()["sha256"] == row.sha256
    row.refresh_from_db()
    assert (media / row.file.name).read_bytes() == content
    assert hashlib.sha256(content).hexdigest() == row.sha256


def test_the_bank_gets_its_own_file(world: World, media: Any) -> None:
    row = add(world, "授权书.pdf", content := made(1))
    response, same = get(world.preparer, row)
    assert same == content
    assert "%E5%89%AF%E6%9C%AC" not in response["Content-Disposition"]
    assert "marked" not in said()


def test_a_picture_comes_as_a_page_and_is_shown_in_the_frame(world: World, media: Any) -> None:
    row = add(world, "a.png", png(40, 30))
    signed_with(world, row.pk)
    response, copy = get(world.officer, row, "?view=1")
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("inline")
    assert "script-src 'none'" in response["Content-Security-Policy"]
    assert len(PdfReader(BytesIO(copy)).pages) == 1
    own, content = get(world.preparer, row, "?view=1")
    assert own["Content-Type"] == "image/png"
    assert content == png(40, 30)


def test_what_can_carry_no_mark_is_given_as_it_is_and_the_trail_says_so(world: World, media: Any) -> None:
    row = add(world, "a.xlsx", XLSX)
    signed_with(world, row.pk)
    response, same = get(world.officer, row)
    assert same == XLSX
    assert 'filename="a.xlsx"' in response["Content-Disposition"]
    assert said()["marked"] is False
    assert "copy_sha256" not in said()


def test_pages_for_supervisors_say_which_copy_is_which(world: World, media: Any) -> None:
    row = add(world, "a.pdf", made(1))
    signed_with(world, row.pk)
    for who, expected in ((world.officer, True), (world.preparer, False)):
        client = Client()
        client.force_login(who)
        client.cookies["django_language"] = "zh-hans"
        text = client.get(reverse("evidence-view", args=[row.pk])).content.decode()
        assert ("提供给您的是副本" in text) is expected


def test_two_readings_are_two_copies(world: World, media: Any) -> None:
    row = add(world, "a.pdf", made(1))
    signed_with(world, row.pk)
    other = person("officer-2", None, "case_officer")
    copies = [open_evidence(actor=who, evidence_id=row.pk).stream.read() for who in (world.officer, other)]
    assert copies[0] != copies[1]
