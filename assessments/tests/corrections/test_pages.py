"""The pages of an objection and of a correction, as the people on both sides go through them."""

import html
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from assessments.models import Assessment, Notice, Objection, ObjectionLetter
from assessments.reviews import queue
from assessments.tests.reviews.client import post, seal, signed_in, text
from assessments.tests.reviews.world import PASSWORD
from scorecard.audit.models import Event

from .world import GROUND, Corrections, build

pytestmark = pytest.mark.django_db
ANSWER = "MARKANSWER"


@pytest.fixture
def case() -> Corrections:
    return build()


def draft_form(**more: str) -> dict[str, str]:
    return {"statement": "请复核。", "revision": "0", "new_subject": GROUND, "new_text": "材料已报送。"} | more


def test_the_bank_comes_from_letter_and_home_to_the_page_and_lodges(case: Corrections) -> None:
    assessment = case.notified()
    people = case.people(assessment)
    preparer, signatory = signed_in(people["preparer"]), signed_in(people["signatory"])
    page = reverse("objection-detail", args=[assessment.pk])
    until = f"{Notice.objects.get().appeal_until.astimezone():%Y-%m}"
    for client in (signatory, preparer):
        found = text(client, "notice-detail", assessment.pk)
        assert page in found and until in found and "the last day for it" in found
    assert "the last day for it" in text(signatory, "home")
    post(preparer, "objection-detail", [assessment.pk], draft_form(new_subject=""), status=422)
    kept = post(preparer, "objection-detail", [assessment.pk], draft_form(revision="7"), status=409)
    assert "材料已报送。" in kept, "nothing typed is lost"
    post(preparer, "objection-detail", [assessment.pk], draft_form())
    upload = SimpleUploadedFile("说明.png", b"\x89PNG\r\n\x1a\n" + b"0" * 40)
    preparer.post(reverse("objection-file-add", args=[assessment.pk]), {"file": upload})
    nothing = preparer.post(reverse("objection-file-add", args=[assessment.pk]), follow=True)
    assert "No file was chosen" in nothing.content.decode()
    assert "说明.png" in text(signatory, "objection-lodge", assessment.pk)
    assert page in text(signatory, "home")
    form = {"password": PASSWORD, "seen": seal(signatory, "objection-lodge", assessment.pk)}
    post(signatory, "objection-lodge", [assessment.pk], form | {"password": "wrong"}, status=422)
    post(signatory, "objection-lodge", [assessment.pk], form)
    found = text(preparer, "objection-detail", assessment.pk)
    assert Objection.objects.get().number in found and 'name="statement"' not in found


def test_what_is_signed_is_what_was_shown(case: Corrections) -> None:
    assessment = case.drafted(case.notified())
    signatory = signed_in(case.people(assessment)["signatory"])
    form = {"password": PASSWORD, "seen": seal(signatory, "objection-lodge", assessment.pk)}
    Objection.objects.get().grounds.update(text="另一理由")
    page = post(signatory, "objection-lodge", [assessment.pk], form, status=409)
    assert "另一理由" in page
    assert Objection.objects.get().lodged_at is None


def decide(client: Client, assessment: Assessment, outcome: str, **more: Any) -> dict[str, str]:
    page = client.get(reverse("objection-decide", args=[assessment.pk])).content.decode()
    import re

    seals = dict(re.findall(r'name="(seen_\w+)" value="([^"]+)"', page))
    assert set(seals) == {"seen_uphold_objection", "seen_refuse_objection"}
    form = {f"outcome-{GROUND}": outcome, f"answer-{GROUND}": ANSWER, "reason": "MARKREASON", "password": PASSWORD}
    return form | seals | more


@pytest.mark.parametrize("outcome", ["upheld", "refused"])
def test_another_decision_maker_decides_and_the_bank_reads_the_letter(case: Corrections, outcome: str) -> None:
    assessment = case.lodged()
    client = signed_in(case.other)
    assert assessment in queue.own_work(case.other)
    page = text(client, "objection-detail", assessment.pk)
    address = f'href="{reverse("objection-decide", args=[assessment.pk])}"'
    assert page.count(address) == 1, "one page on which one of two is chosen is offered once"
    assert "Decide the bank's objection" in html.unescape(page)
    assert "Uphold the objection" not in page, "and is not called after the first of the two"
    form = decide(client, assessment, outcome)
    post(client, "objection-decide", [assessment.pk], form | {f"answer-{GROUND}": ""}, status=422)
    post(client, "objection-decide", [assessment.pk], form)
    signatory = signed_in(case.people(assessment)["signatory"])
    letter = ObjectionLetter.objects.get()
    page = text(signatory, "objection-letter", letter.pk)
    assert ANSWER in page and "MARKREASON" in page and letter.number in page
    assert case.other.name not in page
    assert Event.objects.filter(event="assessments.objection.letter").count() == 1
    assert letter.number in text(signatory, "objection-detail", assessment.pk)
    assert Objection.objects.get().number in text(client, "objection-list")
    if outcome == "upheld":
        officer = signed_in(case.world.officer)
        assert assessment in queue.own_work(case.world.officer)
        assert 'name="points"' in text(officer, "review-detail", assessment.pk) or "Pass on for the corrected" in text(
            officer, "review-detail", assessment.pk
        )


def test_the_corrected_notice_says_what_it_replaces_on_every_page(case: Corrections) -> None:
    assessment = case.answered(case.lodged(), upheld=True)
    assessment = case.points(assessment, None)
    assessment = case.perform(case.world.officer, "propose_correction", assessment)
    decider = signed_in(case.other)
    page = text(decider, "decision-detail", assessment.pk)
    assert 'id="told"' in page and "another result" in page
    assessment = case.declined(assessment)
    form = {
        "grade": assessment.rating_in_hand.grade_proposed,
        "adjustment": assessment.rating_in_hand.adjustment_proposed,
        "reason": "更正。",
        "password": PASSWORD,
        "seen": seal(decider, "decision-detail", assessment.pk),
    }
    post(decider, "decision-detail", [assessment.pk], form)
    preview = text(decider, "review-step", assessment.pk, "issue_correction")
    first = Notice.objects.get()
    assert first.number in preview
    form = {"version": "1", "seen": seal(decider, "review-step", assessment.pk, "issue_correction")}
    post(decider, "review-step", [assessment.pk, "issue_correction"], form)
    second = Notice.objects.get(replaces=first)
    signatory = signed_in(case.people(assessment)["signatory"])
    page = text(signatory, "notice-detail", assessment.pk)
    assert (
        second.number in page and first.number in page and reverse("notice-acknowledge", args=[assessment.pk]) in page
    )
    page = text(signatory, "notice-letter", assessment.pk, first.pk)
    assert 'id="replaced"' in page and second.number in page
    assert second.number in text(signatory, "home") and first.number not in text(signatory, "home")
    listed = text(decider, "notice-list")
    assert first.number in listed and second.number in listed


def test_the_list_exports_what_it_shows(case: Corrections) -> None:
    case.lodged()
    body = signed_in(case.world.auditor).get(reverse("objection-list") + "?_export=csv")
    content = b"".join(body.streaming_content) if body.streaming else body.content
    assert Objection.objects.get().number in content.decode("utf-8-sig")
    assert Event.objects.filter(event="assessments.list.exported").exists()
