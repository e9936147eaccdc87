"""A bank taken out of an open round, and one added to it: reason, event, page, and what counts it no more."""

from datetime import date

import pytest
from django.urls import reverse

from assessments import workflow
from assessments.models import Assessment, Leaving, ParticipantChange, Ranking, Review, RoundState
from assessments.reviews import queue
from assessments.rounds.participants import add_bank, take_bank_out
from assessments.rounds.selectors import round_progress
from assessments.rounds.services import closing_reasons, open_round
from assessments.scoring.statistics import take_snapshot
from banks.models import Bank, FactEntry, FactSource
from banks.services.facts import record_facts
from banks.tests.factories import make_bank, make_person
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.models import Event

from .test_pages import a_round, person, score
from .world import administrator, planned

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scorecard.jobs.services.publish", lambda *args, **kwargs: None)


def left(case: Assessment) -> Bank:
    """The register has the bank's last day."""
    Bank.objects.filter(pk=case.bank_id).update(active_to=date(2018, 1, 31))
    return Bank.objects.get(pk=case.bank_id)


def test_a_bank_that_is_taken_out_counts_nowhere_and_changes_no_more() -> None:
    round_ = a_round(4)
    out, *others = Assessment.objects.filter(round=round_, version__isnull=False).order_by("pk")
    left(out)
    admin, officer = administrator(), make_person(Role.CASE_OFFICER)
    before = Event.objects.count()
    take_bank_out(actor=admin, round_id=round_.pk, bank_id=out.bank_id, leaving="left", reason="批准退出市场。")
    assert Event.objects.count() == before + 1
    event = Event.objects.order_by("-seq")[0]
    assert (event.event, event.bank_id, event.actor) == ("assessments.round.bank_taken_out", out.bank_id, admin)
    assert "批准退出市场" in event.data

    assert round_progress(officer, round_).banks == 4
    assert out.pk not in queue.in_hand(officer).values_list("pk", flat=True)
    content = take_snapshot(round_=round_).content
    assert (content["banks"], content["submitted"], content["scored"]) == (4, 3, 3)
    assert content["facts"]["bal"]["banks"] == 3
    score(round_)
    assert set(Ranking.objects.values_list("assessment", flat=True)) == {case.pk for case in others}
    assert not any(out.bank.name in str(reason) for reason in closing_reasons(round_))
    with pytest.raises(Refused, match="移出本轮"):
        workflow.perform("accept", actor=officer, assessment_id=out.pk)

    page = person(Role.AUDITOR).get(reverse("round-about", args=[round_.pk])).content.decode()
    assert "批准退出市场。" in page
    assert out.bank.name in page
    listed = person(Role.AUDITOR).get(reverse("round-detail", args=[round_.pk]) + "?stage=taken_out")
    assert [row.record.pk for row in listed.context["table"].rows] == [out.pk]


def test_a_forgotten_bank_is_added_with_its_officer_and_last_years_figures() -> None:
    round_ = planned()
    make_bank()
    open_round(actor=None, round_id=round_.pk)
    officer = make_person(Role.CASE_OFFICER)
    forgotten = make_bank(case_officer=officer)
    record_facts(
        actor=None,
        bank=forgotten,
        period="2016",
        values={"bal": ("value", "9000")},
        source=FactSource.SUPERVISOR,
        note="",
    )
    before = Event.objects.filter(event__startswith="assessments").count()
    made = add_bank(actor=administrator(), round_id=round_.pk, bank_id=forgotten.pk, reason="开启时漏列。")
    assert (made.officer, made.review_state, made.filing_state) == (officer, Review.NONE, "preparing")
    assert Event.objects.filter(event__startswith="assessments").count() == before + 1
    assert Event.objects.filter(event="assessments.round.bank_added", bank_id=forgotten.pk).count() == 1
    carried = FactEntry.objects.filter(bank=forgotten, period="2017", source=FactSource.CARRIED)
    assert [row.value for row in carried] == ["9000"]
    assert round_progress(officer, round_).banks == 2
    with pytest.raises(Refused):
        add_bank(actor=None, round_id=round_.pk, bank_id=forgotten.pk, reason="再来一次")


def test_a_bank_taken_out_by_mistake_comes_back_where_it_stood() -> None:
    round_ = a_round(2)
    case = Assessment.objects.filter(round=round_, version__isnull=False).first()
    assert case is not None
    take_bank_out(actor=None, round_id=round_.pk, bank_id=case.bank_id, leaving=Leaving.MISTAKEN, reason="误列")
    add_bank(actor=None, round_id=round_.pk, bank_id=case.bank_id, reason="核对后仍应参评")
    again = Assessment.objects.get(pk=case.pk)
    assert (again.taken_out_at, again.leaving, again.version_id) == (None, "", case.version_id)
    assert list(ParticipantChange.objects.values_list("added", flat=True)) == [True, False]


def test_absorbed_needs_its_successor_in_the_register_who_may_then_take_part() -> None:
    round_ = planned()
    bank, late = make_bank(), make_bank(active_from=date(2018, 3, 1))
    open_round(actor=None, round_id=round_.pk)
    assert not Assessment.objects.filter(bank=late).exists()

    def out() -> Assessment:
        return take_bank_out(
            actor=None, round_id=round_.pk, bank_id=bank.pk, leaving=Leaving.ABSORBED, reason="吸收合并"
        )

    with pytest.raises(Refused):
        out()
    with pytest.raises(Refused):
        add_bank(actor=None, round_id=round_.pk, bank_id=late.pk, reason="承继")
    Bank.objects.filter(pk=bank.pk).update(successor=late, succeeded_on=date(2018, 3, 1), active_to=date(2018, 2, 28))
    out()
    assert add_bank(actor=None, round_id=round_.pk, bank_id=late.pk, reason="承继").bank == late
    page = person(Role.AUDITOR).get(reverse("round-about", args=[round_.pk])).content.decode()
    assert late.name in page


@pytest.mark.parametrize("state", [Review.DECIDED, Review.NOTIFIED, Review.ACKNOWLEDGED])
def test_a_decided_rating_stands(state: str) -> None:
    round_ = a_round(1)
    case = Assessment.objects.filter(round=round_, version__isnull=False).get()
    left(case)
    Assessment.objects.filter(pk=case.pk).update(review_state=state)
    with pytest.raises(Refused):
        take_bank_out(actor=None, round_id=round_.pk, bank_id=case.bank_id, leaving="left", reason="退出")


@pytest.mark.parametrize("state", [RoundState.PLANNED, RoundState.CLOSED])
def test_only_while_the_round_is_open_and_only_with_a_reason(state: str) -> None:
    round_ = a_round(1)
    case, forgotten = Assessment.objects.filter(round=round_)[0], make_bank()
    for reason in ("", "理由"):
        if reason:
            round_.state = state
            round_.save()
        with pytest.raises(Refused):
            take_bank_out(actor=None, round_id=round_.pk, bank_id=case.bank_id, leaving="mistaken", reason=reason)
        with pytest.raises(Refused):
            add_bank(actor=None, round_id=round_.pk, bank_id=forgotten.pk, reason=reason)
    assert not ParticipantChange.objects.exists()


@pytest.mark.parametrize("role", [Role.CASE_OFFICER, Role.DECISION_MAKER, Role.AUDITOR])
def test_only_the_administrator(role: str) -> None:
    round_ = a_round(1)
    case = Assessment.objects.filter(round=round_)[0]
    with pytest.raises(Refused):
        take_bank_out(actor=make_person(role), round_id=round_.pk, bank_id=case.bank_id, leaving="mistaken", reason="x")


def test_the_administrators_pages() -> None:
    round_ = a_round(1)
    case = Assessment.objects.filter(round=round_).order_by("pk")[0]
    client = person(Role.ADMINISTRATOR)
    url = reverse("round-bank-out", args=[round_.pk])
    assert client.post(url, {}).status_code == 422
    sent = {"bank": case.bank.code, "leaving": "left", "reason": "退出"}
    refused = client.post(url, sent)
    assert refused.status_code == 422
    assert str(case.bank) in refused.content.decode()
    assert client.post(url, sent | {"leaving": "mistaken"}).status_code == 302
    added = client.post(reverse("round-bank-add", args=[round_.pk]), {"bank": case.bank.code, "reason": "仍应参评"})
    assert added.status_code == 302
    assert Assessment.objects.get(pk=case.pk).taken_out_at is None
