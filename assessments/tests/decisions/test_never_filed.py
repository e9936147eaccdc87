"""A bank that never files is rated by the rule for it: proposed by its officer, decided, told, acknowledged."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments import workflow
from assessments.decisions.unfiled import rated_outcome
from assessments.models import Assessment, Filing, Notice, Rating, Review, Round
from assessments.tests.reviews.world import PASSWORD, World, build
from scorecard.access.decisions import Refused
from scorecard.audit.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build()


def silent(world: World, kind: str = "legal_entity") -> Assessment:
    """A bank that has filed nothing, with its officer."""
    bank = world.bank("SILENT")
    bank.entity_kind = kind
    bank.save()
    return world.again(Assessment.objects.create(round=world.round, bank=bank, officer=world.officer))


def over(world: World) -> None:
    past = timezone.now() - timedelta(hours=1)
    Round.objects.filter(pk=world.round.pk).update(filing_deadline=past)


def client_of(person: object) -> Client:
    client = Client()
    client.force_login(person)  # type: ignore[arg-type]
    client.cookies["django_language"] = "zh-hans"
    return client


def rated(world: World, **more: str) -> Assessment:
    case = silent(world, **more)
    over(world)
    workflow.perform("rate_unfiled", actor=world.officer, assessment_id=case.pk)
    return world.again(case)


def test_not_before_its_day_is_over_and_not_after_a_submission(world: World) -> None:
    case = silent(world)
    with pytest.raises(Refused, match="前仍可报送"):
        workflow.perform("rate_unfiled", actor=world.officer, assessment_id=case.pk)
    over(world)
    with pytest.raises(Refused, match="officer"):
        workflow.perform("rate_unfiled", actor=world.officer_2, assessment_id=case.pk)
    submitted = world.submitted("B001")
    workflow.perform("refuse", actor=world.officer, assessment_id=submitted.pk, reason="请更正")
    with pytest.raises(Refused, match="不属于未报送"):
        workflow.perform("rate_unfiled", actor=world.officer, assessment_id=submitted.pk)


def test_grade_adjustment_and_measures_follow_by_rule_and_without_points(world: World) -> None:
    case = rated(world)
    rating = Rating.objects.get(assessment=case)
    assert (case.filing_state, case.review_state) == (Filing.NOT_FILED, Review.DECISION)
    assert (rating.run, rating.points, rating.grade_proposed, rating.adjustment_proposed) == (None, "", "fail", "-3")
    # By the rulebook's entry, and not because a blank filing would come to the same.
    assert "not-filed" in rated_outcome(rating)["grade"]["holding"]
    codes = [measure.code for measure in rating.measures.all()]
    assert codes == ["rating_down", "access", "capital", "inspection", "accountability"]
    event = Event.objects.filter(event="assessments.review.rate_unfiled").get()
    assert json.loads(event.data)["proposed"]["grade"] == ["fail", "fail"]


def test_no_bond_measure_is_proposed_for_a_branch(world: World) -> None:
    case = rated(world, kind="branch")
    codes = Rating.objects.get(assessment=case).measures.values_list("code", flat=True)
    assert "capital" not in codes and "access" in codes


def test_from_the_officer_s_home_to_the_acknowledged_letter(world: World) -> None:
    case = silent(world)
    over(world)
    officer = client_of(world.officer)
    assert case.bank.name_zh in officer.get(reverse("home")).content.decode().split('id="not-filed"')[1]
    assert "按未报送评定" in officer.get(reverse("review-detail", args=[case.pk])).content.decode()
    url = reverse("review-step", args=[case.pk, "rate_unfiled"])
    page = officer.get(url)
    assert officer.post(url, {"version": "0", "seen": page.context["seen"]}).status_code == 302
    decider = client_of(world.decider)
    url = reverse("decision-detail", args=[case.pk])
    page = decider.get(url).content.decode()
    assert "未报送" in page and "直接评为不合格" in page and "系统建议值" in page
    assert 'class="outcome-charts"' not in page and "核评" not in page.split('id="outcome-title"')[1].split("</ol>")[0]
    world.decline_all(world.again(case))
    seen = decider.get(url).context["seen"]
    told = {"grade": "fail", "adjustment": "-3", "reason": "逾期未报送，经催报仍未报送。", "password": PASSWORD}
    assert decider.post(url, told | {"seen": seen}).status_code == 302
    url = reverse("review-step", args=[case.pk, "issue_notice"])
    page = decider.get(url)
    assert decider.post(url, {"version": "0", "seen": page.context["seen"]}).status_code == 302
    notice = Notice.objects.get(rating__assessment=case)
    assert notice.body["version"] is None and notice.body["targets"] == notice.body["sections"] == []
    assert notice.body["unfiled"]["basis"] == "proposed"
    signatory = client_of(world.people[case.bank_id]["signatory"])
    letter = signatory.get(reverse("notice-detail", args=[case.pk])).content.decode()
    for words in ("你行未在规定期限内报送2017年度", "未报送，不计分", "直接评为不合格", "系统建议值", "法人口径"):
        assert words in letter, words
    assert "沪银监办通" not in letter.split("直接评为不合格")[1].split("</p>")[0], "it is no rule of theirs"
    url = reverse("notice-acknowledge", args=[case.pk])
    page = signatory.get(url)
    assert signatory.post(url, {"password": PASSWORD, "seen": page.context["seen"]}).status_code == 302
    assert world.again(case).review_state == Review.ACKNOWLEDGED
    assert notice.number in signatory.get(reverse("home")).content.decode()
    for name in ("notice-list", "review-queue"):
        assert decider.get(reverse(name)).status_code == 200
    assert case.bank.name_zh in decider.get(reverse("round-detail", args=[world.round.pk])).content.decode()
    assert decider.get(reverse("review-second", args=[case.pk])).status_code == 200
    assert signatory.get(reverse("assessment-result", args=[case.pk])).status_code in (200, 302)


def test_the_decision_maker_lets_it_file_after_all(world: World) -> None:
    case = rated(world)
    workflow.perform("let_file", actor=world.decider, assessment_id=case.pk, reason="系统故障期间，允许补报。")
    case = world.again(case)
    assert (case.filing_state, case.review_state) == (Filing.PREPARING, Review.NONE)
    assert not Rating.objects.filter(assessment=case).exists()


def test_a_rulebook_without_the_rule_rates_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case = silent(world)
    over(world)
    monkeypatch.setattr("assessments.decisions.unfiled.unfiled_rule", lambda rulebook: None)
    with pytest.raises(Refused, match="没有关于未报送的规定"):
        workflow.perform("rate_unfiled", actor=world.officer, assessment_id=case.pk)
