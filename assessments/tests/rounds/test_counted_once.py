"""A legal entity and its own branch in one round: figures say their scope, and nothing counts the two as two."""

import csv
import io
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from assessments.models import Assessment, PeerSnapshot, Ranking, Review
from assessments.models.assessments import within_head
from assessments.rounds.services import close_round
from assessments.scoring.city import city_figures
from assessments.scoring.statistics import take_snapshot
from assessments.tests.reviews import world as reviews
from banks.models import Bank, EntityKind
from banks.services.facts import record_facts
from scorecard.access.roles import Role
from scorecard.engine.values.rational import Fraction

from .test_pages import a_round, person, score
from .world import at, peers_book, planned, submit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scorecard.jobs.services.publish", lambda *args, **kwargs: None)


def with_branch(count: int) -> tuple[object, Assessment, Assessment]:
    """A round of ``count`` banks that have submitted, of which the second is the branch of the first."""
    round_ = a_round(count)
    head, branch, *_others = Assessment.objects.filter(round=round_).select_related("bank").order_by("pk")
    Bank.objects.filter(pk=branch.bank_id).update(entity_kind=EntityKind.BRANCH, head_office=head.bank)
    return round_, head, branch


def test_sums_means_groups_and_ranks_count_each_institution_once() -> None:
    round_, head, branch = with_branch(4)
    alone = take_snapshot(round_=round_).content  # type: ignore[arg-type]
    assert alone["facts"]["bal"]["banks"] == 3
    assert (alone["scored"], alone["within_head"], alone["banks"]) == (3, 1, 5)
    group = alone["categories"][head.bank.category]
    assert (group["banks"], group["scored"]) == (4, 3)
    score(round_)  # type: ignore[arg-type]
    ranked = Ranking.objects.all()
    assert branch.pk not in ranked.values_list("assessment", flat=True)
    assert set(ranked.values_list("of", flat=True)) == {3}
    Assessment.objects.filter(pk=head.pk).update(taken_out_at="2018-01-01T00:00:00Z")
    again = take_snapshot(round_=round_).content  # type: ignore[arg-type]
    assert (again["scored"], again["within_head"]) == (3, 0), "without its entity the branch stands for itself"


def test_a_closed_round_counts_as_it_did_when_it_closed() -> None:
    """A head office that is entered, or taken from the register, years later."""
    round_, head, branch = with_branch(4)
    score(round_)  # type: ignore[arg-type]
    Assessment.objects.filter(round=round_, version__isnull=False).update(review_state=Review.ACKNOWLEDGED)
    at(round_, timezone.now() - timedelta(days=1))  # type: ignore[arg-type]
    round_ = close_round(actor=None, round_id=round_.pk, reason="未报送的一家已另行处理")  # type: ignore[attr-defined]
    assert list(Assessment.objects.filter(within_head())) == [branch]
    other = Assessment.objects.exclude(pk__in=[head.pk, branch.pk]).filter(round=round_).order_by("pk").first()
    assert other is not None
    Bank.objects.filter(pk=branch.bank_id).update(head_office=None)
    Bank.objects.filter(pk=other.bank_id).update(entity_kind=EntityKind.BRANCH, head_office=head.bank)
    assert list(Assessment.objects.filter(within_head())) == [branch]
    assert take_snapshot(round_=round_).content["within_head"] == 1


def test_the_mean_rate_is_weighted_and_stands_beside_the_report() -> None:
    """Report 1-2-2-1: 5.11 %. A branch of an entity in the round weighs nothing; a draft counts as it is on file."""
    call_command("load_report", str(settings.BASE_DIR / "fixtures" / "report_2017"), stdout=io.StringIO())
    world = reviews.build()
    head = world.submitted("A", sme_rate="0.05", sme_bal_end="1200000")
    branch = world.submitted("B", sme_rate="0.09", sme_bal_end="800000")
    Bank.objects.filter(pk=branch.bank_id).update(entity_kind=EntityKind.BRANCH, head_office=head.bank)
    draft = Assessment.objects.create(round=world.round, bank=world.bank("C"))
    values = {"sme_rate": ("value", "0.0522"), "sme_bal_end": ("value", "1200000")}
    record_facts(actor=None, bank=draft.bank, period="2017", values=values, source="form")
    snapshot = take_snapshot(round_=world.round)
    assert snapshot.content["weighted"] == {"sme_rate": {"sum": "122640", "weight": "2400000", "banks": 2}}
    (line,) = [
        f for f in city_figures(world.decider, world.round, snapshot) if f.figure and f.figure.ident.endswith("2-1-009")
    ]
    assert (line.value, line.banks, line.agrees) == (Fraction("0.0511"), 2, True)
    page = person(Role.DECISION_MAKER).get(reverse("round-aggregate", args=[world.round.pk])).content.decode()
    assert "小微企业贷款加权平均利率" in page and "5.11" in page
    del snapshot.content["weighted"]  # a snapshot of before has no such row
    assert all("利率" not in str(f.label) for f in city_figures(world.decider, world.round, snapshot))


def test_peers_count_each_institution_once() -> None:
    from assessments.rounds.services import open_round
    from banks.tests.factories import make_bank

    head = make_bank()
    make_bank(entity_kind=EntityKind.BRANCH, head_office=head)
    for _number in range(3):
        make_bank()
    round_ = planned(rulebook=peers_book())
    open_round(actor=None, round_id=round_.pk)
    for number, case in enumerate(Assessment.objects.filter(round=round_).select_related("bank").order_by("pk")):
        submit(case, rate=f"0.{51 + number}")
    score(round_)
    values = next(iter(PeerSnapshot.objects.latest("pk").content[head.category].values()))
    assert len(values) == 4
    assert "0.52" not in values


def test_lists_and_pages_say_the_scope() -> None:
    round_, head, branch = with_branch(2)
    client = person(Role.CASE_OFFICER)
    url = reverse("round-detail", args=[round_.pk])  # type: ignore[attr-defined]
    page = client.get(url).content.decode()
    assert "法人口径" in page
    assert "辖内口径" in page
    assert "辖内口径" in client.get(reverse("review-detail", args=[branch.pk])).content.decode()
    assert "法人口径" in client.get(reverse("assessment-result", args=[head.pk])).content.decode()
    head_row = next(
        csv.reader(io.StringIO(b"".join(client.get(url + "?_export=csv").streaming_content).decode("utf-8-sig")))
    )
    assert "数据口径" in head_row
