"""Taking back what was passed on: from the reviewer and from the signatory, while nobody has touched it."""

from typing import Any

import pytest
from django.db import transaction
from django.http import Http404

from assessments import workflow
from assessments.models import Assessment, Comment, Filing, Review, StepRecord
from scorecard.access.decisions import Refused
from scorecard.audit.models import Event
from scorecard.inbox.models import Reminder

from .world import Case, build, without_content

PASS, RECALL = "pass_to_reviewer", "recall_from_reviewer"
SIGN, RECALL_SIGN = "pass_to_signatory", "recall_from_signatory"


@pytest.fixture
def case(db: None, monkeypatch: pytest.MonkeyPatch) -> Case:
    without_content(monkeypatch)
    return build()


def take(case: Case, name: str, who: str, **more: Any) -> Assessment:
    with transaction.atomic():
        return workflow.perform(name, actor=case.people[who], assessment_id=case.assessment.pk, **more)


def test_a_recalled_filing_is_the_preparers_again_and_goes_on_without_a_word(case: Case) -> None:
    take(case, PASS, "bank_preparer-1")
    here = take(case, RECALL, "bank_preparer-1")
    assert here.filing_state == Filing.PREPARING
    event = Event.objects.latest("seq")
    assert event.event == "assessments.filing.recall_from_reviewer"
    assert StepRecord.objects.latest("id").transition == RECALL
    assert take(case, PASS, "bank_preparer-2").filing_state == Filing.CHECKING


def test_another_preparer_takes_it_back_too(case: Case) -> None:
    take(case, PASS, "bank_preparer-1")
    take(case, RECALL, "bank_preparer-2")
    assert case.again().filing_state == Filing.PREPARING


def test_a_recall_from_the_signatory_takes_the_check_away(case: Case) -> None:
    take(case, PASS, "bank_preparer-1")
    assert take(case, SIGN, "bank_reviewer-1").checked_by == case.people["bank_reviewer-1"]
    here = take(case, RECALL_SIGN, "bank_reviewer-1")
    assert (here.filing_state, here.review_state, here.checked_by) == (Filing.CHECKING, Review.NONE, None)
    assert here.prepared_by == case.people["bank_preparer-1"]
    assert take(case, SIGN, "bank_reviewer-2").checked_by == case.people["bank_reviewer-2"]


@pytest.mark.parametrize(
    ("passes", "recall", "mine", "theirs"),
    [
        ([PASS], RECALL, "bank_preparer-1", "bank_reviewer-1"),
        ([PASS, SIGN], RECALL_SIGN, "bank_reviewer-1", "bank_signatory-1"),
    ],
)
def test_once_somebody_else_has_written_on_it_it_is_not_taken_back(
    case: Case, passes: list[str], recall: str, mine: str, theirs: str
) -> None:
    other = Comment.objects.create(assessment=case.assessment, text="先前", author=case.people[theirs], inside=True)
    for name in passes:
        take(case, name, "bank_preparer-1" if name == PASS else "bank_reviewer-1")
    own = {"assessment": case.assessment, "text": "请看", "inside": True}
    Comment.objects.create(author=case.people[mine], **own)
    assert workflow.check(recall, actor=case.people[mine], assessment=case.again()).allowed, "own and earlier remarks"
    Comment.objects.create(author=case.people[theirs], **own)
    with pytest.raises(Refused, match="remark"):
        take(case, recall, mine)
    assert case.again().filing_state != Filing.PREPARING
    assert other.pk


@pytest.mark.parametrize("who", ["bank_reviewer-1", "bank_signatory-1", "case_officer-1", "administrator-1"])
def test_nobody_else_takes_it_back_from_the_reviewer(case: Case, who: str) -> None:
    take(case, PASS, "bank_preparer-1")
    with pytest.raises((Refused, Http404)):
        take(case, RECALL, who)
    assert case.again().filing_state == Filing.CHECKING


def test_who_passed_it_on_and_took_it_back_still_prepared_it(case: Case) -> None:
    take(case, PASS, "all-bank")
    take(case, RECALL, "all-bank")
    take(case, PASS, "bank_preparer-1")
    with pytest.raises(Refused, match="prepared"):
        take(case, SIGN, "all-bank")


def test_a_recall_twice_is_refused_and_writes_nothing(case: Case) -> None:
    take(case, PASS, "bank_preparer-1")
    take(case, RECALL, "bank_preparer-1")
    before = StepRecord.objects.count(), Event.objects.count()
    with pytest.raises(Refused):
        take(case, RECALL, "bank_preparer-1")
    assert (StepRecord.objects.count(), Event.objects.count()) == before


def test_what_was_sent_back_still_wants_an_answer_before_it_is_first_passed_on(case: Case) -> None:
    take(case, PASS, "bank_preparer-1")
    take(case, "send_back_to_preparer", "bank_reviewer-1", reason="口径有误")
    with pytest.raises(Refused, match="口径有误"):
        take(case, PASS, "bank_preparer-1")
    take(case, PASS, "bank_preparer-1", reason="口径无误")
    take(case, RECALL, "bank_preparer-1")
    take(case, PASS, "bank_preparer-1")
    assert Reminder.objects.filter(kind="assessments.step").exists()
