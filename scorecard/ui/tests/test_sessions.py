"""One's own sessions: what one sees of them, and everything that ends them."""

import json
import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from banks.models import User
from banks.services.passwords import set_password
from banks.services.people import change_person
from banks.tests.factories import make_bank, make_person
from scorecard.access.models import Session
from scorecard.access.roles import Role
from scorecard.access.sessions import browser_words
from scorecard.audit.models import Event

pytestmark = pytest.mark.django_db
WORD = "eight kind whales 17"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605 Version/17.0 Mobile Safari/604.1"


@pytest.fixture
def person() -> User:
    return make_person(Role.BANK_SIGNATORY, bank=make_bank(), password=WORD)


def sign_in(person: User, agent: str = EDGE, ip: str = "10.1.1.1") -> Client:
    client = Client(HTTP_USER_AGENT=agent, REMOTE_ADDR=ip)
    assert client.post(reverse("login"), {"username": person.username, "password": WORD}).status_code == 302
    return client


def lives(client: Client) -> bool:
    return client.get(reverse("profile")).status_code == 200


def listed(client: Client) -> list[Any]:
    return list(client.get(reverse("profile")).context["sessions"])


def test_a_person_sees_their_own_sessions_and_nobody_elses(person: User) -> None:
    desk, phone = sign_in(person), sign_in(person, PHONE, "10.2.2.2")
    sign_in(make_person(Role.CASE_OFFICER, password=WORD), ip="10.3.3.3")
    here, there = listed(desk)
    assert (here.browser, here.place, here.current) == ("Edge · Windows", "10.1.1.1", True)
    assert (there.browser, there.place, there.current) == ("Safari · iOS", "10.2.2.2", False)
    assert here.started is not None and there.used is not None
    text = desk.get(reverse("profile")).content.decode()
    assert "10.2.2.2" in text and "10.3.3.3" not in text
    assert not any(client.session.session_key in text for client in (desk, phone)), "a key opens a session"


def test_one_of_them_is_ended_with_an_event(person: User) -> None:
    desk, phone, other = sign_in(person), sign_in(person, PHONE, "10.2.2.2"), sign_in(person)
    (ident,) = [one.ident for one in listed(desk) if one.place == "10.2.2.2"]
    assert desk.post(reverse("session-end"), {"session": ident}).status_code == 302
    assert (lives(desk), lives(phone), lives(other)) == (True, False, True)
    event = Event.objects.get(event="session.ended")
    assert event.actor == person and json.loads(event.data) == {"sessions": ["10.2.2.2 Safari · iOS"]}
    assert desk.post(reverse("session-end"), {"session": ident}).status_code == 404
    assert Event.objects.filter(event="session.ended").count() == 1


def test_all_others_are_ended_and_nobody_elses(person: User) -> None:
    desk, phone, other = sign_in(person), sign_in(person, PHONE), sign_in(person)
    stranger = sign_in(make_person(Role.CASE_OFFICER, password=WORD))
    assert desk.post(reverse("session-end")).status_code == 302
    assert (lives(desk), lives(phone), lives(other), lives(stranger)) == (True, False, False, True)
    assert len(listed(desk)) == 1


def test_a_session_of_somebody_else_is_not_there(person: User) -> None:
    desk, stranger = sign_in(person), sign_in(make_person(Role.CASE_OFFICER, password=WORD))
    (theirs,) = listed(stranger)
    assert desk.post(reverse("session-end"), {"session": theirs.ident}).status_code == 404
    assert lives(stranger)


def test_a_new_password_ends_the_others(person: User) -> None:
    desk, phone = sign_in(person), sign_in(person, PHONE)
    sent = {"current": WORD, "new": "nine calm otters 18", "again": "nine calm otters 18"}
    assert desk.post(reverse("password-change"), sent).status_code == 302
    assert lives(desk) and len(listed(desk)) == 1 and not lives(phone)
    assert json.loads(Event.objects.get(event="password.changed").data) == {"sessions_ended": 1}


def test_the_form_of_a_new_password_is_no_place_to_guess_the_present_one(person: User) -> None:
    desk = sign_in(person)
    answers = [
        desk.post(reverse("password-change"), {"current": current, "new": guess, "again": guess})
        for guess in (WORD, "another long phrase 51")
        for current in ("", "wrong")
    ]
    said = [answer.context["form"].errors.get("new") for answer in answers]
    assert said == [None] * 4
    told = desk.post(reverse("password-change"), {"current": WORD, "new": WORD, "again": WORD})
    assert told.context["form"].errors["new"]


def test_the_administrators_reset_and_an_inactive_person_have_none(person: User) -> None:
    first = sign_in(person)
    set_password(actor=None, person=person, password=WORD)
    assert not Session.objects.filter(person=person).exists() and not lives(first)
    second = sign_in(person)
    change_person(actor=None, person=person, name=person.name, is_active=False)
    assert not Session.objects.filter(person=person).exists() and not lives(second)


def test_signing_out_leaves_no_row(person: User) -> None:
    desk = sign_in(person)
    desk.post(reverse("logout"))
    assert not Session.objects.exists()


def test_however_busy_a_session_ends_after_its_time(person: User, monkeypatch: Any, settings: Any) -> None:
    """Each minute of use wrote the session and moved its end on: whoever went on clicking never signed in again."""
    desk, start = sign_in(person), time.time()
    for step in range(0, settings.SESSION_COOKIE_AGE, 1800):
        monkeypatch.setattr("scorecard.ui.middleware.time.time", lambda at=start + step: at)
        assert lives(desk), step
    monkeypatch.setattr("scorecard.ui.middleware.time.time", lambda: start + settings.SESSION_COOKIE_AGE + 5)
    assert not lives(desk)


def test_every_cookie_has_the_name_and_the_bounds_of_production(person: User, settings: Any) -> None:
    for kind in ("SESSION", "CSRF", "LANGUAGE", "THEME", "DEVICE", "MESSAGES"):
        setattr(settings, f"{kind}_COOKIE_NAME", f"__Host-{kind.lower()}")
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    client = Client(headers={"X-Forwarded-Proto": "https"})
    client.get(reverse("login"), secure=True)
    client.post(reverse("login"), {"username": person.username, "password": WORD}, secure=True)
    client.post(reverse("set-language"), {"language": "en"}, secure=True)
    client.post(reverse("set-theme"), {"theme": "dark"}, secure=True)
    client.post(reverse("session-end"), secure=True)  # leaves a message for the next page
    names = {f"__Host-{kind}" for kind in ("session", "csrf", "language", "theme", "device", "messages")}
    assert set(client.cookies) == names
    for name, cookie in client.cookies.items():
        assert cookie["secure"] and cookie["httponly"] and cookie["samesite"] == "Lax", name
        assert cookie["path"] == "/" and not cookie["domain"], name
    page = client.get(reverse("profile"), secure=True).content.decode()
    assert 'data-theme="dark"' in page and "sessions have been ended" in page
    assert client.cookies["__Host-messages"].value == "", "read, and gone"


def test_browsers_in_the_words_of_people() -> None:
    assert browser_words(EDGE) == "Edge · Windows"
    assert browser_words("Mozilla/5.0 (Linux; Android 14) Chrome/120 Mobile Safari/537 MicroMessenger/8.0") == (
        "微信 WeChat · Android"
    )
    assert browser_words("curl/8") == ""
