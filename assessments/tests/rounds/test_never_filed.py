"""A closed round says what never came, and a measure that the clause requires is not declined in silence."""

import pytest
from django.test import Client
from django.utils import timezone

from assessments.decisions.letters import letter
from assessments.models import Assessment, Filing, Measure, Review, Round, RoundState
from assessments.rounds.selectors import round_results
from assessments.rulebooks.cache import engine_rulebook
from assessments.tests.reviews import world as worlds
from assessments.tests.reviews.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return worlds.build()


def closed(world: World) -> tuple[Assessment, Assessment]:
    """One bank that never filed, and one that was returned and did not file again; the round is closed."""
    never = Assessment.objects.create(round=world.round, bank=world.bank("N"))
    returned = world.submitted("R")
    Assessment.objects.filter(pk=returned.pk).update(filing_state=Filing.PREPARING, review_state=Review.NONE)
    Round.objects.filter(pk=world.round.pk).update(state=RoundState.CLOSED, closed_at=timezone.now())
    return never, returned


def test_a_closed_round_says_that_nothing_came(world: World) -> None:
    never, returned = closed(world)
    client = Client()
    client.force_login(world.decider)
    listed = client.get(f"/rounds/{world.round.pk}/").content.decode()
    body = listed.partition("<tbody>")[2]
    assert "未报送" in body
    assert "退回后未再报送" in body
    assert "填报中" not in body
    assert "待银行报送" not in listed  # nobody waits for a filing any more
    review, decision = (client.get(f"/{page}/{never.pk}/").content.decode() for page in ("review", "decision"))
    for text in (review, decision):
        assert "已逾期" not in text and "尚未报送" not in text and "尚无建议结果" not in text
    assert "该行未报送" in review and "未作审定" in decision
    for case, words in ((never, "未报送"), (returned, "退回后未再报送")):
        for page in (f"/review/{case.pk}/", f"/assessments/{case.pk}/history/"):
            text = client.get(page).content.decode()
            assert words in text, page
            assert "填报中" not in text
    for word, count in (("not_submitted", 1), ("not_again", 1), ("with_bank", 2)):
        page = client.get(f"/rounds/{world.round.pk}/?stage={word}").content.decode()
        assert page.partition("<tbody>")[2].count("演示") >= count
    client.force_login(world.people[never.bank_id]["preparer"])
    home = client.get("/").content.decode()
    assert "填报中" not in home
    assert "未报送" in home


def test_an_open_round_still_says_where_the_filing_stands(world: World) -> None:
    Assessment.objects.create(round=world.round, bank=world.bank("N"))
    client = Client()
    client.force_login(world.decider)
    assert "填报中" in client.get(f"/rounds/{world.round.pk}/").content.decode().partition("<tbody>")[2]


def test_a_declined_required_measure_is_marked_in_the_list_and_told_in_the_letter(world: World) -> None:
    assessment = world.decided("B001", sme_hh_end="4499")
    other = world.decided("B002")
    required = Measure.objects.filter(rating__assessment=assessment, proposal__case_by_case=False)
    assert required.exists()
    rows = {row.pk: row.declined for row in round_results(world.decider, world.round)}
    assert rows == {assessment.pk: required.count(), other.pk: 0}
    client = Client()
    client.force_login(world.decider)
    page = client.get(f"/rounds/{world.round.pk}/?declined=yes").content.decode().partition("<tbody>")[2]
    assert f"{required.count()}项未采取" in page
    assert "演示B001银行" in page
    assert "演示B002银行" not in page
    told = letter(assessment.rating, engine_rulebook(world.round.rulebook))
    assert {item["code"] for item in told["declined"]} == set(required.values_list("code", flat=True))
