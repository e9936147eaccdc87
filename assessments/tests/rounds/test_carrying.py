"""Last year's base is what was signed, better what was decided; a draft that nobody signed is none."""

import pytest
from django.test import Client

from assessments.models import Assessment, Filing, FilingVersion, Review, Round
from assessments.rounds.carrying import banks_without_base, carry_again
from assessments.rounds.services import open_round
from assessments.tests.rounds.test_stale_steps import seal, signed_in, twice
from assessments.tests.rounds.world import administrator, planned, submit
from banks.models import Bank, FactEntry, FactSource
from banks.services.facts import record_facts
from banks.tests.factories import make_bank, make_person
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.models import Event

pytestmark = pytest.mark.django_db


def last_round() -> Round:
    round_ = planned(code="sh-2016", year=2016)
    open_round(actor=None, round_id=round_.pk)
    return round_


def draft(bank: Bank, value: str, source: str = FactSource.FORM, period: str = "2016", fact: str = "bal") -> None:
    record_facts(actor=None, bank=bank, period=period, values={fact: ("value", value)}, source=source)


def carried(bank: Bank) -> list[tuple[str, str]]:
    rows = FactEntry.objects.filter(bank=bank, period="2017", fact="bal_prev").order_by("revision")
    return list(rows.values_list("value", "source"))


def signed(bank: Bank, value: str, state: str = Review.WAITING) -> FilingVersion:
    case = Assessment.objects.get(bank=bank, round__year=2016)
    version = submit(case, bal=value)
    Assessment.objects.filter(pk=case.pk).update(version=version, filing_state=Filing.SUBMITTED, review_state=state)
    return version


def test_a_draft_that_nobody_signed_is_no_base() -> None:
    admin = administrator()
    drafted, filed, corrected = make_bank(), make_bank(), make_bank()
    last_round()
    for bank in (drafted, filed, corrected):
        draft(bank, "999")
    signed(filed, "10000.50")
    signed(corrected, "5000")
    draft(corrected, "1")  # typed after the signature
    round_ = planned()
    open_round(actor=admin, round_id=round_.pk)
    assert carried(drafted) == []
    assert carried(filed) == [("10000.50", "carried")]
    assert carried(corrected) == [("5000", "carried")]
    assert list(banks_without_base(Round.objects.get(pk=round_.pk))) == [drafted]
    client = Client()
    client.force_login(admin)
    page = client.get(f"/rounds/{round_.pk}/").content.decode()
    assert "1家银行没有上年已签署的数据" in page
    assert drafted.name_zh in client.get(f"/rounds/{round_.pk}/carry/").content.decode()


def test_a_decided_version_goes_before_one_that_was_only_signed() -> None:
    bank = make_bank()
    last_round()
    signed(bank, "100", Review.NOTIFIED)
    other = planned(code="other-2016", year=2016)
    Round.objects.filter(pk=other.pk).update(state="open")
    case = Assessment.objects.create(round=other, bank=bank)
    Assessment.objects.filter(pk=case.pk).update(version=submit(case, bal="7"), review_state=Review.WAITING)
    open_round(actor=None, round_id=planned().pk)
    assert carried(bank) == [("100", "carried")]


def test_carried_again_after_the_signature_and_never_over_what_somebody_gave() -> None:
    admin = administrator()
    late, own, away = make_bank(), make_bank(), make_bank()
    last_round()
    round_ = planned()
    open_round(actor=admin, round_id=round_.pk)
    draft(own, "42", FactSource.FORM, "2017", "bal_prev")
    for bank in (late, own, away):
        signed(bank, "300")
    Assessment.objects.filter(round=round_, bank=away).update(filing_state=Filing.SIGNING)
    assert carry_again(actor=admin, round_id=round_.pk) == 1
    assert carried(late) == [("300", "carried")]
    assert carried(own) == [("42", "form")]
    assert carried(away) == []
    here = Assessment.objects.get(round=round_, bank=late)
    assert (here.revision, here.touched) == (1, {"fact:bal_prev": 1})
    signed(late, "310", Review.DECIDED)
    assert carry_again(actor=admin, round_id=round_.pk) == 1
    assert carried(late)[-1] == ("310", "carried")
    assert Event.objects.filter(event="assessments.round.carried").count() == 2
    client = Client()
    client.force_login(admin)
    url = f"/rounds/{round_.pk}/carry/"
    assert client.post(url).status_code == 409  # a page without a seal carries nothing
    assert client.post(url, {"seen": seal(client.get(url).content.decode())}).status_code == 302


def test_other_figures_than_the_page_showed_are_not_carried() -> None:
    bank = make_bank()
    last_round()
    round_ = planned()
    open_round(actor=None, round_id=round_.pk)
    signed(bank, "300")
    shown, again = twice(
        signed_in(Role.ADMINISTRATOR), f"/rounds/{round_.pk}/carry/", lambda: signed(bank, "310", Review.DECIDED)
    )
    assert bank.name_zh in shown and "300" in shown and "310" in shown
    assert carried(bank) == []
    assert again().status_code == 302
    assert carried(bank) == [("310", "carried")]


def test_only_an_administrator_carries_and_only_into_an_open_round() -> None:
    make_bank()
    round_ = planned()
    admin = administrator()
    with pytest.raises(Refused):
        carry_again(actor=admin, round_id=round_.pk)
    open_round(actor=None, round_id=round_.pk)
    stranger = make_bank()
    assert stranger
    with pytest.raises(Refused):
        carry_again(actor=make_person(Role.DECISION_MAKER), round_id=round_.pk)
