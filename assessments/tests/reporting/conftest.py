"""The report's figures, and a round whose sums are the city's."""

import pytest

from assessments.scoring.statistics import take_snapshot
from assessments.tests.reviews import world as reviews

from .world import SUMS, load_report


@pytest.fixture
def world(db: None) -> reviews.World:
    """The report's figures, and a round of 2017 whose sums are the city's."""
    load_report()
    world = reviews.build()
    world.submitted("A", **SUMS)
    take_snapshot(round_=world.round)
    return world
