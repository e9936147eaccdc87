"""Agenda and minutes on paper: text and tags are held against files."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from assessments.meetings.paper import agenda_document, minutes_document
from assessments.meetings.steps import Guest, Record, Said, ToDo
from assessments.models import Meeting, MeetingKind, Minutes
from assessments.tests.meetings.world import Meetings, build
from scorecard.documents.model import Document
from scorecard.documents.tests.paper import same_as_golden, tags, text
from scorecard.documents.typesetting import to_pdf

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).with_name("golden")
AT = datetime(2018, 5, 2, 1, 30, tzinfo=UTC)


@pytest.fixture
def meetings(settings: Any) -> Meetings:
    settings.SITE_URL, settings.AUTHORITY_NAME = "https://pj.example.gov.cn", "演示监管局"
    settings.LETTER_COPIES = "演示市财政局"
    return build()


def on_paper(document: Document) -> str:
    content = to_pdf(document)
    return text(content) + "--- tags ---\n" + "\n".join(tags(content)) + "\n"


def of_committee(meetings: Meetings) -> Meeting:
    """Three cases, each with another result and one with a dissent, and a point in free words."""
    cases = [meetings.world.for_decision(code) for code in ("M001", "M002", "M003")]
    meeting = meetings.called(*cases)
    meeting = meetings.take("open", meeting)
    world = meetings.world
    record = Record(
        chair=meetings.chair,
        members=[meetings.chair.pk, world.officer.pk],
        points={
            1: Said("agree", dissents=[(world.officer, "口径与上年不同。")]),
            2: Said("other", grade="fail", measures="另行约谈。", reason="整改不力。"),
            3: Said("put_off", reason="材料待核实。"),
            4: Said("noted", reason="已通报。"),
        },
        course="各委员逐项发言。",
        follow_ups=[ToDo("核实材料 #1 $x$", world.officer, timezone.localdate(), 3)],
    )
    return meetings.take("sign", meetings.take("write", meeting, told=record), meetings.chair)


def fixed(minutes: Minutes) -> Minutes:
    """The minutes with what differs from run to run fixed."""
    body = minutes.body
    minutes.signed_at, body["starts_at"] = AT, AT.isoformat()
    for row in body["follow_ups"]:
        row["due_on"] = "2018-06-01"
    minutes.number, minutes.digest = "普惠评会〔2018〕1号", "0123456789abcdef" * 4
    return minutes


def test_the_agenda_is_the_golden_one(meetings: Meetings) -> None:
    meeting = of_committee(meetings)
    meeting.starts_at = AT
    same_as_golden(on_paper(agenda_document(meeting)), GOLDEN / "agenda.txt")


def test_the_minutes_are_the_golden_ones(meetings: Meetings) -> None:
    same_as_golden(on_paper(minutes_document(fixed(of_committee(meetings).minutes))), GOLDEN / "minutes.txt")


def test_the_minutes_with_guests_are_the_golden_ones(meetings: Meetings) -> None:
    meeting = meetings.regular(Guest("演示市金融办", "王处长"))
    assert meeting.kind == MeetingKind.REGULAR
    minutes = fixed(meeting.minutes)
    minutes.number = "普惠例会〔2018〕1号"
    same_as_golden(on_paper(minutes_document(minutes)), GOLDEN / "minutes-regular.txt")
