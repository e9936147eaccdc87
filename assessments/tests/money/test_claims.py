"""A claim is filed from what is on file, kept as it was, decided once by another person, and counted."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from assessments.models import MoneyClaim
from assessments.money.claims import against_claiming, decide_claim, file_claim, get_claim, shown_claim
from assessments.money.desk import claim_totals
from assessments.money.selectors import estimate_on_file, get_scheme, on_file
from assessments.rulebooks.services import publish_rulebook
from assessments.tests.reviews.world import PASSWORD, person
from banks.models import Bank, FactEntry, User
from scorecard.access.decisions import Hidden, Refused, Stale
from scorecard.access.roles import Role
from scorecard.audit.comparison import compare
from scorecard.audit.models import Event

from .test_desk import COMPENSATED, bank

pytestmark = pytest.mark.django_db


@pytest.fixture
def scheme_id() -> int:
    admin = person("admin", Role.ADMINISTRATOR)
    return publish_rulebook(actor=admin, code="money-compensation-2016", version="2").pk


def signatory(of: Bank) -> User:
    return person(f"{of.code}-signatory", Role.BANK_SIGNATORY, bank=of)


def test_a_claim_keeps_figures_and_amounts_as_they_were(scheme_id: int) -> None:
    own = bank("B1", **COMPENSATED)
    who, decider = signatory(own), person("decider", Role.DECISION_MAKER)
    claim = file_claim(actor=who, scheme_id=scheme_id)
    assert claim.period == "2017" and claim.facts["comp_net_loss"]["value"] in ("1240.50", "1240.5", "2481/2")
    amounts = {one["id"]: one["value"] for one in claim.amounts}
    FactEntry.objects.create(bank=own, period="2017", fact="comp_net_loss", revision=2, value="1", source="system")
    kept = MoneyClaim.objects.get(pk=claim.pk)
    assert {one["id"]: one["value"] for one in kept.amounts} == amounts
    with pytest.raises(IntegrityError), transaction.atomic():
        MoneyClaim.objects.filter(pk=claim.pk).update(amounts=[])
    with pytest.raises(Refused):
        file_claim(actor=who, scheme_id=scheme_id)
    decide_claim(actor=decider, claim_id=claim.pk, accept=True, reason="符合办法。")
    with pytest.raises(Refused):
        decide_claim(actor=decider, claim_id=claim.pk, accept=False, reason="再想。")
    (totals,) = claim_totals(decider, MoneyClaim.objects.all())
    assert (totals.times, totals.open) == (1, 0)
    assert [one for one in compare() if one.label.endswith("moneyclaim")] == []


def test_what_lacks_or_gives_nothing_is_not_claimed(scheme_id: int) -> None:
    lacking, none, healthy = bank("B1", comp_bal="94000"), bank("B2"), bank("B3", **(COMPENSATED | {"comp_npl": "1"}))
    for one in (lacking, none, healthy):
        with pytest.raises(Refused):
            file_claim(actor=signatory(one), scheme_id=scheme_id)
    with pytest.raises(Refused):
        file_claim(actor=person("desk", Role.DECISION_MAKER), scheme_id=scheme_id)
    assert not MoneyClaim.objects.exists()


def test_who_entered_the_figures_does_not_sign_and_others_see_nothing(scheme_id: int) -> None:
    own, other = bank("B1", **COMPENSATED), bank("B2", **COMPENSATED)
    who = person("both", Role.BANK_PREPARER, Role.BANK_SIGNATORY, bank=own)
    FactEntry.objects.create(
        bank=own, period="2017", fact="comp_npl", revision=2, value="6324", source="bank", entered_by=who
    )
    with pytest.raises(Refused):
        file_claim(actor=who, scheme_id=scheme_id)
    claim = file_claim(actor=signatory(own), scheme_id=scheme_id)
    with pytest.raises(Hidden):
        get_claim(signatory(other), claim.pk)


def test_a_figure_that_changed_on_the_way_is_a_conflict(scheme_id: int) -> None:
    own = bank("B1", **COMPENSATED)
    who = signatory(own)
    scheme = get_scheme(who, scheme_id)
    filed = on_file(who, scheme, own)
    told = estimate_on_file(scheme, filed)
    assert not list(against_claiming(who, scheme, own, filed, told))
    seen = shown_claim(scheme, own, filed, told)
    FactEntry.objects.create(bank=own, period="2017", fact="comp_net_loss", revision=2, value="1300", source="system")
    with pytest.raises(Stale) as caught:
        file_claim(actor=who, scheme_id=scheme_id, seen=seen)
    assert len(caught.value.current) >= 2


def test_the_pages(scheme_id: int, client: Client) -> None:
    own = bank("B1", **COMPENSATED)
    client.force_login(signatory(own))
    here = reverse("money-claim", args=[scheme_id])
    page = client.get(here)
    sent = {"seen": page.context["seen"], "password": PASSWORD}
    assert client.post(here, sent | {"password": "wrong"}).status_code == 422
    assert client.post(here, sent).status_code == 302
    claim = MoneyClaim.objects.get()
    assert client.post(here, sent).status_code == 409
    assert claim.number in client.get(reverse("claim-list")).content.decode()
    decider = person("decider", Role.DECISION_MAKER)
    client.force_login(decider)
    page = client.get(reverse("claim-decide", args=[claim.pk]))
    assert "1,240.5" in page.content.decode() or "1240.5" in page.content.decode()
    sent = {"seen": page.context["seen"], "password": PASSWORD, "outcome": "refused", "reason": "不在支持范围。"}
    assert client.post(reverse("claim-decide", args=[claim.pk]), sent | {"outcome": ""}).status_code == 422
    assert client.post(reverse("claim-decide", args=[claim.pk]), sent).status_code == 302
    client.force_login(User.objects.get(username="B1-signatory"))
    text = client.get(reverse("claim-detail", args=[claim.pk])).content.decode()
    assert "不在支持范围" in text and "decider" not in text
    assert client.post(here, {"seen": client.get(here).context["seen"], "password": PASSWORD}).status_code == 302
    assert MoneyClaim.objects.count() == 2, "a refused claim may be filed again"
    assert Event.objects.filter(event="assessments.claim.filed").count() == 2
