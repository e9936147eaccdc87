"""The folder that stands in for a broker: kombu's transport over files, whose messages appear whole."""

import os
import time
import uuid
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """Kombu writes a message in place. A worker that looks in between takes half of it away, ends on that, and the
    message is lost.
    """

    def _put(self, queue: Any, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]  # as kombu's own does
        """Write the message under a name that no reader looks for, and give it its own once it is whole."""
        name = f"{round(time.monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        target = os.path.join(self.data_folder_out, name)  # noqa: PTH118 - as kombu names it
        try:
            with open(f"{target}.half", "wb") as half:  # noqa: PTH123
                half.write(str_to_bytes(dumps(payload)))
            os.replace(half.name, target)  # noqa: PTH105
        except OSError as error:
            raise ChannelError(f"Cannot add {name} to the folder of messages") from error


class Transport(filesystem.Transport):
    """Kombu's, with that channel."""

    Channel = Channel


def take_over() -> None:
    """Let every address that begins with ``filesystem:`` mean this transport."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"
