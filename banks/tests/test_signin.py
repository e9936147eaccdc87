"""The authentication backend and its throttle."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.test import override_settings
from django.utils import timezone

from banks.models import SignInFailure, User
from banks.services.signin import ADDRESS_FACTOR, ThrottledBackend
from scorecard.access.decisions import TooManyAttempts
from scorecard.audit.models import Event

pytestmark = pytest.mark.django_db
PASSWORD = "a long password 42"
LIMIT = settings.LOGIN_MAX_FAILURES


def ask(username: str, password: str, ip: str = "10.0.0.1") -> User | None:
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = ip
    return authenticate(request, username=username, password=password)  # type: ignore[return-value]


@pytest.fixture
def person() -> User:
    user = User(username="Officer", name="王主监")
    user.set_password(PASSWORD)
    user.save()
    return user


def events() -> list[str]:
    return list(Event.objects.order_by("seq").values_list("event", flat=True))


def test_name_in_any_case(person: User) -> None:
    assert ask(" officer ", PASSWORD) == person
    assert events() == ["signin.ok"]


def test_inactive_person_does_not_get_in_and_loses_the_session(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert ask("officer", PASSWORD) is None
    assert ThrottledBackend().get_user(person.pk) is None


def test_lock_after_the_limit_and_not_before(person: User) -> None:
    for _ in range(LIMIT - 1):
        assert ask("officer", "wrong") is None
    with pytest.raises(TooManyAttempts) as caught:
        ask("officer", "wrong")
    assert timedelta(0) < caught.value.until - timezone.now() <= timedelta(minutes=settings.LOGIN_LOCK_MINUTES)
    person.refresh_from_db()
    assert person.locked_until == caught.value.until
    with pytest.raises(TooManyAttempts):
        ask("officer", PASSWORD, ip="10.9.9.9")
    assert events() == ["signin.failed"] * LIMIT + ["signin.locked"]
    assert SignInFailure.objects.count() == LIMIT  # what is refused unseen is not counted: the lock does not grow


def test_lock_ends(person: User) -> None:
    for _ in range(LIMIT - 1):
        ask("officer", "wrong")
    with pytest.raises(TooManyAttempts):
        ask("officer", "wrong")
    past = timedelta(minutes=settings.LOGIN_LOCK_MINUTES, seconds=1)
    SignInFailure.objects.update(at=timezone.now() - past)
    User.objects.update(locked_until=timezone.now() - timedelta(seconds=1))
    assert ask("officer", PASSWORD) == person
    person.refresh_from_db()
    assert person.locked_until is None


def test_success_starts_the_count_anew(person: User) -> None:
    for _ in range(LIMIT - 1):
        ask("officer", "wrong")
    assert ask("officer", PASSWORD) == person
    for _ in range(LIMIT - 1):
        assert ask("officer", "wrong") is None


def test_a_name_that_nobody_has_is_locked_alike_and_not_written_down() -> None:
    for _ in range(LIMIT - 1):
        assert ask("MySecretPassword", "x") is None
    with pytest.raises(TooManyAttempts):
        ask("mysecretpassword", "x")
    assert "mysecret" not in "".join(Event.objects.values_list("data", flat=True)).lower()


def test_an_address_is_closed_by_many_names(person: User) -> None:
    for number in range(LIMIT * ADDRESS_FACTOR - 1):
        assert ask(f"guess{number}", "x", ip="10.0.0.7") is None
    with pytest.raises(TooManyAttempts):
        ask("one-more", "x", ip="10.0.0.7")
    with pytest.raises(TooManyAttempts):
        ask("officer", PASSWORD, ip="10.0.0.7")
    assert ask("officer", PASSWORD, ip="10.0.0.8") == person


def test_session_person_comes_with_bank_in_one_query(person: User, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        found = ThrottledBackend().get_user(person.pk)
        assert found is not None
        assert found.bank is None


def test_a_password_is_kept_by_argon2id_and_one_kept_otherwise_is_kept_anew() -> None:
    from django.contrib.auth.hashers import check_password, identify_hasher, make_password

    from scorecard.settings import base

    with override_settings(PASSWORD_HASHERS=base.PASSWORD_HASHERS):
        kept = make_password("eight kind whales")
        assert kept.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
        assert check_password("eight kind whales", kept)
        assert not check_password("eight kind whale", kept)
        old, renewed = make_password("eight kind whales", hasher="pbkdf2_sha256"), []
        assert check_password("eight kind whales", old, setter=renewed.append)
        assert renewed == ["eight kind whales"], "the caller keeps it anew"
        assert identify_hasher(kept).algorithm == "argon2"
