"""The world of a filing, for tests of the API."""

from pathlib import Path
from typing import Any

import pytest

from assessments.rulebooks.cache import forget
from assessments.tests.filings.world import World, build


@pytest.fixture
def world(db: None, settings: Any, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path
    forget()
    return build()
