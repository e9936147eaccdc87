"""Tokens: granted by one, drawn by another, shown once, scoped, over, revoked; each use in the trail."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.api.tokens import draw_token, grant_token, revoke_token
from assessments.models import ApiToken
from assessments.tests.api.world import BASE, Machine, machine, problem, token_for
from assessments.tests.filings.world import PASSWORD, World, bank, person
from banks.models import RoleGrant, User
from scorecard.access.decisions import Hidden, Refused
from scorecard.audit.models import Event
from scorecard.identity.emergency import seal_account

TOMORROW = timezone.localdate() + timedelta(days=1)


def at(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


def grant(world: World, **other: Any) -> ApiToken:
    given: dict[str, Any] = {"name": "总账", "scopes": ["draft.read", "draft.write"], "until": TOMORROW}
    return grant_token(actor=world.signatory, person_id=world.preparer.pk, **(given | other))


def test_granted_by_the_signatory_drawn_by_the_preparer_and_shown_once(world: World) -> None:
    client = at(world.signatory)
    body = {
        "person": world.preparer.pk,
        "name": "总账系统",
        "scopes": ["draft.read"],
        "until": TOMORROW.isoformat(),
        "password": "not the password",
    }
    assert client.post(reverse("token-grant"), body).status_code == 422
    made = client.post(reverse("token-grant"), body | {"password": PASSWORD})
    token = ApiToken.objects.get()
    assert made["Location"] == reverse("token-detail", args=[token.pk])
    assert client.post(reverse("token-draw", args=[token.pk]), {"password": PASSWORD}).status_code == 409
    mine = at(world.preparer)
    assert mine.post(reverse("token-draw", args=[token.pk]), {"password": "wrong"}).status_code == 422
    drawn = mine.post(reverse("token-draw", args=[token.pk]), {"password": PASSWORD}).content.decode()
    token.refresh_from_db()
    secret = drawn.partition("<code")[2].partition(">")[2].partition("<")[0]
    assert secret.startswith(f"sck_{token.key}_") and token.digest and secret not in token.digest
    assert secret not in mine.get(reverse("token-detail", args=[token.pk])).content.decode()
    assert mine.post(reverse("token-draw", args=[token.pk]), {"password": PASSWORD}).status_code == 409
    assert Machine(secret).get("/me").json()["scopes"] == ["draft.read"]
    told = Event.objects.filter(event__startswith="assessments.token").order_by("seq")
    events = list(told.values_list("event", "actor"))
    assert events == [
        ("assessments.token.granted", world.signatory.pk),
        ("assessments.token.drawn", world.preparer.pk),
    ]
    assert secret not in "".join(Event.objects.values_list("data", flat=True))


def test_what_is_not_granted(world: World) -> None:
    wrong: dict[str, Any]
    for wrong in (
        {"until": timezone.localdate() - timedelta(days=1)},
        {"until": timezone.localdate() + timedelta(days=366)},
        {"scopes": []},
        {"scopes": ["sign"]},  # the preparer is no signatory
        {"name": " "},
    ):
        with pytest.raises(Refused):
            grant(world, **wrong)
    with pytest.raises(Refused):
        grant_token(actor=world.preparer, person_id=world.preparer.pk, name="x", scopes=["draft.read"], until=TOMORROW)
    other = person("elsewhere", bank("B002"), "bank_preparer")
    with pytest.raises(Refused):
        grant_token(actor=world.signatory, person_id=other.pk, name="x", scopes=["draft.read"], until=TOMORROW)
    assert not ApiToken.objects.exists()


def test_an_administrator_grants_for_the_desks_and_cannot_draw(world: World) -> None:
    admin, officer = person("adm", None, "administrator"), person("off", None, "case_officer")
    token = grant_token(actor=admin, person_id=officer.pk, name="x", scopes=["bulk.read"], until=TOMORROW)
    with pytest.raises(Refused):
        draw_token(actor=admin, token_id=token.pk)
    with pytest.raises(Hidden):
        draw_token(actor=world.signatory, token_id=token.pk)
    assert draw_token(actor=officer, token_id=token.pk)[1]
    with pytest.raises(Refused):
        grant_token(actor=admin, person_id=world.preparer.pk, name="x", scopes=["draft.read"], until=TOMORROW)


def test_a_token_ends_with_its_day_its_person_its_role_and_its_revocation(world: World) -> None:
    path = f"/assessments/{world.assessment.pk}/draft"
    system = machine(world.preparer)
    row = ApiToken.objects.get()
    assert system.get(path).status_code == 200
    row.refresh_from_db()
    assert row.last_used is not None
    ApiToken.objects.update(until=timezone.localdate() - timedelta(days=1))
    assert problem(system.get(path), 401, "unauthorized")["detail"]
    assert system.get(path)["WWW-Authenticate"].startswith("Bearer")
    ApiToken.objects.update(until=TOMORROW)
    User.objects.filter(pk=world.preparer.pk).update(must_change_password=True)
    problem(system.get(path), 403, "forbidden")
    User.objects.filter(pk=world.preparer.pk).update(must_change_password=False, is_active=False)
    problem(system.get(path), 401, "unauthorized")
    User.objects.filter(pk=world.preparer.pk).update(is_active=True)
    RoleGrant.objects.filter(user=world.preparer).delete()
    problem(system.get(path), 403, "forbidden")
    RoleGrant.objects.create(user=world.preparer, role="bank_preparer")
    assert system.get(path).status_code == 200
    revoke_token(actor=world.signatory, token_id=row.pk)
    problem(system.get(path), 401, "unauthorized")
    for bad in ("", "sck_", "sck_x_y", system.token[:-1] + "!", "é" * 40):
        problem(Machine(bad).get(path), 401, "unauthorized")
    session = at(world.preparer)
    assert session.get(BASE + path).status_code == 401, "a browser's session opens nothing here"


def test_each_use_is_in_the_trail_with_the_token(world: World) -> None:
    system = machine(world.preparer)
    row = ApiToken.objects.get()
    path = f"/assessments/{world.assessment.pk}/draft"
    system.patch(path, {"revision": 0, "facts": {"bal": "5"}})
    system.get(path)
    found = {event.event: event for event in Event.objects.filter(data__contains=f'"api_token":{row.pk}')}
    assert {"assessments.draft.saved", "banks.facts.recorded", "assessments.api.read"} <= set(found)
    assert found["assessments.api.read"].bank_id == world.assessment.bank_id
    weak = Machine(token_for(world.preparer, "rounds.read"))
    problem(weak.get(path), 403, "forbidden")
    problem(weak.get(path), 403, "forbidden")
    assert Event.objects.filter(event="assessments.token.refused").count() == 1, "the first refusal in a minute"


def test_a_refusal_is_told_after_requests_that_were_answered(world: World) -> None:
    """Only the first request of a minute was looked at: after a harmless one, what a token tried stood nowhere."""
    weak = Machine(token_for(world.preparer, "rounds.read"))
    assert weak.get("/me").status_code == 200
    problem(weak.get(f"/assessments/{world.assessment.pk}/draft"), 403, "forbidden")
    problem(weak.get(f"/assessments/{world.assessment.pk}/score"), 403, "forbidden")
    [told] = Event.objects.filter(event="assessments.token.refused")
    assert json.loads(told.data)["reason"] == "scope draft GET" and told.actor == world.preparer


def test_no_token_is_granted_for_an_account_for_emergencies(world: World) -> None:
    """Its use is an alarm; a token's would be none."""
    administrator, sealed = person("root", None, "administrator"), person("emergency", None, "administrator")
    seal_account(person=sealed)
    with pytest.raises(Refused):
        grant_token(actor=administrator, person_id=sealed.pk, name="x", scopes=["rounds.read"], until=TOMORROW)
    assert "emergency" not in at(administrator).get(reverse("token-grant")).content.decode()


def test_the_list_shows_each_what_is_theirs(world: World) -> None:
    token_for(world.preparer), token_for(world.reviewer)
    stranger = token_for(person("elsewhere", bank("B002"), "bank_preparer"))
    assert stranger
    names = {who: at(who).get(reverse("token-list")).content.decode().count("sck_") for who in (world.preparer,)}
    assert names == {world.preparer: 0}
    shown = at(world.signatory).get(reverse("token-list")).content.decode()
    assert str(world.preparer) in shown and str(world.reviewer) in shown and "elsewhere" not in shown
    own = at(world.preparer).get(reverse("token-list")).content.decode()
    assert own.count("/tokens/") >= 1 and str(world.reviewer) not in own.partition("<main")[2]
