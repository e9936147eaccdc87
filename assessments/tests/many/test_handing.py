"""Second reviews and decisions are handed over as a list: by whom, to whom, and what stays where it is."""

import re

import pytest
from django.urls import reverse

from assessments.models import HANDED_DECISION, HANDED_SECOND, Assessment, StepRecord
from assessments.reviews.services.assigning import assign_reviewer
from assessments.tests.many.test_lists import list_event, preview, said, sign
from assessments.tests.reviews.client import signed_in
from assessments.tests.reviews.world import World, build, person
from banks.models import FactEntry
from scorecard.access.roles import Role
from scorecard.audit.models import Event

pytestmark = pytest.mark.django_db
SECOND, DECIDER = Role.SECOND_REVIEWER.value, Role.DECISION_MAKER.value


@pytest.fixture
def world() -> World:
    return build()


def options(page: str) -> set[int]:
    field = page.partition('name="person"')[2].partition("</select>")[0]
    return {int(pk) for pk in re.findall(r'value="(\d+)"', field)}


def test_a_second_reviewer_hands_over_own_cases(world: World) -> None:
    cases = [world.second_review("AAA"), world.second_review("BBB"), world.second_review("CCC")]
    other = person("second-2", SECOND)
    for case in cases[:2]:
        assert case.second_reviewer == world.second
    Assessment.objects.filter(pk=cases[2].pk).update(second_reviewer=other)
    client = signed_in(world.second)
    page = client.get(reverse("many-step", args=["hand_second"])).content.decode()
    assert f'id="case-{cases[0].pk}"' in page
    assert f'id="case-{cases[2].pk}"' not in page, "what another has is taken over on its page"
    page = preview(client, "hand_second", cases)
    assert options(page) == {world.second.pk, other.pk}
    again = sign(client, "hand_second", page, cases[:2], 422, reason="", person=other.pk)
    assert "Nothing has been done yet" in again
    sign(client, "hand_second", page, cases[:2], reason="休假。", person=other.pk)
    for case in cases[:2]:
        assert world.again(case).second_reviewer == other
        record = StepRecord.objects.filter(assessment=case).latest("pk")
        assert (record.transition, record.handed_to, record.reason) == (HANDED_SECOND, other, "休假。")
        event = said(Event.objects.get(event="assessments.review.second_assigned", object_id=str(case.pk)))
        assert event["list"] == list_event()["digest"]
    assert list_event()["shared"] == {"reason": "休假。", "person": other.pk}


def test_a_decision_maker_hands_over_decisions_and_second_reviews_of_everybody(world: World) -> None:
    waiting, reviewed = world.for_decision("AAA"), world.second_review("BBB")
    other, second = person("decider-2", DECIDER), person("second-2", SECOND)
    client = signed_in(other)
    page = preview(client, "hand_decision", [waiting])
    assert options(page) == {world.decider.pk, other.pk}
    sign(client, "hand_decision", page, [waiting], reason="工作安排。", person=other.pk)
    assert world.again(waiting).decision_maker == other
    assert StepRecord.objects.filter(assessment=waiting).latest("pk").transition == HANDED_DECISION
    page = preview(client, "hand_second", [reviewed])
    sign(client, "hand_second", page, [reviewed], reason="工作安排。", person=second.pk)
    assert world.again(reviewed).second_reviewer == second


def test_who_took_part_is_named_and_gets_no_case(world: World) -> None:
    """The one case stays, the other goes; the line says beforehand for whom the case is not."""
    cases = [world.for_decision("AAA"), world.for_decision("BBB")]
    both = person("both", SECOND, DECIDER)
    Assessment.objects.filter(pk=cases[1].pk).update(second_by=both)
    client = signed_in(world.decider)
    page = preview(client, "hand_decision", cases)
    line = page.partition(f'id="case-{cases[1].pk}"')[2].partition("</tr>")[0]
    assert "both" in line
    assert "both" not in page.partition(f'id="case-{cases[0].pk}"')[2].partition("</tr>")[0]
    left = sign(client, "hand_decision", page, cases, 409, reason="休假。", person=both.pk)
    assert "both took an earlier part in this case" in left
    assert [world.again(case).decision_maker for case in cases] == [both, world.decider]


def test_a_figure_given_in_the_first_review_bars_too(world: World) -> None:
    case = world.second_review("AAA")
    other = person("second-2", SECOND, "case_officer")
    FactEntry.objects.create(
        bank=case.bank,
        period=case.round.period,
        fact="returns",
        revision=9,
        value="0",
        source="supervisor",
        entered_by=other,
    )
    page = signed_in(world.second).get(reverse("many-step", args=["hand_second"])).content.decode()
    assert "second-2" in page.partition(f'id="case-{case.pk}"')[2].partition("</tr>")[0]


def test_a_case_that_was_handed_on_since_is_a_conflict(world: World) -> None:
    cases = [world.second_review("AAA"), world.second_review("BBB")]
    two, three = person("second-2", SECOND), person("second-3", SECOND)
    client = signed_in(world.decider)
    page = preview(client, "hand_second", cases)
    assign_reviewer(
        actor=three, assessment_id=cases[0].pk, role=SECOND, person_id=three.pk, seen=world.second.pk, reason="接办。"
    )
    left = sign(client, "hand_second", page, cases, 409, reason="休假。", person=two.pk)
    assert "changed since" in left
    assert [world.again(case).second_reviewer for case in cases] == [three, two]


def test_a_person_of_another_role_is_no_choice(world: World) -> None:
    case = world.second_review("AAA")
    client = signed_in(world.second)
    page = preview(client, "hand_second", [case])
    sign(client, "hand_second", page, [case], 422, reason="休假。", person=world.officer.pk)
    assert world.again(case).second_reviewer == world.second


@pytest.mark.parametrize(("who", "name"), [("officer", "hand_second"), ("second", "hand_decision")])
def test_handing_over_what_is_of_another_role_is_closed(world: World, who: str, name: str) -> None:
    assert signed_in(getattr(world, who)).get(reverse("many-step", args=[name])).status_code == 403
