"""A bank is told of what is decided about it outside the steps of its case, and by when it owes something."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.measures.machine import TOLD
from assessments.measures.steps import Days, Handing
from assessments.measures.table import TABLE
from assessments.meetings.steps import Guest
from assessments.messages.decided import OF_MEASURE, OWED_DAY, plan_obligations
from assessments.models import Assessment, LiveMeasure, Round
from assessments.money.claims import decide_claim, file_claim
from assessments.rounds.participants import add_bank, take_bank_out
from assessments.rounds.services import change_round, open_round
from assessments.rounds.working_days import at_hour
from assessments.rulebooks.services import publish_rulebook
from assessments.tests.measures.world import Register, later
from assessments.tests.measures.world import build as build_register
from assessments.tests.meetings.world import build as build_meetings
from assessments.tests.money.test_desk import COMPENSATED, bank
from assessments.tests.money.test_partners import change, partner
from assessments.tests.reviews.world import person
from assessments.tests.rounds.world import administrator, planned
from banks.models import User
from banks.tests.factories import make_bank, make_person
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.inbox import selectors, services
from scorecard.inbox.letters import letter
from scorecard.inbox.models import Mail, Message, Reminder
from scorecard.inbox.tests.fakes import mail_on
from scorecard.ui.links import address

pytestmark = pytest.mark.django_db


def told(now: datetime | None = None, kind: str = "") -> dict[str, tuple[str, str]]:
    """Send what is due: the newest title and address of each person, of one kind where it is named."""
    Message.objects.all().delete()
    services.send_due(now or timezone.now())
    rows = Message.objects.select_related("person").filter(kind__startswith=kind).order_by("id")
    return {
        line.message.person.username: (line.words.title, address(line.words.link)) for line in selectors.lines(rows)
    }


def opens(client: Client, username: str, url: str) -> bool:
    client.force_login(User.objects.get(username=username))
    return client.get(url).status_code == 200


@pytest.mark.parametrize(("state", "words"), [("suspended", "暂停合作"), ("ended", "终止合作")])
def test_a_partner_reads_that_its_standing_has_changed(client: Client, settings: Any, state: str, words: str) -> None:
    mail_on(settings)
    admin = person("admin", Role.ADMINISTRATOR)
    scheme = publish_rulebook(actor=admin, code="money-guarantee-2017", version="2").pk
    own, other = partner("900"), partner("900", "B2")
    for name, role in (("B1-preparer", Role.BANK_PREPARER), ("B1-signatory", Role.BANK_SIGNATORY)):
        person(name, role, bank=own)
    person("B2-signatory", Role.BANK_SIGNATORY, bank=other)
    User.objects.exclude(bank=None).update(email="somebody@example.com")
    decider = person("decider", Role.DECISION_MAKER)
    change(decider, scheme, own, state, reason="不得外传的理由")
    found = told()
    assert set(found) == {"B1-preparer", "B1-signatory"}
    title, url = found["B1-signatory"]
    assert words in title and url == reverse("money-partner", args=[scheme, own.pk])
    assert opens(client, "B1-signatory", url) and opens(client, "B1-preparer", url)
    mails = [str(letter(mail)) for mail in Mail.objects.all()]
    assert len(mails) == 2 and not any("理由" in mail or decider.name in mail for mail in mails)


def test_a_partner_that_is_refused_a_step_is_told_nothing() -> None:
    scheme = publish_rulebook(actor=person("admin", Role.ADMINISTRATOR), code="money-guarantee-2017", version="2").pk
    with pytest.raises(Refused):
        change(person("decider", Role.DECISION_MAKER), scheme, partner("100"), "suspended")
    assert not Reminder.objects.exists()


@pytest.mark.parametrize(("accept", "words"), [(True, "已获同意"), (False, "未获同意")])
def test_a_bank_reads_that_its_claim_is_decided(client: Client, accept: bool, words: str) -> None:
    scheme = publish_rulebook(actor=person("admin", Role.ADMINISTRATOR), code="money-compensation-2016", version="2").pk
    own = bank("B1", **COMPENSATED)
    signatory = person("B1-signatory", Role.BANK_SIGNATORY, bank=own)
    claim = file_claim(actor=signatory, scheme_id=scheme)
    decide_claim(actor=person("decider", Role.DECISION_MAKER), claim_id=claim.pk, accept=accept, reason="符合办法。")
    title, url = told()["B1-signatory"]
    assert claim.number in title and words in title and opens(client, "B1-signatory", url)


@pytest.fixture
def world() -> Register:
    return build_register()


def test_every_step_of_a_measure_that_the_bank_reads_is_told_and_no_other() -> None:
    assert set(OF_MEASURE) == {row.name for row in TABLE.values() if row.read and not row.by_bank()}


def test_the_way_of_a_measure(world: Register, client: Client) -> None:
    case = world.told()
    live = world.running(world.live(case, "accountability"), proposal=10)
    names = {one.username for one in world.base.people(case).values()}

    def bank_told(words: str, live: LiveMeasure) -> None:
        found = told(kind=TOLD)
        assert set(found) == names, words
        for name, (title, url) in found.items():
            assert words in title and url == reverse("measure-detail", args=[live.pk]) and opens(client, name, url)

    bank_told("期限已确定", live)
    told_days = Days(later(40), later(60), {"proposal": later(20)})
    live = world.take("extend", live, world.base.world.officer, told=told_days)
    bank_told("期限已延长", live)
    other = world.base.world.officer_2
    live = world.take("hand_measure", live, world.base.world.officer, told=Handing(other))
    assert told() == {}, "the bank reads no word of who owns an entry"
    owed = world.filed(world.owed(live, "proposal"))
    assert {name: title for name, (title, _url) in told().items()} == {
        "officer-2": f"{case.bank.name_zh}已就监管措施报送材料"
    }
    world.take("return_obligation", live, other, obligation_id=owed.pk)
    bank_told("被退回", live)
    world.filed(world.owed(live, "proposal"))
    told()
    world.take("accept_obligation", live, other, obligation_id=owed.pk)
    bank_told("已获认可", live)
    live = world.take("fulfil", live, other)
    bank_told("履行完毕", live)
    access = world.live(case, "access")
    world.take("lift", access, world.base.world.signer(case))
    bank_told("已解除", access)
    assert not Message.objects.filter(kind=TOLD, data__icontains="理由").exists()


def test_what_a_bank_owes_is_told_before_its_day_and_once_after_it(world: Register, client: Client) -> None:
    case = world.told()
    live = world.running(world.live(case, "accountability"), proposal=25)
    owed, people = world.owed(live, "proposal"), {one.username for one in world.base.people(case).values()}
    now = timezone.now()
    for _times in range(2):
        services.plan(now)
    told(now)
    rows = Reminder.objects.filter(kind=OWED_DAY).order_by("due_at")
    assert len(rows) == 4
    found = told(rows[2].due_at, OWED_DAY)
    assert set(found) == people and all("前（含当日）报送" in title for title, _url in found.values())
    assert Reminder.objects.filter(kind=OWED_DAY, dropped="overtaken").count() == 2
    assert opens(client, next(iter(people)), found[next(iter(people))][1])
    world.filed(owed)
    told(now)
    assert told(at_hour(later(26), 10), OWED_DAY) == {}, "nothing is told of what has been filed"


def test_planning_asks_alike_for_one_and_for_many_that_are_due_on_a_day(world: Register) -> None:
    counts = []
    case = world.told()
    for code, owed in (("accountability", {"proposal": 25, "report": 25}), ("inspection", {"plan": 25, "report": 25})):
        world.running(world.live(case, code), **owed)
        with CaptureQueriesContext(connection) as caught:
            plan_obligations(timezone.now())
        counts.append(len(caught))
    assert counts[0] == counts[1] and Reminder.objects.filter(kind=OWED_DAY).count() == 16


def test_a_day_that_moved_is_told_as_the_day_that_holds(world: Register) -> None:
    case = world.told()
    live = world.running(world.live(case, "accountability"), proposal=10)
    services.plan(timezone.now())
    world.take("extend", live, world.base.world.officer, told=Days(later(30), later(60), {"proposal": later(25)}))
    told()
    assert told(at_hour(later(11), 10), OWED_DAY) == {}
    services.plan(timezone.now())
    assert all("已过" in title for title, _url in told(at_hour(later(26), 10), OWED_DAY).values())
    assert Message.objects.filter(kind=OWED_DAY).count() == len(world.base.people(case))


def test_an_invited_bank_is_told_of_signed_minutes(client: Client) -> None:
    own, other = make_bank(), make_bank()
    person("guest-signatory", Role.BANK_SIGNATORY, bank=own)
    person("other-signatory", Role.BANK_SIGNATORY, bank=other)
    meeting = build_meetings().regular(Guest(own.name_zh, "王五", own))
    found = told()
    assert "other-signatory" not in found
    title, url = found["guest-signatory"]
    assert meeting.minutes.number in title and opens(client, "guest-signatory", url)


# --- Rounds ---


def _round_with(**more: datetime) -> tuple[Round, str]:
    here = planned(**more)
    own = make_bank()
    who = make_person(Role.BANK_PREPARER, bank=own)
    open_round(actor=administrator(), round_id=here.pk)
    here.refresh_from_db()
    return here, who.username


def test_a_round_that_opens_tells_each_bank_once_it_may_file(client: Client) -> None:
    opening = timezone.now() + timedelta(days=2)
    here, who = _round_with(opens_at=opening)
    assert told() == {}, "before the opening a bank does not see the round"
    earlier = timezone.now() + timedelta(days=1)
    change_round(actor=administrator(), round_id=here.pk, values={"opens_at": earlier})
    found = told(earlier)
    assert set(found) == {who} and "现可报送" in found[who][0]
    assert told(opening) == {}, "told twice"


def test_a_deadline_that_moves_is_told(client: Client) -> None:
    here, who = _round_with()
    assert "现可报送" in told()[who][0]
    change_round(actor=administrator(), round_id=here.pk, values={"title_zh": "另一个名称"})
    assert told() == {}
    deadline = here.filing_deadline + timedelta(days=5)
    change_round(actor=administrator(), round_id=here.pk, values={"filing_deadline": deadline})
    title, url = told()[who]
    assert "已调整为" in title and opens(client, who, url)


def test_a_bank_that_leaves_and_comes_back_is_told(client: Client) -> None:
    here, who = _round_with()
    told()
    own = Assessment.objects.get(round=here).bank
    taken: dict[str, Any] = {"actor": administrator(), "round_id": here.pk, "bank_id": own.pk, "reason": "合并"}
    take_bank_out(**taken, leaving="mistaken")
    title, url = told()[who]
    assert "不再参加" in title and opens(client, who, url)
    add_bank(**taken)
    title, url = told()[who]
    assert "现可报送" in title and opens(client, who, url)
