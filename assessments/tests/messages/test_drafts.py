"""How far the drafts of a round are, and reminding chosen banks of them."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.messages.selectors import asked_of, draft_standings
from assessments.messages.urging import TEXT_LENGTH, urge_banks
from assessments.models import REPORT, Answer, Assessment, Filing, Review
from assessments.tests.reviews.world import World, build, person, rulebook
from banks.models import FactEntry, User
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.models import Event
from scorecard.inbox import selectors, services
from scorecard.inbox.models import Message

pytestmark = pytest.mark.django_db
TEXT = "请于截止时间前报送。"


@pytest.fixture
def world() -> World:
    return build()


def draft(world: World, code: str, officer: User | None = None, **more: Any) -> Assessment:
    more = {"officer": officer or world.officer} | more
    return Assessment.objects.create(round=world.round, bank=world.bank(code), **more)


def urge(world: World, *cases: Assessment, actor: User | None = None, text: str = TEXT) -> int:
    ids = [case.pk for case in cases]
    return urge_banks(actor=actor or world.officer, round_id=world.round.pk, assessment_ids=ids, text=text)


def page(client: Client, name: str, world: World, **query: str) -> str:
    answer = client.get(reverse(name, args=[world.round.pk]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_what_is_filled_in_is_counted_by_the_newest_revision(world: World) -> None:
    case, bank = draft(world, "B001"), world.people
    asked = asked_of(rulebook())
    fact, indicator = sorted(asked.facts)[0], sorted(asked.points)[0]
    entry = {"bank": case.bank, "period": world.round.period, "source": "form"}
    FactEntry.objects.create(fact=fact, revision=1, state="value", value="1", **entry)
    FactEntry.objects.create(fact=fact, revision=2, state="value", value="2", **entry)
    written = {"assessment": case, "entered_by": bank[case.bank_id]["preparer"]}
    Answer.objects.create(indicator=indicator, revision=1, self_points="1", narrative="", **written)
    Answer.objects.create(indicator=REPORT, revision=1, narrative="总结", **written)
    [found] = draft_standings(world.officer, world.round)
    assert (found.filled, found.whole) == (3, asked.whole)
    FactEntry.objects.create(fact=fact, revision=3, state="unanswered", value="", **entry)
    Answer.objects.create(indicator=indicator, revision=2, self_points="", narrative="", **written)
    assert draft_standings(world.officer, world.round).get().filled == 1


def test_the_list_says_who_has_not_begun_and_when_somebody_signed_in(world: World, client: Client) -> None:
    draft(world, "B001")
    begun = draft(world, "B002", saved_at=timezone.now())
    draft(world, "B003", filing_state=Filing.SUBMITTED, review_state=Review.WAITING)
    User.objects.filter(username="B002-reviewer").update(last_login=timezone.now())
    client.force_login(world.officer)
    shown = page(client, "round-drafts", world)
    assert "演示B001银行" in shown and "未开始" in shown and "演示B003银行" not in shown
    assert "演示B002银行" not in page(client, "round-drafts", world, begun="no")
    assert "演示B001银行" not in page(client, "round-drafts", world, begun="yes")
    assert "演示B002银行" not in page(client, "round-drafts", world, begun="never")
    assert draft_standings(world.officer, world.round).get(pk=begun.pk).signed_in is not None


def test_chosen_banks_are_reminded_with_words_that_were_previewed(world: World, client: Client) -> None:
    first, second = draft(world, "B001"), draft(world, "B002")
    draft(world, "B003", officer=world.officer_2)
    client.force_login(world.officer)
    url = reverse("round-urge", args=[world.round.pk])
    ticked = {"bank": [first.pk, second.pk]}
    assert "演示B001银行、演示B002银行" in client.get(url, ticked).content.decode()
    assert "演示B003银行" not in client.get(url, {"all": "1"}).content.decode(), "another officer's case"
    shown = client.post(url, ticked | {"text": TEXT, "preview": "1"}).content.decode()
    assert (
        "监管部门催报" in shown
        and TEXT in shown
        and not Event.objects.filter(event="assessments.filing.urged").exists()
    )
    assert client.post(url, ticked | {"text": TEXT, "send": "1"}).status_code == 302
    event = Event.objects.get(event="assessments.filing.urged")
    assert json.loads(event.data) == {"banks": sorted([first.bank_id, second.bank_id]), "text": TEXT}
    services.send_due(timezone.now())
    lines = selectors.lines(Message.objects.filter(kind="assessments.urged").select_related("person"))
    assert len(lines) == 6 and all(line.words.text.startswith(TEXT) for line in lines)
    assert draft_standings(world.officer, world.round).get(pk=first.pk).urged_at is not None
    assert client.post(url, ticked | {"text": " ", "send": "1"}).status_code == 422


def test_more_banks_are_reminded_than_a_form_has_fields(world: World, client: Client, settings: Any) -> None:
    """Each bank was a field of the form: from a thousand on, nobody could remind all of them."""
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 5
    cases = [draft(world, f"B{number:03}") for number in range(1, 8)]
    client.force_login(world.officer)
    url = reverse("round-urge", args=[world.round.pk])
    shown = client.get(url, {"all": "1"})
    sent = dict(re.findall(r'<input type="hidden" name="(bank\w*)" value="([^"]*)"', shown.content.decode()))
    assert client.post(url, sent | {"text": TEXT, "preview": "1"}).status_code == 200
    assert client.post(url, sent | {"text": TEXT, "send": "1"}).status_code == 302
    event = Event.objects.get(event="assessments.filing.urged")
    assert json.loads(event.data)["banks"] == sorted(case.bank_id for case in cases)
    for odd in ("²", "9" * 5000, "-1", "x,,1.5"):
        assert client.post(url, {"banks": odd, "text": TEXT, "send": "1"}).status_code == 409


@pytest.mark.parametrize("text", ["", " ", "字" * (TEXT_LENGTH + 1)])
def test_a_reminder_needs_words_of_some_length(world: World, text: str) -> None:
    case = draft(world, "B001")
    with pytest.raises(Refused):
        urge(world, case, text=text)


def test_a_bank_that_has_filed_meanwhile_stops_the_whole_reminder(world: World) -> None:
    first, second = draft(world, "B001"), draft(world, "B002")
    Assessment.objects.filter(pk=second.pk).update(filing_state=Filing.SUBMITTED, review_state=Review.WAITING)
    with pytest.raises(Refused) as refused:
        urge(world, first, second)
    assert "演示B002银行" in str(refused.value) and "演示B001银行" not in str(refused.value)
    assert not Event.objects.filter(event="assessments.filing.urged").exists()


def test_who_may_remind_which_banks(world: World) -> None:
    case = draft(world, "B001", officer=world.officer_2)
    for actor in (world.officer, world.second, world.auditor, person("admin", Role.ADMINISTRATOR)):
        with pytest.raises(Refused):
            urge(world, case, actor=actor)
    assert urge(world, case, actor=world.decider) == 1
    assert urge(world, case, actor=world.officer_2) == 1
    services.send_due(timezone.now())
    assert Message.objects.filter(kind="assessments.urged").count() == 6, "each of the two reminders, to three people"
