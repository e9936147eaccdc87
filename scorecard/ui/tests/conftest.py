"""People and pages for the tests of the frame."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from banks.models import Bank, RoleGrant, User
from scorecard.access import middleware
from scorecard.access.policy import SIGNED_IN, url_policy
from scorecard.access.roles import Role

PASSWORD = "a long password 42"
GALLERY = "scorecard.ui.tests.gallery"


@pytest.fixture
def make_user(db: None) -> Callable[..., User]:
    """Make a person with roles; everybody has the same password."""

    def make(username: str, *roles: str, bank: Bank | None = None, name: str = "") -> User:
        user = User.objects.create(username=username, name=name or username, bank=bank)
        user.set_password(PASSWORD)
        user.save()
        for role in roles:
            RoleGrant.objects.create(user=user, role=role)
        return user

    return make


@pytest.fixture
def make_bank(db: None) -> Callable[..., Bank]:
    """Make a bank with a code and a name."""

    def make(code: str, **values: Any) -> Bank:
        given = {
            "name_zh": f"演示银行{code}",
            "category": "city",
            "entity_kind": "branch",
            "active_from": date(2010, 1, 1),
        }
        return Bank.objects.create(code=code, **(given | values))

    return make


@pytest.fixture
def officer(make_user: Callable[..., User]) -> User:
    return make_user("officer", Role.CASE_OFFICER, name="王主监")


@pytest.fixture
def reader(client: Client, officer: User) -> Client:
    """A client signed in as the case officer."""
    client.force_login(officer)
    return client


@pytest.fixture
def gallery(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Serve the pages of ``gallery.py``, admitted to whoever is signed in."""
    names = ("home", "gallery", "confirm", "gallery-list", "failing", "refused")
    policy = url_policy() | dict.fromkeys(names, SIGNED_IN)
    monkeypatch.setattr(middleware, "url_policy", lambda: policy)
    settings.ROOT_URLCONF = GALLERY
