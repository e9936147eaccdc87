"""Answers of passkeys that no browser gives: each is wrong, none is an error of the server."""

import json
import random
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from fido2.utils import websafe_decode, websafe_encode

from banks.models import User
from banks.tests.factories import make_bank, make_person
from scorecard.access.roles import Role
from scorecard.identity import passkeys
from scorecard.identity.models import Factor

from .authenticator import SoftKey
from .test_factors import WORD, add_key

pytestmark = pytest.mark.django_db
ODD = {
    "deep": "[" * 15_000,
    "deeper": "[" * 200_000,
    "half a character": r'{"id": "\ud800"}',
    "NUL": r'{"id": "\u0000"}',
    "no id": "{}",
    "an object as id": '{"id": {"a": []}}',
    "a long id": json.dumps({"id": "a" * 3000}),
    "a long number": "9" * 6000,
    "a list": "[1]",
    "a text": '"x"',
    "null": "null",
}
CBOR = [b"", b"\x81" * 8000, b"\x9b" + b"\xff" * 8, b"\x5b\x7f" + b"\xff" * 7, b"\xa1\x80\x01", b"\xfb\x00", b"\xa0"]


@pytest.fixture
def person() -> User:
    return make_person(Role.BANK_SIGNATORY, bank=make_bank(), password=WORD)


@pytest.mark.parametrize("name", ODD)
def test_the_page_of_signing_in_says_that_it_opens_nothing(person: User, name: str) -> None:
    """Anybody without an account could make an error of the server here."""
    add_key(person, SoftKey())
    client = Client()
    assert client.post(reverse("login"), {"assertion": ODD[name]}).status_code == 302
    client.post(reverse("login"), {"username": person.username, "password": WORD})
    assert client.post(reverse("login"), {"assertion": ODD[name], "code": ""}).status_code == 200
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("name", ODD)
def test_none_is_added(person: User, name: str) -> None:
    client = Client()
    client.force_login(person)
    sent = {"new": ODD[name], "password": WORD}
    assert client.post(reverse("factor-add", args=["passkey"]), sent).status_code == 422
    assert not Factor.objects.exists()


@pytest.mark.parametrize("raw", CBOR, ids=range(len(CBOR)))
def test_structures_of_any_form(person: User, raw: bytes) -> None:
    answer = json.loads(SoftKey().make(passkeys.adding_options(person, [])))
    answer["response"]["attestationObject"] = websafe_encode(raw)
    assert passkeys.read_new(person, json.dumps(answer)) is None


def test_answers_with_bytes_changed_cut_and_added(person: User) -> None:
    drawn, key = random.Random(17), SoftKey()  # noqa: S311  # the same changes each time
    kept = add_key(person, key)
    for _time in range(150):
        made = json.loads(SoftKey(b"another one").make(passkeys.adding_options(person, [])))
        passkeys.read_new(person, _changed(drawn, made, "attestationObject", "clientDataJSON"))
        given = json.loads(key.give(passkeys.asking_options(passkeys.SIGN_IN)))
        parts = ("authenticatorData", "clientDataJSON", "signature")
        passkeys.spend(kept, _changed(drawn, given, *parts), passkeys.SIGN_IN, None)


def _changed(drawn: random.Random, answer: Any, *parts: str) -> str:
    part = drawn.choice(parts)
    raw = bytearray(websafe_decode(answer["response"][part]))
    for _change in range(drawn.randint(1, 4)):
        place = drawn.randrange(len(raw) + 1)
        if drawn.random() < 0.4:
            raw[place : place + 1] = bytes([drawn.randrange(256)])
        elif drawn.random() < 0.5:
            del raw[place:]
        else:
            raw.insert(place, drawn.randrange(256))
    answer["response"][part] = websafe_encode(bytes(raw))
    return json.dumps(answer)
