"""People and a small fixture for the tests of this app."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from scorecard.access.roles import Role

FOLDER = Path(__file__).resolve().parents[3] / "fixtures" / "report_2017"


@pytest.fixture
def report_folder() -> Path:
    """The committed fixture."""
    return FOLDER


@pytest.fixture
def person(db: None) -> Callable[..., Any]:
    """Makes a supervisor who holds these roles."""

    def make(*roles: Role, name: str = "") -> Any:
        people = get_user_model()
        user = people.objects.create(username=name or f"p{people.objects.count()}", name=name or "演示")
        for role in roles:
            user.grants.create(role=role)
        return people.objects.get(pk=user.pk)

    return make


@pytest.fixture
def administrator(person: Callable[..., Any]) -> Any:
    """An administrator."""
    return person(Role.ADMINISTRATOR, name="admin")
