"""A meeting on paper: the agenda that is handed out, and the minutes. Always in Chinese, as letters are."""

from collections.abc import Iterator
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from assessments.letters.frame import official, signature
from assessments.meetings.effects import grade_names
from assessments.models import Meeting, MeetingKind, Minutes, PointResult
from scorecard.documents.model import Block, Document, Heading, Paragraph, Table, Terms
from scorecard.words.formats import moment
from scorecard.words.language import in_language

AGENDA, MINUTES = "agenda", "minutes"


def agenda_document(meeting: Meeting) -> Document:
    """The list of points with what is proposed in each case."""
    with override("zh-hans"):
        members = [str(one.member) for one in meeting.members.select_related("member")]
        guests = [str(one) for one in meeting.guests.all()]
        about = [
            (_("Begins"), moment(meeting.starts_at)),
            (_("Place"), meeting.place),
            (_("Chair"), str(meeting.chair)),
            (_("Secretary"), str(meeting.secretary)),
            (_("At the table"), "、".join(members) or "—"),
        ]
        blocks: list[Block] = [Terms([*about, *([(_("Guests"), "、".join(guests))] if guests else [])])]
        blocks.append(Heading(_("Points of the agenda")))
        points = list(meeting.points.select_related("assessment__round__rulebook"))
        if cases := [point for point in points if point.assessment_id]:
            head = (_("No."), _("Bank"), _("Points"), _("Grade by rule"), _("Adjustment"), _("Measures to be proposed"))
            rows = [(str(one.place), one.title, *proposal_words(one.proposal, grade_names(one))) for one in cases]
            blocks.append(Table(head, rows, (0.8, 3, 1.1, 1.6, 1.1, 4), figures=(0, 2, 4)))
        if free := [point for point in points if not point.assessment_id]:
            blocks.append(Terms([(str(one.place), f"{one.title}\n{one.text}".strip()) for one in free]))
        return Document(
            language="zh",
            title=meeting.title,
            subtitle=_("Agenda"),
            at=meeting.starts_at,
            author=str(meeting.secretary),
            blocks=blocks,
            foot=meeting.title,
            pages=pgettext("document", "page {page} of {pages}"),
        )


def proposal_words(proposal: dict[str, Any], names: dict[str, Any]) -> tuple[str, str, str, str]:
    """Points, grade before and after limits, adjustment, measures, in words."""
    before, after = (in_language(names.get(proposal.get(key, ""))) for key in ("before", "grade"))
    grade = after if before == after else f"{before} → {after}"
    measures = pgettext("list", "; ").join(in_language(one) for one in proposal.get("measures", ()))
    return proposal.get("points") or "—", grade or "—", proposal.get("adjustment") or "—", measures or "—"


def minutes_document(minutes: Minutes) -> Document:
    """The minutes as they were frozen when the chair signed."""
    with override("zh-hans"):
        body = minutes.body
        blocks = [*_minutes(body), signature(body, minutes.signed_at)]
        title = _("Minutes of the rating committee") if body["kind"] == MeetingKind.COMMITTEE else _("Minutes")
        return official(title, minutes.number, minutes.signed_at, body, minutes.digest, blocks)


def _minutes(body: dict[str, Any]) -> Iterator[Block]:
    there = [name for name, present in body["members"] if present]
    away = [name for name, present in body["members"] if not present]
    guests = [f"{organisation} {name}" for organisation, name, present in body["guests"] if present]
    rows = [
        (_("Meeting"), body["title"]),
        (_("Begins"), moment(parse_datetime(body["starts_at"]))),
        (_("Place"), body["place"]),
        (_("Chair"), body["chair"]),
        (_("Secretary"), body["secretary"]),
        (_("Present"), "、".join(there) or "—"),
    ]
    rows += [(_("Absent"), "、".join(away))] if away else []
    rows += [(_("Guests present"), "、".join(guests))] if guests else []
    yield Terms(rows)
    if body["course"]:
        yield Heading(_("Course of the meeting"))
        yield Paragraph(body["course"])
    for point in body["points"]:
        yield Heading(f"{point['place']}. {point['title']}")
        yield Terms(list(point_rows(point)))
    if body["follow_ups"]:
        yield Heading(_("Follow-ups"))
        head = (_("What is to be done"), _("Owner"), _("Due day"))
        todo = [(row["text"], row["owner"], row["due_on"]) for row in body["follow_ups"]]
        yield Table(head, todo, (5, 1.6, 1.8))


def point_rows(point: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """One point of the minutes, as terms and what they are."""
    if point["text"]:
        yield _("Explanation"), point["text"]
    if point["case"]:
        points, grade, adjustment, measures = proposal_words(point["proposal"], point["names"])
        words = _("%(points)s points, %(grade)s; adjustment: %(adjustment)s; measures: %(measures)s")
        known = {"points": points, "grade": grade, "adjustment": adjustment, "measures": measures}
        yield _("Proposal"), words % known
    yield _("Result"), str(PointResult(point["result"]).label)
    if point["grade"]:
        yield _("Grade"), in_language(point["names"].get(point["grade"]))
    if point["measures"]:
        yield _("Measures"), point["measures"]
    if point["reason"]:
        yield _("Reason"), point["reason"]
    for name, why in point["dissents"]:
        yield _("Dissent of %(name)s") % {"name": name}, why
