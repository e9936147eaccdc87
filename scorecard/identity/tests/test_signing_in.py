"""Signing in with a second factor, and who must set one up first. One page, one throttle."""

import json
import time
from typing import Any

import pyotp
import pytest
from django.test import Client
from django.urls import reverse

from banks.models import SignInFailure, User
from banks.services.passwords import set_password
from banks.tests.factories import make_bank, make_person
from scorecard.access.models import Session
from scorecard.access.roles import Role
from scorecard.audit.models import Event
from scorecard.identity import passkeys, services, totp
from scorecard.identity.models import Factor, Kind, SpentChallenge
from scorecard.ui.signin import PENDING_FOR

from .authenticator import SoftKey
from .test_factors import WORD, add_app, add_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return make_person(Role.BANK_SIGNATORY, bank=make_bank(), password=WORD)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    now = [float(int(time.time()))]
    monkeypatch.setattr("time.time", lambda: now[0])
    return now


def give(client: Client, **sent: str) -> Any:
    return client.post(reverse("login"), sent)


def password(person: User, client: Client | None = None) -> Client:
    client = client or Client(REMOTE_ADDR="10.1.1.1")
    assert give(client, username=person.username, password=WORD).status_code == 302
    return client


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def names(*wanted: str) -> list[str]:
    rows = Event.objects.order_by("seq").values_list("event", flat=True)
    return [name for name in rows if name.startswith(wanted or ("signin",))]


def test_without_a_factor_nothing_is_new(person: User) -> None:
    client = password(person)
    assert signed_in(client) and names() == ["signin.ok"]
    assert json.loads(Event.objects.get(event="signin.ok").data) == {"factors": ["password"]}


def test_the_password_alone_opens_nothing(person: User, clock: Any) -> None:
    app = add_app(person)
    client = password(person)
    assert not signed_in(client) and names() == ["signin.password"]
    assert not Session.objects.filter(person=person).exists()
    assert client.get(reverse("profile")).status_code == 302
    page = client.get(reverse("login")).content.decode()
    assert 'name="code"' in page and 'name="password"' not in page
    answer = give(client, code=app.at(clock[0]), next="/profile/")
    assert (answer.status_code, answer["Location"]) == (302, "/profile/")
    assert signed_in(client) and client.cookies["device"].value
    assert json.loads(Event.objects.get(event="signin.ok").data) == {"factors": ["password", "totp"]}


def test_where_one_wanted_to_go_is_kept_over_both_steps(person: User, clock: Any) -> None:
    app = add_app(person)
    client = Client()
    answer = give(client, username=person.username, password=WORD, next="/profile/?a=1&b=2")
    page = client.get(answer["Location"])
    assert page.context["next"] == "/profile/?a=1&b=2"
    assert give(client, code=app.at(clock[0]), next=page.context["next"])["Location"] == "/profile/?a=1&b=2"


def test_guessing_the_code_counts_as_guessing_the_password(person: User, clock: Any, settings: Any) -> None:
    """A right password forgot every failure, so that codes could be guessed without an end."""
    add_app(person)
    client = Client(REMOTE_ADDR="10.1.1.1")
    answers = []
    for _try in range(settings.LOGIN_MAX_FAILURES):
        password(person, client)
        answers.append(give(client, code="000000").status_code)
    assert answers == [200] * (settings.LOGIN_MAX_FAILURES - 1) + [429]
    assert SignInFailure.objects.count() == settings.LOGIN_MAX_FAILURES
    assert names("signin.failed", "signin.locked").count("signin.failed") == settings.LOGIN_MAX_FAILURES
    assert "signin.locked" in names()
    assert give(client, username=person.username, password=WORD).status_code == 429


def test_both_steps_forget_the_failures_together(person: User, clock: Any) -> None:
    app = add_app(person)
    client = Client(REMOTE_ADDR="10.1.1.1")
    password(person, client)
    give(client, code="000000")
    assert SignInFailure.objects.exists()
    give(client, code=app.at(clock[0]))
    assert signed_in(client) and not SignInFailure.objects.exists()


def test_a_blank_second_step_is_no_failure(person: User, clock: Any) -> None:
    add_app(person)
    client = password(person)
    assert "code" in give(client, code="").context["form"].errors
    assert not SignInFailure.objects.exists()


def test_the_second_step_waits_five_minutes_and_ends_with_a_new_password(person: User, clock: Any) -> None:
    app = add_app(person)
    client = password(person)
    clock[0] += PENDING_FOR + 1
    assert give(client, code=app.at(clock[0])).status_code == 302 and not signed_in(client)
    password(person, client)
    set_password(actor=None, person=person, password="nine calm otters 18")
    assert give(client, code=app.at(clock[0])).status_code == 302 and not signed_in(client)
    give(client, username=person.username, password="nine calm otters 18")
    assert client.get(reverse("login")).context["second"] == person
    give(client, again="1")
    assert client.get(reverse("login")).context["second"] is None


# --- A passkey -------------------------------------------------------------------------------------------------------
def test_a_passkey_is_both_factors(person: User) -> None:
    key = SoftKey()
    add_key(person, key)
    client = Client()
    options = client.get(reverse("login"), HTTP_HOST="localhost:8000").context["passkey"]
    answer = key.give(options, origin="http://localhost:8000")
    assert give(client, assertion=answer, next="/profile/")["Location"] == "/profile/"
    assert signed_in(client)
    assert json.loads(Event.objects.get(event="signin.ok").data) == {"factors": ["passkey"]}
    other = Client()
    assert give(other, assertion=answer).status_code == 302 and not signed_in(other), "an answer opened twice"


def test_a_passkey_after_the_password(person: User) -> None:
    key = SoftKey()
    (row,) = [add_key(person, key)]
    client = password(person)
    answer = key.give(passkeys.asking_options(passkeys.CONFIRM, person, [row]))
    assert give(client, assertion=answer).status_code == 200 and not signed_in(client), "made for a signature"
    form = client.get(reverse("login")).context["form"]
    assert give(client, assertion=key.give(form.fields["assertion"].widget.options)).status_code == 302
    assert signed_in(client)


def test_passkeys_of_nobody_and_of_somebody_inactive_count_for_the_place(person: User, settings: Any) -> None:
    client = Client(REMOTE_ADDR="10.1.1.1")
    for _try in range(settings.LOGIN_MAX_FAILURES - 1):
        answer = SoftKey(b"nobody's credential").give(passkeys.asking_options(passkeys.SIGN_IN))
        assert give(client, assertion=answer).status_code == 302
    assert give(client, assertion=answer).status_code == 429
    assert Event.objects.filter(event="signin.failed").count() == settings.LOGIN_MAX_FAILURES
    key = SoftKey()
    add_key(person, key)
    User.objects.filter(pk=person.pk).update(is_active=False)
    other = Client(REMOTE_ADDR="10.2.2.2")
    spent = SpentChallenge.objects.count()
    give(other, assertion=key.give(passkeys.asking_options(passkeys.SIGN_IN)))
    assert not signed_in(other)
    assert SpentChallenge.objects.count() == spent


def test_no_passkey_is_offered_where_it_cannot_work() -> None:
    assert Client().get(reverse("login"), HTTP_HOST="localhost:8000").context["passkey"]
    assert not Client().get(reverse("login"), HTTP_HOST="127.0.0.1:8000").context["passkey"]
    assert not Client().get(reverse("login"), HTTP_HOST="notlocalhost").context["passkey"]


# --- Who must have one -----------------------------------------------------------------------------------------------
def test_who_must_have_one_finds_the_page_that_sets_it_up(person: User, clock: Any, settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    client = password(person)
    for name in ("profile", "home", "my-bank"):
        assert client.get(reverse(name))["Location"] == reverse("factor-list"), name
    fragment = client.get(reverse("profile"), headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment["HX-Redirect"]) == (204, reverse("factor-list"))
    assert client.get(reverse("factor-list")).status_code == 200
    page = client.get(reverse("factor-add", args=["totp"])).context["form"]
    app = pyotp.TOTP(page.secret)
    sent = {"secret": page.sealed, "first": app.at(clock[0]), "password": WORD, "name": "手机"}
    done = client.post(reverse("factor-add", args=["totp"]), sent)
    assert done.status_code == 200 and len(done.context["codes"]) == 10
    assert client.get(reverse("profile")).status_code == 200
    assert Factor.objects.get().kind == Kind.TOTP


def test_preparers_need_none(settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    preparer = make_person(Role.BANK_PREPARER, bank=make_bank(), password=WORD)
    assert password(preparer).get(reverse("profile")).status_code == 200


def test_the_first_factor_ends_every_other_session(person: User) -> None:
    desk, thief = password(person), password(person)
    secret = totp.new_secret()
    made = services.new_app(person, secret, pyotp.TOTP(secret).now())
    assert made is not None
    services.add_factor(actor=person, factor=made, name="", session=desk.session.session_key)
    assert desk.get(reverse("profile")).status_code == 200
    assert thief.get(reverse("profile")).status_code == 302


# --- Asked again -----------------------------------------------------------------------------------------------------
def test_a_new_password_asks_for_the_factor_and_spends_nothing_on_a_form_that_fails(person: User, clock: Any) -> None:
    app = add_app(person)
    client = password(person)
    give(client, code=app.at(clock[0]))
    clock[0] += 30
    url, new = reverse("password-change"), "nine calm otters 18"
    code = app.at(clock[0])
    assert client.post(url, {"current": WORD, "new": new, "again": new}).status_code == 200
    assert client.post(url, {"current": WORD, "new": new, "again": new, "code": "000000"}).status_code == 200
    assert client.post(url, {"current": WORD, "new": new, "again": "other", "code": code}).status_code == 200
    assert client.post(url, {"current": "x", "new": new, "again": new, "code": code}).status_code == 200
    assert client.post(url, {"current": WORD, "new": new, "again": new, "code": code}).status_code == 302
    assert [json.loads(row.data)["part"] for row in Event.objects.filter(event="signature.failed").order_by("seq")] == [
        "factor",
        "password",
    ]


def test_a_right_password_clears_nothing_while_codes_are_guessed(person: User, clock: Any, settings: Any) -> None:
    app = add_app(person)
    client = password(person)
    give(client, code=app.at(clock[0]))
    url = reverse("factor-codes")
    answers = [
        client.post(url, {"password": WORD, "code": "000000"}).status_code
        for _try in range(settings.LOGIN_MAX_FAILURES)
    ]
    assert answers == [422] * settings.LOGIN_MAX_FAILURES
    assert Event.objects.filter(event="signature.locked").count() == 1
    clock[0] += 30
    assert client.post(url, {"password": WORD, "code": app.at(clock[0])}).status_code == 429
