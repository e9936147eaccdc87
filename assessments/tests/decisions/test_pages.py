"""The pages of the decision and of the notice through the whole stack: policy, views, templates."""

from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from assessments import workflow
from assessments.models import Assessment, Measure, Notice, Review
from assessments.reviews.services.assigning import assign_reviewer
from assessments.tests.reviews import world as worlds
from assessments.tests.reviews.client import post, seal, signed_in, text
from assessments.tests.reviews.world import PASSWORD, World
from scorecard.access.roles import Role
from scorecard.audit.models import Event

from .test_ratings import NINETY_THREE, reviewed

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return worlds.build()


# --- The decision ----------------------------------------------------------------------------------------------------


def test_ninety_three_points_and_a_missed_target_on_the_page(world: World) -> None:
    assessment = reviewed(world, "B001", NINETY_THREE, sme_hh_end="4499")
    page = text(signed_in(world.decider), "decision-detail", assessment.pk)
    before, after = page.index("Before caps"), page.index("After caps")
    assert "93.00" in page[before:after]
    assert "Excellent" in page[before:after]
    lines = page[after : after + 2000]
    assert '<strong class="grade">Pass</strong>' in lines
    assert "misses one of the three targets (borrowers) cannot be graded Excellent or Good" in lines
    assert "chapter 7, section 1 (4)" in lines
    assert "basis-sourced" in lines
    assert "4,499" in page
    assert "4,500" in page
    assert " checked" not in page  # nothing is ticked beforehand
    explained = signed_in(world.decider).get(reverse("assessment-explain", args=[assessment.pk, 1]))
    words = " ".join(explained.content.decode().split())
    assert explained.status_code == 200
    assert "cannot be graded Excellent or Good" in words
    assert "chapter 7, section 1 (4)" in words


def test_equality_passes_on_the_page(world: World) -> None:
    assessment = reviewed(world, "B001", NINETY_THREE, sme_hh_end="4500")
    page = text(signed_in(world.decider), "decision-detail", assessment.pk)
    assert "No cap acted." in page
    assert "All targets are met." in page


def test_bank_and_officer_read_one_result_in_the_same_words(world: World) -> None:
    assessment = world.notified("B001", sme_hh_end="4499")
    theirs = signed_in(world.decider).get(reverse("decision-detail", args=[assessment.pk])).context
    page = signed_in(world.people[assessment.bank_id]["signatory"]).get(
        reverse("assessment-result", args=[assessment.pk])
    )
    own = page.context
    assert theirs["score"].caps, "a cap acts, so that its words are compared"
    assert {target.kind for target in theirs["score"].targets} == {"good", "bad"}
    own_score = {"self_total": "", "self_max": "", "same_points": ""}  # the bank sees its own beside it
    assert replace(own["score"], **own_score) == replace(theirs["score"], **own_score)
    assert own["target_chart"].pairs == theirs["target_chart"].pairs
    assert own["target_chart"].finding == theirs["target_chart"].finding
    assert own["section_chart"].finding == theirs["section_chart"].finding
    assert [(bar.label, bar.value, bar.top) for bar in own["section_chart"].bars] == [
        (bar.label, bar.value, bar.top) for bar in theirs["section_chart"].bars
    ]
    assert "Measures that the rules propose" not in page.content.decode()


def of(measure: Measure, **typed: object) -> dict[str, object]:
    """The fields of one measure as the page sends them."""
    return {f"m{measure.pk}-{name}": value for name, value in {"seen": "", **typed}.items()}


def test_recording_one_measure_keeps_what_is_typed_elsewhere(world: World) -> None:
    assessment = reviewed(world, "B001", {}, sme_hh_end="4499")
    client = signed_in(world.decider)
    first, second, *_rest = Measure.objects.order_by("id")
    sent = of(first, outcome="decline", reason="情节轻微，且已按要求完成整改，本次不采取该措施。")
    sent |= of(second, outcome="decline", reason="第二项还没有写完的理由。")
    sent |= {"grade": "pass", "adjustment": "-2", "reason": "尚未签署的审定理由。", "password": "not to be kept"}
    post(client, "measure-decide", [first.pk], sent)
    first.refresh_from_db()
    assert first.state == "declined"
    page = text(client, "decision-detail", assessment.pk)
    assert "第二项还没有写完的理由。" in page
    assert "尚未签署的审定理由。" in page
    assert "not to be kept" not in page
    assert "not to be kept" not in str(list(client.session.items()))
    assert f'name="m{second.pk}-outcome" value="decline" checked' in page
    decide_measures(client, assessment)
    data = {"grade": "pass", "adjustment": "-2", "reason": "同意核评意见。", "password": PASSWORD}
    data["seen"] = seal(client, "decision-detail", assessment.pk)
    post(client, "decision-detail", [assessment.pk], data)
    assert not [name for name, _kept in client.session.items() if name.startswith("decision-")]


def decide_measures(client: Client, assessment: Assessment) -> None:
    for measure in Measure.objects.filter(rating__assessment=assessment, state="proposed"):
        post(
            client,
            "measure-decide",
            [measure.pk],
            of(measure, outcome="decline", reason="情节轻微，且已按要求完成整改，本次不采取该措施。"),
        )


def test_a_measure_is_decided_on_the_page(world: World) -> None:
    assessment = reviewed(world, "B001", {}, sme_hh_end="4499")
    client = signed_in(world.decider)
    access = Measure.objects.get(code="access")
    answer = post(
        client,
        "measure-decide",
        [access.pk],
        of(access, outcome="accept", reason="连续两年未完成。", content="六个月"),
        422,
    )
    assert "Choose which of the listed actions apply" in answer
    assert "连续两年未完成。" in answer
    post(
        client,
        "measure-decide",
        [access.pk],
        of(access, outcome="accept", options=["branches"], reason="连续两年未完成。"),
    )
    post(client, "measure-decide", [access.pk], of(access, outcome="decline", reason="改变主意。"), 409)
    access.refresh_from_db()
    assert (access.state, access.options) == ("accepted", ["branches"])
    page = text(client, "decision-detail", assessment.pk)
    assert "Suspend new branches" in page
    assert "The decision can be signed when this is done" in page


def test_a_decision_is_signed_with_the_password(world: World) -> None:
    assessment = reviewed(world, "B001", {}, sme_hh_end="4499")
    client = signed_in(world.decider)
    decide_measures(client, assessment)
    data = {"grade": "pass", "adjustment": "-2", "reason": "同意核评意见。", "password": "wrong"}
    data["seen"] = seal(client, "decision-detail", assessment.pk)
    post(client, "decision-detail", [assessment.pk], data, 422)
    post(client, "decision-detail", [assessment.pk], data | {"password": PASSWORD, "grade": "good"}, 422)
    post(client, "decision-detail", [assessment.pk], data | {"password": PASSWORD, "adjustment": "-4"}, 409)
    assert world.again(assessment).review_state == Review.DECISION
    post(client, "decision-detail", [assessment.pk], data | {"password": PASSWORD})
    rating = world.again(assessment).rating
    assert (rating.grade, rating.adjustment) == ("pass", "-2")
    page = text(client, "decision-detail", assessment.pk)
    assert "同意核评意见。" in page
    before = text(client, "review-step", assessment.pk, "issue_notice")
    assert "The notice as it will be sent" in before
    assert "经审定，等次为" in before
    assert not Notice.objects.exists()
    seen = seal(client, "review-step", assessment.pk, "issue_notice")
    post(client, "review-step", [assessment.pk, "issue_notice"], {"version": "1", "seen": seen})
    assert Notice.objects.count() == 1


def test_whoever_reviewed_is_shown_no_decision_form(world: World) -> None:
    both = worlds.person("both", "second_reviewer", "decision_maker")
    assessment = world.second_review("B001", sme_hh_end="4499")
    assign_reviewer(
        actor=both,
        assessment_id=assessment.pk,
        role=Role.SECOND_REVIEWER,
        person_id=both.pk,
        seen=assessment.second_reviewer_id,
        reason="工作安排",
    )
    workflow.perform("confirm", actor=both, assessment_id=assessment.pk)
    assert world.again(assessment).decision_maker == world.decider, "the rule passes over who reviewed"
    Assessment.objects.filter(pk=assessment.pk).update(decision_maker=None)  # so that only the review is in the way
    page = text(signed_in(both), "decision-detail", assessment.pk)
    assert "Sign and decide" not in page
    assert "Record this decision" not in page
    post(signed_in(both), "decision-detail", [assessment.pk], {"grade": "pass"}, 409)


def test_before_the_second_review_nothing_is_proposed(world: World) -> None:
    assert "Nothing is proposed yet" in text(signed_in(world.decider), "decision-detail", world.accepted().pk)


# --- The notice ------------------------------------------------------------------------------------------------------


def test_the_bank_reads_and_acknowledges_its_notice(world: World) -> None:
    assessment = world.notified("B001", sme_hh_end="4499")
    people = world.people[assessment.bank_id]
    page = text(signed_in(people["signatory"], "zh-hans"), "notice-detail", assessment.pk)
    assert "普惠评通〔" in page
    assert "演示B001银行" in page
    assert "评价不得给予“优秀”“良好”" in page
    assert "合格" in page
    letter = page.split("<article", 1)[1].split("</article>")[0]
    rows = letter.split("<tbody>", 1)[1].split("</tfoot>")[0].split("<tr>")[1:]
    # The letter names the instrument alone; where it was read and on what basis stands in the annex.
    body, annex = letter.split('<section class="letter-annex">')
    assert "沪银监办通〔2017〕214号" in body
    assert "发展报告" not in body and "原文未见" not in body and "basis-" not in body
    assert "根据《关于开展2017年度小微企业金融服务工作自评总结的通知》" in body
    names = [row.split("</th>")[0].rsplit(">", 1)[1] for row in rows[:-1]]
    assert names and all(f">{name}</th>" in annex for name in names)
    assert "（原文未见）；出处：《2017年上海市普惠金融发展报告》" in annex
    assert annex.count('class="basis basis-') >= len(rows)
    assert Notice.objects.get().body["trail"]["hash"] in page
    assert Event.objects.filter(event="assessments.notice.read", actor=people["signatory"]).count() == 1
    client = signed_in(people["signatory"])
    post(client, "notice-acknowledge", [assessment.pk], {"password": "wrong"}, 422)
    seen = seal(client, "notice-acknowledge", assessment.pk)
    post(client, "notice-acknowledge", [assessment.pk], {"password": PASSWORD, "seen": seen})
    assert world.again(assessment).review_state == Review.ACKNOWLEDGED
    assert "receipt confirmed" in text(client, "notice-detail", assessment.pk)
    post(client, "notice-acknowledge", [assessment.pk], {"password": PASSWORD}, 409)


def test_the_banks_home_leads_to_its_own_notice(world: World) -> None:
    world.submitted("B000")  # so that the numbers of notice and assessment differ
    assessment = world.notified("B001", sme_hh_end="4499")
    assert Notice.objects.get().pk != assessment.pk
    page = text(signed_in(world.people[assessment.bank_id]["signatory"]), "home")
    assert reverse("notice-detail", args=[assessment.pk]) in page


def test_an_english_page_shows_the_chinese_letter_first(world: World) -> None:
    assessment = world.notified("B001")
    page = text(signed_in(world.decider), "notice-detail", assessment.pk)
    assert page.index('lang="zh-Hans"') < page.index("Translation for reading") < page.index("You are hereby notified")


def test_another_banks_notice_is_not_there(world: World) -> None:
    assessment = world.notified("B001")
    assert Notice.objects.count() == 1
    foreign = world.people[world.bank("B002").pk]["signatory"]
    text(signed_in(foreign), "notice-detail", assessment.pk, status=404)
    text(signed_in(foreign), "notice-acknowledge", assessment.pk, status=404)
    post(signed_in(foreign), "notice-acknowledge", [assessment.pk], {"password": PASSWORD}, 404)
    assert world.again(assessment).review_state == Review.NOTIFIED
    assert Event.objects.filter(event="access.hidden").count() == 3


def test_a_decided_rating_is_no_notice_yet(world: World) -> None:
    assessment = world.decided("B001")
    signatory = world.people[assessment.bank_id]["signatory"]
    text(signed_in(signatory), "notice-detail", assessment.pk, status=404)
