"""The folder in place of a broker: no reader sees half a message."""

import json
import os
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection

from scorecard.jobs import folder


def test_a_message_appears_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that looked while kombu wrote took an empty file away and the worker ended on it."""
    folder.take_over()
    options = {f"data_folder_{way}": str(tmp_path) for way in ("in", "out")} | {"control_folder": str(tmp_path / "c")}
    written: list[Any] = []
    rename = os.replace

    def replace(source: str, target: str) -> None:
        with pytest.raises(Empty):
            channel._get("q")
        written.append(json.loads(Path(source).read_text(encoding="utf-8")))
        rename(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with Connection("filesystem://", transport_options=options) as connection:
        channel = connection.default_channel
        channel._put("q", {"body": "x"})
        assert written == [{"body": "x"}]
        assert channel._get("q") == {"body": "x"}
        assert not list(tmp_path.glob("*.half"))


def test_the_application_uses_it() -> None:
    from scorecard.celery import app

    connection = app.connection_for_write("filesystem://")
    assert isinstance(connection.transport, folder.Transport)
