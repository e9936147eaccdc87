"""The public check: yes or no, the same answer to every wrong question, and not too many of them."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessments.decisions.letters import notice_digest
from assessments.filings.versions.receipts import receipt_of
from assessments.models import FilingVersion, Notice, PublicCheck
from assessments.tests.filings.world import World, build
from assessments.tests.reviews.world import build as build_supervision
from assessments.tests.versions.world import fill, submit
from assessments.verification.selectors import is_genuine
from assessments.verification.services import network_of
from scorecard.audit.models import Event
from scorecard.documents.checking import PATH, public_check

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> FilingVersion:
    world: World = build()
    fill(world)
    return submit(world)


def ask(number: str, digest: str, status: int = 200, client: Client | None = None) -> str:
    answer = (client or Client()).get(reverse("verify"), {"number": number, "digest": digest})
    assert answer.status_code == status, answer.content.decode()
    text = answer.content.decode()
    return text.split('id="answer"')[1].split("<form")[0]


def test_who_holds_the_paper_learns_that_it_is_genuine(version: FilingVersion, settings: Any) -> None:
    number = receipt_of(version).number
    assert "核验一致" in ask(number, version.digest)
    grouped = " ".join(version.digest[i : i + 4] for i in range(0, 64, 4)).upper()
    assert "核验一致" in ask(f" {number} ", grouped)
    assert "核验一致" in ask(number, grouped[:19]), "the first four groups"
    settings.SITE_URL = "https://pj.example.gov.cn"
    scanned = public_check(number, version.digest).address.removeprefix(settings.SITE_URL)
    assert reverse("verify") == PATH and "核验一致" in Client().get(scanned).content.decode()


def test_every_wrong_question_gets_one_answer_and_no_name(version: FilingVersion) -> None:
    number = receipt_of(version).number
    other = Event.objects.exclude(seq=int(number)).earliest("seq").seq  # an event that is no receipt
    wrong = "0" + version.digest[1:] if version.digest[0] != "0" else "1" + version.digest[1:]
    answers = {
        ask(number, wrong),
        ask(number, version.digest[:63] + ("0" if version.digest[63] != "0" else "1")),
        ask("999999999", version.digest),
        ask(str(other), version.digest),
        ask("普惠评通〔2018〕1号", version.digest),
        ask("9" * 70, version.digest),
        ask(number, "0" * 64),
        ask("999999999", "0" * 64),
    }
    assert len(answers) == 1 and "核验不一致" in answers.pop()
    genuine = Client().get(reverse("verify"), {"number": number, "digest": version.digest}).content.decode()
    here = version.assessment
    for name in (here.bank.name_zh, here.bank.code, here.round.title_zh, version.signed_by.name, "2017"):
        assert name not in genuine


def test_a_bad_digest_says_what_is_wrong_and_keeps_what_was_typed(version: FilingVersion) -> None:
    answer = Client().get(reverse("verify"), {"number": "17", "digest": "abcd"})
    text = answer.content.decode()
    assert answer.status_code == 422 and 'value="abcd"' in text and 'value="17"' in text and "至少填写四组" in text


def test_one_address_asks_so_often_and_no_more(version: FilingVersion, settings: Any) -> None:
    settings.PUBLIC_CHECKS = 3
    number = receipt_of(version).number
    for _time in range(3):
        assert "核验一致" in ask(number, version.digest)
    answer = Client().get(reverse("verify"), {"number": number, "digest": version.digest})
    assert answer.status_code == 429 and 0 < int(answer["Retry-After"]) <= 601
    assert "核验一致" not in answer.content.decode() and f'value="{number}"' in answer.content.decode()
    assert "核验一致" in ask(number, version.digest, client=Client(REMOTE_ADDR="10.0.0.9"))
    for last in range(3):
        ask(number, version.digest, client=Client(REMOTE_ADDR=f"2001:db8::{last + 1}"))
    assert "核验一致" not in ask(number, version.digest, 429, Client(REMOTE_ADDR="2001:db8::ffff"))
    assert PublicCheck.objects.count() == 7


def test_an_ipv4_address_is_itself_however_the_server_writes_it() -> None:
    """All of them shared one count where the server listens on both kinds of addresses at once."""
    assert network_of("::ffff:10.0.0.9") == network_of("10.0.0.9") == "10.0.0.9"
    assert network_of("2001:db8::1") == network_of("2001:db8::2") != network_of("2001:db8:0:1::1")


def test_a_check_leaves_no_event(version: FilingVersion) -> None:
    before = Event.objects.count()
    ask(receipt_of(version).number, version.digest)
    assert Event.objects.count() == before


def test_a_notice_is_checked_by_number_and_digest() -> None:
    world = build_supervision()
    notice = Notice.objects.get(rating__assessment=world.notified("AAA"))
    assert is_genuine(notice.number, notice_digest(notice))
    assert is_genuine(notice.number.replace("〔", "[").replace("〕", "]"), notice_digest(notice)[:16])
    notice.body["points"] = {"total": "100"}
    assert not is_genuine(notice.number, notice_digest(notice))
