"""What every request and every answer have in common."""

import time
from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from assessments.models import Answer
from assessments.rulebooks.cache import forget
from assessments.tests.filings.world import build
from assessments.workflow.payloads import DecisionPayload
from banks.models import FactEntry, User
from banks.tests.factories import make_bank, make_person
from scorecard.access.roles import Role
from scorecard.demo import password as demonstration_password

pytestmark = pytest.mark.django_db


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_a_nul_in_what_is_typed_is_dropped() -> None:
    """PostgreSQL takes no NUL in a text: a narrative with one, pasted from another program, answered 500."""
    forget()
    world = build()
    client = signed_in(world.preparer)
    sent = {"revision": "0", "n-A1": "甲\x00乙", "f-note": "丙\x00", "f-bal": "12\x000", "n-A\x002": "丁"}
    answer = client.post(reverse("filing-autosave", args=[world.assessment.pk]), sent)
    assert answer.status_code == 200 and not answer.json()["errors"]
    assert dict(Answer.objects.values_list("indicator", "narrative")) == {"A1": "甲乙", "A2": "丁"}
    assert dict(FactEntry.objects.values_list("fact", "value")) == {"note": "丙", "bal": "120"}


def test_a_nul_in_an_address_is_dropped_or_not_found() -> None:
    client = signed_in(make_person(Role.CASE_OFFICER))
    bank = make_bank()
    response = client.get(reverse("bank-list") + f"?q={bank.code}%00")
    assert response.status_code == 200 and bank.name in response.content.decode()
    assert client.get("/review/1/points/A%001/").status_code == 404


@pytest.mark.parametrize("query", ["per_page=-1", "per_page=0", "per_page=x", "page=-1", "page=0", "page=99999999999"])
def test_an_odd_page_is_a_page(query: str) -> None:
    make_bank()
    client = signed_in(make_person(Role.CASE_OFFICER))
    for name in ("bank-list", "round-list", "review-queue", "trial-list"):
        assert client.get(f"{reverse(name)}?{query}").status_code == 200, name


def test_points_of_a_decision_are_read_in_any_width() -> None:
    assert str(DecisionPayload.read("good", "－１．５").adjustment) == "-1.5"


def test_pages_of_signed_in_people_are_kept_by_no_cache() -> None:
    client = signed_in(make_person(Role.CASE_OFFICER))
    for name in ("home", "bank-list", "profile", "review-queue"):
        assert "no-store" in client.get(reverse(name)).headers["Cache-Control"], name
    assert client.get("/nowhere/").headers["Cache-Control"] == "private, no-store"


def test_every_text_says_its_encoding() -> None:
    assert Client().get(reverse("health-live")).headers["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("name", ["login", "health-live", "profile", "metrics", "bank-list", "api:me"])
def test_nothing_answers_trace(name: str) -> None:
    assert signed_in(make_person(Role.CASE_OFFICER)).trace(reverse(name)).status_code in (401, 405)


def test_signing_out_forgets_what_was_typed_on_this_computer() -> None:
    page = signed_in(make_person(Role.CASE_OFFICER)).get(reverse("home")).content.decode()
    assert "data-sign-out" in page  # what the script then does: scorecard/tests/browser


def test_a_session_that_nobody_uses_ends(monkeypatch: Any, settings: Any) -> None:
    client, page = signed_in(make_person(Role.CASE_OFFICER)), reverse("bank-list")
    start = time.time()

    def at(seconds: int) -> int:
        monkeypatch.setattr("scorecard.ui.middleware.time.time", lambda: start + seconds)
        return client.get(page).status_code

    idle = settings.SESSION_IDLE_SECONDS
    assert [at(idle - 1), at(2 * idle - 2), at(3 * idle)] == [200, 200, 302]


@pytest.mark.parametrize("word", ["aaaaaaaaaaaa", " " * 12, "abababababab", "　" * 14, demonstration_password()])
def test_weak_passwords_are_refused(word: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(word)


def test_a_varied_password_is_taken() -> None:
    validate_password("eight kind whales")
