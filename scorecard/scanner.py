"""Asking clamd whether a file holds malware (docs/scanning.md).

clamd's own protocol, over its socket: ``zINSTREAM``, then pieces of the file, each after its length, then an empty one;
the answer names what was found. The packages that speak it are not kept any more, and these lines are less to trust.
"""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import IO

from django.conf import settings
from django.utils.translation import gettext as _

from scorecard.access.decisions import Refused
from scorecard.jobs.unavailable import ServiceAway

PIECE = 64 * 1024
SECONDS = 60.0  # for how long clamd may be silent before it counts as away
MOST_ANSWER = 4096


class ScannerAway(ServiceAway):
    """The scanner does not answer, or not in the way that clamd does."""


class TooLargeToScan(Exception):
    """The file is larger than clamd's own limit (``StreamMaxLength``)."""


def is_set() -> bool:
    """Whether this installation has a scanner (``CLAMD``)."""
    return bool(settings.CLAMD)


def malware_in(stream: IO[bytes]) -> str:
    """The name of what clamd finds in a file; "" where it finds nothing.

    Raises ``ScannerAway`` and ``TooLargeToScan``.
    """
    with _talking() as clamd:
        clamd.sendall(b"zINSTREAM\0")
        try:
            while piece := stream.read(PIECE):
                clamd.sendall(struct.pack(">I", len(piece)) + piece)
            clamd.sendall(struct.pack(">I", 0))
        except (BrokenPipeError, ConnectionResetError):
            pass  # clamd has answered already and reads no further: its limit
        answer = _answer(clamd)
    if "size limit exceeded" in answer:
        raise TooLargeToScan
    if answer == "stream: OK":
        return ""
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return answer.removeprefix("stream: ").removesuffix(" FOUND")
    raise ScannerAway(f"clamd answered {answer[:200]!r}.")


def answers() -> bool:
    """Whether clamd answers at all."""
    try:
        with _talking(seconds=3) as clamd:
            clamd.sendall(b"zPING\0")
            return _answer(clamd) == "PONG"
    except ScannerAway:
        return False


def refuse_malware(content: bytes) -> None:
    """Refuse a file that is about to be read and holds malware. Without a scanner nothing is asked.

    Nothing is read unseen: while the scanner is away the file is refused too, since it can be sent again, and what it
    says can be typed.
    """
    if not is_set():
        return
    try:
        found = malware_in(BytesIO(content))
    except ScannerAway:
        words = _("The check for malware does not answer, so the file was not read. Send it again in some minutes.")
        raise Refused([words]) from None
    except TooLargeToScan:
        raise Refused([_("The file is larger than the check for malware takes; split it.")]) from None
    if found:
        raise Refused([_("Malware was found in the file (%(name)s); it was not read.") % {"name": found}])


@contextmanager
def _talking(seconds: float | None = None) -> Iterator[socket.socket]:
    limit = SECONDS if seconds is None else seconds
    try:
        with _connected(settings.CLAMD, limit) as clamd:
            yield clamd
    except (OSError, ValueError) as error:
        raise ScannerAway(f"clamd at {settings.CLAMD} does not answer: {error}") from error


def _connected(place: str, seconds: float) -> socket.socket:
    """A path is a socket of this machine, anything else ``host:port``."""
    if not place.startswith("/"):
        host, _colon, port = place.rpartition(":")
        return socket.create_connection((host, int(port)), timeout=seconds)
    clamd = socket.socket(socket.AF_UNIX)
    clamd.settimeout(seconds)
    try:
        clamd.connect(place)
    except OSError:
        clamd.close()
        raise
    return clamd


def _answer(clamd: socket.socket) -> str:
    said = b""
    while not said.endswith(b"\0"):
        piece = clamd.recv(MOST_ANSWER)
        said += piece
        if not piece or len(said) > MOST_ANSWER:
            break
    return said.rstrip(b"\0\n").decode("utf-8", "replace")
