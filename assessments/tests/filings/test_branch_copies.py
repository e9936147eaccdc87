"""What a branch offers another one: who allows it, to whom, for how long, what of it, and that nothing else is seen."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from assessments.filings.copies.offers import end_offer, made_to, offer
from assessments.filings.copies.taking import take_over
from assessments.filings.evidence import add_evidence
from assessments.models import Answer, Assessment, BranchOffer, Evidence, FilingVersion
from assessments.rulebooks.cache import forget
from assessments.tests.filings.test_drafts import PDF
from assessments.tests.filings.test_sections import assign
from assessments.tests.filings.world import COMPLETE, World, build, person, post_fields
from banks.models import Bank, FactEntry, User
from scorecard.access.decisions import Refused
from scorecard.audit.models import Event

pytestmark = pytest.mark.django_db
Two = tuple[World, World]


@pytest.fixture
def two(settings: Any, tmp_path: Path) -> Iterator[Two]:
    """Two branches of one legal entity; the first one has signed."""
    settings.MEDIA_ROOT = tmp_path
    forget()
    head = build("HEAD").bank
    giver, receiver = build("B001"), build("B002")
    Bank.objects.filter(pk__in=[giver.bank.pk, receiver.bank.pk]).update(head_office=head, entity_kind="branch")
    with override("zh-hans"):
        file = add_evidence(
            actor=giver.preparer,
            assessment_id=giver.assessment.pk,
            indicator="B1",
            upload=ContentFile(PDF, name="授权书.pdf"),
        )
        facts = {name: {"state": "value", "value": value} for name, value in COMPLETE.items()}
        version = FilingVersion.objects.create(
            assessment=giver.assessment,
            number=1,
            facts=facts,
            answers={name: {"narrative": f"总行统一办法 {name}", "self_points": "3"} for name in ("A1", "A2", "B1")},
            evidence=[file.pk],
            digest="0" * 64,
            prepared_by=giver.preparer,
            checked_by=giver.reviewer,
            signed_by=giver.signatory,
            submitted_at=timezone.now(),
        )
        Assessment.objects.filter(pk=giver.assessment.pk).update(version=version)
        giver.again(), receiver.again()
        yield giver, receiver


def offered(two: Two, who: User | None = None, to: Bank | None = None, first: int = 0, last: int = 3) -> BranchOffer:
    giver, receiver = two
    day = timezone.localdate()
    days = {"since": day + timedelta(days=first), "until": day + timedelta(days=last)}
    to_pk = (to or receiver.bank).pk
    return offer(actor=who or giver.signatory, assessment_id=giver.assessment.pk, to=to_pk, **days)


def take(two: Two, row: BranchOffer, *indicators: str, who: User | None = None) -> tuple[int, list[str]]:
    receiver = two[1]
    return take_over(
        actor=who or receiver.preparer,
        assessment_id=receiver.assessment.pk,
        offer_id=row.pk,
        indicators=list(indicators or ("A1", "A2", "B1")),
    )


def test_texts_answers_and_files_come_over_and_never_a_figure(two: Two) -> None:
    giver, receiver = two
    row = offered(two)
    assert "12000" not in json.dumps(row.content), "no figure is in the offer"
    assert "0.55" not in json.dumps(row.content)
    assert "self_points" not in json.dumps(row.content)
    assert take(two, row) == (3, [])
    texts = dict(Answer.objects.filter(assessment=receiver.assessment).values_list("indicator", "narrative"))
    assert texts == {name: f"总行统一办法 {name}" for name in ("A1", "A2", "B1")}
    facts = {fact.fact: fact for fact in FactEntry.objects.filter(bank=receiver.bank)}
    assert set(facts) == {"policy", "flow"}
    assert facts["policy"].value == "1"
    assert giver.bank.name_zh in facts["policy"].source_note
    mine = Evidence.objects.get(assessment=receiver.assessment)
    theirs = Evidence.objects.get(assessment=giver.assessment)
    assert (mine.sha256, mine.name, mine.uploaded_by) == (theirs.sha256, theirs.name, receiver.preparer)
    assert mine.file.name != theirs.file.name, "a file of its own"
    made, taken = Event.objects.get(event="assessments.offer.made"), Event.objects.get(event="assessments.offer.taken")
    assert (made.bank_id, taken.bank_id) == (giver.bank.pk, receiver.bank.pk)
    assert json.loads(made.data)["until"] == str(row.until)


def test_what_the_receiver_has_stays(two: Two) -> None:
    receiver = two[1]
    post_fields(receiver.preparer, receiver.assessment, 0, answers={"A1": {"narrative": "自己的"}})
    post_fields(receiver.preparer, receiver.again(), 1, facts={"policy": "0"})
    row = offered(two)
    take(two, row)
    assert Answer.objects.filter(assessment=receiver.assessment, indicator="A1").latest("pk").narrative == "自己的"
    assert FactEntry.objects.filter(bank=receiver.bank, fact="policy").latest("pk").value == "0"
    with pytest.raises(Refused):
        take(two, row)  # nothing is left


def test_only_a_signatory_offers_only_to_the_own_entity_and_only_what_is_signed(two: Two) -> None:
    giver, receiver = two
    stranger = build("B009")
    for who in (giver.preparer, giver.reviewer):
        with pytest.raises(Refused, match="签发人"):
            offered(two, who)
    with pytest.raises(Refused, match="本法人"):
        offered(two, to=stranger.bank)
    with pytest.raises(Refused, match="本法人"):
        offered(two, to=giver.bank)
    with pytest.raises(Http404):
        offered(two, receiver.signatory)
    with pytest.raises(Refused, match="最后一日"):
        offered(two, first=-2, last=-1)
    day = timezone.localdate()
    with pytest.raises(Refused, match="尚未签发"):
        offer(
            actor=receiver.signatory,
            assessment_id=receiver.assessment.pk,
            to=giver.bank.pk,
            since=day,
            until=day,
        )
    offered(two)
    with pytest.raises(Refused, match="先终止"):
        offered(two)
    assert BranchOffer.objects.count() == 1


@pytest.mark.parametrize("how", ["before", "after", "ended", "entity", "register", "other"])
def test_without_an_offer_that_holds_the_page_answers_404(two: Two, how: str) -> None:
    giver, receiver = two
    row = offered(two, first=1, last=2) if how == "before" else offered(two)
    if how == "after":
        BranchOffer.objects.filter(pk=row.pk).update(
            since=timezone.localdate() - timedelta(days=2), until=timezone.localdate() - timedelta(days=1)
        )
    elif how == "ended":
        end_offer(actor=giver.signatory, offer_id=row.pk)
    elif how == "entity":
        Bank.objects.filter(pk=receiver.bank.pk).update(head_office=None)
    elif how == "register":
        Bank.objects.filter(pk=giver.bank.pk).update(active_to=timezone.localdate() - timedelta(days=1))
    reader = receiver if how != "other" else build("B009")
    client = Client()
    client.force_login(reader.preparer)
    address = reverse("filing-offer", args=[reader.assessment.pk, row.pk])
    assert client.get(address).status_code == 404
    assert client.post(address, {"indicator": "A1"}).status_code == 404
    assert not Answer.objects.filter(assessment=reader.assessment).exists()
    assert made_to(reader.again()) == []


def test_the_receiver_sees_nothing_else_of_the_giver(two: Two) -> None:
    giver, receiver = two
    offered(two)
    client = Client()
    client.force_login(receiver.preparer)
    theirs = Evidence.objects.get(assessment=giver.assessment)
    for name, args in (
        ("filing-detail", [giver.assessment.pk]),
        ("filing-offers", [giver.assessment.pk]),
        ("evidence-download", [theirs.pk]),
        ("filing-version", [giver.assessment.pk, 1]),
    ):
        assert client.get(reverse(name, args=args)).status_code == 404, name


def test_only_a_preparer_takes_over_and_reading_leaves_an_event_of_the_giver(two: Two) -> None:
    giver, receiver = two
    row = offered(two)
    for who in (receiver.reviewer, receiver.signatory):
        with pytest.raises(Refused):
            take(two, row, who=who)
    with pytest.raises(Http404):
        take(two, row, who=giver.preparer)
    client = Client()
    client.force_login(receiver.reviewer)
    client.cookies["django_language"] = "zh-hans"
    page = client.get(reverse("filing-offer", args=[receiver.assessment.pk, row.pk])).content.decode()
    assert "总行统一办法 A1" in page
    assert "授权书.pdf" in page
    assert "checkbox" not in page
    read = Event.objects.get(event="assessments.offer.read")
    assert (read.bank_id, read.actor) == (giver.bank.pk, receiver.reviewer)


def test_what_is_read_while_taking_over_is_an_event_of_the_giver_too(two: Two) -> None:
    """A POST that chooses nothing, or of which a part was refused, shows what is offered."""
    giver, receiver = two
    address = reverse("filing-offer", args=[receiver.assessment.pk, offered(two).pk])
    client = Client()
    client.force_login(receiver.preparer)
    page = client.post(address, {})
    assert page.status_code == 422
    assert "总行统一办法 A1" in page.content.decode()
    read = Event.objects.get(event="assessments.offer.read")
    assert (read.bank_id, read.actor) == (giver.bank.pk, receiver.preparer)


def test_assigned_sections_are_not_filled_by_another_preparer(two: Two) -> None:
    receiver = two[1]
    assign(receiver, B=person("prep-9", receiver.bank, "bank_preparer").pk)
    count, reasons = take(two, offered(two))
    assert count == 3
    assert reasons and all("prep-9" in why for why in reasons)
    assert not Evidence.objects.filter(assessment=receiver.assessment).exists()
    assert not Answer.objects.filter(assessment=receiver.assessment, indicator="B1").exists()


def test_a_file_that_is_gone_is_named(two: Two) -> None:
    giver, receiver = two
    row = offered(two)
    file = Evidence.objects.get(assessment=giver.assessment).file
    file.storage.delete(file.name)
    _count, reasons = take(two, row)
    assert reasons == ["授权书.pdf：该文件内容已不再保存。"]
    assert Answer.objects.filter(assessment=receiver.assessment).count() == 3


def test_the_pages_offer_take_over_and_end(two: Two) -> None:
    giver, receiver = two
    day = str(timezone.localdate())
    client = Client()
    client.force_login(giver.signatory)
    client.cookies["django_language"] = "zh-hans"
    offers = reverse("filing-offers", args=[giver.assessment.pk])
    assert client.post(offers, {"to": receiver.bank.pk, "since": day, "until": ""}).status_code == 422
    assert client.post(offers, {"to": receiver.bank.pk, "since": day, "until": day}).status_code == 302
    row = BranchOffer.objects.get()
    assert receiver.bank.name_zh in client.get(offers).content.decode()
    client.force_login(receiver.preparer)
    address = reverse("filing-offer", args=[receiver.assessment.pk, row.pk])
    assert address in client.get(reverse("filing-offers", args=[receiver.assessment.pk])).content.decode()
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"indicator": ["A1"]}).status_code == 302
    assert Answer.objects.get(assessment=receiver.assessment).indicator == "A1"
    assert "借鉴所选内容" in client.get(address).content.decode()
    assert client.post(address, {"indicator": ["A2", "B1"]}).status_code == 302
    assert "借鉴所选内容" not in client.get(address).content.decode(), "nothing is left to take over"
    client.force_login(giver.signatory)
    assert client.post(reverse("filing-offer-end", args=[row.pk])).status_code == 302
    client.force_login(receiver.preparer)
    assert client.get(address).status_code == 404
