"""A circular: the table of the report, numbered, signed as it was shown; a bank reads its own row and no other."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.http import Http404
from django.test import Client
from django.urls import reverse

from assessments.letters.circular_paper import circular_document
from assessments.letters.selectors import get_any_letter, letter_document
from assessments.models import Circular, CircularCopy, ReadingPeriod
from assessments.readings.circulars import (
    LEAST,
    digest_of,
    get_circular,
    get_copy,
    issue_circular,
    open_copy,
    shown_circular,
    table_of,
)
from assessments.readings.computing import stand
from assessments.tests.readings.world import confirmed, period_of
from assessments.tests.reviews.world import PASSWORD, World, build
from assessments.verification.selectors import is_genuine
from scorecard.access.decisions import Hidden, Refused, Stale
from scorecard.documents.office import to_docx
from scorecard.documents.tests.paper import same_as_golden, tags, text
from scorecard.documents.typesetting import to_pdf
from scorecard.inbox.models import Reminder

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).with_name("golden")


@pytest.fixture
def world() -> World:
    return build()


@pytest.fixture
def period(world: World) -> ReadingPeriod:
    """Five banks that have filed, one of which misses a target, and one that has not filed."""
    found = period_of(world)
    for number in range(LEAST):
        changed: Any = {"sme_hh_end": "4000", "plan_done": "45000"} if number == 1 else {}
        row = confirmed(found, world.bank(f"B00{number}"), **changed)
        stand(found, [row])
    world.bank("B009")
    return found


def test_the_table_of_the_report(world: World, period: ReadingPeriod) -> None:
    table = table_of(world.decider, period)
    rows = {row["bank"]["code"]: row for row in table["rows"]}
    assert rows["B001"]["targets"] == {"T1": "met", "T2": "missed", "T3": "met"} and rows["B001"]["plan"] == "1/4"
    assert set(rows["B009"]["targets"].values()) == {"not_filed"} and rows["B009"]["plan"] is None
    assert table["counts"] == {"banks": 6, "filed": 5, "met": {"T1": 5, "T2": 4, "T3": 5}}


def test_numbered_without_a_gap_frozen_and_told(world: World, period: ReadingPeriod) -> None:
    seen = shown_circular(period, table_of(world.decider, period))
    first = issue_circular(actor=world.decider, period_id=period.pk, text="", seen=seen)
    second = issue_circular(actor=world.decider, period_id=period.pk, text="更正。")
    assert [one.number.rpartition("〕")[2] for one in (first, second)] == ["1号", "2号"]
    assert Reminder.objects.filter(kind="assessments.circular_sent").count() == 12
    assert first.digest == digest_of(first.number, Circular.objects.get(pk=first.pk).body, first.issued_at)
    for rows in (Circular.objects.filter(pk=first.pk), CircularCopy.objects.filter(circular=first)):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(digest="0" * 64)


def test_only_a_decision_maker_and_only_what_was_shown(world: World, period: ReadingPeriod) -> None:
    with pytest.raises(Refused):
        issue_circular(actor=world.officer, period_id=period.pk, text="")
    seen = shown_circular(period, table_of(world.decider, period))
    stand(period, [confirmed(period, world.bank("B010"))])
    with pytest.raises(Stale):
        issue_circular(actor=world.decider, period_id=period.pk, text="", seen=seen)
    with pytest.raises(Refused):
        issue_circular(actor=world.decider, period_id=period_of(world, month=3).pk, text="")
    assert not Circular.objects.exists()


def test_the_same_form_sent_twice_issues_one(world: World, period: ReadingPeriod, client: Client) -> None:
    """A page that was signed and is sent again (back button, a connection that broke off) issues no second letter."""
    client.force_login(world.decider)
    url = reverse("circular-issue", args=[period.pk])
    data = {"text": "请抓紧。", "password": PASSWORD, "seen": client.get(url).context["seen"]}
    assert client.post(url, data).status_code == 302
    again = client.post(url, data)
    first = Circular.objects.get()
    page = again.content.decode()
    assert again.status_code == 409 and first.number in page and "请抓紧。" in page
    assert CircularCopy.objects.count() == 6
    assert client.post(url, data | {"seen": again.context["seen"]}).status_code == 302, "a further one that is meant"


def test_a_copy_names_no_other_bank(world: World, period: ReadingPeriod) -> None:
    circular = issue_circular(actor=world.decider, period_id=period.pk, text="请抓紧。")
    names = {row["bank"]["code"]: row["bank"]["zh"] for row in circular.body["rows"]}
    for copy in circular.copies.select_related("bank"):
        said = json.dumps(letter_document("circular-copy", copy).to_json(), ensure_ascii=False, default=str)
        said += json.dumps(copy.body, ensure_ascii=False)
        assert copy.bank.name_zh in said
        assert not [name for code, name in names.items() if code != copy.bank.code and name in said]
    whole = json.dumps(letter_document("circular", circular).to_json(), ensure_ascii=False, default=str)
    assert all(name in whole for name in names.values())
    assert to_docx(letter_document("circular", circular)).startswith(b"PK")


def test_of_few_banks_neither_sums_nor_counts_are_told(world: World) -> None:
    found = period_of(world)
    for number in range(LEAST - 1):
        stand(found, [confirmed(found, world.bank(f"B00{number}"))])
    circular = issue_circular(actor=world.decider, period_id=found.pk, text="")
    assert circular.body["city"] and circular.body["counts"]["filed"] == LEAST - 1
    for copy in circular.copies.all():
        assert copy.body["city"] == [] and copy.body["counts"] is None and len(copy.body["rows"]) == 1


def test_whose_copy_it_is_and_when_it_was_opened(world: World, period: ReadingPeriod, client: Client) -> None:
    circular = issue_circular(actor=world.decider, period_id=period.pk, text="")
    mine = circular.copies.get(bank__code="B001")
    me, other = world.people[mine.bank_id]["preparer"], circular.copies.get(bank__code="B002")
    with pytest.raises(Hidden):
        get_copy(me, other.pk)
    with pytest.raises(Hidden):
        get_any_letter(me, "circular-copy", other.pk)
    for read in (lambda: get_circular(me, circular.pk), lambda: get_any_letter(me, "circular", circular.pk)):
        with pytest.raises(Http404):
            read()
    assert open_copy(actor=world.officer, pk=mine.pk).read_at is None, "a supervisor's look is not the bank's"
    client.force_login(me)
    page = client.get(reverse("circular-copy", args=[mine.pk])).content.decode()
    assert mine.number in page and "B002" not in page
    mine.refresh_from_db()
    assert mine.read_by == me
    assert mine.number in client.get(reverse("home")).content.decode()


def test_anybody_can_check_the_letter_and_the_copy(world: World, period: ReadingPeriod) -> None:
    circular = issue_circular(actor=world.decider, period_id=period.pk, text="")
    copy = circular.copies.get(bank__code="B001")
    assert is_genuine(circular.number, circular.digest) and is_genuine(copy.number, copy.digest)
    assert copy.digest != circular.digest and not is_genuine(circular.number, "0" * 64)


def test_issued_on_the_screen(world: World, period: ReadingPeriod, client: Client) -> None:
    client.force_login(world.decider)
    here = reverse("circular-issue", args=[period.pk])
    page = client.get(here)
    assert [row[1:3] for row in page.context["city"]][1] == ("24,000", "22,500"), "the city is signed too"
    body = {"seen": page.context["seen"], "text": "请抓紧落实。", "password": "no"}
    assert client.post(here, body).status_code == 422 and not Circular.objects.exists()
    done = client.post(here, body | {"password": PASSWORD}, follow=True)
    assert done.status_code == 200 and Circular.objects.get().number in done.content.decode()
    assert Circular.objects.get().number in client.get(reverse("reading-city", args=[period.pk])).content.decode()


# --- On paper --------------------------------------------------------------------------------------------------------


def _on_paper(letter: Circular | CircularCopy) -> str:
    """Text and tags of the letter, with what differs from run to run fixed."""
    letter.number, letter.digest = "普惠监测通〔2018〕1号", "0123456789abcdef" * 4
    letter.issued_at = datetime(2018, 5, 2, 1, 30, tzinfo=UTC)
    content = to_pdf(circular_document(letter))
    return text(content) + "--- tags ---\n" + "\n".join(tags(content)) + "\n"


def test_circular_and_copy_are_the_golden_ones(world: World, period: ReadingPeriod, settings: Any) -> None:
    settings.SITE_URL, settings.AUTHORITY_NAME = "https://pj.example.gov.cn", "演示监管局"
    settings.LETTER_COPIES = "演示市财政局"
    words = "请未完成目标的银行查找原因 #1 $x$。"
    letter = issue_circular(actor=world.decider, period_id=period.pk, text=words)
    same_as_golden(_on_paper(letter), GOLDEN / "circular.txt")
    copy = letter.copies.get(bank__code="B001")
    same_as_golden(_on_paper(copy), GOLDEN / "copy.txt")
