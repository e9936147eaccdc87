"""The same step on many cases: one signature over the list, every entry by the service of its single step."""

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessments import workflow
from assessments.decisions.measures import decide_measure
from assessments.models import Assessment, Measure, MeasureState, Notice, Rating, Review, ReviewEntry
from assessments.reviews.services.officers import reassign_officer
from assessments.scoring.runs import outcome_of
from assessments.tests.reviews.client import signed_in
from assessments.tests.reviews.world import PASSWORD, World, build, rulebook
from assessments.workflow.payloads import DecisionPayload
from banks.models import User
from scorecard.audit.comparison import compare
from scorecard.audit.models import Event

pytestmark = pytest.mark.django_db

REASON = "同意核评意见，按规则给出的等次审定。"


@pytest.fixture
def world() -> World:
    return build()


def preview(client: Client, name: str, cases: list[Assessment], status: int = 200) -> str:
    sent = {"action": "preview", "case": [case.pk for case in cases]}
    answer = client.post(reverse("many-step", args=[name]), sent)
    page = answer.content.decode()
    assert answer.status_code == status, page[:3000]
    return page


def hidden(page: str) -> dict[str, Any]:
    """What the form of the preview carries: the seals of its entries, and the list."""
    found = dict(re.findall(r'<input type="hidden" name="(seen-\d+|shown)" value="([^"]+)"', page))
    assert found["shown"]
    return found


def sign(client: Client, name: str, page: str, cases: list[Assessment], status: int = 302, **more: Any) -> str:
    sent = hidden(page) | {"action": "sign", "case": [case.pk for case in cases]} | more
    answer = client.post(reverse("many-step", args=[name]), sent)
    assert answer.status_code == status, answer.content.decode()[:4000]
    return answer.content.decode()


def measures_of(cases: list[Assessment], outcome: str = "decline") -> dict[str, Any]:
    """The fields of every measure that is proposed in these cases."""
    found: dict[str, Any] = {}
    for case in cases:
        for measure in Measure.objects.filter(rating=case.rating):
            key = f"m{case.round.rulebook_id}-{measure.code}"
            found[f"{key}-outcome"] = outcome
            found[f"{key}-reason"] = "情节轻微，且已按要求完成整改，本次不采取该措施。"
            if outcome == "accept" and len(measure.proposal.get("options") or {}) > 1:
                found[f"{key}-options"] = list(measure.proposal["options"])[:1]
    return found


def list_event() -> dict[str, Any]:
    return said(Event.objects.filter(event="assessments.list.signed").latest("seq"))


def said(event: Event) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(event.data)
    return found


def states(world: World, cases: list[Assessment]) -> list[str]:
    return [world.again(case).review_state for case in cases]


def test_a_decision_maker_decides_a_list_with_one_password(world: World) -> None:
    cases = [world.for_decision("AAA"), world.for_decision("BBB", sme_bal_end="900000")]
    client = signed_in(world.decider)
    page = preview(client, "decide", cases)
    told = measures_of(cases, "accept")
    assert told, "the second bank misses a target, which brings measures"
    sign(client, "decide", page, cases, reason=REASON, password=PASSWORD, **told)
    assert states(world, cases) == [Review.DECIDED, Review.DECIDED]
    for case in cases:
        rating = Rating.objects.get(assessment=case)
        assert (rating.grade, rating.reason, rating.decided_by) == (rating.grade_proposed, REASON, world.decider)
        assert rating.adjustment == rating.adjustment_proposed
        assert set(rating.measures.values_list("state", flat=True)) <= {MeasureState.ACCEPTED}
    assert {item.kind for item in compare()} <= {"unknown"}, "what the services wrote is sealed"


def test_the_trail_has_the_list_and_each_entry_with_its_digest(world: World) -> None:
    cases = [world.for_decision("AAA"), world.for_decision("BBB", sme_bal_end="900000"), world.for_decision("CCC")]
    client = signed_in(world.decider)
    page = preview(client, "decide", cases)
    told = measures_of(cases)
    sign(client, "decide", page, cases[:2], reason=REASON, password=PASSWORD, **told)
    listed = list_event()
    assert set(listed["entries"]) == {str(case.pk) for case in cases[:2]}
    assert listed["left_out"] == [cases[2].pk]
    assert listed["shared"]["reason"] == REASON
    assert listed["signature"]["factors"]
    for case in cases[:2]:
        event = said(Event.objects.get(event="assessments.review.decide", object_id=str(case.pk)))
        assert event["list"] == listed["digest"]
        assert event["signature"]["factors"] == listed["signature"]["factors"]
    decided = [said(event) for event in Event.objects.filter(event="assessments.measure.decided")]
    assert decided
    assert {event["list"] for event in decided} == {listed["digest"]}
    assert states(world, cases) == [Review.DECIDED, Review.DECIDED, Review.DECISION]


def test_a_wrong_password_decides_nothing_and_keeps_what_was_typed(world: World) -> None:
    cases = [world.for_decision("AAA"), world.for_decision("BBB")]
    client = signed_in(world.decider)
    page = preview(client, "decide", cases)
    told = measures_of(cases)
    again = sign(client, "decide", page, cases, 422, reason=REASON, password="wrong", **told)
    assert REASON in again
    assert hidden(again) == hidden(page), "the seals stay those of the page that was looked at"
    assert states(world, cases) == [Review.DECISION] * 2
    assert not Event.objects.filter(event="assessments.list.signed").exists()


def test_an_entry_that_changed_is_a_conflict_and_the_others_stand(world: World) -> None:
    cases = [world.for_decision("AAA"), world.for_decision("BBB", sme_bal_end="900000")]
    client = signed_in(world.decider)
    page = preview(client, "decide", cases)
    told = measures_of(cases)
    changed = Measure.objects.filter(rating=cases[1].rating).earliest("pk")
    decide_measure(
        actor=world.decider,
        measure_id=changed.pk,
        outcome="decline",
        reason="另有安排，本次不采取该措施，理由见会议纪要。",
    )
    left = sign(client, "decide", page, cases, 409, reason=REASON, password=PASSWORD, **told)
    assert states(world, cases) == [Review.DECIDED, Review.DECISION]
    assert cases[1].bank.name_en in left
    assert "changed since" in left
    assert changed.proposal["label"]["en"] in left, "the line says what has changed"
    assert "checked" not in re.search(rf'id="case-{cases[1].pk}"[^>]*>', left).group(0)  # type: ignore[union-attr]
    sign(client, "decide", left, cases[1:], reason=REASON, password=PASSWORD, **told)
    assert states(world, cases) == [Review.DECIDED, Review.DECIDED]


def test_a_list_that_is_sent_twice_is_carried_out_once_and_says_so(world: World) -> None:
    """Two clicks, two windows, an answer that never came: nobody else was there."""
    cases = [world.decided("AAA"), world.decided("BBB")]
    client = signed_in(world.decider)
    page = preview(client, "issue_notice", cases)
    sign(client, "issue_notice", page, cases)
    sign(client, "issue_notice", page, cases)
    shown = client.get(reverse("many")).content.decode()
    assert "2 cases had been carried out by this signature already" in shown
    assert Notice.objects.count() == 2
    # One more entry on the same page is another list, which has carried out nothing.
    other = signed_in(world.decider)
    sign(other, "issue_notice", page, cases[:1], 409)
    assert Notice.objects.count() == 2


def test_what_is_gone_from_a_list_is_named(world: World) -> None:
    cases = [world.decided("AAA"), world.decided("BBB"), world.decided("CCC")]
    client = signed_in(world.decider)
    page = preview(client, "issue_notice", cases)
    for case in cases[:2]:
        workflow.perform("issue_notice", actor=world.decider, assessment_id=case.pk)
    left = sign(client, "issue_notice", page, cases, 409)
    summary = left.partition('id="left"')[2].partition("</div>")[0]
    assert all(case.bank.name_en in summary for case in cases[:2])
    assert cases[2].bank.name_en not in summary


def test_the_seal_of_a_line_is_of_the_list_that_is_signed(world: World) -> None:
    """With the seal from a newer page beside the list of an older one, what is signed would be another content."""
    case = world.for_decision("AAA", sme_bal_end="900000")
    client = signed_in(world.decider)
    older = hidden(preview(client, "decide", [case]))
    measure = Measure.objects.filter(rating=case.rating).earliest("pk")
    decide_measure(
        actor=world.decider,
        measure_id=measure.pk,
        outcome="decline",
        reason="另有安排，本次不采取该措施，理由见会议纪要。",
    )
    newer = hidden(preview(client, "decide", [case]))
    sent = newer | {"shown": older["shown"], "action": "sign", "case": [case.pk]} | measures_of([case])
    sent |= {"reason": REASON, "password": PASSWORD}
    assert client.post(reverse("many-step", args=["decide"]), sent).status_code == 409
    assert states(world, [case]) == [Review.DECISION]


def test_a_case_that_was_not_on_the_screen_is_not_signed(world: World) -> None:
    cases = [world.for_decision("AAA"), world.for_decision("BBB")]
    client = signed_in(world.decider)
    page = preview(client, "decide", cases[:1])
    sign(client, "decide", page, cases, 409, reason=REASON, password=PASSWORD, **measures_of(cases))
    assert states(world, cases) == [Review.DECISION] * 2


def test_odd_numbers_of_cases_choose_nothing(world: World) -> None:
    """Thousands of digits are an error of Python's own, and twenty are one of the database."""
    case, client = world.for_decision("AAA"), signed_in(world.decider)
    page = preview(client, "decide", [case])
    for odd in ("9" * 5000, "9" * 40, "²", "-1", ""):
        sent = {"action": "preview", "case": odd}
        assert client.post(reverse("many-step", args=["decide"]), sent).status_code == 422
        sent = hidden(page) | {"action": "sign", "case": odd, f"seen-{odd[:40]}": "x"}
        assert client.post(reverse("many-step", args=["decide"]), sent).status_code == 422
    assert states(world, [case]) == [Review.DECISION]


def test_a_seal_of_another_person_or_another_step_signs_nothing(world: World) -> None:
    cases = [world.decided("AAA")]
    other = signed_in(world.decider)
    page = preview(other, "issue_notice", cases)
    second = User.objects.create(username="decider-2", name="decider-2")
    second.grants.create(role="decision_maker")
    sign(signed_in(second), "issue_notice", page, cases, 409)
    assert states(world, cases) == [Review.DECIDED]


def test_a_changed_measure_and_a_lowered_grade_are_not_for_a_list(world: World) -> None:
    case = world.for_decision("AAA", sme_bal_end="900000")
    measure = Measure.objects.filter(rating=case.rating).earliest("pk")
    decide_measure(
        actor=world.decider, measure_id=measure.pk, outcome="change", reason="改为约谈。", content="三十日内约谈。"
    )
    page = signed_in(world.decider).get(reverse("many-step", args=["decide"])).content.decode()
    assert "a changed measure is decided on the page of its case" in page
    assert f'id="case-{case.pk}"' not in page
    assert "Tick at least one case" in preview(signed_in(world.decider), "decide", [case], 422)
    book = case.round.rulebook
    grades = [grade["id"] for grade in _grades(book.content)]
    best = world.for_decision("BBB")
    assert best.rating is not None
    lower = grades[grades.index(best.rating.grade_proposed) + 1]
    world.decline_all(best)
    workflow.perform(
        "decide",
        actor=world.decider,
        assessment_id=best.pk,
        reason="另有情形。",
        payload=DecisionPayload.read(lower, best.rating.adjustment_proposed),
    )
    page = signed_in(world.decider).get(reverse("many-step", args=["issue_notice"])).content.decode()
    assert "decided lower than the rules give" in page
    assert f'id="case-{best.pk}"' not in page


def _grades(content: Any) -> list[dict[str, Any]]:
    data = json.loads(content) if isinstance(content, str) else content
    found: list[dict[str, Any]] = data["grades"] if isinstance(data["grades"], list) else list(data["grades"].values())
    return found


def test_notices_are_sent_as_a_list(world: World) -> None:
    cases = [world.decided("AAA"), world.decided("BBB")]
    client = signed_in(world.decider)
    page = preview(client, "issue_notice", cases)
    assert "Last day for an objection" in page
    sign(client, "issue_notice", page, cases)
    assert states(world, cases) == [Review.NOTIFIED] * 2
    assert Notice.objects.count() == 2


def test_a_second_reviewer_confirms_a_list_and_none_of_own_work(world: World) -> None:
    cases = [world.second_review("AAA"), world.second_review("BBB")]
    world.second.grants.create(role="case_officer")
    Assessment.objects.filter(pk=cases[1].pk).update(officer=world.second)
    client = signed_in(world.second)
    page = client.get(reverse("many-step", args=["confirm"])).content.decode()
    assert "You took part in the first review" in page
    page = preview(client, "confirm", cases)
    sign(client, "confirm", page, cases[:1])
    assert states(world, cases) == [Review.DECISION, Review.SECOND]


def test_an_officer_accepts_agrees_and_passes_on(world: World) -> None:
    world.evidence = ("A1", "B1")
    cases = [world.submitted("AAA"), world.submitted("BBB")]
    client = signed_in(world.officer)
    sign(client, "accept", preview(client, "accept", cases), cases)
    assert states(world, cases) == [Review.FIRST] * 2
    for case in cases:
        world.give_facts(case)
    page = client.get(reverse("many-step", args=["pass_to_second"])).content.decode()
    assert "Look at these indicators" in page, "what stands against a case is said in its line"
    assert f'id="case-{cases[0].pk}"' not in page
    page = preview(client, "agree", cases)
    sign(client, "agree", page, cases)
    for case in cases:
        agreed = set(ReviewEntry.objects.filter(assessment=case).values_list("indicator", flat=True))
        assert agreed == _alike(world.again(case)), "what asks for judgement, alike on both sides, with its evidence"
        assert agreed
        assert not ReviewEntry.objects.filter(assessment=case).exclude(points="").exists()
    event = Event.objects.filter(event="assessments.review.points").latest("seq")
    assert said(event)["list"] == list_event()["digest"]
    for case in cases:
        world.agree(world.again(case), but=agreed)
    page = preview(client, "pass_to_second", cases)
    sign(client, "pass_to_second", page, cases)
    assert states(world, cases) == [Review.SECOND] * 2


def _alike(case: Assessment) -> set[str]:
    """Worked out from the rulebook and the score alone."""
    outcome = outcome_of(case.system_run)["indicators"]  # type: ignore[arg-type]
    answers = case.version.answers  # type: ignore[union-attr]
    return {
        name
        for name, spec in rulebook().indicators.items()
        if (not spec.evidence or name in ("A1", "B1"))
        and spec.judged_by
        and spec.type != "quantitative"
        and outcome[name]["system"] is not None
        and answers.get(name, {}).get("self_points")
        and Decimal(answers[name]["self_points"]) == Decimal(outcome[name]["system"])
    }


def test_cases_are_handed_over_as_a_list(world: World) -> None:
    cases = [world.accepted("AAA"), world.accepted("BBB")]
    client = signed_in(world.officer)
    page = preview(client, "hand_over", cases)
    sign(client, "hand_over", page, cases, 422, reason="", officer=world.officer_2.pk)
    reassign_officer(
        actor=world.officer, assessment_id=cases[1].pk, officer_id=world.officer_2.pk,
        seen_officer=world.officer.pk, reason="换人。",
    )  # fmt: skip
    sign(client, "hand_over", page, cases, 409, reason="休假。", officer=world.officer_2.pk)
    assert world.again(cases[0]).officer == world.officer_2


@pytest.mark.parametrize(
    ("who", "name"), [("officer", "decide"), ("second", "accept"), ("decider", "confirm"), ("officer", "nothing")]
)
def test_a_step_of_another_role_is_closed(world: World, who: str, name: str) -> None:
    answer = signed_in(getattr(world, who)).get(reverse("many-step", args=[name]))
    assert answer.status_code == (404 if name == "nothing" else 403)
