"""A clamd for tests: a real socket that speaks ``zPING`` and ``zINSTREAM``, and finds what holds ``MARK``."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MARK = b"malware of the test"
FOUND = "Test.Malware-1"


class FakeClamd:
    """``mood`` says how it answers: ``fine``, ``silent`` (it takes the file and says nothing), ``odd``, ``cut`` (it
    hangs up), ``small`` (more than a kilobyte is too much, as ``StreamMaxLength`` says it)."""

    def __init__(self, path: Path) -> None:
        """Listen at this path."""
        self.mood, self.path, self.scanned = "fine", path, 0
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen(8)
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()
        self.path.unlink(missing_ok=True)

    def _serve(self) -> None:
        while True:
            try:
                there, _where = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=[there], daemon=True).start()

    def _talk(self, there: socket.socket) -> None:
        with there, there.makefile("rb") as said:
            command = b""
            while not command.endswith(b"\0"):
                command += said.read(1)
            if command == b"zPING\0":
                there.sendall(b"PONG\0")
                return
            content = b""
            while size := struct.unpack(">I", said.read(4))[0]:
                content += said.read(size)
                if self.mood == "small" and len(content) > 1024:
                    there.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                    return
            self.scanned += 1
            if self.mood == "silent":
                said.read(1)  # until the other side has gone
            elif self.mood == "odd":
                there.sendall(b"stream: lstat() failed ERROR\0")
            elif self.mood == "fine" or self.mood == "small":
                there.sendall(f"stream: {f'{FOUND} FOUND' if MARK in content else 'OK'}\0".encode())


@contextmanager
def fake_clamd(folder: Path) -> Iterator[FakeClamd]:
    """One that listens in this folder while the block runs."""
    clamd = FakeClamd(folder / "clamd.sock")
    try:
        yield clamd
    finally:
        clamd.close()
