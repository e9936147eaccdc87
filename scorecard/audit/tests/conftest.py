"""A log of its own for each test: key, public keys and checkpoints in the test's folder."""

from pathlib import Path
from typing import Any

import pytest

from scorecard.audit import checkpoints


@pytest.fixture
def log(tmp_path: Path, settings: Any) -> Path:
    """The folder of the log; a key is drawn with the first checkpoint."""
    settings.AUDIT_KEY_FILE = str(tmp_path / "key")
    settings.AUDIT_KEYS_FILE = str(tmp_path / "keys.txt")
    settings.AUDIT_CHECKPOINT_FILE = str(tmp_path / "checkpoints.txt")
    settings.AUDIT_DRAW_KEY = True
    checkpoints._seen.clear()
    return tmp_path
