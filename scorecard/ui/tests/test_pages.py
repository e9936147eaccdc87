"""The pages of the frame: signing in and out, own settings, error pages, jobs."""

import pytest
from django.test import Client

from banks.models import RoleGrant, User
from scorecard.access.roles import Role

pytestmark = pytest.mark.django_db
PASSWORD = "a long password 42"


@pytest.fixture
def person() -> User:
    user = User.objects.create(username="officer", name="王主监")
    user.set_password(PASSWORD)
    user.save()
    RoleGrant.objects.create(user=user, role=Role.CASE_OFFICER)
    return user


def test_profile_shows_the_frame(client: Client, person: User) -> None:
    client.force_login(person)
    page = client.get("/profile/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "王主监" in text
    assert 'lang="zh-Hans"' in text
    assert "Skip to" not in text
