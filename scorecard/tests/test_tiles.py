"""The number on a tile is the number of rows behind it, for every role that has tiles."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from assessments import workflow
from assessments.models import Assessment, Reading, ReadingPeriod, RoundState
from assessments.readings.computing import stand
from assessments.tests.readings.world import confirmed, period_of
from assessments.tests.reviews import world as worlds
from assessments.tests.reviews.world import World, person
from banks.models import Bank
from scorecard.access.roles import Role
from scorecard.audit.services import record
from scorecard.jobs.models import Job

pytestmark = pytest.mark.django_db

ROLES = (Role.CASE_OFFICER, Role.SECOND_REVIEWER, Role.DECISION_MAKER, Role.ADMINISTRATOR, Role.AUDITOR)
REVIEWERS = (Role.CASE_OFFICER, Role.SECOND_REVIEWER, Role.DECISION_MAKER)
TILE = re.compile(r'<a(?=[^>]*\sdata-count="(\d+)")(?=[^>]*\shref="([^"]*)")')
COUNT = re.compile(r'class="table-count">\D*([\d,]+)')


def rows_behind(client: Client, url: str) -> int:
    page = client.get(url.replace("&amp;", "&")).content.decode()
    found = COUNT.search(page)
    assert found is not None, url
    return int(found.group(1).replace(",", ""))


def filled(world: World) -> None:
    """A case in every state, one of them in a round that has closed since, and work for the other roles."""
    world.submitted("B0")
    world.accepted("B1")
    world.second_review("B2")
    world.for_decision("B3")
    world.decided("B4")
    for code in ("B5", "B6", "B7"):
        case = world.decided(code)
        workflow.perform("issue_notice", actor=world.decider, assessment_id=case.pk)
    notified = Assessment.objects.get(bank__code="B6")
    workflow.perform("acknowledge", actor=world.people[notified.bank_id]["signatory"], assessment_id=notified.pk)
    other = world.round
    other.pk, other.code, other.state = None, "closed", RoundState.CLOSED
    other.save()
    Assessment.objects.filter(bank__code="B7").update(round=other)
    late = world.round
    late.pk, late.code, late.state = None, "late", RoundState.OPEN
    now = timezone.now()
    late.opens_at, late.filing_deadline, late.review_deadline = (now - timedelta(days=n) for n in (9, 8, 7))
    late.save()
    Assessment.objects.filter(bank__code__in=("B1", "B2")).update(round=late)
    Bank.objects.filter(code="B0").update(active_to="2001-01-01")
    for name in ("access.denied", "access.hidden", "access.hidden"):
        record(name, actor=world.officer, data={})
    Job.objects.create(kind="assessments.score_version", key="f", created_by=world.officer, state="failed")
    warned(world)


def warned(world: World) -> None:
    """A period in which two banks have filed: a serious warning and one to be watched, one of them the officer's."""
    period = period_of(world)
    mine, other = Bank.objects.filter(code__in=("B5", "B6")).order_by("code")
    Bank.objects.filter(pk=mine.pk).update(case_officer=world.officer)
    Bank.objects.filter(pk=other.pk).update(case_officer=world.officer_2)

    def short(at: ReadingPeriod, bank: Bank) -> Reading:
        return confirmed(at, bank, sme_hh_end="4000", sme_hh_prev="4500")

    before = period_of(world, month=3)
    stand(before, [short(before, mine)])
    stand(period, [short(period, mine), short(period, other)])


@pytest.mark.parametrize("role", ROLES)
def test_each_tile_leads_to_as_many_rows_as_it_says(role: str) -> None:
    world = worlds.build()
    filled(world)
    reader = {
        Role.CASE_OFFICER: world.officer,
        Role.SECOND_REVIEWER: world.second,
        Role.DECISION_MAKER: world.decider,
    }.get(Role(role)) or person("looker", role)
    client = Client()
    client.force_login(reader)
    page = client.get("/").content.decode()
    tiles = TILE.findall(page)
    stated = (
        page.count('class="stat-value') + page.count('<li><a href="/review/?review_state') + page.count("/notices/?")
    )
    assert tiles
    assert any("scope=late" in url and int(count) for count, url in tiles) is (role in REVIEWERS), "one is overdue"
    assert len(tiles) >= stated, "a number without the rows behind it"
    if role in REVIEWERS:
        period = ReadingPeriod.objects.get(month=6)
        tiles_here = {url.partition("?")[2]: int(count) for count, url in tiles if f"/readings/{period.pk}/" in url}
        expected = {"stands=warned": 2, "stands=serious": 1, "filed=no": Bank.objects.exclude(code="B0").count() - 2}
        if role == Role.CASE_OFFICER:
            expected |= {"stands=warned&amp;mine=yes": 1, "stands=serious&amp;mine=yes": 1}
        assert tiles_here == expected
    empty = [url for count, url in tiles if int(count) and not rows_behind(client, url)]
    assert empty == []
    for count, url in tiles:
        # Looking leaves events of its own in the trail: its numbers are told before.
        behind = rows_behind(client, url)
        assert (int(count) == behind) or ("/audit/" in url and 0 <= behind - int(count) <= 2 * len(tiles)), (url, count)


def test_notices_are_a_list_with_filters_and_an_export() -> None:
    world = worlds.build()
    filled(world)
    client = Client()
    client.force_login(world.decider)
    assert rows_behind(client, "/notices/") == 3
    assert rows_behind(client, "/notices/?state=waiting&rounds=open") == 1
    assert rows_behind(client, "/notices/?state=acknowledged") == 1
    assert rows_behind(client, "/notices/?state=appeal") == 3
    assert rows_behind(client, "/notices/?sort=-points") == 3
    answer = client.get("/notices/?_export=csv")
    text = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()  # type: ignore[attr-defined]
    assert text.count("普惠评通") == 3
