"""The world of the small rulebook, and somebody who reads it."""

import pytest
from django.test import Client

from assessments.tests.reviews.world import World, build, person
from scorecard.access.roles import Role


@pytest.fixture
def world(db: None) -> World:
    return build()


@pytest.fixture
def reader(client: Client, world: World) -> Client:
    """A decision maker's browser."""
    client.force_login(person("looker", Role.DECISION_MAKER))
    return client
