"""What proves who somebody is, and what does not: codes of an app, recovery codes, answers of a passkey."""

import json
import time
from typing import Any

import pyotp
import pytest
from django.contrib.auth.hashers import identify_hasher

from banks.models import User
from banks.tests.factories import make_bank, make_person
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.models import Event
from scorecard.identity import confirmation, keys, passkeys, recovery, services, totp
from scorecard.identity.models import Factor, Kind, RecoveryCode

from .authenticator import SoftKey

pytestmark = pytest.mark.django_db
WORD = "eight kind whales 17"


@pytest.fixture
def person() -> User:
    return make_person(Role.BANK_SIGNATORY, bank=make_bank(), password=WORD)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The time, which stands still until it is moved."""
    now = [1_800_000_000.0]
    monkeypatch.setattr("time.time", lambda: now[0])
    return now


def add_app(person: User) -> pyotp.TOTP:
    secret = totp.new_secret()
    made = services.new_app(person, secret, pyotp.TOTP(secret).at(time.time() - 30))
    assert made is not None
    services.add_factor(actor=person, factor=made, name="电话")
    return pyotp.TOTP(secret)


def add_key(person: User, key: SoftKey) -> Factor:
    made = passkeys.read_new(person, key.make(passkeys.adding_options(person, [])))
    assert made is not None
    services.add_factor(actor=person, factor=made, name="密钥")
    return made


def proved(person: User, *, code: str = "", answer: str = "") -> str:
    factors = confirmation.factors_of(person)
    return confirmation.prove(person, factors, code=code, answer=answer, purpose=passkeys.CONFIRM)


# --- An app ----------------------------------------------------------------------------------------------------------
def test_the_vectors_of_rfc_6238() -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890" in Base32
    for now, code in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")):
        assert totp.matching_step(secret, code, now) == now // 30


def test_a_code_works_once_and_for_a_step_on_either_side(person: User, clock: Any) -> None:
    app = add_app(person)
    code = app.at(clock[0])
    assert proved(person, code=code) == "totp"
    assert proved(person, code=code) == "", "a code was used twice"
    assert proved(person, code=app.at(clock[0] - 30)) == "", "an older code than the last one was used"
    clock[0] += 60
    late = app.at(clock[0] - 30)
    assert proved(person, code=f" {late[:3]} {late[3:]}".translate({ord("0"): "０", ord("1"): "１"})) == "totp"
    clock[0] += 300
    assert proved(person, code=app.at(clock[0] - 60)) == "" and proved(person, code=app.at(clock[0] + 60)) == ""
    assert proved(person, code=app.at(clock[0] + 30)) == "totp"


def test_the_secret_is_no_text_in_the_database_and_goes_on_with_a_new_key(
    person: User, clock: Any, settings: Any
) -> None:
    app = add_app(person)
    row = Factor.objects.get()
    assert app.secret not in row.secret and keys.decrypt(row.secret) == app.secret
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key of fifty characters " * 2, [settings.SECRET_KEY]
    assert proved(person, code=app.at(clock[0])) == "totp"
    settings.SECRET_KEY_FALLBACKS = []
    assert keys.decrypt(Factor.objects.get().secret) == app.secret, "a used secret is encrypted with the new key"


# --- Recovery codes --------------------------------------------------------------------------------------------------
def test_recovery_codes_work_once_and_are_kept_as_hashes(person: User) -> None:
    secret = totp.new_secret()
    made = services.new_app(person, secret, pyotp.TOTP(secret).now())
    assert made is not None
    codes = services.add_factor(actor=person, factor=made, name="")
    assert len(set(codes)) == recovery.CODES
    assert all(identify_hasher(row.encoded) for row in RecoveryCode.objects.all())
    assert proved(person, code=codes[3].lower().replace("-", " ")) == "recovery"
    assert proved(person, code=codes[3]) == ""
    assert proved(person, code=codes[4][:2] + codes[5][2:]) == "", "the number of one code with the letters of another"
    event = Event.objects.get(event="identity.code.used")
    assert json.loads(event.data) == {"left": recovery.CODES - 1} and event.actor == person
    services.draw_codes(actor=person)
    assert proved(person, code=codes[0]) == "", "an old code worked after new ones were drawn"


def test_codes_alone_open_nothing(person: User) -> None:
    code = recovery.draw(person)[0]
    assert proved(person, code=code) == ""


# --- Passkeys --------------------------------------------------------------------------------------------------------
def test_an_answer_of_a_passkey_holds_once(person: User) -> None:
    key = SoftKey()
    row = add_key(person, key)
    answer = key.give(passkeys.asking_options(passkeys.CONFIRM, person, [row]))
    assert proved(person, answer=answer) == "passkey"
    key.counter += 5
    assert proved(person, answer=answer) == "", "an answer was used twice"
    assert proved(person, answer=key.give(passkeys.asking_options(passkeys.CONFIRM, person, [row]))) == "passkey"


def test_what_is_no_answer_of_this_passkey_to_this_question(person: User, clock: Any) -> None:
    key, stranger = SoftKey(), make_person(Role.CASE_OFFICER)
    row = add_key(person, key)

    def asked(purpose: str = passkeys.CONFIRM, who: Any = person) -> str:
        return passkeys.asking_options(purpose, who, [row])

    fits = json.loads(key.give(asked()))
    forged = SoftKey(key.ident)
    forged.counter = 50
    elsewhere = SoftKey(key.ident, "evil.example")
    elsewhere.private, elsewhere.counter = key.private, 60
    key.counter = 100
    own = json.dumps({"challenge": "A" * 86})
    old = asked()
    wrong = {
        "another purpose": key.give(asked(passkeys.SIGN_IN)),
        "another person": key.give(asked(who=stranger)),
        "a challenge of one's own": key.give(own),
        "another key": forged.give(asked()),
        "another domain": elsewhere.give(asked()),
        "another origin": key.give(asked(), origin="https://evil.example"),
        "no verification": key.give(asked(), verified=False),
        "a signature cut short": json.dumps(fits | {"response": fits["response"] | {"signature": "AAAA"}}),
        "no signature": json.dumps(fits | {"response": {}}),
        "a list": "[]",
        "a text": '"x"',
        "no JSON": "{",
    }
    for what, answer in wrong.items():
        assert proved(person, answer=answer) == "", what
    clock[0] += passkeys.GOOD_FOR + 1
    assert proved(person, answer=key.give(old)) == "", "an old challenge"
    assert proved(person, answer=key.give(asked())) == "passkey"


def test_a_copy_of_a_passkey_is_found_by_its_counter(person: User) -> None:
    key = SoftKey()
    row = add_key(person, key)
    for _use in range(3):
        assert proved(person, answer=key.give(passkeys.asking_options(passkeys.CONFIRM, person, [row])))
    key.counter = 1
    assert not proved(person, answer=key.give(passkeys.asking_options(passkeys.CONFIRM, person, [row])))


def test_the_passkey_of_somebody_else_is_none_of_mine(person: User) -> None:
    key, stranger = SoftKey(), make_person(Role.CASE_OFFICER)
    theirs = add_key(stranger, key)
    add_app(person)
    assert proved(person, answer=key.give(passkeys.asking_options(passkeys.CONFIRM, person, [theirs]))) == ""
    with pytest.raises(Refused):
        add_key(person, key)


def test_a_new_passkey_needs_our_question_and_a_verified_person(person: User) -> None:
    stranger = make_person(Role.CASE_OFFICER)
    assert passkeys.read_new(person, SoftKey().make(passkeys.adding_options(stranger, []))) is None
    assert passkeys.read_new(person, SoftKey().make(passkeys.adding_options(person, []), verified=False)) is None
    assert passkeys.read_new(person, SoftKey().make(passkeys.adding_options(person, []), origin="https://x.cn")) is None
    options = passkeys.adding_options(person, [])
    assert passkeys.read_new(person, SoftKey(b"number two").make(options)) is not None
    assert passkeys.read_new(person, SoftKey(b"number three").make(options)) is None, "a question was answered twice"


# --- Adding and removing ---------------------------------------------------------------------------------------------
def test_the_last_factor_of_who_must_have_one_stays(person: User, settings: Any) -> None:
    add_app(person)
    (row,) = Factor.objects.all()
    settings.REQUIRE_SECOND_FACTOR = True
    with pytest.raises(Refused):
        services.remove_factor(actor=person, factor_id=row.pk)
    add_key(person, SoftKey())
    services.remove_factor(actor=person, factor_id=row.pk)
    assert [one.kind for one in Factor.objects.all()] == [Kind.PASSKEY]
    settings.REQUIRE_SECOND_FACTOR = False
    services.remove_factor(actor=person, factor_id=Factor.objects.get().pk)
    assert not RecoveryCode.objects.exists()
    names = Event.objects.filter(event__startswith="identity.factor").order_by("seq").values_list("event", flat=True)
    assert list(names) == ["identity.factor.added"] * 2 + ["identity.factor.removed"] * 2


def test_nobody_removes_a_factor_of_somebody_else(person: User) -> None:
    add_app(person)
    with pytest.raises(Refused):
        services.remove_factor(actor=make_person(Role.ADMINISTRATOR), factor_id=Factor.objects.get().pk)
    assert Factor.objects.exists()


@pytest.mark.parametrize(
    ("role", "must"),
    [
        (Role.BANK_PREPARER, False),
        (Role.BANK_REVIEWER, False),
        (Role.BANK_SIGNATORY, True),
        (Role.CASE_OFFICER, True),
        (Role.SECOND_REVIEWER, True),
        (Role.DECISION_MAKER, True),
        (Role.ADMINISTRATOR, True),
        (Role.AUDITOR, True),
    ],
)
def test_who_must_have_one(role: Role, must: bool, settings: Any) -> None:
    person = make_person(role, bank=make_bank() if role.startswith("bank") else None)
    assert not confirmation.must_have(person)
    settings.REQUIRE_SECOND_FACTOR = True
    assert confirmation.must_have(person) is must
