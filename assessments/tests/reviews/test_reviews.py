"""Points, the supervisor's figures, remarks and the officer: what is written, and every reason why not."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.http import Http404
from django.utils import timezone

from assessments import workflow
from assessments.access import visible_comments
from assessments.models import Assessment, Review, ReviewEntry, RoundState, ScoreRun
from assessments.reviews import queue as review_queue
from assessments.reviews import reasons as review_reasons
from assessments.reviews import selectors as select
from assessments.reviews.given_facts import given_facts
from assessments.reviews.services.comments import write_comment
from assessments.reviews.services.facts import set_supervisor_facts
from assessments.reviews.services.officers import reassign_officer
from assessments.reviews.services.points import View, give_views, set_points
from assessments.reviews.services.returns import return_filing
from assessments.scoring.runs import outcome_of
from assessments.workflow.payloads import DecisionPayload
from banks.models import FactEntry, User
from scorecard.access.decisions import Hidden, Refused, Stale
from scorecard.audit.models import Event

from . import world as worlds
from .world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return worlds.build()


def give(world: World, assessment: Assessment, indicator: str = "A1", **more: object) -> ReviewEntry:
    """The officer's points for one indicator."""
    values = {"version": 1, "revision": 0, "points": None, "reason": ""} | more
    actor = values.pop("actor", world.officer)
    return set_points(actor=actor, assessment_id=assessment.pk, indicator=indicator, **values)  # type: ignore[arg-type]


def reasons(error: pytest.ExceptionInfo[Refused]) -> str:
    return " ".join(str(reason) for reason in error.value.reasons)


# --- Points ----------------------------------------------------------------------------------------------------------


def test_points_replace_the_systems_and_are_scored_at_once(world: World) -> None:
    assessment = world.accepted()
    assert assessment.reviewed_run is None
    entry = give(world, assessment, points="2.5", reason="模型未回测。")
    assert (entry.points, entry.revision, entry.stage) == ("2.5", 1, "first")
    run = world.again(assessment).reviewed_run
    assert run is not None
    assert outcome_of(run)["indicators"]["A1"]["points"] == "2.5"
    assert outcome_of(run)["indicators"]["A1"]["system"] == "4"
    event = Event.objects.get(event="assessments.review.points")
    assert event.bank_id == assessment.bank_id
    assert '"points":"2.5"' in event.data
    assert "模型未回测" in event.data


def test_several_views_are_given_together_or_not_at_all(world: World) -> None:
    """One scoring for all of them, one event for each; one that is refused leaves nothing of the others."""
    assessment = world.accepted()
    good = [View("A1", points="2.5", reason="模型未回测。"), View("A2")]
    with pytest.raises(Refused) as refused:
        give_views(actor=world.officer, assessment_id=assessment.pk, version=1, views=[*good, View("A3", points="99")])
    assert "A3" in reasons(refused)
    assert not ReviewEntry.objects.exists()
    assert not Event.objects.filter(event="assessments.review.points").exists()
    give_views(actor=world.officer, assessment_id=assessment.pk, version=1, views=good)
    assert ScoreRun.objects.filter(version=assessment.version, kind="reviewed").count() == 1
    assert Event.objects.filter(event="assessments.review.points").count() == 2
    run = world.again(assessment).reviewed_run
    assert [outcome_of(run)["indicators"][name]["points"] for name in ("A1", "A2")] == ["2.5", "3"]


def test_agreement_needs_no_reason_and_keeps_the_systems_points(world: World) -> None:
    assessment = world.accepted()
    assert give(world, assessment).points == ""
    run = world.again(assessment).reviewed_run
    assert run is not None
    assert outcome_of(run)["indicators"]["A1"]["points"] == "4"


def test_points_equal_to_the_systems_are_agreement(world: World) -> None:
    assert give(world, world.accepted(), points="4.00").points == ""


@pytest.mark.parametrize(
    ("typed", "stored"), [("２．５", "2.5"), ("2.50", "2.5"), (" 3 分", "3"), ("0", "0"), ("+1", "1"), ("0.01", "0.01")]
)
def test_points_are_read_as_people_type_them(world: World, typed: str, stored: str) -> None:
    assert give(world, world.accepted(), points=typed, reason="核查后调整。").points == stored


@pytest.mark.parametrize("typed", ["4.01", "-0.01", "100", "2.505", "abc", "1e1", "NaN", "2,5", "--1"])
def test_points_outside_range_or_not_points_are_refused_by_name(world: World, typed: str) -> None:
    with pytest.raises(Refused) as error:
        give(world, world.accepted(), points=typed, reason="核查后调整。")
    assert "A1" in reasons(error)
    assert not ReviewEntry.objects.exists()


def test_a_negative_range_takes_its_lowest_points(world: World) -> None:
    assessment = world.accepted()
    assert give(world, assessment, "G3", points="−1", reason="户数口径有误。").points == "-1"
    with pytest.raises(Refused):
        give(world, assessment, "G3", revision=1, points="-1.01", reason="户数口径有误。")


def test_differing_points_need_a_reason(world: World) -> None:
    with pytest.raises(Refused) as error:
        give(world, world.accepted(), points="1", reason="  ")
    assert len(error.value.reasons) == 1
    assert "核评分与系统计分不同，请说明理由" in reasons(error) or "differ" in reasons(error)


def test_every_reason_comes_at_once(world: World) -> None:
    with pytest.raises(Refused) as error:
        give(world, world.submitted(), points="9", actor=world.second)
    assert len(error.value.reasons) == 3


def test_an_indicator_without_points_cannot_be_agreed_with(world: World) -> None:
    assessment = world.accepted()
    with pytest.raises(Refused) as error:
        give(world, assessment, "H2")
    assert "H2" in reasons(error)
    assert give(world, assessment, "H2", points="1", reason="有一件投诉待核。").points == "1"


def test_an_unknown_indicator_is_refused(world: World) -> None:
    with pytest.raises(Refused):
        give(world, world.accepted(), "Z9")


def take_over(world: World, assessment: Assessment, officer: User) -> None:
    held = world.again(assessment).officer
    assert held is not None
    reassign_officer(
        actor=officer, assessment_id=assessment.pk, officer_id=officer.pk, seen_officer=held.pk, reason="代班。"
    )


def test_two_officers_the_second_sees_the_firsts_points(world: World) -> None:
    assessment = world.accepted()
    give(world, assessment, points="3", reason="制度未更新。")
    with pytest.raises(Stale) as error:
        give(world, assessment, points="1", reason="没有模型。", actor=world.officer_2)
    assert error.value.current.points == "3"
    assert error.value.current.entered_by == world.officer
    assert ReviewEntry.objects.count() == 1
    with pytest.raises(Refused):
        give(world, assessment, revision=1, points="1", reason="没有模型。", actor=world.officer_2)
    take_over(world, assessment, world.officer_2)
    assert give(world, assessment, revision=1, points="1", reason="没有模型。", actor=world.officer_2).revision == 2
    run = world.again(assessment).reviewed_run
    assert run is not None
    assert outcome_of(run)["indicators"]["A1"]["points"] == "1"


def test_points_on_a_version_that_was_replaced_are_stale(world: World) -> None:
    assessment = world.accepted()
    world.freeze(assessment, 2)
    with pytest.raises(Stale):
        give(world, assessment, points="3", reason="制度未更新。")


@pytest.mark.parametrize("who", ["second", "decider", "auditor"])
def test_only_a_case_officer_gives_points(world: World, who: str) -> None:
    with pytest.raises(Refused):
        give(world, world.accepted(), points="3", reason="制度未更新。", actor=getattr(world, who))


def test_points_are_closed_before_acceptance_and_after_the_first_review(world: World) -> None:
    with pytest.raises(Refused):
        give(world, world.submitted("B002"))
    with pytest.raises(Refused):
        give(world, world.second_review("B003"), revision=1)


def test_points_are_closed_in_a_closed_round(world: World) -> None:
    assessment = world.accepted()
    world.round.state = RoundState.CLOSED
    world.round.save()
    with pytest.raises(Refused):
        give(world, assessment)


def test_another_banks_people_do_not_see_the_case(world: World) -> None:
    assessment = world.accepted("B001")
    other = world.people[world.bank("B002").pk]["preparer"]
    with pytest.raises(Hidden):
        give(world, assessment, actor=other)


def test_an_administrator_does_not_reach_it(world: World) -> None:
    with pytest.raises(Http404):
        give(world, world.accepted(), actor=worlds.person("admin", "administrator"))


# --- The supervisor's figures ----------------------------------------------------------------------------------------


def facts(world: World, assessment: Assessment, values: dict[str, str], **more: object) -> list[FactEntry]:
    chosen = {"version": 1, "seen": {}, "note": ""} | more
    actor = chosen.pop("actor", world.officer)
    return set_supervisor_facts(actor=actor, assessment_id=assessment.pk, values=values, **chosen)  # type: ignore[arg-type]


def test_figures_are_recorded_with_their_source_and_scored(world: World) -> None:
    assessment = world.accepted()
    rows = facts(world, assessment, {"fee_violations": "1", "open_findings": "０"}, note="检查意见书第3号")
    assert {(row.fact, row.value, row.source, row.source_note) for row in rows} == {
        ("fee_violations", "1", "supervisor", "检查意见书第3号"),
        ("open_findings", "0", "supervisor", "检查意见书第3号"),
    }
    run = world.again(assessment).reviewed_run
    assert run is not None
    assert outcome_of(run)["indicators"]["H2"]["points"] == "2"
    assert outcome_of(run)["indicators"]["H4"]["points"] == "2"
    assert Event.objects.filter(event="assessments.review.facts").count() == 1


def test_a_count_of_the_system_stays_one_until_it_is_corrected(world: World) -> None:
    assessment = world.accepted()
    FactEntry.objects.create(
        bank=assessment.bank, period="2017", fact="returns", revision=1, value="1", source="system"
    )
    assert facts(world, assessment, {"returns": "1"}, seen={"returns": 1}) == []
    found = {fact.spec.id: fact for fact in select.ReviewSheet(world.again(assessment)).given_facts}
    assert found["returns"].counted
    assert found["returns"].given
    assert not found["fee_violations"].given
    facts(world, assessment, {"returns": "3"}, seen={"returns": 1})
    found = {fact.spec.id: fact for fact in select.ReviewSheet(world.again(assessment)).given_facts}
    assert not found["returns"].counted
    assert found["returns"].shown.startswith("3")


def test_figures_of_the_bank_and_derived_ones_are_not_the_supervisors(world: World) -> None:
    assessment = world.accepted()
    for fact in ("sme_bal_end", "self_gap", "no_such_fact"):
        with pytest.raises(Refused):
            facts(world, assessment, {fact: "1"})


def test_wrong_figures_are_named_all_at_once(world: World) -> None:
    with pytest.raises(Refused) as error:
        facts(world, world.accepted(), {"fee_violations": "-1", "open_findings": "many"})
    assert len(error.value.reasons) == 2
    assert not FactEntry.objects.exists()


def test_a_figure_that_somebody_else_changed_is_stale(world: World) -> None:
    assessment = world.accepted()
    facts(world, assessment, {"fee_violations": "1"})
    with pytest.raises(Stale) as error:
        facts(world, assessment, {"fee_violations": "2"}, actor=world.officer_2)
    assert error.value.current[assessment.pk, "fee_violations"].value == "1"
    assert facts(world, assessment, {"fee_violations": "2"}, seen={"fee_violations": 1})[0].revision == 2


def test_a_blank_is_not_yet_supplied_and_not_zero(world: World) -> None:
    assessment = world.accepted()
    assert facts(world, assessment, {"fee_violations": ""}) == []
    facts(world, assessment, {"fee_violations": "1"})
    assert facts(world, assessment, {"fee_violations": ""}, seen={"fee_violations": 1})[0].state == "not_supplied"
    run = world.again(assessment).reviewed_run
    assert run is not None
    assert outcome_of(run)["indicators"]["H2"]["points"] is None


def test_second_reviewer_and_bank_give_no_figures(world: World) -> None:
    assessment = world.accepted()
    bank_person = world.people[assessment.bank_id]["preparer"]
    for actor in (world.second, bank_person):
        with pytest.raises(Refused):
            facts(world, assessment, {"fee_violations": "1"}, actor=actor)


# --- Remarks ---------------------------------------------------------------------------------------------------------


def test_a_remark_for_the_bank_is_answered_by_its_preparer(world: World) -> None:
    assessment = world.accepted()
    asked = write_comment(
        actor=world.officer, assessment_id=assessment.pk, text="请补充制度文本。", indicator="A1", for_bank=True
    )
    write_comment(actor=world.officer, assessment_id=assessment.pk, text="疑似旧制度。", indicator="A1")
    people = world.people[assessment.bank_id]
    answer = write_comment(actor=people["preparer"], assessment_id=assessment.pk, text="已上传。", reply_to=asked.pk)
    assert (answer.indicator, answer.for_bank, answer.reply_to) == ("A1", True, asked)
    assert [c.text for c in visible_comments(people["preparer"], assessment)] == ["请补充制度文本。", "已上传。"]
    assert visible_comments(world.officer, assessment).count() == 3


def test_a_bank_does_not_answer_what_is_not_for_it(world: World) -> None:
    assessment = world.accepted()
    inside = write_comment(actor=world.officer, assessment_id=assessment.pk, text="内部意见。")
    preparer = world.people[assessment.bank_id]["preparer"]
    for reply_to in (inside.pk, 10_000):
        with pytest.raises(Refused):
            write_comment(actor=preparer, assessment_id=assessment.pk, text="回复。", reply_to=reply_to)
    signatory = world.people[assessment.bank_id]["signatory"]
    asked = write_comment(actor=world.officer, assessment_id=assessment.pk, text="请说明。", for_bank=True)
    with pytest.raises(Refused):
        write_comment(actor=signatory, assessment_id=assessment.pk, text="回复。", reply_to=asked.pk)


def test_an_answer_to_an_internal_remark_stays_internal(world: World) -> None:
    assessment = world.accepted()
    inside = write_comment(actor=world.officer, assessment_id=assessment.pk, text="内部意见。")
    answer = write_comment(
        actor=world.second, assessment_id=assessment.pk, text="同意。", reply_to=inside.pk, for_bank=True
    )
    assert not answer.for_bank


def test_empty_remarks_and_auditors_are_refused(world: World) -> None:
    assessment = world.accepted()
    with pytest.raises(Refused):
        write_comment(actor=world.officer, assessment_id=assessment.pk, text="  ")
    with pytest.raises(Refused):
        write_comment(actor=world.auditor, assessment_id=assessment.pk, text="看过。")


# --- The case --------------------------------------------------------------------------------------------------------


def test_a_case_is_handed_over_with_a_reason(world: World) -> None:
    assessment = world.accepted()
    reassign_officer(
        actor=world.officer,
        assessment_id=assessment.pk,
        officer_id=world.officer_2.pk,
        seen_officer=world.officer.pk,
        reason="岗位调整。",
    )
    assert world.again(assessment).officer == world.officer_2
    with pytest.raises(Stale):
        reassign_officer(
            actor=world.officer,
            assessment_id=assessment.pk,
            officer_id=world.officer.pk,
            seen_officer=world.officer.pk,
            reason="岗位调整。",
        )


def test_a_case_goes_only_to_a_case_officer_and_only_in_the_first_review(world: World) -> None:
    assessment = world.accepted()
    with pytest.raises(Refused) as error:
        reassign_officer(
            actor=world.second,
            assessment_id=assessment.pk,
            officer_id=world.decider.pk,
            seen_officer=world.officer.pk,
            reason="",
        )
    assert len(error.value.reasons) == 3
    passed = world.second_review("B002")
    with pytest.raises(Refused):
        reassign_officer(
            actor=world.officer,
            assessment_id=passed.pk,
            officer_id=world.officer_2.pk,
            seen_officer=world.officer.pk,
            reason="岗位调整。",
        )


def send_back(world: World, assessment: Assessment, due_at: object, name: str = "return_for_correction") -> Assessment:
    return return_filing(
        actor=world.officer,
        assessment_id=assessment.pk,
        name=name,
        reason="户数口径请核对。",
        due_at=due_at,  # type: ignore[arg-type]
        seen_version=1,
    )


def test_a_return_gives_a_new_day_and_keeps_the_version(world: World) -> None:
    assessment = world.accepted()
    due = timezone.now() + timedelta(days=7)
    back = send_back(world, assessment, due)
    assert (back.due_at, back.review_state, back.return_reason) == (due, Review.NONE, "户数口径请核对。")
    assert back.version is not None
    assert back.version.number == 1


def test_a_return_after_the_deadline_needs_a_day_that_lies_ahead_and_within_the_review(world: World) -> None:
    assessment = world.accepted()
    now = timezone.now()
    world.round.filing_deadline = now - timedelta(hours=1)
    world.round.save()
    for due in (None, now - timedelta(minutes=1), world.round.review_deadline + timedelta(seconds=1)):
        with pytest.raises(Refused):
            send_back(world, assessment, due)
    assert send_back(world, assessment, world.round.review_deadline).due_at == world.round.review_deadline


# --- What a review still lacks ---------------------------------------------------------------------------------------


def test_what_is_lacking_is_named(world: World) -> None:
    assessment = world.accepted()
    found = list(review_reasons.review_reasons(assessment))
    assert len(found) == 2
    assert "违规收费或不当经营查实件数" in found[0]
    assert "A1 " in found[1]
    assert "G6 " in found[1]
    assert "A2 " not in found[1]
    with pytest.raises(Refused) as error:
        workflow.perform("pass_to_second", actor=world.officer, assessment_id=assessment.pk)
    assert len(error.value.reasons) == 2


def test_a_complete_review_passes_on(world: World) -> None:
    assessment = world.second_review()
    assert assessment.review_state == Review.SECOND
    assert list(review_reasons.review_reasons(assessment)) == []


def test_an_unscored_version_is_not_passed_on(world: World) -> None:
    assessment = world.accepted()
    assert list(review_reasons.score_reasons(assessment)) == []
    Assessment.objects.filter(pk=assessment.pk).update(system_run=None)
    assert len(list(review_reasons.score_reasons(world.again(assessment)))) == 1


def test_views_of_an_older_version_do_not_count_for_the_new_one(world: World) -> None:
    assessment = world.accepted()
    give(world, assessment, points="2", reason="制度未更新。")
    world.freeze(assessment, 2)
    fresh = world.again(assessment)
    assert "A1 " in list(review_reasons.review_reasons(fresh))[1]
    row = select.ReviewSheet(fresh).row("A1")
    assert row is not None
    assert row.entry is None
    assert row.earlier is not None
    assert row.earlier.points == "2"


# --- Duties are segregated -------------------------------------------------------------------------------------------


def test_nobody_takes_the_second_review_of_own_work(world: World) -> None:
    both = worlds.person("both", "case_officer", "second_reviewer", "decision_maker")
    assessment = world.accepted()
    world.give_facts(assessment)
    world.agree(assessment, A1=("3", "制度未更新。"))
    take_over(world, assessment, both)
    give(world, assessment, revision=1, points="2", reason="没有模型。", actor=both)
    take_over(world, assessment, world.officer)
    workflow.perform("pass_to_second", actor=world.officer, assessment_id=assessment.pk)
    with pytest.raises(Refused) as error:
        workflow.perform("confirm", actor=both, assessment_id=assessment.pk)
    assert "初评" in reasons(error) or "first review" in reasons(error)
    workflow.perform("confirm", actor=world.second, assessment_id=assessment.pk)
    with pytest.raises(Refused):
        workflow.perform(
            "decide", actor=both, assessment_id=assessment.pk, reason="同意。", payload=DecisionPayload("excellent")
        )


def test_who_changed_the_supervisors_figures_takes_neither_second_review_nor_decision(world: World) -> None:
    both = worlds.person("both", "case_officer", "second_reviewer", "decision_maker")
    assessment = world.accepted()
    world.give_facts(assessment)
    world.agree(assessment)
    take_over(world, assessment, both)
    facts(world, assessment, {"fee_violations": "1"}, seen={"fee_violations": 1}, actor=both)
    take_over(world, assessment, world.officer)
    workflow.perform("pass_to_second", actor=world.officer, assessment_id=assessment.pk)
    with pytest.raises(Refused) as error:
        workflow.perform("confirm", actor=both, assessment_id=assessment.pk)
    assert "初评" in reasons(error) or "first review" in reasons(error)
    workflow.perform("confirm", actor=world.second, assessment_id=assessment.pk)
    assert not workflow.check("decide", actor=both, assessment=world.again(assessment)).allowed


def test_an_officer_takes_over_but_does_not_hand_on_a_case_of_somebody_else(world: World) -> None:
    assessment = world.accepted()
    third = worlds.person("third", "case_officer")
    with pytest.raises(Refused):
        reassign_officer(
            actor=world.officer_2,
            assessment_id=assessment.pk,
            officer_id=third.pk,
            seen_officer=world.officer.pk,
            reason="代班。",
        )
    take_over(world, assessment, world.officer_2)
    assert world.again(assessment).officer == world.officer_2
    assert Event.objects.filter(event="assessments.review.reassigned", actor=world.officer_2).count() == 1


# --- The sheet -------------------------------------------------------------------------------------------------------


def test_the_sheet_lays_every_side_of_an_indicator_out(world: World) -> None:
    assessment = world.accepted()
    give(world, assessment, points="2.5", reason="模型未回测。")
    row = select.ReviewSheet(world.again(assessment)).row("A1")
    assert row is not None
    assert (row.self_points, row.system, row.judged, row.counted) == (
        Decimal(4),
        Decimal(4),
        Decimal("2.5"),
        Decimal("2.5"),
    )
    assert row.differs
    assert row.self_gap == Decimal("1.5")
    assert "已按要求落实" in row.narrative


def test_peers_are_drawn_only_in_a_group_that_is_large_enough(world: World) -> None:
    mine = world.submitted("B000")
    for number in range(1, 5):
        world.submitted(f"B00{number}", a1_level=str(number))
    world.submitted("B010", category="rural", a1_level="0")
    peers = select.ReviewSheet(world.again(mine)).peers["A1"]
    assert (peers.count, peers.enough, peers.points) == (4, False, ())
    world.submitted("B005", a1_level="0")
    peers = select.ReviewSheet(world.again(mine)).peers["A1"]
    assert (peers.count, peers.points) == (5, tuple(Decimal(n) for n in (0, 1, 2, 3, 4)))
    assert peers.median == 2


def test_the_queue_of_each_role(world: World) -> None:
    waiting = world.submitted("B001")
    first = world.accepted("B002")
    second = world.second_review("B003")
    decision = world.for_decision("B004")

    def own(actor: object) -> set[int]:
        return set(review_queue.own_work(actor).values_list("pk", flat=True))  # type: ignore[arg-type]

    assert own(world.officer) == {waiting.pk, first.pk}
    assert own(world.officer_2) == {waiting.pk}
    assert own(world.second) == {second.pk}
    assert own(world.decider) == {decision.pk}
    assert own(world.auditor) == set()
    assert own(world.people[first.bank_id]["preparer"]) == set()
    assert review_queue.in_hand(world.auditor).count() == 4


# --- At the same moment ----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_the_same_moment_give_one_view(world: World) -> None:
    """Both saw no view yet; the lock on the case lets one through, and the other sees what it missed."""
    assessment = world.accepted()
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def save(actor: User, points: str) -> None:
        try:
            start.wait()
            give(world, assessment, points=points, reason="核查后调整。", actor=actor)
            outcomes.append("saved")
        except Stale as error:
            outcomes.append(f"stale {error.current.points != points}")
        finally:
            connection.close()

    threads = [
        threading.Thread(target=save, args=(actor, points))
        for actor, points in ((world.officer, "1"), (world.officer, "2"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["saved", "stale True"]
    assert ReviewEntry.objects.count() == 1


# --- The self-assessment against the review --------------------------------------------------------------------------


def test_the_quality_of_the_self_assessment_waits_for_the_review(world: World) -> None:
    """Before a review there are no reviewed points: copying the system's points gains nothing (H5)."""
    assessment = world.accepted()
    system = assessment.system_run
    assert system is not None
    assert outcome_of(system)["indicators"]["H5"]["state"] == "pending"
    assert "reviewed" not in system.inputs["facts"]
    give(world, assessment)
    run = world.again(assessment).reviewed_run
    assert run is not None
    assert run.inputs["facts"]["reviewed"] == {"state": "value", "value": "true"}
    assert outcome_of(run)["indicators"]["H5"]["state"] != "pending"
    assert "reviewed" not in {fact.spec.id for fact in given_facts(assessment, worlds.rulebook())}
