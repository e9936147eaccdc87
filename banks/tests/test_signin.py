"""The authentication backend and its throttle."""

from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.test import override_settings
from django.utils import timezone

from banks.models import SignInFailure, User
from banks.services.passwords import set_password
from banks.services.signin import BUSY_LIMIT, WIDE_FACTOR, ThrottledBackend, device_cookie, known_device
from scorecard.access.decisions import TooManyAttempts
from scorecard.audit.models import Event

pytestmark = pytest.mark.django_db
PASSWORD = "a long password 42"
LIMIT = settings.LOGIN_MAX_FAILURES


def ask(username: str, password: str, ip: str = "10.0.0.1", device: str = "") -> User | None:
    request = HttpRequest()
    request.COOKIES["device"] = device
    request.META["REMOTE_ADDR"] = ip
    return authenticate(request, username=username, password=password)


@pytest.fixture
def person() -> User:
    user = User(username="Officer", name="王主监")
    user.set_password(PASSWORD)
    user.save()
    return user


def cookie(person: User) -> str:
    """The cookie of a device on which this person has signed in."""
    return device_cookie(HttpRequest(), person)


def events() -> list[str]:
    return list(Event.objects.order_by("seq").values_list("event", flat=True))


def test_name_in_any_case(person: User) -> None:
    assert ask(" officer ", PASSWORD) == person
    assert events() == ["signin.ok"]


def test_inactive_person_does_not_get_in_and_loses_the_session(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert ask("officer", PASSWORD) is None
    assert ThrottledBackend().get_user(person.pk) is None


def later(at: datetime) -> None:
    """Let the time pass until after ``at``: every failure so far moves back."""
    past = at - timezone.now() + timedelta(seconds=1)
    for row in SignInFailure.objects.all():
        SignInFailure.objects.filter(pk=row.pk).update(at=row.at - past)


def closed(username: str, password: str, **place: str) -> datetime:
    with pytest.raises(TooManyAttempts) as caught:
        ask(username, password, **place)
    return caught.value.until


def fail(username: str, times: int, **place: str) -> datetime | None:
    """Fail so often, waiting as told; returns until when the next attempt waits."""
    until = None
    for _ in range(times):
        try:
            assert ask(username, "wrong", **place) is None
        except TooManyAttempts as told:
            until = told.until
            later(until)
    return until


def test_the_delay_grows_and_ends(person: User) -> None:
    for _ in range(LIMIT - 1):
        assert ask("officer", "wrong") is None
    waits = []
    for _ in range(10):
        until = closed("officer", "wrong")
        waits.append(round((until - timezone.now()).total_seconds()))
        assert closed("officer", PASSWORD) == until, "what is refused unseen is not counted"
        later(until)
    longest = settings.LOGIN_LOCK_MINUTES * 60
    assert waits == [min(15 * 2**step, longest) for step in range(10)]
    assert ask("officer", PASSWORD) == person
    assert not SignInFailure.objects.exists()
    assert events()[: LIMIT + 1] == ["signin.failed"] * LIMIT + ["signin.locked"]


def test_nobody_is_locked_out_by_somebody_elsewhere(person: User) -> None:
    """Eight anonymous requests closed a signatory's account for a quarter of an hour on the day of the deadline."""
    fail("officer", LIMIT + 3, ip="203.0.113.9")
    assert ask("officer", PASSWORD, ip="10.0.0.1") == person


def make_busy(ip: str) -> None:
    """Many names fail from this address, one after another, without waiting."""
    for number in range(LIMIT * WIDE_FACTOR):
        assert ask(f"guess{number}", "x", ip=ip) is None


def test_many_failures_from_one_address_hold_up_nobody_else_there(person: User) -> None:
    """Forty failures of anybody closed an address, and everybody behind it, for up to a quarter of an hour."""
    make_busy("10.0.0.7")
    assert ask("officer", PASSWORD, ip="10.0.0.7") == person


def test_from_a_busy_address_each_name_is_guessed_at_slowly(person: User) -> None:
    make_busy("10.0.0.7")
    assert ask("officer", "wrong", ip="10.0.0.7") is None, "a slip of one's own is forgiven once"
    waits = []
    for _ in range(4):
        until = closed("officer", "wrong", ip="10.0.0.7")
        waits.append(round((until - timezone.now()).total_seconds()))
        later(until)
    assert waits == [15, 30, 60, 120]
    assert ask("guess0", "x", ip="10.0.0.8") is None, "elsewhere the same name has the usual patience"


def test_a_known_device_is_spared_whatever_comes_from_its_address(person: User) -> None:
    device = cookie(person)
    make_busy("10.0.0.7")
    for _ in range(BUSY_LIMIT - 1):
        assert ask("officer", "wrong", ip="10.0.0.7") is None
    closed("officer", "wrong", ip="10.0.0.7")
    closed("officer", PASSWORD, ip="10.0.0.7")
    assert ask("officer", PASSWORD, ip="10.0.0.7", device=device) == person


def test_a_known_device_waits_for_its_own_failures(person: User) -> None:
    device = cookie(person)
    for _ in range(LIMIT - 1):
        assert ask("officer", "wrong", device=device) is None
    closed("officer", "wrong", device=device)
    assert ask("officer", PASSWORD, ip="10.9.9.9") == person  # the failures stay with the device


def test_one_name_from_many_addresses_delays_unknown_devices_alone(person: User) -> None:
    device = cookie(person)
    for number in range(LIMIT * WIDE_FACTOR - 1):
        assert ask("officer", "x", ip=f"10.1.{number // 4}.{number % 4}") is None
    closed("officer", "x", ip="10.2.0.1")
    closed("officer", PASSWORD, ip="10.2.0.2")
    assert ask("officer", PASSWORD, ip="10.2.0.2", device=device) == person


def test_a_cookie_of_somebody_else_or_made_up_is_no_known_device(person: User) -> None:
    other = User.objects.create(username="other", name="他人")
    for forged in (cookie(other), "made-up", ""):
        request = HttpRequest()
        request.COOKIES["device"] = forged
        assert known_device(request, "officer") == ""


def test_a_new_password_by_the_administrator_lifts_the_delay(person: User) -> None:
    fail("officer", LIMIT)
    for _ in range(3):
        SignInFailure.objects.create(username="officer", ip="10.0.0.1")
    closed("officer", PASSWORD)
    set_password(actor=None, person=person, password="another-long-word-77")
    assert ask("officer", "another-long-word-77") == person


def test_a_name_that_nobody_has_waits_alike_and_is_not_written_into_the_trail() -> None:
    for _ in range(LIMIT - 1):
        assert ask("MySecretPassword", "x") is None
    closed("mysecretpassword", "x")
    assert "mysecret" not in "".join(Event.objects.values_list("data", flat=True)).lower()


def test_a_name_that_the_database_takes_for_another_counts_as_that_one(person: User) -> None:
    if ask("offıcer", PASSWORD) != person:
        pytest.skip("This database tells ı from i.")
    for name in ["offıcer", "officer"] * LIMIT:
        with suppress(TooManyAttempts):
            ask(name, "wrong")
    assert set(SignInFailure.objects.values_list("username", flat=True)) == {"officer"}
    assert SignInFailure.objects.count() == LIMIT


def test_session_person_comes_with_bank_in_one_query(person: User, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        found = ThrottledBackend().get_user(person.pk)
        assert found is not None
        assert found.bank is None


def test_a_password_is_kept_by_argon2id_and_one_kept_otherwise_is_kept_again() -> None:
    from django.contrib.auth.hashers import check_password, identify_hasher, make_password

    from scorecard.settings import base

    with override_settings(PASSWORD_HASHERS=base.PASSWORD_HASHERS):
        kept = make_password("eight kind whales")
        assert kept.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
        assert check_password("eight kind whales", kept)
        assert not check_password("eight kind whale", kept)
        old, renewed = make_password("eight kind whales", hasher="pbkdf2_sha256"), []
        assert check_password("eight kind whales", old, setter=renewed.append)
        assert renewed == ["eight kind whales"], "the caller keeps it again"
        assert identify_hasher(kept).algorithm == "argon2"
