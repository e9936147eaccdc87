"""Who is told of each step, and that nothing reaches a bank that it may not read."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from assessments.decisions.reminders import ACKNOWLEDGE, OBJECTION_END
from assessments.messages.steps import TOLD
from assessments.messages.words import TO_BANK, TO_SUPERVISOR
from assessments.models import Assessment
from assessments.reviews.services.comments import write_comment
from assessments.reviews.services.returns import return_filing
from assessments.tests.corrections.world import Corrections
from assessments.tests.reviews.world import build, person
from assessments.workflow.machine import TRANSITIONS
from assessments.workflow.step import BankReads
from banks.models import User
from scorecard.inbox import selectors, services
from scorecard.inbox.letters import letter
from scorecard.inbox.models import Mail, Message, Reminder
from scorecard.inbox.tests.fakes import mail_on
from scorecard.ui.links import address

pytestmark = pytest.mark.django_db
SECRET = "不得外传的理由"


@pytest.fixture
def world() -> Corrections:
    return Corrections(build(), person("decider-2", "decision_maker"))


def told() -> dict[str, str]:
    """Send what is due; the titles of the newest messages, by person."""
    Message.objects.all().delete()
    services.send_due(timezone.now())
    rows = Message.objects.select_related("person").order_by("id")
    return {line.message.person.username: line.words.title for line in selectors.lines(rows)}


def give_back(officer: User, case: Assessment) -> None:
    name = "return_for_correction"
    return_filing(actor=officer, assessment_id=case.pk, name=name, reason=SECRET, due_at=None, seen_version=1)


def test_every_transition_says_who_is_told_and_in_which_words() -> None:
    assert set(TOLD) == set(TRANSITIONS)
    for name, audiences in TOLD.items():
        reads = TRANSITIONS[name].step_read
        assert bool(any(to.roles for to in audiences)) == (name in TO_BANK), name
        assert bool(any(to.others for to in audiences)) == (name in TO_SUPERVISOR), name
        if name in TO_BANK:
            assert reads is BankReads.AT_ONCE, f"{name}: the bank would be told of what it may not read"


def test_what_the_table_takes_from_the_bank_no_message_tells_it(
    world: Corrections, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever ``TOLD`` says, the workflow's own row decides."""
    case = world.notified()
    row = TRANSITIONS["issue_notice"]
    monkeypatch.setitem(TRANSITIONS, "issue_notice", _never(row))
    found = told()
    names = Message.objects.filter(data__transition="issue_notice").values_list("person__username", flat=True)
    assert set(names) == {"officer"} and found["officer"] == f"{case.bank.name_zh}：通知书已发送"


def _never(row: Any) -> Any:
    from dataclasses import replace

    return replace(row, step_read=BankReads.NEVER)


def test_the_way_of_a_case(world: Corrections) -> None:
    here = world.world
    case = here.submitted("B001")
    people = here.people[case.bank_id]
    bank = {f"B001-{role}" for role in ("preparer", "reviewer", "signatory")}
    world.perform(here.officer, "accept", case)
    assert told() == dict.fromkeys(bank, "监管部门已受理本行报送")
    case = here.again(case)
    give_back(here.officer, case)
    assert set(told()) == bank
    case = here.for_decision("B002")
    told()
    here.decline_all(case)
    case = world.decide(here.decider, "decide", case)
    assert told() == {"officer": "演示B002银行：评价结果已审定"}, "the bank learns it by its notice"
    world.perform(here.decider, "issue_notice", case)
    found = told()
    assert set(found) == {"B002-preparer", "B002-reviewer", "B002-signatory", "officer"}
    assert found["B002-signatory"] == "评价结果通知书已送达，请签收"
    world.perform(here.people[case.bank_id]["signatory"], "acknowledge", here.again(case))
    assert told() == {"officer": "演示B002银行已签收通知书"}
    assert people


def test_nobody_is_told_of_what_they_did_themselves(world: Corrections) -> None:
    case = world.lodged()
    found = told()
    assert "B001-signatory" not in {
        message.person.username for message in Message.objects.filter(data__transition="lodge_objection")
    }
    assert found["decider-2"] == "演示B001银行对通知书提出异议（复核申请）" and case


def test_no_reason_remark_or_grade_is_in_any_message_or_mail(world: Corrections, settings: Any) -> None:
    mail_on(settings)
    User.objects.filter(email="").update(email="somebody@example.com")
    here = world.world
    case = here.accepted("B001")
    write_comment(actor=here.officer, assessment_id=case.pk, text=SECRET, indicator="A1", for_bank=True)
    write_comment(actor=here.officer, assessment_id=case.pk, text=SECRET)
    give_back(here.officer, case)
    case = here.for_decision("B002")
    here.decline_all(case)
    world.decide(here.decider, "decide", case, SECRET)
    services.send_due(timezone.now())
    assert Message.objects.count() > 5 and Mail.objects.exists()
    assert SECRET not in json.dumps([*Message.objects.values_list("data", flat=True)], ensure_ascii=False)
    for mail in Mail.objects.all():
        text = letter(mail)
        assert SECRET not in text.subject + str(text.body)
        assert "优秀" not in str(text.body)
    remarks = Message.objects.filter(kind="assessments.asked")
    assert {row.person.username for row in remarks} == {"B001-preparer"}, "the remark between supervisors is nobody's"


def test_the_answer_reaches_who_asked_and_the_officer(world: Corrections) -> None:
    here = world.world
    case = here.accepted("B001")
    asked = write_comment(actor=here.second, assessment_id=case.pk, text="请说明。", indicator="A1", for_bank=True)
    told()
    preparer = here.people[case.bank_id]["preparer"]
    write_comment(actor=preparer, assessment_id=case.pk, text="已说明。", reply_to=asked.pk)
    assert set(told()) == {"officer", "second"}


def test_a_notice_that_is_not_acknowledged_is_reminded_of_once_for_each_day(world: Corrections) -> None:
    case = world.notified()
    told()
    rows = Reminder.objects.filter(kind=ACKNOWLEDGE).order_by("due_at")
    assert [row.sent_at for row in rows] == [None, None]
    late = rows[1].due_at + timedelta(days=30)  # a beat that was off for weeks
    services.send_due(late)
    assert list(rows.values_list("dropped", flat=True)) == ["overtaken", ""]
    assert {message.person.username for message in Message.objects.filter(kind=ACKNOWLEDGE)} == {"B001-signatory"}
    assert Reminder.objects.get(kind=OBJECTION_END).dropped == "changed", "the last day is over by then"
    assert case


def test_an_acknowledged_notice_is_not_reminded_of(world: Corrections) -> None:
    case = world.notified()
    world.perform(world.people(case)["signatory"], "acknowledge", case)
    services.send_due(timezone.now() + timedelta(days=60))
    assert set(Reminder.objects.filter(kind=ACKNOWLEDGE).values_list("dropped", flat=True)) <= {"changed", "overtaken"}
    assert not Message.objects.filter(kind=ACKNOWLEDGE).exists()


def test_each_message_leads_its_reader_to_an_open_page(world: Corrections) -> None:
    """Whoever is told may open what the message leads to; in both languages there are words."""
    case = world.lodged()
    services.send_due(timezone.now())
    opened = 0
    for message in Message.objects.select_related("person"):
        client = Client()
        client.force_login(message.person)
        answer = client.get(reverse("inbox-open", args=[message.pk]))
        assert answer.status_code == 302
        assert client.get(answer["Location"].partition("#")[0]).status_code == 200, (message.kind, message.data)
        for language in ("zh-hans", "en"):
            with override(language):
                words = selectors.lines([message])[0].words
                assert words.title and address(words.link)
        opened += 1
    assert opened > 10 and isinstance(case, Assessment)
    assert not Message.objects.filter(read_at=None).exists()
