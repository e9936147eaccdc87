"""Drawing a key on a full disk: the key and its line in the list are there wholly, or neither is."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from scorecard.audit.keys import draw_key, verifiers


@pytest.mark.parametrize("room", [20, 120], ids=["for half of the key", "for the key and half of its line"])
def test_a_full_disk_leaves_neither_half_a_key_nor_one_that_is_not_listed(
    log: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    kept = draw_key(replace=False)
    before = {path.name: path.read_bytes() for path in log.iterdir()}
    write, left = os.write, [room]

    def until_full(handle: int, data: Any) -> int:
        if not left[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = write(handle, bytes(data)[: left[0]])
        left[0] -= taken
        return taken

    with monkeypatch.context() as full:
        full.setattr(os, "write", until_full)
        with pytest.raises(OSError, match="No space"):
            draw_key(replace=True)
    assert {path.name: path.read_bytes() for path in log.iterdir()} == before
    made = draw_key(replace=True)
    assert [str(one) for one in verifiers()] == [str(kept), str(made)]
