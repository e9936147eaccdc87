"""A legal entity and its own branch in one round: figures say their scope, and nothing counts the two as two."""

import csv
import io

import pytest
from django.urls import reverse

from assessments.models import Assessment, PeerSnapshot, Ranking
from assessments.scoring.statistics import take_snapshot
from banks.models import Bank, EntityKind
from scorecard.access.roles import Role

from .test_pages import a_round, person, score
from .world import peers_book, planned, submit

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
