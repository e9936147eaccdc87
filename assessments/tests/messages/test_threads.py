"""Remarks in threads: inside the bank, between bank and officer, between supervisors; each says who reads it."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.access import visible_comments
from assessments.filings.remarks import threads, unanswered
from assessments.models import Assessment, Comment
from assessments.reviews.queue import unread_answers
from assessments.reviews.services.comments import write_comment
from assessments.tests.reviews.world import World, build
from assessments.workflow.duties import changed_since
from banks.models import User
from scorecard.access.decisions import Refused
from scorecard.inbox import services
from scorecard.inbox.models import Message

pytestmark = pytest.mark.django_db
INSIDE, QUESTION, REMARK = "这个口径对吗？", "请问以哪个口径为准？", "仅供监管内部参考。"


@pytest.fixture
def world() -> World:
    return build()


@pytest.fixture
def case(world: World) -> Assessment:
    return world.accepted("B001")


def write(actor: User, case: Assessment, text: str, **more: object) -> Comment:
    return write_comment(actor=actor, assessment_id=case.pk, text=text, **({"indicator": "A1"} | more))  # type: ignore[arg-type]


def read(actor: User, case: Assessment) -> list[str]:
    return [row.text for row in visible_comments(actor, case)]


def test_each_side_reads_what_is_for_it(world: World, case: Assessment) -> None:
    bank = world.people[case.bank_id]
    write(bank["reviewer"], case, INSIDE, inside=True)
    write(bank["preparer"], case, QUESTION)
    write(world.officer, case, REMARK)
    for who in bank.values():
        assert read(who, case) == [INSIDE, QUESTION]
    for supervisor in (world.officer, world.second, world.decider, world.auditor):
        assert read(supervisor, case) == [QUESTION, REMARK]


def test_no_page_of_the_supervisor_shows_what_stands_inside_the_bank(world: World, case: Assessment) -> None:
    bank = world.people[case.bank_id]
    write(bank["reviewer"], case, INSIDE, inside=True)
    write(bank["preparer"], case, QUESTION)
    client = Client()
    client.force_login(world.officer)
    for name in ("review-detail", "review-comment", "assessment-history"):
        shown = client.get(reverse(name, args=[case.pk])).content.decode()
        assert INSIDE not in shown, name
        assert QUESTION in shown or name == "review-detail"
    assert [row.text for row in unread_answers(world.officer)] == [QUESTION]
    services.send_due(timezone.now())
    told = Message.objects.filter(kind="assessments.discussed").values_list("person__username", flat=True)
    assert set(told) == {"B001-preparer", "B001-signatory"}
    assert set(Message.objects.filter(kind="assessments.bank_asked").values_list("person__username", flat=True)) <= {
        "officer",
        "officer-2",
    }


def test_an_answer_is_read_by_whoever_reads_its_remark(world: World, case: Assessment) -> None:
    bank = world.people[case.bank_id]
    inside = write(bank["reviewer"], case, INSIDE, inside=True)
    answer = write(bank["preparer"], case, "对。", reply_to=inside.pk, inside=False)
    assert answer.inside and not answer.for_bank
    with pytest.raises(Refused):
        write(world.officer, case, "我看到了。", reply_to=inside.pk)
    question = write(bank["preparer"], case, QUESTION)
    answer = write(world.officer, case, "法人口径。", reply_to=question.pk)
    assert answer.for_bank and not answer.inside
    with pytest.raises(Refused):
        write(bank["signatory"], case, "好。", reply_to=question.pk)
    with transaction.atomic(), pytest.raises(IntegrityError), transaction.atomic():
        Comment.objects.create(assessment=case, text="x", inside=True, for_bank=True, author=bank["preparer"])


def test_what_waits_for_an_answer_is_counted_and_asked_about(world: World, case: Assessment) -> None:
    bank = world.people[case.bank_id]
    asked = write(world.officer, case, "请说明。", for_bank=True)
    inside = write(bank["reviewer"], case, INSIDE, inside=True)
    write(bank["preparer"], case, QUESTION)  # waits for the supervisor, not for the bank
    own = write(bank["reviewer"], case, "补充一句。", reply_to=inside.pk)
    waiting = unanswered(visible_comments(bank["preparer"], case))
    assert waiting == [asked, inside], "who asks does not answer"
    write(bank["preparer"], case, "已核对。", reply_to=inside.pk)
    write(bank["preparer"], case, "已说明。", reply_to=asked.pk)
    assert unanswered(visible_comments(bank["preparer"], case)) == []
    found = threads(visible_comments(bank["preparer"], case))
    assert [len(thread.answers) for thread in found] == [1, 2, 0] and own in found[1].answers


def test_a_remark_inside_the_bank_is_no_answer_to_a_return(world: World, case: Assessment) -> None:
    before = timezone.now() - timedelta(seconds=1)
    write(world.people[case.bank_id]["preparer"], case, INSIDE, inside=True)
    assert not changed_since(case, before)
    write(world.people[case.bank_id]["preparer"], case, QUESTION)
    assert changed_since(case, before)


def test_the_pages_of_the_bank_say_who_reads_and_ask_before_the_filing_goes_on(world: World) -> None:
    case = Assessment.objects.create(round=world.round, bank=world.bank("B002"), officer=world.officer)
    bank = world.people[case.bank_id]
    client = Client()
    client.force_login(bank["reviewer"])
    url = reverse("filing-remark", args=[case.pk])
    assert client.post(url, {"text": INSIDE, "indicator": "A1", "audience": "inside"}).status_code == 302
    assert client.post(url, {"text": QUESTION, "audience": "both"}).status_code == 409, (
        "the preparer asks the supervisor"
    )
    client.force_login(bank["preparer"])
    assert client.post(url, {"text": QUESTION, "audience": "both"}).status_code == 302
    section = client.get(reverse("filing-section", args=[case.pk, "A"])).content.decode()
    assert INSIDE in section and "仅本行可见" in section
    history = client.get(reverse("assessment-history", args=[case.pk])).content.decode()
    assert QUESTION in history and "本行和监管部门可见" in history
    home = client.get(reverse("home")).content.decode()
    assert "1 条意见待回复" in home and "本行内部" in home
    step = client.get(reverse("filing-step", args=[case.pk, "pass_to_reviewer"])).content.decode()
    assert INSIDE in step
    client.force_login(world.officer)
    assert QUESTION in client.get(reverse("review-comment", args=[case.pk])).content.decode()


def test_each_indicator_offers_its_own_choice_of_readers(world: World) -> None:
    """The form stands before its fields: a browser takes those without a form for one group, of one choice."""
    case = Assessment.objects.create(round=world.round, bank=world.bank("B002"), officer=world.officer)
    client = Client()
    client.force_login(world.people[case.bank_id]["preparer"])
    section = client.get(reverse("filing-section", args=[case.pk, "A"])).content.decode()
    forms = {
        form: place.start()
        for place in re.finditer(r'<form [^>]*id="(remark-new-\w+)"', section)
        for form in place.groups()
    }
    fields = [
        (place.group(1), place.start())
        for place in re.finditer(r'name="audience"[^>]*form="(remark-new-\w+)"', section)
    ]
    assert forms and {form for form, _place in fields} == set(forms)
    assert all(forms[form] < place for form, place in fields)
