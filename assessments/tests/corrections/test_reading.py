"""What a bank reads of an objection and a correction: a marker in every field that a supervisor writes."""

import pytest

from assessments.models import Assessment
from assessments.tests.workflow.test_reading import _seen
from assessments.workflow.payloads import DecisionPayload, GroundAnswer, ObjectionPayload

from .world import GROUND, build

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

INTERNAL = {
    "ask": "MARKASKED",
    "keep": "MARKKEPT",
    "send back": "MARKSENTBACK",
    "points": "MARKPOINTS",
    "pass on": "MARKPASSEDON",
    "sending": "MARKSENDING",
}
LETTER = {"reason": "MARKREASON", "answer": "MARKANSWER"}
CORRECTED = {"decide": "MARKCORRECTED"}


def read(assessment: Assessment, **more: str) -> set[str]:
    """The markers that the bank's people find anywhere."""
    return {line.partition(":")[0] for line in _seen(assessment, INTERNAL | LETTER | CORRECTED | more)}


def test_the_letter_tells_at_once_the_corrected_notice_later_and_the_rest_never() -> None:
    case = build()
    assessment = case.notified()
    case.perform(case.world.decider, "ask_correction", assessment, INTERNAL["ask"])
    case.perform(case.world.second, "keep_notice", assessment, INTERNAL["keep"])
    assessment = case.drafted(case.world.again(assessment))
    assessment = case.perform(case.people(assessment)["signatory"], "lodge_objection", assessment)
    payload = ObjectionPayload({GROUND: GroundAnswer(True, LETTER["answer"])})
    assessment = case.perform(case.other, "uphold_objection", assessment, LETTER["reason"], payload=payload)
    assessment = case.perform(case.world.officer, "propose_correction", assessment, INTERNAL["pass on"])
    assessment = case.perform(case.other, "send_correction_back", assessment, INTERNAL["send back"])
    assessment = case.points(assessment, "2", INTERNAL["points"])
    assessment = case.perform(case.world.officer, "propose_correction", assessment, INTERNAL["pass on"])
    assessment = case.declined(assessment)
    found, told = assessment.rating_in_hand, assessment.rating
    decision = DecisionPayload.read(found.grade_proposed, found.adjustment_proposed)
    assessment = case.perform(case.other, "decide_correction", assessment, CORRECTED["decide"], payload=decision)
    assert found.points != told.points
    assert read(assessment, now=found.points, told=told.points) == {*LETTER, "told"}
    assessment = case.perform(case.other, "issue_correction", assessment, INTERNAL["sending"])
    assert read(assessment, now=found.points) == {*LETTER, *CORRECTED, "now"}
