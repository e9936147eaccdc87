"""The bank's objection: until when, by whom, what is kept, and what comes of it."""

import json
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from assessments.access import visible_notices
from assessments.decisions.selectors import get_notice
from assessments.models import Correction, Evidence, Notice, Objection, ObjectionLetter, Rating, Review, ScoreRun
from assessments.objections.selectors import readable_objections, visible_objections
from assessments.objections.services import add_document, save_objection, withdraw_document
from assessments.rounds.services import closing_reasons
from assessments.scoring.selectors import runs_of
from scorecard.access.decisions import Hidden, Refused, Stale
from scorecard.audit.models import Event
from scorecard.audit.services import verify

from .world import GROUND, Corrections, build

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Corrections:
    return build()


def at(moment: datetime) -> AbstractContextManager[Any]:
    """Within the block it is this moment."""
    return patch.object(timezone, "now", lambda: moment)


def test_it_is_lodged_with_a_receipt_and_changes_no_more(case: Corrections) -> None:
    assessment = case.lodged()
    found = Objection.objects.get()
    year = timezone.localtime().year
    assert found.number == f"普惠评异〔{year}〕1号"
    assert (found.lodged_by, assessment.correction_state) == (case.people(assessment)["signatory"], Correction.LODGED)
    said = json.loads(Event.objects.filter(event="assessments.review.lodge_objection").get().data)
    assert said["objection"]["digest"] == found.digest
    assert said["objection"]["grounds"] == {GROUND: "材料已于当年报送。"}
    with pytest.raises(Refused):
        save_objection(
            actor=case.people(assessment)["preparer"],
            assessment_id=assessment.pk,
            statement="改",
            grounds={GROUND: "改"},
            revision=1,
        )
    assert Objection.objects.get().statement == "请复核A1得分。"


def test_who_wrote_does_not_sign_and_nobody_signs_nothing(case: Corrections) -> None:
    assessment = case.notified()
    signatory = case.people(assessment)["signatory"]
    with pytest.raises(Refused, match="理由"):
        case.perform(signatory, "lodge_objection", assessment)
    assessment = case.drafted(assessment)
    Objection.objects.update(saved_by=signatory)
    with pytest.raises(Refused):
        case.perform(signatory, "lodge_objection", assessment)
    with pytest.raises(Refused):
        case.perform(case.people(assessment)["preparer"], "lodge_objection", assessment)


def test_its_last_day_is_its_last_and_says_so(case: Corrections) -> None:
    assessment = case.drafted(case.notified())
    until = Notice.objects.get().appeal_until
    signatory = case.people(assessment)["signatory"]
    with at(until + timedelta(seconds=1)), pytest.raises(Refused) as refused:
        case.perform(signatory, "lodge_objection", assessment)
    assert f"{timezone.localtime(until):%Y-%m-%d}" in str(refused.value)
    with at(until):
        case.perform(signatory, "lodge_objection", assessment)


def test_a_draft_is_the_banks_own_and_nobody_elses(case: Corrections) -> None:
    assessment = case.drafted(case.notified())
    people = case.people(assessment)
    foreign = case.world.people[case.world.bank("B002").pk]["preparer"]
    row = add_document(
        actor=people["preparer"],
        assessment_id=assessment.pk,
        upload=SimpleUploadedFile("说明.png", b"\x89PNG\r\n\x1a\n" + b"0" * 40),
    )
    assert [one.pk for one in readable_objections(people["signatory"], assessment)] == [Objection.objects.get().pk]
    assert readable_objections(case.world.officer, assessment) == []
    assert not visible_objections(case.world.officer).exists()
    from assessments.filings.evidence import open_evidence

    for reader in (case.world.officer, foreign):
        with pytest.raises(Hidden):
            open_evidence(actor=reader, evidence_id=row.pk)
    with pytest.raises(Hidden):
        save_objection(actor=foreign, assessment_id=assessment.pk, statement="x", grounds={}, revision=1)
    with pytest.raises(Hidden):
        withdraw_document(actor=foreign, assessment_id=assessment.pk, evidence_id=row.pk)
    other = add_document(
        actor=people["preparer"],
        assessment_id=assessment.pk,
        upload=SimpleUploadedFile("误传.png", b"\x89PNG\r\n\x1a\n" + b"1" * 40),
    )
    withdraw_document(actor=people["preparer"], assessment_id=assessment.pk, evidence_id=other.pk)
    case.perform(people["signatory"], "lodge_objection", assessment)
    open_evidence(actor=case.world.officer, evidence_id=row.pk).stream.close()
    with pytest.raises(Hidden):
        open_evidence(actor=case.world.officer, evidence_id=other.pk)  # taken out before it was lodged
    open_evidence(actor=people["signatory"], evidence_id=other.pk).stream.close()
    assert visible_objections(case.world.officer).count() == 1


def test_withdrawing_makes_no_room_without_end(case: Corrections, monkeypatch: pytest.MonkeyPatch) -> None:
    """Withdrawn files stay on the disk; twenty at a time, withdrawn and added again, filled it."""
    monkeypatch.setattr("assessments.filings.evidence.MAX_KEPT", 3)
    assessment = case.drafted(case.notified())
    who = {"actor": case.people(assessment)["preparer"], "assessment_id": assessment.pk}

    def add(number: int) -> Evidence:
        content = b"\x89PNG\r\n\x1a\n" + b"%d" % number * 40
        return add_document(**who, upload=SimpleUploadedFile("说明.png", content))

    for number in range(3):
        withdraw_document(**who, evidence_id=add(number).pk)
    with pytest.raises(Refused, match="含已撤回"):
        add(3)


def test_two_who_write_see_each_other(case: Corrections) -> None:
    assessment = case.drafted(case.notified())
    with pytest.raises(Stale):
        save_objection(
            actor=case.people(assessment)["preparer"], assessment_id=assessment.pk, statement="", grounds={}, revision=0
        )


def test_it_is_decided_by_somebody_who_took_no_part(case: Corrections) -> None:
    from assessments.workflow.payloads import GroundAnswer, ObjectionPayload

    assessment = case.lodged()
    payload = ObjectionPayload({GROUND: GroundAnswer(False, "已核。")})
    with pytest.raises(Refused, match="参与"):
        case.perform(case.world.decider, "refuse_objection", assessment, "理由", payload=payload)
    with pytest.raises(Refused):
        case.perform(case.other, "refuse_objection", assessment, "理由", payload=ObjectionPayload({}))
    case.perform(case.other, "refuse_objection", assessment, "理由", payload=payload)


def test_refused_the_notice_holds_and_a_letter_says_why(case: Corrections) -> None:
    assessment = case.answered(case.lodged(), upheld=False, reason="材料不能证明。")
    assert assessment.correction_state == Correction.NONE
    letter = ObjectionLetter.objects.get()
    assert letter.number == f"普惠评复〔{timezone.localtime().year}〕1号"
    assert (letter.body["outcome"], letter.body["reason"]) == ("refused", "材料不能证明。")
    assert letter.body["grounds"][0]["answer"] == "答复：已核。"
    assert Notice.objects.get().rating == assessment.rating
    # Once is once.
    with pytest.raises(Refused):
        case.perform(case.people(assessment)["signatory"], "lodge_objection", assessment)


def test_upheld_the_corrected_notice_replaces_the_one_that_was_sent(case: Corrections) -> None:
    assessment = case.lodged()
    first, run = assessment.rating, assessment.reviewed_run
    people = case.people(assessment)
    assessment = case.answered(assessment, upheld=True)
    assessment = case.points(assessment, None)
    # Until the corrected notice is sent, what was told holds everywhere.
    assert (assessment.rating, assessment.reviewed_run) == (first, run)
    assert ScoreRun.objects.filter(assessment=assessment, kind="reviewed").order_by("-id").first() != run
    assessment = case.perform(case.world.officer, "propose_correction", assessment)
    corrected = assessment.rating_in_hand
    assert corrected.replaces == first and assessment.rating == first
    assert corrected.points != first.points
    with pytest.raises(Refused):
        case.decide(case.world.decider, "decide_correction", case.declined(assessment))
    assessment = case.decide(case.other, "decide_correction", assessment, "更正。")
    assert runs_of(people["signatory"], assessment.version)["reviewed"] == run
    assert get_notice(people["signatory"], assessment.pk)[1].rating == first
    assessment = case.perform(case.other, "issue_correction", assessment)
    old, new = Notice.objects.order_by("pk")
    assert (new.replaces, new.body["replaces"]["number"]) == (old, old.number)
    assert old.number != new.number
    assert (assessment.rating, assessment.reviewed_run, assessment.correction_state) == (
        corrected,
        corrected.run,
        "none",
    )
    assert assessment.review_state == Review.NOTIFIED
    assert list(visible_notices(people["signatory"])) == [new]
    assert get_notice(people["signatory"], assessment.pk, old.pk)[1] == old
    assert runs_of(people["signatory"], assessment.version)["reviewed"] == corrected.run
    assert Rating.objects.filter(assessment=assessment).count() == 2
    assert list(verify()) == []
    # The bank acknowledges the new one, and may object to it.
    assessment = case.perform(people["signatory"], "acknowledge", assessment)
    assert Notice.objects.get(pk=new.pk).acknowledged_at and not Notice.objects.get(pk=old.pk).acknowledged_at
    case.perform(people["signatory"], "lodge_objection", case.drafted(assessment))


def test_the_same_result_closes_with_a_letter_and_no_notice(case: Corrections) -> None:
    assessment = case.answered(case.lodged(), upheld=True)
    first = assessment.rating
    assessment = case.points(assessment, None)
    assessment = case.perform(case.world.officer, "propose_correction", assessment)
    with pytest.raises(Refused):
        case.perform(case.other, "close_unchanged", assessment, "理由")
    assessment = case.perform(case.other, "send_correction_back", assessment, "A1再核。")
    assert Rating.objects.get() == first
    assessment = case.points(assessment, "1", "仍不足。")
    assessment = case.perform(case.world.officer, "propose_correction", assessment)
    assessment = case.perform(case.other, "close_unchanged", assessment, "复核后结果不变。")
    assert (assessment.rating, assessment.correction_state) == (first, Correction.NONE)
    kinds = list(ObjectionLetter.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["decision", "unchanged"]
    assert Notice.objects.count() == 1 and Rating.objects.count() == 1


def test_the_authoritys_own_error_is_confirmed_by_another(case: Corrections) -> None:
    assessment = case.notified()
    first = assessment.rating
    assessment = case.perform(case.world.decider, "ask_correction", assessment, "计分有误。")
    with pytest.raises(Refused):
        case.perform(case.world.decider, "confirm_correction", assessment, "是。")
    kept = case.perform(case.world.second, "keep_notice", assessment, "无误。")
    assert kept.correction_state == Correction.NONE
    case.perform(case.world.decider, "ask_correction", assessment, "计分有误。")
    assessment = case.perform(case.world.second, "confirm_correction", assessment, "属实。")
    with pytest.raises(Refused):  # while it is put right nobody objects
        case.perform(case.people(assessment)["signatory"], "lodge_objection", assessment)
    assessment = case.corrected(assessment, by=case.world.decider)
    assert Notice.objects.get(rating=assessment.rating).replaces.rating == first
    assert not ObjectionLetter.objects.exists()


def test_a_round_does_not_close_while_a_rating_is_put_right(case: Corrections) -> None:
    assessment = case.lodged()
    words = " ".join(map(str, closing_reasons(assessment.round)))
    assert "being put right" in words or "更正" in words


def test_the_database_keeps_an_objection_whole(case: Corrections) -> None:
    case.drafted(case.notified())
    broken: list[dict[str, Any]] = [
        {"lodged_at": timezone.now()},
        {"decided_at": timezone.now()},
    ]
    for values in broken:
        with pytest.raises(IntegrityError), transaction.atomic():
            Objection.objects.update(**values)
