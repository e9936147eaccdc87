"""A final step carries what was on the screen: a page that was opened before the content changed does not sign it."""

import pytest

from assessments import workflow
from assessments.models import Measure, Notice, Review
from assessments.reviews.services.points import set_points
from assessments.tests.reviews import world as worlds
from assessments.tests.reviews.client import post, seal, signed_in, text
from assessments.tests.reviews.world import PASSWORD, World
from scorecard.access.decisions import Stale

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return worlds.build()


def rated_again(world: World, pk: int) -> None:
    """Sent back by the decision maker, A1 lowered, and the rating proposed again."""
    workflow.perform("send_back_undecided", actor=world.decider, assessment_id=pk, reason="重核。")
    set_points(
        actor=world.officer, assessment_id=pk, version=1, indicator="A1", revision=1, points="1", reason="重核后下调。"
    )
    workflow.perform("pass_to_second", actor=world.officer, assessment_id=pk)
    workflow.perform("confirm", actor=world.second, assessment_id=pk)


def test_a_decision_page_that_was_opened_before_the_case_was_rated_again_decides_nothing(world: World) -> None:
    assessment = world.for_decision("B001")
    client = signed_in(world.decider)
    old = seal(client, "decision-detail", assessment.pk)
    rated_again(world, assessment.pk)
    world.decline_all(world.again(assessment))
    data = {"grade": "excellent", "reason": "同意。", "password": PASSWORD, "adjustment": "1", "seen": old}
    page = post(client, "decision-detail", [assessment.pk], data, 409)
    assert "What you had before you has changed" in page
    assert "100" in page.split('id="differences"')[1].split("</table>")[0]
    assert "97" in page.split('id="differences"')[1].split("</table>")[0]
    assert world.again(assessment).review_state == Review.DECISION
    assert not world.again(assessment).rating.grade
    fresh = seal(client, "decision-detail", assessment.pk)
    post(client, "decision-detail", [assessment.pk], data | {"seen": fresh})
    assert world.again(assessment).review_state == Review.DECIDED


@pytest.mark.parametrize("seen", ["", "x", "eyJh:1:abc"])
def test_a_decision_without_a_readable_seal_decides_nothing(world: World, seen: str) -> None:
    assessment = world.for_decision("B001")
    world.decline_all(assessment)
    data = {"grade": "excellent", "reason": "同意。", "password": PASSWORD, "adjustment": "1", "seen": seen}
    post(signed_in(world.decider), "decision-detail", [assessment.pk], data, 409)
    assert world.again(assessment).review_state == Review.DECISION


def test_a_measure_decided_elsewhere_stands_against_the_decision(world: World) -> None:
    assessment = world.for_decision("B001", sme_hh_end="4499")
    world.decline_all(assessment)
    client = signed_in(world.decider)
    old = seal(client, "decision-detail", assessment.pk)
    Measure.objects.filter(rating__assessment=assessment, code="access").update(reason="另一理由")
    data = {"grade": "pass", "reason": "同意。", "password": PASSWORD, "adjustment": "-1", "seen": old}
    assert "另一理由" in post(client, "decision-detail", [assessment.pk], data, 409)


def test_words_moved_from_a_measure_to_its_reason_are_another_content(world: World) -> None:
    assessment = world.for_decision("B001")
    world.decline_all(assessment)
    measures = Measure.objects.filter(rating__assessment=assessment)
    measures.update(content="限期整改", reason="情节较轻")
    before = workflow.shown("decide", world.again(assessment))
    measures.update(content="", reason="限期整改 · 情节较轻")
    assert workflow.shown("decide", world.again(assessment)) != before


def test_a_seal_of_one_case_or_step_is_none_of_another(world: World) -> None:
    one, other = world.for_decision("B001"), world.for_decision("B002")
    for case in (one, other):
        world.decline_all(case)
    with pytest.raises(Stale):
        workflow.perform(
            "issue_notice",
            actor=world.decider,
            assessment_id=world.decided("B003").pk,
            seen=workflow.shown("decide", one),
        )


def test_a_review_that_changed_since_the_second_reviewer_looked_is_not_confirmed(world: World) -> None:
    assessment = world.second_review("B001")
    client = signed_in(world.second)
    old = seal(client, "review-step", assessment.pk, "confirm")
    workflow.perform("send_back_to_officer", actor=world.second, assessment_id=assessment.pk, reason="再核。")
    set_points(
        actor=world.officer,
        assessment_id=assessment.pk,
        version=1,
        indicator="A1",
        revision=1,
        points="2",
        reason="模型未回测。",
    )
    workflow.perform("pass_to_second", actor=world.officer, assessment_id=assessment.pk)
    page = post(client, "review-step", [assessment.pk, "confirm"], {"version": "1", "seen": old}, 409)
    assert "模型未回测。" in page
    assert world.again(assessment).review_state == Review.SECOND


def test_a_letter_that_reads_otherwise_than_its_preview_is_not_sent(world: World, settings: object) -> None:
    assessment = world.decided("B001")
    client = signed_in(world.decider)
    old = seal(client, "review-step", assessment.pk, "issue_notice")
    assessment.bank.name_zh = "改名银行"
    assessment.bank.save()
    post(client, "review-step", [assessment.pk, "issue_notice"], {"version": "1", "seen": old}, 409)
    assert not Notice.objects.exists()
    assert "改名银行" in text(client, "review-step", assessment.pk, "issue_notice")


def test_a_receipt_is_confirmed_for_the_notice_that_was_read(world: World) -> None:
    assessment = world.notified("B001")
    client = signed_in(world.people[assessment.bank_id]["signatory"])
    post(client, "notice-acknowledge", [assessment.pk], {"password": PASSWORD, "seen": "x"}, 409)
    assert world.again(assessment).review_state == Review.NOTIFIED
