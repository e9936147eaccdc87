"""The officer's desk: evidence beside the text, what is missing asked about, settled rows folded, cases told apart."""

import re
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from assessments import workflow
from assessments.models import Assessment, Evidence, FilingVersion
from assessments.tests.reviews import world as worlds
from assessments.tests.reviews.world import World
from scorecard.audit.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("past_the_triggers")]


@pytest.fixture
def world() -> World:
    return worlds.build()


def officer(world: World) -> Client:
    client = Client()
    client.force_login(world.officer)
    return client


def attach(world: World, assessment: Assessment, indicator: str, content_type: str = "application/pdf") -> Evidence:
    row = Evidence.objects.create(
        assessment=assessment,
        indicator=indicator,
        file=ContentFile(b"%PDF-1.4\n", name="a.pdf"),
        name="制度.pdf",
        size=9,
        sha256="0" * 64,
        content_type=content_type,
        uploaded_by=world.people[assessment.bank_id]["preparer"],
    )
    FilingVersion.objects.filter(pk=assessment.version_id).update(
        evidence=list(Evidence.objects.filter(assessment=assessment).values_list("pk", flat=True))
    )
    return row


def read(response: Any) -> bytes:
    """The file that was sent; reading it to its end closes it and leaves the test's connection open."""
    return b"".join(response.streaming_content)


def rows(page: str) -> list[str]:
    return re.findall(r'<tbody class="rv[^"]*" id="(\w+)" data-review-row', page)


def test_accepting_is_not_offered_before_the_case_is_taken_over(world: World) -> None:
    case = world.submitted()
    Assessment.objects.filter(pk=case.pk).update(officer=world.officer_2)
    page = officer(world).get(f"/review/{case.pk}/").content.decode()
    assert f"/review/{case.pk}/step/accept/" not in page
    assert re.search(rf'class="btn btn-primary" href="/review/{case.pk}/officer/', page)
    other = Client()
    other.force_login(world.officer_2)
    assert f"/review/{case.pk}/step/accept/" in other.get(f"/review/{case.pk}/").content.decode()


def test_missing_evidence_is_red_filtered_and_asked_about_before_agreeing(world: World) -> None:
    case = world.accepted()
    attach(world, case, "A1")
    client = officer(world)
    page = client.get(f"/review/{case.pk}/?rows=missing").content.decode()
    shown = rows(page)
    assert "A1" not in shown
    assert "B1" in shown
    assert page.count("缺少佐证</span>") >= len(shown) or page.count("缺少佐证") > len(shown)
    url, sent = f"/review/{case.pk}/points/B1/", {"version": "1", "revision": "0", "agree": "1"}
    for more in ({}, {"HTTP_HX_REQUEST": "true"}):
        asked = client.post(url, sent, **more)  # type: ignore[arg-type]
        assert asked.status_code == 422
        assert "仍同意" in asked.content.decode()
    assert not Event.objects.filter(event="assessments.review.points").exists()
    assert client.post(url, sent | {"without_evidence": "1"}).status_code == 302
    assert client.post(f"/review/{case.pk}/points/A1/", sent).status_code == 302
    assert Event.objects.filter(event="assessments.review.points").count() == 2


def test_what_is_agreed_or_computed_is_folded_and_can_be_shown(world: World) -> None:
    case = world.accepted()
    for spec in worlds.rulebook().indicators.values():
        attach(world, case, spec.id)
    client = officer(world)
    every = rows(client.get(f"/review/{case.pk}/?rows=all").content.decode())
    before = rows(client.get(f"/review/{case.pk}/").content.decode())
    assert len(every) == len(worlds.rulebook().indicators)
    assert 0 < len(before) < len(every)
    url = f"/review/{case.pk}/points/{before[0]}/"
    assert client.post(url, {"version": "1", "revision": "0", "agree": "1"}).status_code == 302
    page = client.get(f"/review/{case.pk}/").content.decode()
    # H5 waits for the review; with the first view there is one, and it is computed.
    assert "H5" in before
    assert rows(page) == [row for row in before[1:] if row != "H5"]
    assert "已同意或自动计分" in page
    assert before[0] in rows(client.get(f"/review/{case.pk}/?indicator={before[0]}").content.decode())


def test_evidence_opens_beside_the_text(world: World) -> None:
    case = world.accepted()
    seen, office = attach(world, case, "A1"), attach(world, case, "B1", "application/vnd.ms-excel")
    client = officer(world)
    pane = client.get(
        f"/review/{case.pk}/?indicator=A1", HTTP_HX_REQUEST="true", HTTP_HX_TARGET="pane"
    ).content.decode()
    assert f'src="/evidence/{seen.pk}/?view=1"' in pane
    assert pane.index("evidence-view") < pane.index("tree")
    shown = client.get(f"/evidence/{seen.pk}/?view=1")
    assert "attachment" not in shown.headers["Content-Disposition"]
    assert shown.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in shown.headers["Content-Security-Policy"]
    assert "base-uri 'none'" in shown.headers["Content-Security-Policy"]
    assert read(shown)
    for url in (f"/evidence/{seen.pk}/", f"/evidence/{office.pk}/?view=1"):
        kept = client.get(url)
        assert "attachment" in kept.headers["Content-Disposition"]
        assert "sandbox" in kept.headers["Content-Security-Policy"]
        assert "base-uri 'none'; frame-ancestors 'none'" in kept.headers["Content-Security-Policy"]
        assert read(kept)
    assert Event.objects.filter(event="assessments.evidence.read").count() == 3


def test_home_says_what_differs_between_cases(world: World) -> None:
    first = world.accepted("B1", applied="0", approved="0")
    attach(world, first, "A1")
    world.accepted("B2", sme_hh_end="4499")
    page = officer(world).get("/").content.decode()
    assert "待认定：申贷获得率" in page
    assert "未完成：贷款户数" in page
    assert len(re.findall(r"待核评\d+项", page)) == 2
    assert len(set(re.findall(r"缺佐证(\d+)项", page))) == 2


def test_the_decision_page_has_its_questions_on_top_and_leads_to_the_next_case(world: World) -> None:
    case, other = world.for_decision("B1", sme_hh_end="4499"), world.for_decision("B2")
    client = Client()
    client.force_login(world.decider)
    page = client.get(f"/decision/{case.pk}/").content.decode()
    assert page.index('name="grade"') < page.index('id="measures"') < page.index('name="password"')
    assert page.index('name="password"') < page.index("outcome-charts")
    assert "下一家" not in page
    world.decline_all(case)
    case = world.again(case)
    from assessments.workflow.payloads import DecisionPayload

    payload = DecisionPayload.read(case.rating.grade_proposed, case.rating.adjustment_proposed)
    workflow.perform("decide", actor=world.decider, assessment_id=case.pk, reason="同意。", payload=payload)
    workflow.perform("issue_notice", actor=world.decider, assessment_id=case.pk)
    after = client.get(f"/decision/{case.pk}/").content.decode()
    assert f'href="/decision/{other.pk}/"' in after
    assert "下一家：演示B2银行" in after
