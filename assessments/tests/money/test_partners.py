"""A partner of the guarantee fund is suspended, taken on again and ended as the figures on file admit, by a person."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.http import Http404
from django.test import Client
from django.urls import reverse

from assessments.models import PartnerState, PartnerStep
from assessments.money.partners import (
    STEPS,
    change_partner,
    get_partners,
    has_partners,
    shown_step,
    state_of,
    steps_from,
)
from assessments.money.selectors import estimate_on_file, get_scheme, on_file
from assessments.rulebooks.services import publish_rulebook
from assessments.tests.reviews.world import PASSWORD, person
from banks.models import Bank, FactEntry, User
from scorecard.access.decisions import Hidden, Refused, Stale
from scorecard.access.roles import Role
from scorecard.audit.comparison import compare
from scorecard.audit.models import Event

from .test_desk import bank

pytestmark = pytest.mark.django_db
FIGURES = {"fund_loans": "10000", "fund_new_loan": "300", "fund_borne": "240"}
OF = {"partner": "500", "suspended": "500.01", "ended": "800.01"}  # claims at which the scheme gives each standing


@pytest.fixture
def scheme_id() -> int:
    admin = person("admin", Role.ADMINISTRATOR)
    return publish_rulebook(actor=admin, code="money-guarantee-2017", version="2").pk


@pytest.fixture
def decider() -> User:
    return person("decider", Role.DECISION_MAKER)


def partner(claims: str, code: str = "B1") -> Bank:
    return bank(code, **FIGURES, fund_claims=claims)


def now_claims(of: Bank, claims: str) -> None:
    last = FactEntry.objects.filter(bank=of, fact="fund_claims").count()
    FactEntry.objects.create(
        bank=of, period="2017", fact="fund_claims", revision=last + 1, value=claims, source="system"
    )


def change(actor: User, scheme_id: int, of: Bank, state: str, **more: Any) -> PartnerStep:
    given = {"reason": "累计代偿率超过约定。"} | more
    return change_partner(actor=actor, scheme_id=scheme_id, bank_id=of.pk, state=state, **given)


def in_state(decider: User, scheme_id: int, of: Bank, state: str) -> None:
    """Brought there by the steps that lead there."""
    if state != "partner":
        now_claims(of, OF[state])
        change(decider, scheme_id, of, state)


@pytest.mark.parametrize("begin", PartnerState.values)
@pytest.mark.parametrize("standing", PartnerState.values)
@pytest.mark.parametrize("wanted", PartnerState.values)
def test_every_state_standing_and_step(scheme_id: int, decider: User, begin: str, standing: str, wanted: str) -> None:
    """The table of the document a second time: what may be done from where, on which standing."""
    may = {
        ("partner", "suspended", "suspended"), ("partner", "ended", "suspended"), ("partner", "ended", "ended"),
        ("suspended", "partner", "partner"), ("suspended", "ended", "ended"),
    }  # fmt: skip
    own = partner(OF["partner"])
    in_state(decider, scheme_id, own, begin)
    now_claims(own, OF[standing])
    scheme = get_scheme(decider, scheme_id)
    assert state_of(decider, scheme, own) == begin
    before = Event.objects.filter(event="assessments.partner.changed").count()
    if (begin, standing, wanted) in may:
        step = change(decider, scheme_id, own, wanted)
        assert (step.standing, state_of(decider, scheme, own)) == (standing, wanted)
        assert Event.objects.filter(event="assessments.partner.changed").count() == before + 1
    else:
        with pytest.raises(Refused):
            change(decider, scheme_id, own, wanted)
        assert state_of(decider, scheme, own) == begin
        assert Event.objects.filter(event="assessments.partner.changed").count() == before
    told = estimate_on_file(scheme, on_file(decider, scheme, own))
    here = state_of(decider, scheme, own)
    assert set(steps_from(here, told)) == {to for at, given, to in may if (at, given) == (here, standing)}
    assert set(STEPS) == set(PartnerState.values)


def test_a_step_keeps_its_figures_and_never_changes(scheme_id: int, decider: User) -> None:
    own = partner("600")
    step = change(decider, scheme_id, own, "suspended")
    now_claims(own, "100")
    kept = PartnerStep.objects.get(pk=step.pk)
    assert kept.facts["fund_claims"] == {"value": "600", "year": "2017"}
    for change_of in ({"state": "partner"}, {"reason": "x"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            PartnerStep.objects.filter(pk=step.pk).update(**change_of)
    with pytest.raises(DatabaseError), transaction.atomic():
        PartnerStep.objects.filter(pk=step.pk).delete()
    assert [one for one in compare() if one.label.endswith("partnerstep")] == []


def test_who_and_what_is_refused(scheme_id: int, decider: User) -> None:
    own, lacking = partner("600"), bank("B2", fund_loans="100")
    with pytest.raises(Refused):
        change(person("officer", Role.CASE_OFFICER), scheme_id, own, "suspended")
    with pytest.raises(Refused):
        change(decider, scheme_id, own, "suspended", reason=" ")
    with pytest.raises(Refused) as found:
        change(decider, scheme_id, lacking, "suspended")
    assert len(found.value.reasons) == 1
    assert not PartnerStep.objects.exists()


def test_a_figure_that_changed_on_the_way_is_a_conflict(scheme_id: int, decider: User) -> None:
    own = partner("600")
    seen = shown_step(decider, get_scheme(decider, scheme_id), own)
    now_claims(own, "900")
    with pytest.raises(Stale):
        change(decider, scheme_id, own, "suspended", seen=seen)


def test_another_scheme_has_no_partners(decider: User) -> None:
    other = publish_rulebook(actor=None, code="money-reward-2016", version="2")
    assert not has_partners(get_scheme(decider, other.pk))
    with pytest.raises(Http404):
        get_partners(decider, other.pk)


def test_the_pages(scheme_id: int, decider: User, client: Client) -> None:
    own, other = partner("600"), partner("100", "B2")
    client.cookies["django_language"] = "en"
    client.force_login(decider)
    url = reverse("money-partner-step", args=[scheme_id, own.pk])
    page = client.get(url).content.decode()
    assert Event.objects.filter(event="assessments.partner.viewed", bank_id=own.pk).count() == 1
    assert "Suspended" in page and 'value="ended"' not in page and 'value="suspended"' in page
    seen = page.split('name="seen" value="')[1].split('"')[0]
    missing = client.post(url, {"seen": seen, "reason": "写好的理由", "password": PASSWORD})
    assert missing.status_code == 422 and "写好的理由" in missing.content.decode()
    body = {"seen": seen, "state": "suspended", "reason": "代偿率超过5%。", "password": PASSWORD}
    assert client.post(url, body).status_code == 302
    assert client.post(url, body).status_code in (409, 422), "sent twice it is done once"
    assert PartnerStep.objects.count() == 1
    desk = client.get(reverse("money-desk", args=[scheme_id])).content.decode()
    assert reverse("money-partner", args=[scheme_id, own.pk]) in desk and "Suspended" in desk
    file = client.get(reverse("money-desk", args=[scheme_id]) + "?_export=csv")
    text = b"".join(file.streaming_content).decode() if file.streaming else file.content.decode()  # type: ignore[attr-defined]
    assert text.count("Suspended") >= 1 and "Partner of the fund" in text
    client.force_login(person("B1-signatory", Role.BANK_SIGNATORY, bank=own))
    mine = client.get(reverse("money-partner", args=[scheme_id, own.pk])).content.decode()
    assert "代偿率超过5%。" in mine and decider.name not in mine and "Change the standing" not in mine
    assert client.get(reverse("money-partner", args=[scheme_id, other.pk])).status_code == 404
    assert client.get(url).status_code == 403
    with pytest.raises((Http404, Hidden)):
        change_partner(
            actor=User.objects.get(username="B1-signatory"),
            scheme_id=scheme_id,
            bank_id=other.pk,
            state="ended",
            reason="x",
        )
