"""Files that only grow, outside the database: checkpoints and public keys."""

import os
from typing import BinaryIO


def append_whole(file: BinaryIO, data: bytes) -> None:
    """Append to a file that is open for appending. What a full disk takes of it is cut off again: a half line would
    be read for ever.
    """
    end, left = file.seek(0, os.SEEK_END), memoryview(data)
    try:
        while left:
            left = left[os.write(file.fileno(), left) :]
    except OSError:
        os.ftruncate(file.fileno(), end)
        raise
